// <hr-people>: who has an account, in which branch, and what they may do.
import { View, h, icon } from "../../dom.js";
import { put } from "../../i18n.js";
import { leaves, moment, said, worded } from "../design/words.js";
import { addPerson, changePerson } from "./person.js";
import { orgHead } from "./tabs.js";

customElements.define("hr-people", class extends View {
  /** Set before it is shown: `api`, `rights`. */
  build() {
    this.className = "page";
    this.problem = h("p", { class: "problem", role: "alert" });
    this.count = h("p", { class: "muted small", role: "status" });
    this.branch = h("select", { name: "branch" });
    this.branch.addEventListener("change", () => this.update());
    this.field = h("label", { class: "field", hidden: true }, h("span", { t: "job.branch" }), this.branch);
    this.rows = h("tbody", {});
    const head = ["name", "role", "branch", "factor", "since"].map((name) => h("th", { scope: "col", t: `people.${name}` }));
    const table = h("table", { class: "table" }, h("thead", {}, h("tr", {}, ...head,
      h("th", { scope: "col" }, h("span", { class: "hidden-visually", t: "invitations.actions" })))), this.rows);
    this.add = h("button", { class: "button primary", type: "button", disabled: true, on: { click: () => this.#after(addPerson(this.api, this.rights, this.branches)) } },
      icon("plus"), h("span", { t: "people.add" }));
    this.append(...orgHead(this.rights, "people", this.add), this.field, this.problem, this.count,
      h("div", { class: "table-scroll", tabindex: "0", role: "region", label: "org.people" }, table));
    this.#load();
  }

  async #load() {
    try {
      const [{ people }, { branches }] = await Promise.all([this.api.get("/people"), this.api.get("/branches")]);
      Object.assign(this, { people, branches });
      this.add.disabled = false; // it asks for a branch
      this.problem.textContent = "";
      this.update();
    } catch (problem) {
      if (!leaves(problem, this.api)) this.problem.textContent = said(problem);
    }
  }

  async #after(done) {
    if (await done) this.#load();
  }

  #name(branch) {
    return worded(this.branches.find(({ id }) => id === branch)?.name, branch);
  }

  #row(person) {
    const cell = (name, child) => h("td", {}, h("span", { class: "cell-label", t: `people.${name}` }), child);
    return h("tr", { "data-id": person.id },
      h("th", { scope: "row" }, h("span", {}, person.name), h("span", { class: "small muted" }, person.email)),
      cell("role", h("span", { t: `role.${person.role}` })), cell("branch", h("span", {}, this.#name(person.branch))),
      cell("factor", h("span", { class: person.second_factor ? null : "muted", t: person.second_factor ? "people.factor.on" : "people.factor.off" })),
      cell("since", person.disabled ? h("span", { class: "badge", "data-tone": "warn", t: "people.disabled" }) : h("span", { class: "small" }, moment(person.created_at))),
      h("td", {}, h("button", {
        class: "button quiet", type: "button", t: "people.change", label: "people.change.of", vars: { name: person.name },
        on: { click: () => this.#after(changePerson(this.api, person, this.branches)) },
      })));
  }

  update() {
    if (!this.people) return;
    const chosen = this.branch.value;
    this.field.hidden = this.branches.length < 2;
    this.branch.replaceChildren(h("option", { value: "", t: "people.branch.all" }), ...this.branches.map(({ id, name }) => h("option", { value: id }, worded(name, id))));
    this.branch.value = chosen;
    const shown = this.people.filter(({ branch }) => !chosen || branch === chosen);
    put(this.count, "people.count", { n: shown.length });
    this.rows.replaceChildren(...shown.map((person) => this.#row(person)));
  }
});
