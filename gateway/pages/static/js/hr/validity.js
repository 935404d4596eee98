// <hr-validity>: a job's scores against later performance and against groups, from a file that is not kept.
import { request } from "../api.js";
import { View, emptiness, h, icon, notice } from "../dom.js";
import { language, put } from "../i18n.js";
import { save } from "../save.js";
import { faults, impactTables, validityTables } from "./validity-tables.js";

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const SHEET = "﻿编号 / external id,绩效 / performance,性别 / sex\r\nA-001,4.2,\r\n"; // the mark tells Excel that it is UTF-8

customElements.define("hr-validity", class extends View {
  /** Set before it is shown: `api`, `job` (its id, or null). */
  build() {
    this.select = h("select", { required: true, on: { change: () => this.#comparing() } });
    this.compare = h("a", { class: "button quiet", t: "compare.open", hidden: true });
    this.file = h("input", { type: "file", class: "hidden-visually", required: true, accept: ".xlsx,.csv,text/csv" });
    this.named = h("span", { t: "validity.choose" });
    this.file.addEventListener("change", () => this.#chosenFile());
    this.by = h("select", { on: { change: () => { this.cut.hidden = this.by.value !== "cut-off"; } } },
      ["decision", "cut-off", "median"].map((value) => h("option", { value, t: `impact.by.${value}` })));
    this.cutOff = h("input", { type: "number", min: 0, max: 100, step: 0.1, value: 60, required: true });
    this.cut = h("label", { class: "field", hidden: true }, h("span", { t: "impact.cut-off" }), this.cutOff);
    this.submit = h("button", { class: "button primary", t: "validity.analyse" });
    this.state = h("p", { class: "muted", role: "status" });
    this.problem = h("p", { class: "problem", role: "alert" });
    this.results = h("div", { class: "validity-results" });
    const sheet = h("a", { class: "button quiet", download: "performance.csv", t: "validity.sheet" });
    sheet.href = URL.createObjectURL(new Blob([SHEET], { type: "text/csv" }));
    this.sheet = sheet.href;
    this.append(
      h("header", { class: "wall-head" }, h("h1", { t: "validity.title" })),
      h("form", { class: "card panel validity-form", on: { submit: (event) => this.#analyse(event) } },
        h("p", { class: "muted", t: "validity.say" }),
        h("label", { class: "field" }, h("span", { t: "validity.job" }), this.select),
        h("div", { class: "field" }, h("span", { t: "validity.file", "aria-hidden": "true" }), h("label", { class: "button file" }, this.file, icon("file"), this.named)),
        h("label", { class: "field" }, h("span", { t: "impact.by" }), this.by), this.cut,
        h("div", { class: "row" }, this.submit, sheet, this.compare)),
      this.problem, this.state, this.results);
    this.#jobs();
  }

  async #jobs() {
    try {
      this.jobs = (await this.api.get("/jobs?closed=true")).jobs.map(({ job }) => job);
    } catch (problem) {
      this.problem.textContent = problem.text ?? String(problem);
      this.jobs = [];
    }
    if (this.job && !this.jobs.some(({ id }) => id === this.job)) this.jobs.unshift({ id: this.job, title: {} });
    this.select.replaceChildren(...this.jobs.map(({ id }) => h("option", { value: id })));
    this.select.value = this.job ?? this.jobs[0]?.id ?? "";
    if (!this.jobs.length && !this.problem.textContent) this.results.replaceChildren(emptiness("chart", "validity.no-jobs", "validity.no-jobs.say"));
    this.#titles();
    this.#comparing();
  }

  #comparing() {
    this.compare.hidden = !this.select.value;
    this.compare.href = `#/jobs/${this.select.value}/compare`;
  }

  #chosenFile() {
    const name = this.file.files[0]?.name;
    delete this.named.dataset.message;
    if (name) this.named.textContent = name;
    else put(this.named, "validity.choose");
  }

  #titles() {
    (this.jobs ?? []).forEach(({ id, title }, index) => {
      this.select.options[index].textContent = title[language()] ?? Object.values(title)[0] ?? id;
    });
  }

  /** The file's bytes with the type that its name says: browsers know csv by several names, or none. */
  #request(path) {
    const type = /\.xlsx$/i.test(this.chosen.name) ? XLSX : "text/csv";
    return [`/api/v1/jobs/${encodeURIComponent(this.asked)}${path}`,
      { method: "POST", headers: { ...this.api.headers, "Content-Type": type }, body: this.chosen }];
  }

  async #analyse(event) {
    event.preventDefault();
    Object.assign(this, { chosen: this.file.files[0], asked: this.select.value, validity: null, impact: null });
    this.impactQuery = this.by.value === "cut-off" ? `?by=cut-off&cut_off=${Number(this.cutOff.value)}` : `?by=${this.by.value}`;
    this.submit.disabled = true;
    this.problem.textContent = "";
    put(this.state, "validity.working");
    try {
      this.validity = await (await request(...this.#request("/validity"))).json();
      this.impact = await (await request(...this.#request(`/adverse-impact${this.impactQuery}`))).json();
      put(this.state, "validity.done");
    } catch (problem) {
      this.state.textContent = "";
      const reasons = (problem.reasons ?? []).map(({ messages }) => messages[language()]);
      this.problem.textContent = [problem.text ?? String(problem), ...reasons].join(" ");
    }
    this.submit.disabled = false;
    this.update();
  }

  async #download(path, name) {
    try {
      const [url, options] = this.#request(path);
      await save(url, name, options);
    } catch (problem) {
      this.problem.textContent = problem.text ?? String(problem);
    }
  }

  #section(key, view, tables, path, name) {
    const save = h("button", { class: "button", type: "button", t: "validity.xlsx", on: { click: () => this.#download(path, name) } });
    return h("section", { class: "card panel stack" },
      h("div", { class: "panel-head" }, h("h2", { t: key }), save),
      ...tables, ...faults(view));
  }

  update() {
    if (!this.results) return;
    this.#titles();
    const { validity, impact } = this;
    const none = (view, found) => (found.length || !view.errors.some(({ row }) => row < 2));
    if (!validity && !impact) return;
    this.results.replaceChildren(
      ...(validity ? [none(validity, validity.result.criteria)
        ? this.#section("validity.heading", validity, validityTables(validity), "/validity?format=xlsx", "validity.xlsx")
        : this.#missing("validity.heading", validity)] : []),
      ...(impact ? [none(impact, impact.tables)
        ? this.#section("impact.heading", impact, impactTables(impact), `/adverse-impact${this.impactQuery}&format=xlsx`, "adverse-impact.xlsx")
        : this.#missing("impact.heading", impact)] : []));
  }

  /** The file holds no columns for this; nothing was worked out. */
  #missing(key, { errors }) {
    return h("section", { class: "card panel stack" }, h("h2", { t: key }),
      notice("info", ...errors.filter(({ row }) => row < 2).map(({ message }) => h("p", {}, message[language()]))));
  }

  leave() {
    URL.revokeObjectURL(this.sheet);
  }
});
