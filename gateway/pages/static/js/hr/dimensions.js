// <hr-dimensions>: the dimensions with their intervals and levels, and how the weights came to be what they are.
import { View, h } from "../dom.js";
import { openDialog } from "../elements/dialog.js";
import { language, number, t } from "../i18n.js";
import { radar } from "./radar.js";
import { scoreStrip } from "./validity-charts.js";
import { whom } from "./whom.js";

const said = (byLanguage) => byLanguage?.[language()] ?? Object.values(byLanguage ?? {})[0] ?? "";
export const between = (interval) => (interval ? `${number(interval.low)}–${number(interval.high)}` : "");

function row(one, quotes, people) {
  const known = one.score !== null;
  return h("li", { class: "dimension" },
    h("div", { class: "dimension-line" },
      h("strong", {}, said(one.name) || one.dimension),
      known ? scoreStrip(one.score, one.interval) : h("span", { class: "muted small" }, one.insufficient[language()]),
      h("span", {}, known ? h("strong", {}, number(one.score)) : "–", known ? h("span", { class: "small muted" }, ` ${between(one.interval)}`) : ""),
      h("span", { class: "small muted" }, t("dimension.weight", { share: number(one.weight) }))),
    known ? h("p", { class: "small" }, h("span", { class: "badge" }, t("dimension.level", { n: one.level })), ` ${said(one.anchor)}`) : null,
    people(one.dimension),
    one.evidence.length ? h("details", {}, h("summary", {}, `${t("result.evidence")} (${one.evidence.length})`),
      h("ul", { class: "quotes" }, ...one.evidence.map(quotes))) : null);
}

function history(versions, dimensions) {
  const names = Object.fromEntries(dimensions.map((one) => [one.dimension, said(one.name) || one.dimension]));
  const signed = (value) => (value === null ? "" : `${value > 0 ? "+" : ""}${number(value, 1).replace("-", "−")}`);
  return h("details", {}, h("summary", { t: "weights.history" }),
    h("ol", { class: "facts-list small" }, ...versions.map((one) => h("li", {},
      h("strong", {}, one.overall === null ? "–" : number(one.overall, 1)), one.difference === null ? "" : ` (${signed(one.difference)})`, " · ",
      one.version === 1 ? t("weights.plan") : `${whom(one.by)} · ${new Date(one.at).toLocaleString(document.documentElement.lang)} · ${one.reason}`,
      h("span", { class: "muted" }, ` · ${Object.entries(one.weights).map(([id, weight]) => `${names[id] ?? id} ${number(weight)} %`).join(", ")}`)))));
}

customElements.define("hr-dimensions", class extends View {
  /** Set before it is shown: `scores` of the report, `quotes` (makes an item of evidence), `people` (by dimension: what
   * people rate it as, or null), `change` (sends weights; null: may not). */
  build() {
    const { scores, quotes, people, change } = this;
    const scored = scores.dimensions.filter(({ score }) => score !== null);
    this.append(
      h("div", { class: "panel-head" }, h("h2", { t: "dimension.title" }),
        change ? h("button", { class: "button quiet", type: "button", t: "weights.change", on: { click: () => this.#change() } }) : null),
      h("p", { class: "small muted", t: "dimension.say" }),
      h("div", { class: "dimensions" },
        scored.length > 2 ? radar(scored.map((one) => ({ name: said(one.name) || one.dimension, value: one.score }))) : null,
        h("ul", { class: "stack-s" }, ...scores.dimensions.map((one) => row(one, quotes, people)))),
      ...(scores.history.length > 1 ? [history(scores.history, scores.dimensions)] : []));
  }

  #change() {
    const { scores } = this;
    const fields = scores.dimensions.map((one) => {
      const input = h("input", { type: "number", min: 0, max: 100, step: "any", required: true, inputmode: "decimal", name: one.dimension });
      input.value = one.weight;
      return { input, line: h("label", { class: "field" }, h("span", {}, said(one.name) || one.dimension), input) };
    });
    const sum = h("p", { class: "small", role: "status" });
    const reason = h("textarea", { rows: 2, required: true, maxlength: 2000 });
    const problem = h("p", { class: "small problem", role: "alert" });
    const save = h("button", { class: "button primary", t: "save" });
    const told = () => {
      const total = fields.reduce((all, { input }) => all + (Number(input.value) || 0), 0);
      sum.textContent = t("weights.sum.now", { n: number(total, 1) });
      save.disabled = Math.abs(total - 100) > 0.01;
    };
    const send = async (event) => {
      event.preventDefault();
      try {
        await this.change({
          weights: Object.fromEntries(fields.map(({ input }) => [input.name, Number(input.value)])),
          reason: reason.value.trim(), version: scores.history.at(-1).version,
        });
        dialog.close();
      } catch (refused) {
        problem.textContent = refused.text ?? String(refused);
      }
    };
    const dialog = openDialog({ t: "weights.change" }, h("form", { class: "stack-s", on: { submit: send, input: told } },
      h("p", { class: "muted small", t: "weights.change.say" }), ...fields.map(({ line }) => line), sum,
      h("label", { class: "field" }, h("span", { t: "weights.reason" }), reason), problem,
      h("div", { class: "row end" }, h("button", { class: "button", type: "button", t: "cancel", on: { click: () => dialog.close() } }), save)));
    told();
  }
});
