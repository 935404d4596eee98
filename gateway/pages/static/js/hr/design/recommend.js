// <hr-recommend>: what a job's description asks for: its phrases marked, dimensions with weights, and a plan made of them.
import { View, h, notice } from "../../dom.js";
import { begin } from "./drafts.js";
import { keywordRow } from "./keywords.js";
import { fromRecommendations } from "./model.js";
import { said } from "./words.js";
import "./description.js";
import "./weights.js";

const answers = new Map(); // by job: what was recommended for which text, while the page is open

customElements.define("hr-recommend", class extends View {
  /** Set before it is shown: `api`, `rights`, `job`, `dimensions` (views by id). */
  build() {
    const { api, rights, job, dimensions } = this;
    this.className = "split";
    this.text = Object.assign(document.createElement("hr-description"), { api, rights, job, dimensions, className: "card panel" });
    this.text.addEventListener("changed", () => this.#ask());
    this.keywords = h("div", {});
    this.state = h("div", { role: "status" });
    this.ask = h("button", { class: "button", type: "button", t: "recommend.ask", on: { click: () => this.#ask() } });
    const known = answers.get(job.id);
    this.weights = known?.weights ?? {};
    this.list = Object.assign(document.createElement("hr-weights"), { api, rights, dimensions, branch: job.branch, weights: this.weights, found: known?.found ?? {} });
    this.list.addEventListener("edited", () => this.#weighed());
    this.list.addEventListener("point", ({ detail }) => this.text.point(detail.id, detail.phrase));
    this.make = h("button", { class: "button primary", type: "button", t: "recommend.plan", on: { click: () => this.#plan() } });
    this.why = h("p", { class: "small muted", t: "recommend.plan.why" });
    this.append(h("div", { class: "stack" }, this.text, this.keywords), h("section", { class: "card panel stack" }, h("div", { class: "panel-head" }, h("h2", { t: "recommend.title" }), this.ask), this.state, this.list,
      rights.may("jobs.write") ? h("div", { class: "stack tight" }, h("div", { class: "row end" }, this.make), this.why) : null));
    if (known?.text === job.description) this.#show(known.answer, false);
    else if (job.description) this.#ask();
    this.#weighed();
  }

  async #ask() {
    if (!this.job.description.trim()) return;
    this.ask.disabled = true;
    this.state.replaceChildren(h("p", { class: "muted small", t: "recommend.asking" }));
    try {
      const answer = await this.api.post(`/jobs/${this.job.id}/recommendations`);
      if (this.isConnected) this.#show(answer, true);
    } catch (problem) {
      this.state.replaceChildren(notice("warn", h("p", {}, said(problem)), h("p", { class: "small", t: "recommend.without" })));
    }
    this.ask.disabled = false;
  }

  #show(answer, anew) {
    const found = Object.fromEntries(answer.dimensions.map(({ dimension, found: phrases }) => [dimension, phrases]));
    if (anew) {
      for (const id of Object.keys(this.weights)) delete this.weights[id];
      for (const { dimension, weight } of answer.dimensions) this.weights[dimension] = weight;
    }
    this.answer = answer;
    this.list.found = found;
    answers.set(this.job.id, { text: this.job.description, answer, weights: this.weights, found });
    this.state.replaceChildren(answer.reason ? notice("info", h("p", { t: `recommend.reason.${answer.reason}` }))
      : h("p", { class: "small muted", t: "recommend.say", vars: { model: answer.model } }));
    this.list.update();
    this.#weighed();
  }

  #weighed() {
    this.make.disabled = !this.list.isConnected || !this.list.valid;
    this.why.hidden = !this.make.disabled;
    const order = Object.keys(this.weights);
    const phrases = order.flatMap((id) => (this.list.found[id] ?? []).map((phrase) => ({ ...phrase, dimension: id })));
    if (this.text.text) this.text.mark(order, phrases);
    const keywords = this.answer?.keywords ?? [];
    this.keywords.replaceChildren(keywordRow({ keywords, order, found: this.list.found, dimensions: this.dimensions }, (id) => this.list.reveal(id)));
  }

  #plan() {
    const suggested = this.answer?.questions ?? [];
    const why = Object.fromEntries(suggested.map(({ question, score, why: { text } }) => [question.id, { score, text }]));
    begin(fromRecommendations(this.job.title, this.weights, suggested), this.job.branch, this.job.id, why);
  }
});
