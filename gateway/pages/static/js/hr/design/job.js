// <hr-job>: one job: what it asks for, its plans, its invitations.
import { View, h, icon } from "../../dom.js";
import { put } from "../../i18n.js";
import { whom } from "../whom.js";
import { editJob } from "./job-form.js";
import { roleText } from "./jobs.js";
import { leaves, said, worded } from "./words.js";
import "../inviting/invitations.js";
import "./plan-list.js";
import "./recommend.js";

const SECTIONS = [
  ["", "job.section.description", "jobs.read"],
  ["plans", "job.section.plans", "jobs.read"],
  ["invitations", "job.section.invitations", "invitations.read"],
  ["compare", "compare.title", "results.read"], // another page: ../compare.js
];

customElements.define("hr-job", class extends View {
  /** Set before it is shown: `api`, `rights`, `subject` (id of the job), `section`. */
  build() {
    this.className = "page";
    this.problem = h("p", { class: "problem", role: "alert" });
    this.heading = h("h1", {});
    this.facts = h("p", { class: "muted small" });
    this.tools = h("div", { class: "row" });
    const here = this.section ?? "";
    const tabs = SECTIONS.filter(([, , needs]) => this.rights.may(needs)).map(([name, t]) => h("a", {
      href: `#/jobs/${this.subject}${name ? `/${name}` : ""}`, t, "aria-current": name === here ? "page" : null,
    }));
    this.body = h("div", {});
    this.append(h("a", { class: "button quiet up-link", href: "#/jobs" }, icon("back"), h("span", { t: "jobs.title" })),
      h("header", { class: "page-head" }, h("div", { class: "page-title" }, this.heading, this.facts), this.tools),
      h("nav", { class: "tabs", label: "job.sections" }, ...tabs), this.problem, this.body);
    this.#load();
  }

  async #load() {
    try {
      this.view = await this.api.get(`/jobs/${this.subject}`);
      const { dimensions } = await this.api.get(`/dimensions?branch=${this.view.job.branch}`);
      this.dimensions = new Map(dimensions.map((view) => [view.dimension.id, view]));
    } catch (problem) {
      if (!leaves(problem, this.api)) this.problem.textContent = said(problem);
      return;
    }
    this.update();
    const name = { plans: "hr-plan-list", invitations: "hr-invitations" }[this.section] ?? "hr-recommend";
    const { api, rights, dimensions } = this;
    this.body.replaceChildren(Object.assign(document.createElement(name), { api, rights, dimensions, job: this.view.job }));
  }

  async #edit() {
    const view = await editJob(this.api, this.rights, this.view.job);
    if (!view) return;
    Object.assign(this.view, view, { job: Object.assign(this.view.job, view.job) });
    this.update();
  }

  async #close(closed) {
    try {
      const view = await this.api.patch(`/jobs/${this.subject}`, { closed });
      this.view.closed = view.closed;
      this.update();
    } catch (problem) {
      this.problem.textContent = said(problem);
    }
  }

  update() {
    if (!this.view) return;
    const { job, closed, by } = this.view;
    this.heading.textContent = worded(job.title, job.id);
    const changed = h("span", {});
    put(changed, "job.by", { by: whom(by) });
    this.facts.replaceChildren(...(job.role ? [roleText(job.role), " · "] : []), ...(closed ? [h("span", { t: "job.is-closed" }), " · "] : []), changed);
    if (!this.rights.may("jobs.write")) return;
    this.tools.replaceChildren(
      h("button", { class: "button", type: "button", on: { click: () => this.#edit() } }, icon("edit"), h("span", { t: "job.edit" })),
      h("button", { class: "button", type: "button", t: closed ? "job.reopen" : "job.close", on: { click: () => this.#close(!closed) } }));
  }
});
