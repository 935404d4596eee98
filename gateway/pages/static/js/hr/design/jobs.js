// <hr-jobs>: the jobs that interviews are designed for.
import { View, emptiness, h, icon } from "../../dom.js";
import { has, put } from "../../i18n.js";
import { editJob } from "./job-form.js";
import { leaves, moment, said, worded } from "./words.js";

/** The name of a role that the bank knows; any other is shown as it is. */
export const roleText = (role) => (has(`jobrole.${role}`) ? h("span", { t: `jobrole.${role}` }) : h("span", {}, role));

customElements.define("hr-jobs", class extends View {
  /** Set before it is shown: `api`, `rights`. */
  build() {
    this.className = "page";
    this.problem = h("p", { class: "problem", role: "alert" });
    this.count = h("p", { class: "muted small", role: "status" });
    this.list = h("ul", { class: "cards" });
    this.closed = h("input", { type: "checkbox", name: "closed" });
    this.closed.addEventListener("change", () => this.#load());
    this.none = h("div", { hidden: true }, emptiness("file", "jobs.none", "jobs.none.say"));
    this.append(h("header", { class: "page-head" }, h("h1", { t: "jobs.title" }),
      h("label", { class: "tick" }, this.closed, h("span", { t: "jobs.closed" })),
      this.rights.may("jobs.write") ? h("button", { class: "button primary", type: "button", on: { click: () => this.#make() } }, icon("plus"), h("span", { t: "job.new" })) : null),
    this.problem, this.count, this.none, this.list);
    this.#load();
  }

  async #load() {
    try {
      const [{ jobs }, { plans }] = await Promise.all([this.api.get(`/jobs?closed=${this.closed.checked}`), this.api.get("/plans")]);
      Object.assign(this, { jobs, plans });
      this.problem.textContent = "";
      this.update();
    } catch (problem) {
      if (!leaves(problem, this.api)) this.problem.textContent = said(problem);
    }
  }

  async #make() {
    const made = await editJob(this.api, this.rights);
    if (made) location.hash = `#/jobs/${made.job.id}`;
  }

  #card({ job, closed, updated_at: updated }) {
    const plans = this.plans.filter((one) => one.job === job.id).length;
    return h("li", {}, h("a", { class: "card job-card", href: `#/jobs/${job.id}` },
      h("span", { class: "card-title" }, worded(job.title, job.id)),
      closed ? h("span", { class: "badge", t: "job.is-closed" }) : null,
      h("span", { class: "muted small" }, ...(job.role ? [roleText(job.role), " · "] : []), moment(updated)),
      h("span", { class: "small" }, h("span", { t: job.description ? "jobs.described" : "jobs.undescribed" }), " · ",
        h("span", { t: plans ? "jobs.plans" : "jobs.plans.none", vars: { n: plans } }))));
  }

  update() {
    if (!this.jobs) return;
    this.none.hidden = this.jobs.length > 0;
    this.count.hidden = !this.none.hidden;
    put(this.count, "jobs.count", { n: this.jobs.length });
    this.list.replaceChildren(...this.jobs.map((view) => this.#card(view)));
  }
});
