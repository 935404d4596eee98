// <hr-plan-list>: plans, those being written first, and the starter plans to begin another from.
import { View, h, icon } from "../../dom.js";
import { everywhere } from "../../i18n.js";
import { whom } from "../whom.js";
import { begin, drop, unsaved } from "./drafts.js";
import { emptyPlan, fromStarter, newStep } from "./model.js";
import { moment, said, worded } from "./words.js";

customElements.define("hr-plan-list", class extends View {
  /** Set before it is shown: `api`, `rights`; `job` where the plans of one job are meant. */
  build() {
    this.problem = h("p", { class: "problem", role: "alert" });
    this.list = h("ul", { class: "cards" });
    this.starters = h("ul", { class: "cards" });
    this.none = h("p", { class: "muted", t: "plans.none", hidden: true });
    this.append(this.problem, this.none, this.list);
    this.className = "stack";
    if (this.rights.may("jobs.write")) {
      this.append(h("section", { class: "stack" }, h("h2", { t: "plans.begin" }), h("p", { class: "muted small", t: "plans.begin.say" }), this.starters));
    }
    this.#load();
  }

  async #load() {
    try {
      const [{ plans }, starter] = await Promise.all([this.api.get(this.job ? `/plans?job=${this.job.id}` : "/plans"), this.api.get("/starter-plans")]);
      Object.assign(this, { plans, starter: starter.plans });
      this.update();
    } catch (problem) {
      this.problem.textContent = said(problem);
    }
  }

  #card({ plan, saved_at: saved, by }) {
    return h("li", {}, h("a", { class: "card job-card", href: `#/plans/${plan.id}` },
      h("span", { class: "card-title" }, worded(plan.title, plan.id)), h("span", { class: "badge", t: "plan.version", vars: { n: plan.version } }),
      h("span", { class: "muted small", t: "plans.saved", vars: { time: moment(saved), by: whom(by) } }),
      h("span", { class: "small", t: "plans.steps", vars: { n: plan.steps.length } })));
  }

  #draft({ plan }) {
    const remove = () => {
      drop(plan.id);
      this.update();
    };
    return h("li", { class: "card-with" }, h("a", { class: "card job-card", href: `#/plans/${plan.id}` },
      h("span", { class: "card-title" }, worded(plan.title, plan.id)), h("span", { class: "badge", "data-tone": "warn", t: "plan.unsaved" }),
      h("span", { class: "small", t: "plans.steps", vars: { n: plan.steps.length } })),
    h("button", { class: "button quiet square", type: "button", label: "plan.discard", on: { click: remove } }, icon("remove")));
  }

  #starter(plan) {
    const total = plan.steps.reduce((sum, { limit_s: limit }) => sum + limit, 0);
    return h("li", {}, h("button", { class: "card job-card", type: "button", "data-starter": plan.id, on: { click: () => this.#begin(fromStarter(plan)) } },
      h("span", { class: "card-title" }, worded(plan.title, plan.id)), icon("plus"),
      h("span", { class: "small muted", t: "plans.starter", vars: { n: plan.steps.length, minutes: Math.round(total / 60) } })));
  }

  #begin(plan) {
    const titled = this.job ? { ...plan, title: { ...plan.title, ...this.job.title } } : plan;
    begin(titled, this.job?.branch ?? this.rights.branch, this.job?.id ?? null);
  }

  #empty() {
    return h("li", {}, h("button", {
      class: "card job-card", type: "button", on: { click: () => this.#begin(emptyPlan(this.job?.title ?? everywhere("plan.new"), [newStep("introduction")], {})) },
    }, h("span", { class: "card-title", t: "plans.empty" }), icon("plus"), h("span", { class: "small muted", t: "plans.empty.say" })));
  }

  update() {
    if (!this.plans) return;
    const drafts = unsaved().filter((draft) => !this.job || draft.job === this.job.id);
    this.none.hidden = this.plans.length + drafts.length > 0;
    this.list.replaceChildren(...drafts.map((draft) => this.#draft(draft)), ...this.plans.map((view) => this.#card(view)));
    this.starters.replaceChildren(...this.starter.map((plan) => this.#starter(plan)), this.#empty());
  }
});
