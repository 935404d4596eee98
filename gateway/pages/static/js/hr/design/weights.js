// <hr-weights>: the dimensions that count, each with its weight in percent; the sum stands below.
import { View, h, icon } from "../../dom.js";
import { number, put } from "../../i18n.js";
import { editDimension } from "./dimension.js";
import { evened, sumOf } from "./model.js";
import { worded } from "./words.js";

customElements.define("hr-weights", class extends View {
  /**
   * Set before it is shown: `api`, `branch`, `rights`, `dimensions` (views by id), `weights` (percent by id, changed in
   * place); `found` (phrases by id) and `wrong` (path → texts) where there are any. Fires `change`, and `point` with the
   * id of a dimension and a phrase to be shown.
   */
  build() {
    this.found ??= {};
    this.wrong ??= () => [];
    this.rows = h("ol", { class: "weights" });
    this.sum = h("p", { class: "weights-sum", role: "status" });
    this.even = h("button", { class: "button", type: "button", t: "weights.even", on: { click: () => this.#even() } });
    this.more = h("select", { label: "weights.add" });
    this.more.addEventListener("change", () => this.#add(this.more.value));
    this.tools = h("div", { class: "row" }, h("label", { class: "field grow" }, this.more), h("button", {
      class: "button", type: "button", on: { click: () => this.#custom() },
    }, icon("plus"), h("span", { t: "weights.custom" })));
    this.append(this.rows, h("div", { class: "row between" }, this.sum, this.even), this.tools);
  }

  get valid() {
    return Math.abs(sumOf(this.weights) - 100) < 1e-6;
  }

  /** The problems of the plan have changed. */
  told() {
    for (const [id, { said }] of this.lines) said.textContent = this.wrong(`weights.${id}`).join(" ");
  }

  /** Brings a dimension into view, and to whoever cannot see it. */
  reveal(id) {
    const row = this.rows.querySelector(`[data-dimension="${id}"]`);
    row?.scrollIntoView({ block: "nearest" });
    row?.focus({ preventScroll: true });
  }

  #even() {
    Object.assign(this.weights, evened(this.weights));
    this.#changed(true);
  }

  #add(id) {
    if (id) this.weights[id] = 0;
    this.#changed(true);
    this.rows.lastElementChild?.querySelector("input")?.focus();
  }

  async #custom(view = null) {
    const made = await editDimension(this.api, this.branch, view?.dimension);
    if (!made) return;
    this.dimensions.set(made.dimension.id, made);
    if (!(made.dimension.id in this.weights)) this.weights[made.dimension.id] = 0;
    this.#changed(true);
  }

  #changed(anew) {
    if (anew) this.update();
    else this.#total();
    this.dispatchEvent(new Event("edited"));
  }

  #row(id, index) {
    const view = this.dimensions.get(id);
    const name = worded(view?.dimension.name, id);
    const bar = h("span", { class: "bar-fill" });
    const width = () => { bar.style.width = `${Math.max(0, Math.min(100, this.weights[id]))}%`; };
    const field = h("input", {
      type: "number", min: 0, max: 100, step: 1, inputmode: "decimal", label: "weights.weight", vars: { name }, disabled: !this.rights.may("jobs.write"),
    });
    field.value = this.weights[id];
    field.addEventListener("input", () => {
      this.weights[id] = Number.isFinite(field.valueAsNumber) ? field.valueAsNumber : 0;
      width();
      this.#changed(false);
    });
    width();
    const said = h("p", { class: "small problem" });
    this.lines.set(id, { said });
    const phrases = (this.found[id] ?? []).map((phrase) => h("button", {
      class: "phrase", type: "button", hint: "weights.show", on: { click: () => this.dispatchEvent(new CustomEvent("point", { detail: { id, phrase } })) },
    }, phrase.text));
    return h("li", { "data-dimension": id, tabindex: "-1" },
      h("span", { class: "number-mark", "aria-hidden": "true" }, String(index + 1)),
      h("div", { class: "weights-name" }, h("strong", {}, name),
        view?.source === "own" ? h("span", { class: "badge", t: "weights.own" }) : null,
        h("span", { class: "small muted" }, worded(view?.dimension.about)),
        phrases.length ? h("span", { class: "phrases" }, h("span", { class: "small muted", t: "weights.because" }), ...phrases) : null, said),
      h("div", { class: "weights-set" }, field, h("span", { "aria-hidden": "true" }, "%"), ...this.#buttons(id, view, name)),
      h("span", { class: "bar", "aria-hidden": "true" }, bar));
  }

  #buttons(id, view, name) {
    if (!this.rights.may("jobs.write")) return [];
    const edit = view ? h("button", { class: "button quiet square", type: "button", label: "weights.edit", vars: { name }, on: { click: () => this.#custom(view) } }, icon("edit")) : null;
    return [edit, h("button", {
      class: "button quiet square", type: "button", label: "weights.remove", vars: { name }, on: { click: () => {
        delete this.weights[id];
        this.#changed(true);
      } },
    }, icon("remove"))].filter(Boolean);
  }

  #total() {
    const sum = sumOf(this.weights);
    const empty = Object.keys(this.weights).length === 0;
    const shown = number(sum, Number.isInteger(sum) ? 0 : 1);
    put(this.sum, empty ? "weights.none" : this.valid ? "weights.sum" : sum < 100 ? "weights.sum.less" : "weights.sum.more",
      { sum: shown, by: number(Math.abs(100 - sum), Number.isInteger(sum) ? 0 : 1) });
    this.sum.dataset.tone = this.valid ? "good" : "warn";
    this.even.hidden = empty || this.valid || !this.rights.may("jobs.write");
  }

  update() {
    this.lines = new Map();
    this.rows.replaceChildren(...Object.keys(this.weights).map((id, index) => this.#row(id, index)));
    const rest = [...this.dimensions.values()].filter(({ dimension }) => !(dimension.id in this.weights));
    this.more.replaceChildren(h("option", { value: "", t: "weights.add" }), ...rest.map(({ dimension }) => h("option", { value: dimension.id }, worded(dimension.name, dimension.id)))
      .sort((a, b) => a.textContent.localeCompare(b.textContent, document.documentElement.lang)));
    this.tools.hidden = !this.rights.may("jobs.write");
    this.#total();
    this.told();
  }
});
