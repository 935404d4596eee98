// <hr-plan>: the editor of a plan. What is not saved stays in this tab; the server says what is wrong, each beside its place.
import { View, h, icon, notice } from "../../dom.js";
import { language, put } from "../../i18n.js";
import { drop, keep, kept } from "./drafts.js";
import { tell, wordedField, wrongLine } from "./fields.js";
import { newStep } from "./model.js";
import { openPreview } from "./preview.js";
import { openVersions } from "./versions.js";
import { leaves, said, worded } from "./words.js";
import "./step.js";
import "./track.js";
import "./weights.js";

const CHECK_MS = 300; // after the last change
const SWITCHES = ["practice", "survey", "record"];

customElements.define("hr-plan", class extends View {
  /** Set before it is shown: `api`, `rights`, `subject` (id of the plan), `version` where an earlier one is meant. */
  build() {
    this.className = "page";
    this.problems = null; // not checked yet
    this.lines = [];
    this.wrong = (path) => (this.problems ?? []).filter((one) => one.path === path).map(({ messages }) => messages[language()]);
    this.failure = h("div", { role: "alert" });
    this.body = h("div", { class: "stack" });
    this.append(this.failure, this.body);
    this.#load();
  }

  async #load() {
    clearTimeout(this.timer);
    this.failure.replaceChildren();
    const draft = this.version ? null : kept(this.subject);
    try {
      const path = `/plans/${this.subject}`;
      const view = draft?.seen === 0 ? null : await this.api.get(this.version ? `${path}?version=${this.version}` : path);
      const branch = view?.branch ?? draft.branch;
      const [{ questions }, { dimensions }] = await Promise.all([this.api.get(`/questions?branch=${branch}&retired=true`), this.api.get(`/dimensions?branch=${branch}`)]);
      this.bank = new Map(questions.map((one) => [one.question.id, one]));
      this.dimensions = new Map(dimensions.map((one) => [one.dimension.id, one]));
      this.#take(view, draft);
    } catch (problem) {
      if (!leaves(problem, this.api)) this.failure.replaceChildren(notice("warn", h("p", {}, said(problem))));
    }
  }

  #take(view, draft) {
    this.view = view;
    this.old = Boolean(view && view.plan.version !== view.newest);
    this.locked = this.old || !this.rights.may("jobs.write");
    this.draft = draft ?? { plan: view.plan, seen: view.plan.version, branch: view.branch, job: view.job, suggested: {} };
    this.restored = Boolean(draft && view);
    this.changed = Boolean(draft);
    this.selected = 0;
    this.#draw();
    this.#check();
  }

  #draw() {
    const { api, rights, bank, dimensions, wrong, locked } = this;
    const { plan, branch, suggested } = this.draft;
    this.track = Object.assign(document.createElement("hr-track"), { plan, bank, selected: this.selected, className: "card panel",
      wrong: (index) => (this.problems ?? []).some(({ path }) => path.startsWith(`steps.${index}.`)) });
    this.track.addEventListener("choose", ({ detail }) => this.#choose(detail));
    this.step = Object.assign(document.createElement("hr-step"), { api, branch, bank, dimensions, suggested, plan, index: this.selected, wrong, locked });
    this.step.addEventListener("edited", ({ detail }) => this.#changed(detail));
    this.weights = Object.assign(document.createElement("hr-weights"), { api, rights: locked ? { may: () => false } : rights, branch, dimensions, weights: plan.weights, wrong });
    this.weights.addEventListener("edited", () => this.#changed());
    this.lines = [];
    const more = this.locked ? null : h("div", { class: "row end" }, h("button", { class: "button", type: "button", on: { click: () => this.#another() } }, icon("plus"), h("span", { t: "plan.step.add" })));
    this.body.replaceChildren(this.#head(), this.#notices(), this.track, ...[more].filter(Boolean), h("div", { class: "split" }, this.step,
      h("section", { class: "card panel stack" }, h("h2", { t: "plan.weights" }), this.weights, wrongLine(this.lines, "weights"), this.#switches())));
    this.told();
  }

  #head() {
    const { plan, job } = this.draft;
    const button = (key, act, kind = "") => h("button", { class: `button ${kind}`, type: "button", t: key, on: { click: act } });
    this.save = button("save", () => this.#save(), "primary");
    this.state = h("p", { class: "small", role: "status" });
    const version = this.view ? h("span", { class: "badge", t: "plan.version", vars: { n: this.view.plan.version } }) : h("span", { class: "badge", "data-tone": "warn", t: "plan.unsaved" });
    const fields = ["zh", "en"].map((name) => wordedField({ t: `plan.title.${name}`, text: plan.title, language: name, name: `plan-${name}`, disabled: this.locked }, () => this.#changed()));
    return h("div", { class: "stack" }, h("a", { class: "button quiet up-link", href: job ? `#/jobs/${job}/plans` : "#/plans" }, icon("back"), h("span", { t: job ? "plan.up.job" : "plans.title" })),
      h("header", { class: "page-head" }, h("div", { class: "page-title" }, h("h1", { class: "plan-name" }, worded(plan.title, plan.id)), h("div", { class: "row" }, version, this.state)),
        h("div", { class: "row" }, button("preview.open", () => openPreview({ api: this.api, branch: this.draft.branch, plan: this.draft.plan })),
          this.view ? button("versions.open", () => openVersions(this.api, this.view)) : null,
          this.locked ? null : button("plan.discard", () => this.#discard()), this.locked ? null : this.save)),
      this.locked ? null : h("div", { class: "plan-titles" }, ...fields), wrongLine(this.lines, "title"), wrongLine(this.lines, "steps"));
  }

  /** What to know before going on: an earlier version, or changes from before. */
  #notices() {
    this.stale = h("div", {});
    if (this.old) {
      this.stale.append(notice("info", h("p", { t: "plan.old", vars: { n: this.view.plan.version, newest: this.view.newest } }), this.rights.may("jobs.write") ? h("div", { class: "row" },
        h("button", { class: "button", type: "button", t: "plan.restore", on: { click: () => this.#restore() } }),
        h("a", { class: "button quiet", href: `#/plans/${this.subject}`, t: "plan.newest" })) : h("a", { href: `#/plans/${this.subject}`, t: "plan.newest" })));
    } else if (this.restored && this.draft.seen < this.view.newest) this.#told(this.view.newest);
    else if (this.restored) this.stale.append(notice("info", h("p", { t: "plan.restored" })));
    return this.stale;
  }

  #told(newest) {
    this.stale.replaceChildren(notice("warn", h("p", { t: "plan.stale", vars: { seen: this.draft.seen, n: newest } }), h("div", { class: "row" },
      h("button", { class: "button", type: "button", t: "plan.stale.theirs", on: { click: () => this.#discard() } }),
      h("button", { class: "button", type: "button", t: "plan.stale.mine", on: { click: () => {
        this.draft.seen = newest;
        this.#save();
      } } }))));
  }

  #switches() {
    return h("fieldset", { class: "switches" }, h("legend", { t: "plan.switches" }), ...SWITCHES.map((name) => {
      const box = h("input", { type: "checkbox", name, checked: this.draft.plan[name], disabled: this.locked });
      box.addEventListener("change", () => {
        this.draft.plan[name] = box.checked;
        this.#changed();
      });
      return h("label", { class: "tick" }, box, h("span", { t: `plan.${name}` }));
    }));
  }

  #choose(index) {
    this.selected = this.track.selected = this.step.index = index;
    this.track.update();
    this.step.update();
  }

  #another() {
    this.draft.plan.steps.push(newStep("structured"));
    this.#changed(this.draft.plan.steps.length - 1);
  }

  #changed(index = null) {
    this.changed = true;
    keep(this.draft);
    if (index !== null) this.#choose(index);
    this.track.update();
    this.querySelector(".plan-name").textContent = worded(this.draft.plan.title, this.draft.plan.id);
    this.problems = null;
    this.#standing();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#check(), CHECK_MS);
  }

  async #check() {
    const { plan, branch } = this.draft;
    const asked = (this.asked ?? 0) + 1;
    this.asked = asked;
    try {
      const { problems } = await this.api.post("/plan-check", { branch, plan });
      if (asked !== this.asked || this.left) return; // the plan is another by now
      this.problems = problems;
      this.failure.replaceChildren();
    } catch (problem) {
      this.failure.replaceChildren(notice("warn", h("p", {}, said(problem))));
    }
    this.told();
  }

  /** Puts what is wrong beside what it is about. */
  told() {
    tell(this.lines, this.wrong);
    this.track.update();
    this.step.told();
    this.weights.told();
    this.#standing();
  }

  #standing() {
    const count = this.problems?.length;
    this.save.disabled = this.locked || !this.changed || count !== 0;
    this.state.dataset.tone = count ? "warn" : "";
    put(this.state, count === undefined ? "plan.checking" : count ? "plan.wrong" : this.changed ? "plan.may-save" : "plan.saved", { n: count ?? 0 });
  }

  async #save() {
    const { plan, seen, branch, job } = this.draft;
    this.save.disabled = true;
    try {
      const view = seen ? await this.api.put(`/plans/${plan.id}`, { seen, plan }) : await this.api.post("/plans", { branch, job, plan });
      drop(plan.id);
      this.#take(view, null);
    } catch (problem) {
      if (problem.code === "plan.stale") {
        const { newest } = await this.api.get(`/plans/${plan.id}`);
        this.#told(newest);
      } else this.failure.replaceChildren(notice("warn", h("p", {}, said(problem))));
      this.#standing();
    }
  }

  #discard() {
    const { job } = this.draft;
    drop(this.subject);
    if (this.view) this.#load();
    else location.hash = job ? `#/jobs/${job}/plans` : "#/plans";
  }

  #restore() {
    keep({ ...this.draft, seen: this.view.newest });
    location.hash = `#/plans/${this.subject}`;
  }

  update() {
    if (this.draft && this.isConnected) this.#draw();
  }

  leave() {
    this.left = true;
    clearTimeout(this.timer);
  }
});
