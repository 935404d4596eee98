// <hr-step>: one step of a plan: its time, its questions, and what is wrong with each.
import { View, h, icon } from "../../dom.js";
import { openBank } from "./bank.js";
import { writeCodingQuestion } from "./coding-question.js";
import { numberField, tell, wordedField, wrongLine } from "./fields.js";
import { STEP_KINDS } from "./model.js";
import { asksItself, neededS } from "./times.js";
import { minutes, worded } from "./words.js";
import { put } from "../../i18n.js";

customElements.define("hr-step", class extends View {
  /**
   * Set before it is shown: `api`, `branch`, `bank`, `dimensions`, `suggested`, `plan`, `index`, `wrong` (path → texts),
   * `locked`. Changes the plan in place and fires `change`; where steps moved, with the index to show as `detail`.
   */
  build() {
    this.className = "card panel stack";
  }

  get step() {
    return this.plan.steps[this.index];
  }

  told() {
    if (!this.step) return;
    tell(this.lines, this.wrong);
    put(this.needs, "step.needs", { needed: minutes(neededS(this.step, this.bank)), limit: minutes(this.step.limit_s) });
  }

  #changed(detail = null) {
    // Not "change": that comes up from a field once more when it is left, by pressing Save for instance.
    this.dispatchEvent(new CustomEvent("edited", { detail }));
  }

  #anew() {
    this.update();
    this.#changed();
  }

  #move(by) {
    const { steps } = this.plan;
    const to = this.index + by;
    [steps[this.index], steps[to]] = [steps[to], steps[this.index]];
    this.#changed(to);
  }

  #remove() {
    this.plan.steps.splice(this.index, 1);
    this.#changed(Math.max(0, this.index - 1));
  }

  #head() {
    const tool = (name, label, able, act) => h("button", { class: "button quiet square", type: "button", label, disabled: !able, on: { click: act } }, icon(name));
    const last = this.plan.steps.length - 1;
    return h("div", { class: "panel-head" }, h("h2", { t: "step.title", vars: { n: this.index + 1, name: worded(this.step.title) } }),
      this.locked ? null : h("div", { class: "row" }, tool("back", "step.earlier", this.index > 0, () => this.#move(-1)),
        tool("forth", "step.later", this.index < last, () => this.#move(1)), tool("remove", "step.remove", true, () => this.#remove())));
  }

  #fields() {
    const { step, locked: disabled } = this;
    const kind = h("select", { name: "kind", disabled }, ...STEP_KINDS.map((name) => h("option", { value: name, t: `stepkind.${name}` })));
    kind.value = step.kind;
    kind.addEventListener("change", () => {
      step.kind = kind.value;
      this.#anew();
    });
    const retries = h("select", { name: "retries", disabled }, ...[0, 1, 2, 3, 4, 5].map((n) => h("option", { value: n, t: n ? "step.retries.n" : "step.retries.none", vars: { n } })));
    retries.value = step.retries;
    retries.addEventListener("change", () => {
      step.retries = Number(retries.value);
      this.#changed();
    });
    const at = (part) => `steps.${this.index}.${part}`;
    const set = (key, by = 1) => (value) => {
      step[key] = value === null ? null : value * by;
      this.#changed();
    };
    return h("div", { class: "step-fields" },
      h("label", { class: "field" }, h("span", { t: "step.kind" }), kind, wrongLine(this.lines, at("id"))),
      wordedField({ t: "step.title.zh", text: step.title, language: "zh", name: "step-zh", disabled }, () => this.#changed()),
      h("div", {}, wordedField({ t: "step.title.en", text: step.title, language: "en", name: "step-en", disabled }, () => this.#changed()), wrongLine(this.lines, at("title"))),
      numberField({ t: "step.limit", value: step.limit_s / 60, min: 0.5, max: 120, step: "any", name: "limit", disabled }, set("limit_s", 60), wrongLine(this.lines, at("limit_s"))),
      numberField({ t: "step.think", value: step.think_s, min: 0, max: 1800, empty: true, name: "think", disabled }, set("think_s")),
      numberField({ t: "step.answer", value: step.answer_s, min: 1, max: 3600, empty: true, name: "answer", disabled }, set("answer_s")),
      h("label", { class: "field" }, h("span", { t: "step.retries" }), retries));
  }

  #question(id, place) {
    const { step } = this;
    const question = this.bank.get(id)?.question;
    const swap = (by) => {
      [step.questions[place], step.questions[place + by]] = [step.questions[place + by], step.questions[place]];
      this.#anew();
    };
    const tool = (name, label, able, act) => h("button", { class: "button quiet square", type: "button", label, disabled: !able, on: { click: act } }, icon(name));
    const named = question?.dimensions.map((each) => worded(this.dimensions.get(each)?.dimension.name, each)).join(" · ");
    const why = this.suggested[id];
    return h("li", { class: "step-question" }, h("span", { class: "number-mark", "aria-hidden": "true" }, String(place + 1)),
      h("div", { class: "stack tight" }, h("p", {}, question ? worded(question.text) : id),
        this.bank.get(id)?.retired ? h("p", { class: "small muted", t: "question.retired" }) : null,
        question ? h("p", { class: "small muted" }, h("span", { t: `questionkind.${question.kind}` }), ` · ${named} · `,
          h("span", { t: "question.times", vars: { think: step.think_s ?? question.think_s, answer: step.answer_s ?? question.answer_s } })) : null,
        why ? h("p", { class: "small because", t: "question.because", vars: { text: why.text } }) : null,
        wrongLine(this.lines, `steps.${this.index}.questions.${place}`)),
      this.locked ? null : h("div", { class: "row nowrap" }, tool("up", "question.up", place > 0, () => swap(-1)),
        tool("down", "question.down", place < step.questions.length - 1, () => swap(1)),
        tool("remove", "question.remove", true, () => {
          step.questions.splice(place, 1);
          this.#anew();
        })));
  }

  #choose() {
    const { api, branch, dimensions, suggested, plan, step } = this;
    openBank({ api, branch, dimensions, suggested, plan, kind: step.kind }, (view) => {
      this.bank.set(view.question.id, view);
      step.questions.push(view.question.id);
      this.#anew();
    });
  }

  async #write() {
    const view = await writeCodingQuestion(this);
    if (!view) return;
    this.bank.set(view.question.id, view);
    this.step.questions.push(view.question.id);
    this.#anew();
  }

  update() {
    this.lines = [];
    if (!this.step) return this.replaceChildren(h("p", { class: "muted", t: "step.none" }));
    this.needs = h("p", { class: "small muted", role: "status" });
    this.replaceChildren(this.#head(), this.#fields(), this.needs, h("h3", { t: "step.questions" }),
      asksItself(this.step) ? h("p", { class: "small muted", t: `step.itself.${this.step.kind}` }) : h("ol", { class: "stack tight" }, ...this.step.questions.map((id, place) => this.#question(id, place))),
      wrongLine(this.lines, `steps.${this.index}.questions`),
      ...(this.locked ? [] : [h("div", { class: "row" }, h("button", { class: "button", type: "button", on: { click: () => this.#choose() } }, icon("plus"), h("span", { t: "step.choose" })),
        this.step.kind === "coding" ? h("button", { class: "button", type: "button", on: { click: () => this.#write() } }, icon("edit"), h("span", { t: "coding.write" })) : "")]));
    return this.told();
  }
});
