// <hr-questions>: the question bank of a branch; questions of its own are written here, changed, and retired.
import { View, h, icon } from "../../dom.js";
import { confirmed } from "../../elements/dialog.js";
import { bankSearch, questionLines } from "./bank-search.js";
import { writeCodingQuestion } from "./coding-question.js";
import { branchesOf } from "./job-form.js";
import { planHead } from "./plan-tabs.js";
import { writeQuestion } from "./question.js";
import { leaves, said, worded } from "./words.js";

customElements.define("hr-questions", class extends View {
  /** Set before it is shown: `api`, `rights`. */
  build() {
    this.className = "page";
    this.branch = this.rights.branch;
    this.problem = h("p", { class: "problem", role: "alert" });
    this.body = h("div", { class: "stack" });
    const tool = (key, write) => h("button", { class: "button", type: "button", on: { click: () => this.#after(write(this.#given)) } }, icon("plus"), h("span", { t: key }));
    const tools = this.rights.may("jobs.write") ? [tool("question.new", writeQuestion), tool("question.new.coding", writeCodingQuestion)] : [];
    this.append(...planHead("questions", h("div", { class: "row" }, ...tools)), this.problem, this.body);
    this.#load();
  }

  get #given() {
    const { api, branch, dimensions } = this;
    return { api, branch, dimensions };
  }

  async #load() {
    try {
      this.branches ??= await branchesOf(this.api);
      const { dimensions } = await this.api.get(`/dimensions?branch=${this.branch}`);
      this.dimensions = new Map(dimensions.map((view) => [view.dimension.id, view]));
    } catch (problem) {
      if (!leaves(problem, this.api)) this.problem.textContent = said(problem);
      return;
    }
    const { api, dimensions } = this;
    this.found = bankSearch({ api, where: () => this.branch, dimensions }, (view) => this.#row(view));
    this.body.replaceChildren(this.#whose(), h("section", { class: "card panel stack" }, this.found.fields, this.found.state, this.found.list));
    this.found.list.classList.remove("bank-list"); // the page scrolls, not the list
    this.found.search();
  }

  #whose() {
    const ids = [...new Set([this.branch, ...this.branches.map(({ id }) => id)])];
    const select = h("select", { name: "branch" }, ...ids.map((id) => h("option", { value: id }, worded(this.branches.find((one) => one.id === id)?.name, id))));
    select.value = this.branch;
    select.addEventListener("change", () => {
      this.branch = select.value;
      this.#load();
    });
    return h("label", { class: "field", hidden: ids.length < 2 }, h("span", { t: "job.branch" }), select);
  }

  /** Only what the branch wrote itself may be changed: the rest comes with the product. */
  #row(view) {
    const { question, source } = view;
    const own = source === "own";
    const write = question.kind === "coding" ? writeCodingQuestion : writeQuestion;
    const tool = (name, key, act) => h("button", { class: "button quiet square", type: "button", label: key, on: { click: act } }, icon(name));
    const tools = own && this.rights.may("jobs.write") ? h("div", { class: "row nowrap" },
      tool("edit", "question.change", () => this.#after(write(this.#given, question))), tool("remove", "question.retire", () => this.#retire(question))) : null;
    return h("li", { class: "step-question", "data-question": question.id }, own ? h("span", { class: "badge", t: "weights.own" }) : h("span", {}),
      questionLines(question, this.dimensions), tools);
  }

  async #after(written) {
    if (await written) this.found.search();
  }

  async #retire(question) {
    if (!(await confirmed({ t: "question.retire", say: "question.retire.say", ok: "question.retire.ok", vars: { text: worded(question.text) } }))) return;
    try {
      await this.api.post(`/questions/${question.id}/retire?branch=${this.branch}`);
      this.problem.textContent = "";
    } catch (problem) {
      this.problem.textContent = said(problem);
    }
    this.found.search();
  }

  update() {
    this.found?.search(); // in the language shown
  }
});
