// <hr-account>: every liveness cue with its value, threshold, outcome and weight. It advises; people decide.
import { View, h } from "../dom.js";
import { has, number, percent, put, t } from "../i18n.js";

const figure = (value) => (value === null ? "–" : number(value, Math.abs(value) < 0.1 && value !== 0 ? 3 : 2));

/** The table of an account (`liveness.concluded`, or the report's `liveness_cues`). */
export function cueTable(cues) {
  const head = ["cue", "value", "threshold", "outcome", "weight"].map((name) => h("th", { scope: "col", t: `account.${name}` }));
  const rows = cues.map(({ name, value, threshold, outcome, weight, detail }) =>
    h("tr", { "data-outcome": outcome, title: detail || null },
      h("th", { scope: "row" }, has(`cue.${name}`) ? t(`cue.${name}`) : name),
      h("td", {}, figure(value)), h("td", {}, threshold === null ? "–" : figure(threshold)),
      h("td", { t: `account.${outcome}` }), h("td", {}, weight ? number(weight, 2) : t("account.note"))));
  return h("div", { class: "cue-scroll", tabindex: "0", role: "region", label: "account.title" },
    h("table", { class: "cues" }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows)));
}

customElements.define("hr-account", class extends View {
  build() {
    this.verdict = h("p", { class: "verdict plain" });
    this.table = h("div", {});
    this.append(h("div", { class: "panel-head" }, h("h2", { t: "account.title" }), h("span", { class: "badge", t: "account.advises" })),
      this.verdict, this.table, h("p", { class: "small muted caveat", t: "account.caveat" }));
  }

  update() {
    const { account } = this.model;
    if (!account) return put(this.verdict, "account.none");
    put(this.verdict, "account.score", { score: number(account.score, 2), certainty: percent(account.certainty) });
    return this.table.replaceChildren(cueTable(account.cues));
  }
});
