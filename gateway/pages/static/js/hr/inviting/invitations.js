// <hr-invitations>: whom a job's invitations went to, and how far each has come; read and unread by the second.
import { View, emptiness, h, icon } from "../../dom.js";
import { put } from "../../i18n.js";
import { moment, leaves, said } from "../design/words.js";
import { openImport } from "./import.js";
import { copyLink, openInvitation } from "./invitation.js";
import { openInvite } from "./invite.js";
import { openRemind } from "./remind.js";

const EVERY_MS = 5000;
const PAGE = 50;
const UNREAD = ["sent", "delivered"]; // these can be reminded; a draft has not gone out yet
const MOST = 200; // what the server gives at once
export const STATES = ["draft", "sent", "delivered", "opened", "bound", "finished", "expired", "revoked", "bounced"];

/** The state of an invitation, never by colour alone. */
export function stateChip(state) {
  return h("span", { class: "chip", "data-invitation": state, t: `invitation.state.${state}` });
}

customElements.define("hr-invitations", class extends View {
  /** Set before it is shown: `api`, `rights`, `job`. */
  build() {
    this.className = "stack";
    this.shown = PAGE;
    this.problem = h("p", { class: "problem", role: "alert" });
    this.count = h("p", { class: "muted small", role: "status" });
    this.filter = h("select", { name: "state", label: "invitations.filter" }, h("option", { value: "", t: "invitations.filter.all" }), ...STATES.map((name) => h("option", { value: name, t: `invitation.state.${name}` })));
    this.filter.addEventListener("change", () => this.refresh());
    this.none = h("div", { hidden: true }, emptiness("people", "invitations.none", "invitations.none.say"));
    this.rows = h("tbody", {});
    const head = ["who", "state", "notice", "opened", "expires"].map((name) => h("th", { scope: "col", t: `invitations.${name}` }));
    this.table = h("table", { class: "table" }, h("thead", {}, h("tr", {}, ...head, h("th", { scope: "col" }, h("span", { class: "hidden-visually", t: "invitations.actions" })))), this.rows);
    this.older = h("button", { class: "button", type: "button", t: "invitations.more", hidden: true, on: { click: () => this.#more() } });
    this.append(h("div", { class: "row between" }, h("label", { class: "field" }, this.filter), this.#tools()), this.problem, this.count, this.none, h("div", { class: "table-scroll", tabindex: "0", role: "region", label: "invitations.title" }, this.table), this.older);
    this.timer = setInterval(() => this.refresh(), EVERY_MS);
    this.refresh();
  }

  #tools() {
    if (!this.rights.may("invitations.write")) return null;
    const { api, job } = this;
    const after = async (done) => {
      if (await done) this.refresh();
    };
    return h("div", { class: "row" },
      h("button", { class: "button", type: "button", t: "remind.open", on: { click: () => after(openRemind(api, job)) } }),
      h("button", { class: "button", type: "button", t: "invite.open", on: { click: () => after(openInvite(api, job)) } }),
      h("button", { class: "button primary", type: "button", on: { click: () => after(openImport(api, job)) } }, icon("file"), h("span", { t: "import.open" })));
  }

  async refresh() {
    if (document.hidden || this.asking || this.contains(document.activeElement?.closest("tbody"))) return; // a row that is worked on stays
    await this.#load();
  }

  /** All that were shown before are asked for anew; the server gives 200 at once. */
  async #load() {
    this.asking = true;
    try {
      const found = [];
      let page = [];
      do {
        const query = new URLSearchParams({ limit: Math.min(MOST, this.shown - found.length) });
        if (this.filter.value) query.set("state", this.filter.value);
        if (found.length) query.set("after", found.at(-1).id);
        page = (await this.api.get(`/jobs/${this.job.id}/invitations?${query}`)).invitations;
        found.push(...page);
      } while (page.length > 0 && found.length < this.shown);
      this.found = found;
      this.problem.textContent = "";
      this.update();
    } catch (problem) {
      if (!leaves(problem, this.api)) this.problem.textContent = said(problem);
    } finally {
      this.asking = false;
    }
  }

  #more() {
    this.shown += PAGE;
    this.#load();
  }

  #row(view) {
    const { invitee } = view;
    const cell = (name, ...children) => h("td", { "data-label": name }, h("span", { class: "cell-label", t: `invitations.${name}` }), ...children);
    const when = (iso) => (iso ? h("span", {}, moment(iso)) : h("span", { class: "muted", t: "invitations.unread" }));
    const may = this.rights.may("invitations.write");
    const actions = [
      may && !["revoked", "finished"].includes(view.state) ? h("button", { class: "button quiet", type: "button", on: { click: (event) => copyLink(this.api, view, event.currentTarget) } }, icon("copy"), h("span", { t: "copy" })) : null,
      h("button", { class: "button quiet", type: "button", t: "invitation.open", label: "invitation.open.of", vars: { name: invitee.name }, on: { click: async () => {
        await openInvitation(this.api, this.rights, view);
        this.#load();
      } } }),
    ];
    return h("tr", { "data-id": view.id },
      h("th", { scope: "row" }, h("span", {}, invitee.name), h("span", { class: "small muted" }, [invitee.email, invitee.phone].filter(Boolean).join(" · "))),
      cell("state", stateChip(view.state)),
      cell("notice", view.notice ? h("span", { class: "small", t: `invitation.notice.${view.notice.state}`, hint: "invitation.notice.attempts", vars: { n: view.notice.attempts } }) : h("span", { class: "small muted", t: "invitation.notice.none" }),
        view.reminded_at ? h("span", { class: "small muted", t: "invitation.reminded" }) : null),
      cell("opened", when(view.opened_at)), cell("expires", h("span", {}, moment(view.expires_at))),
      h("td", {}, h("div", { class: "row nowrap" }, ...actions.filter(Boolean))));
  }

  update() {
    if (!this.found) return;
    const now = Date.now();
    const unread = this.found.filter(({ state, expires_at: until }) => UNREAD.includes(state) && Date.parse(until) > now).length;
    const some = this.found.length > 0;
    this.none.hidden = some || Boolean(this.filter.value);
    this.filter.parentElement.hidden = !this.none.hidden;
    this.table.parentElement.hidden = !some;
    this.count.hidden = !this.none.hidden;
    put(this.count, "invitations.count", { n: this.found.length, unread });
    this.rows.replaceChildren(...this.found.map((view) => this.#row(view)));
    this.older.hidden = this.found.length < this.shown;
  }

  leave() {
    clearInterval(this.timer);
  }
});
