// What stands out, and what the next round should ask: each with its words.
import { h, icon } from "../dom.js";
import { folded, say } from "./quotes.js";

const MARKS = { strength: "up", weak: "down", uncertain: "wait", "missing-points": "info" };

function conclusion({ kind, text, evidence, probe }, spoken, plays) {
  return h("li", { class: "conclusion", "data-kind": kind },
    h("p", { class: "conclusion-text" }, icon(MARKS[kind]), h("span", {}, kind === "strength" ? "" : h("span", { class: "badge", t: `conclusion.${kind}` }), " ", say(text))),
    probe ? h("p", { class: "probe" }, h("strong", { class: "small", t: "conclusion.probe" }), h("span", {}, say(probe.text)),
      h("span", { class: "small muted", t: `probe.${probe.source}` })) : null,
    folded(evidence, spoken, plays));
}

/** Two columns: strengths, and what to probe. Null where there is nothing to conclude. */
export function conclusions({ conclusions: all, language: spoken }, plays) {
  if (!all.length) return null;
  const strong = all.filter(({ kind }) => kind === "strength");
  const open = all.filter(({ kind }) => kind !== "strength");
  const column = (key, items, none) => h("section", { class: "stack-s" }, h("h3", { t: key }),
    items.length ? h("ul", { class: "stack-s" }, ...items.map((one) => conclusion(one, spoken, plays))) : h("p", { class: "muted", t: none }));
  return h("section", { class: "conclusions" }, h("h2", { t: "conclusion.title" }), h("p", { class: "small muted", t: "conclusion.say" }),
    h("div", { class: "conclusion-columns" }, column("conclusion.strengths", strong, "conclusion.strengths.none"),
      column("conclusion.open", open, "conclusion.open.none")));
}
