// <hr-tell>: telling the candidate what was decided, by the template of the outcome, and what became of the message.
import { View, h, notice } from "../dom.js";
import { t } from "../i18n.js";
import { moment, said } from "./design/words.js";
import { formDialog } from "./form-dialog.js";
import { whom } from "./whom.js";

const EVERY_MS = 4000; // while a message is on its way
const LOOKS = 15; // it may wait for hours
const UNDER_WAY = ["queued", "sending"];
const CLOSED = ["expired", "revoked"];

function told({ kind, state, by, at, error }) {
  return h("li", {}, h("span", { class: "badge", t: `compare.decision.${kind}` }), " ", h("span", { t: `tell.state.${state}` }), " ",
    h("span", { class: "small muted" }, [whom(by), moment(at)].filter(Boolean).join(" · ")),
    error ? h("p", { class: "small problem" }, error) : null);
}

customElements.define("hr-tell", class extends View {
  /** Set before it is shown: `api`, `session` (id), `decision` that holds (null: none), `overall` (null: no score),
   * `again`: shows all of the result anew. */
  build() {
    this.className = "comments";
    this.problem = h("p", { class: "small problem", role: "alert" });
    this.#load();
  }

  async #load(looks = LOOKS) {
    try {
      this.found = await this.api.get(`/sessions/${this.session}/invitation`);
      this.update();
    } catch (refused) {
      this.problem.textContent = said(refused);
    }
    const under = this.isConnected && UNDER_WAY.includes(this.found?.told.at(-1)?.state);
    if (under && looks > 0) this.timer = setTimeout(() => this.#load(looks - 1), EVERY_MS);
  }

  async #tell() {
    const { api, decision: { decision: outcome }, found: { invitation }, overall } = this;
    const path = `/invitations/${invitation.id}/result`;
    const score = h("input", { name: "score", maxlength: 20, required: true, autocomplete: "off" });
    score.value = overall === null ? "" : String(Math.round(overall));
    const shown = h("article", { class: "mail", "aria-live": "polite" });
    const preview = async () => {
      const { notice: { subject, text }, tells_score: tells } = await api.post(`${path}/preview`, { outcome, score: score.value.trim() || null });
      shown.replaceChildren(h("h3", {}, subject), h("p", {}, text));
      return tells;
    };
    this.problem.textContent = "";
    try {
      const tells = await preview();
      score.addEventListener("change", () => preview().catch(() => {})); // what is wrong is said when it is sent
      const send = () => api.post(path, { outcome, score: tells ? score.value.trim() : null });
      const sent = await formDialog({ t: "tell.title", ok: "tell.send" }, send,
        h("p", { class: "small", t: invitation.invitee.email ? "tell.to" : "tell.no-address", vars: { to: `${invitation.invitee.name} <${invitation.invitee.email}>` } }), shown,
        tells ? h("label", { class: "field" }, h("span", { t: "tell.score" }), score) : h("p", { class: "small muted", t: "tell.no-score" }));
      if (sent) await this.again();
    } catch (refused) {
      this.problem.textContent = said(refused);
    }
  }

  #standing(last) {
    if (!this.decision) return h("p", { class: "muted small", t: "tell.undecided" });
    if (!last) return null;
    if (last.kind !== this.decision.decision) return notice("warn", h("p", { t: "tell.changed" }));
    return last.state === "sent" ? h("p", { t: "tell.done" }) : null;
  }

  update() {
    if (!this.found) return;
    const { invitation, told: all } = this.found;
    const last = all.at(-1);
    const closed = CLOSED.includes(invitation?.state);
    const same = last?.kind === this.decision?.decision;
    this.replaceChildren(...[
      h("h3", { t: "tell.title" }),
      invitation ? this.#standing(last) : h("p", { class: "muted small", t: "tell.none" }),
      all.length ? h("ol", { class: "stack-s" }, ...all.toReversed().map(told)) : null,
      closed ? h("p", { class: "muted small", t: "tell.closed" }) : null,
      invitation && this.decision && !closed ? h("div", { class: "row" }, h("button", {
        class: `button ${same ? "" : "primary"}`, type: "button", t: same ? "tell.again" : "tell.do", on: { click: () => this.#tell() },
      })) : null,
      this.problem,
    ].filter(Boolean));
  }

  leave() {
    clearTimeout(this.timer);
  }
});
