// <hr-audit>: who did or read what, newest first; whether the chain of hashes holds; the trail as a file.
import { View, h, icon } from "../../dom.js";
import { has, put, t } from "../../i18n.js";
import { save } from "../../save.js";
import { leaves, moment, said } from "../design/words.js";
import { orgHead } from "./tabs.js";

const PAGE = 100;

customElements.define("hr-audit", class extends View {
  /** Set before it is shown: `api`, `rights`. */
  build() {
    this.className = "page";
    this.found = [];
    this.names = new Map();
    this.problem = h("p", { class: "problem", role: "alert" });
    this.verdict = h("p", { role: "status" });
    this.person = h("select", { name: "person" });
    this.session = h("input", { name: "session", maxlength: 64, autocomplete: "off", spellcheck: "false" });
    this.since = h("input", { name: "since", type: "date" });
    this.until = h("input", { name: "until", type: "date" });
    const line = (key, input) => h("label", { class: "field" }, h("span", { t: key }), input);
    const filter = h("form", { class: "card panel audit-filter", on: { submit: (event) => { event.preventDefault(); this.#load(); } } },
      line("audit.person", this.person), line("audit.session", this.session), line("audit.since", this.since), line("audit.until", this.until),
      h("button", { class: "button", t: "audit.show" }));
    const tool = (key, name, click) => h("button", { class: "button", type: "button", on: { click } }, icon(name), h("span", { t: key }));
    this.rows = h("tbody", {});
    const head = ["at", "who", "action", "subject", "outcome"].map((name) => h("th", { scope: "col", t: `audit.${name}` }));
    this.older = h("button", { class: "button start", type: "button", t: "invitations.more", hidden: true, on: { click: () => this.#load(this.found.at(-1)?.seq) } });
    this.append(...orgHead(this.rights, "audit", h("div", { class: "row" }, tool("audit.verify", "check", () => this.#verify()), tool("audit.export", "save", () => this.#export()))),
      h("p", { class: "muted small", t: "audit.say" }), this.verdict, filter, this.problem,
      h("div", { class: "table-scroll", tabindex: "0", role: "region", label: "org.audit" },
        h("table", { class: "table" }, h("thead", {}, h("tr", {}, ...head)), this.rows)), this.older);
    this.#begin();
  }

  async #begin() {
    try {
      const { people } = await this.api.get("/people");
      this.names = new Map(people.map(({ id, name }) => [id, name]));
    } catch {
      // Whoever may read the trail but not the accounts sees ids.
    }
    this.person.replaceChildren(h("option", { value: "", t: "audit.person.all" }), ...[...this.names].map(([id, name]) => h("option", { value: id }, name)));
    await this.#load();
  }

  get #query() {
    const query = new URLSearchParams();
    if (this.person.value) query.set("person", this.person.value);
    if (this.session.value.trim()) query.set("session", this.session.value.trim());
    if (this.since.value) query.set("since", new Date(`${this.since.value}T00:00`).toISOString());
    if (this.until.value) query.set("until", new Date(`${this.until.value}T23:59:59`).toISOString());
    return query;
  }

  /** @param {number} [before] older ones than this are added to what is shown */
  async #load(before) {
    const query = this.#query;
    query.set("limit", PAGE);
    if (before !== undefined) query.set("before", before);
    try {
      const { entries } = await this.api.get(`/audit?${query}`);
      this.found = before === undefined ? entries : [...this.found, ...entries];
      this.older.hidden = entries.length < PAGE;
      this.problem.textContent = "";
      this.update();
    } catch (problem) {
      if (!leaves(problem, this.api)) this.problem.textContent = said(problem);
    }
  }

  async #verify() {
    try {
      const { whole, broken_at: broken } = await this.api.get("/audit/verify");
      put(this.verdict, whole ? "audit.whole" : "audit.broken", { n: broken });
      this.verdict.className = whole ? "small" : "problem";
    } catch (problem) {
      this.problem.textContent = said(problem);
    }
  }

  async #export() {
    const query = this.#query;
    query.set("format", "csv");
    try {
      await save(`/api/v1/audit/export?${query}`, "audit.csv", { headers: this.api.headers });
    } catch (problem) {
      this.problem.textContent = said(problem);
    }
  }

  #row(entry) {
    const cell = (name, ...children) => h("td", {}, h("span", { class: "cell-label", t: `audit.${name}` }), ...children);
    const role = has(`role.${entry.role}`) ? t(`role.${entry.role}`) : has(`audit.role.${entry.role}`) ? t(`audit.role.${entry.role}`) : entry.role;
    const who = entry.person ? [h("span", {}, this.names.get(entry.person) ?? entry.person), h("span", { class: "small muted" }, ` ${role}`)] : [h("span", {}, role)];
    const kind = has(`audit.kind.${entry.subject_kind}`) ? t(`audit.kind.${entry.subject_kind}`) : entry.subject_kind;
    const subject = entry.subject ? `${kind} ${this.names.get(entry.subject) ?? entry.subject}` : "–";
    return h("tr", {},
      h("th", { scope: "row" }, h("span", {}, moment(entry.at)), h("span", { class: "small muted" }, `#${entry.seq}`)),
      cell("who", ...who),
      cell("action", has(`audit.action.${entry.action}`) ? h("span", { t: `audit.action.${entry.action}` }) : h("code", {}, entry.action)),
      cell("subject", entry.session ? h("a", { href: `#s=${entry.session}` }, entry.session) : h("span", {}, subject)),
      cell("outcome", h("span", { class: entry.outcome === "done" ? "small" : "badge", "data-tone": entry.outcome === "done" ? null : "warn" },
        has(`audit.outcome.${entry.outcome}`) ? t(`audit.outcome.${entry.outcome}`) : entry.outcome)));
  }

  update() {
    this.rows.replaceChildren(...this.found.map((entry) => this.#row(entry)));
  }
});
