// The results of validity and adverse impact as tables. Built anew when the language changes.
import { h, notice } from "../dom.js";
import { language, number, percent, t } from "../i18n.js";
import { correlationStrip, rateStrip, scatter } from "./validity-charts.js";

const say = (message) => message[language()];
const figure = (value, digits = 2) => (value === null || value === undefined ? "–" : number(value, digits).replace("-", "−"));
const between = (interval, digits = 2) => (interval ? `${figure(interval.low, digits)} … ${figure(interval.high, digits)}` : "–");
const p = (value) => (value === null ? "–" : value < 0.001 ? `< ${number(0.001, 3)}` : number(value, 3));

/** A table that scrolls in itself where the screen is narrow. `heads`: message keys. */
function table(caption, heads, rows) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h("table", { class: "figures" }, h("caption", {}, caption),
      h("thead", {}, h("tr", {}, heads.map((key) => h("th", { scope: "col", t: key })))), h("tbody", {}, rows)));
}

function row(name, cells, props = {}) {
  return h("tr", props, h("th", { scope: "row" }, name), cells.map((cell) => h("td", {}, cell)));
}

/** Rows of the file that were left out, and columns that were not read. */
export function faults({ errors, ignored }) {
  return [
    ...(errors.length
      ? [h("details", { class: "faults" }, h("summary", { t: "validity.errors", vars: { n: errors.length } }),
        h("ul", { class: "facts-list small" }, errors.map((one) => h("li", {},
          `${one.row ? t("validity.row", { n: one.row }) : ""} ${one.column ? `${one.column} · ` : ""}${say(one.message)}`))))]
      : []),
    ...(ignored.length ? [h("p", { class: "small muted", t: "validity.ignored", vars: { names: ignored.join(", ") } })] : []),
  ];
}

function relation(one, name) {
  const found = one.correlation;
  if (!found) return h("tr", {}, h("th", { scope: "row" }, name), h("td", { colspan: 6, class: "muted refused" }, say(one.refused)));
  const stacked = (value, ...intervals) => [h("strong", {}, figure(value)), ...intervals.map((text) => h("span", { class: "small muted under" }, text))];
  return row(name, [
    number(found.n),
    correlationStrip(found),
    stacked(found.pearson, between(found.fisher), t("validity.bootstrap", { interval: between(found.bootstrap) })),
    stacked(found.spearman, between(found.spearman_fisher), t("validity.bootstrap", { interval: between(found.spearman_bootstrap) })),
    stacked(found.corrected, between(found.corrected_interval)),
    t("validity.spread", { sd: figure(found.sd, 1), all: figure(found.sd_unrestricted, 1), n: found.n_unrestricted }),
  ]);
}

function proposal(one, name) {
  const { proposal: found } = one;
  if (!found) return [h("p", { class: "muted" }, say(one.proposal_refused))];
  const fact = (key, text) => h("div", {}, h("dt", { t: key }), h("dd", {}, text));
  return [
    table(t("validity.weights"), ["validity.dimension", "validity.today", "validity.proposed"],
      found.weights.map(({ dimension, today, proposed }) => row(name(dimension), [`${today} %`,
        h(today === proposed ? "span" : "strong", {}, `${proposed} %${proposed > today ? " ▲" : proposed < today ? " ▼" : ""}`)]))),
    h("dl", { class: "facts" },
      fact("validity.r.today", figure(found.r_today)), fact("validity.r.proposed", figure(found.r_proposed)),
      fact("validity.gain", `${figure(found.gain)} (${between(found.gain_interval)})`),
      fact("validity.r.groups", found.r_groups === null ? t("validity.no-groups") : figure(found.r_groups))),
    notice(found.better && !found.groups_suffice ? "info" : "warn", h("p", { t: found.better ? "validity.better" : "validity.no-better", vars: { n: found.n } }),
      found.groups_suffice ? h("p", { t: "validity.groups-suffice" }) : null),
  ];
}

/** @param {object} view ValidityView of the API */
export function validityTables(view) {
  const name = (id) => (id === "overall" ? t("validity.overall") : view.names[id]?.[language()] ?? Object.values(view.names[id] ?? {})[0] ?? id);
  return [
    h("p", { t: "validity.matched", vars: { matched: view.result.matched, scored: view.result.scored } }),
    ...view.result.criteria.map((one) => {
      const { points } = one.relations[0];
      return h("section", { class: "stack" }, h("h3", {}, one.performance),
        table(t("validity.relations", { name: one.performance }),
          ["validity.score", "validity.n", "validity.chart", "validity.pearson", "validity.spearman", "validity.corrected", "validity.spread.head"],
          one.relations.map((item) => relation(item, name(item.predictor)))),
        points.length ? scatter(points, t("validity.scatter", { n: points.length, name: one.performance }), t("validity.overall"), one.performance) : null,
        h("h4", { t: "validity.proposal" }), ...proposal(one, name),
        one.left_out.length ? h("p", { class: "small muted", t: "validity.left-out", vars: { names: one.left_out.map(name).join(", ") } }) : null);
    }),
    h("p", { class: "small muted caveat", t: "validity.caveat" }),
  ];
}

const FLAGGED = ["adverse", "below", "significant"];

/** @param {object} view ImpactView of the API */
export function impactTables(view) {
  return [
    h("p", { t: `impact.by.${view.by}.say`, vars: { n: view.candidates, selected: view.selected, score: figure(view.cut_off, 1) } }),
    ...view.tables.map((one) => {
      const highest = one.groups.find(({ group }) => group === one.reference)?.rate ?? 0;
      return h("section", { class: "stack" }, h("h3", {}, one.column),
        one.refused ? notice("info", h("p", { t: `impact.refused.${one.refused}` })) : null,
        table(t("impact.table", { name: one.column }),
          ["impact.group", "validity.n", "impact.selected", "impact.rate", "impact.chart", "impact.ratio", "impact.fisher", "impact.z", "impact.finding"],
          one.groups.map((group) => row(group.group, [
            number(group.n), group.selected === null ? "–" : number(group.selected), group.rate === null ? "–" : percent(group.rate, 1),
            group.rate === null || one.refused ? "" : rateStrip(group.rate, highest),
            group.ratio === null ? "–" : [h("strong", {}, figure(group.ratio)), h("span", { class: "small muted under" }, between(group.ratio_interval))],
            p(group.fisher_p), group.z_p === null ? "–" : `${figure(group.z)} (p ${p(group.z_p)})`,
            one.refused && group.finding === "none" ? "–" : t(`impact.finding.${group.finding}`),
          ], { "data-flag": FLAGGED.includes(group.finding) ? group.finding : null }))),
        one.unknown ? h("p", { class: "small muted", t: "impact.unknown", vars: { n: one.unknown } }) : null);
    }),
    h("p", { class: "small muted caveat", t: "impact.caveat" }),
  ];
}
