// <hr-sessions>: interviews with their state; those that need somebody first, then the newest, earlier ones on demand.
import { View, emptiness, h } from "../dom.js";
import { clock, locale, put } from "../i18n.js";
import { GOING_ON, withGoingOn } from "./listed.js";
import "./new.js";
import { toSignIn } from "../sign-in.js";

const EVERY_MS = 5000;
const PAGE = 100;
const ORDER = ["disconnected", "live", "created", "ended", "scored"];

customElements.define("hr-sessions", class extends View {
  /** Set before it is shown: `api`, `rights`, `open` (id of the session shown, or null). */
  build() {
    this.rows = new Map();
    this.goneOn = new Map(); // those that went on while the page looked, by id
    this.shown = PAGE;
    this.list = h("ul", { class: "session-list" });
    this.none = h("div", { class: "none", hidden: true }, emptiness("people", "hr.none", "hr.none.say"));
    this.problem = h("p", { class: "muted small", role: "alert" });
    this.earlier = h("button", { class: "button", type: "button", t: "hr.earlier", hidden: true, on: { click: () => this.#more() } });
    this.append(h("div", { class: "list-head" }, h("h1", { t: "hr.sessions" }), this.#maker()), this.problem, this.none, this.list, this.earlier);
    this.timer = setInterval(() => this.refresh(), EVERY_MS);
    this.refresh();
  }

  #maker() {
    if (!this.rights.may("invitations.write")) return null;
    const maker = Object.assign(document.createElement("hr-new"), { api: this.api });
    maker.addEventListener("created", () => this.refresh());
    return maker;
  }

  async refresh() {
    if (["wall", "design", "analysis"].includes(document.body.dataset.open)) return; // not seen
    try {
      const shown = this.shown;
      const { views, more } = await withGoingOn(this.api, shown);
      if (shown !== this.shown) return; // more were asked for meanwhile
      this.problem.textContent = "";
      this.sessions = [...views, ...this.#ended(views)];
      this.earlier.hidden = !more;
      this.update();
    } catch (problem) {
      if (problem.status === 401 && !this.api.token) toSignIn(); // the sign-in has ended
      this.problem.textContent = problem.text ?? String(problem);
    }
  }

  /** Those that have ended while the page looked and are older than what it shows: whoever followed one wants its result. */
  #ended(views) {
    for (const view of views) {
      if (GOING_ON.includes(view.state)) this.goneOn.set(view.id, view);
      else this.goneOn.delete(view.id);
    }
    const listed = new Set(views.map(({ id }) => id));
    return [...this.goneOn.values()].filter(({ id }) => !listed.has(id)).map((view) => ({ ...view, state: "ended" }));
  }

  async #more() {
    this.shown += PAGE;
    await this.refresh();
  }

  #row(view) {
    const row = h("a", { href: `#s=${view.id}` }, h("span", { class: "session-title" }), h("span", { class: "chip" }), h("span", { class: "muted small" }));
    this.rows.set(view.id, row);
    return row;
  }

  update() {
    if (!this.sessions) return;
    this.none.hidden = this.sessions.length > 0;
    const rank = ({ state }) => ORDER.indexOf(state);
    const sorted = [...this.sessions].sort((a, b) => rank(a) - rank(b) || b.created_at.localeCompare(a.created_at));
    const items = sorted.map((view) => {
      const row = this.rows.get(view.id) ?? this.#row(view);
      const [title, chip, time] = row.children;
      title.textContent = view.candidate;
      put(chip, `state.${view.state}`);
      chip.dataset.state = view.state;
      const day = new Date(view.created_at).toLocaleDateString(locale(), { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
      time.textContent = view.media_time > 0 ? `${day} · ${clock(view.media_time)}` : day;
      if (view.id === this.open) row.setAttribute("aria-current", "page");
      else row.removeAttribute("aria-current");
      return row.parentElement ?? h("li", {}, row);
    });
    // Moving a row that already stands right would take the focus off it.
    items.forEach((item, index) => {
      if (this.list.children[index] !== item) this.list.insertBefore(item, this.list.children[index] ?? null);
    });
    while (this.list.children.length > items.length) this.list.lastChild.remove();
  }

  leave() {
    clearInterval(this.timer);
  }
});
