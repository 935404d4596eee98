// What a job's description says more than others do; a word that led to a recommended dimension points to it.
import { h } from "../../dom.js";
import { worded } from "./words.js";

const MOST = 12; // the strongest come first

const meet = ([from, to], { start, end }) => from < end && start < to;

/** The dimension whose phrases hold the word, the first in `order`; null where none does. */
export function dimensionOf({ spans }, order, found) {
  return order.find((id) => (found[id] ?? []).some((phrase) => spans.some((span) => meet(span, phrase)))) ?? null;
}

/** @param {(dimension: string) => void} point */
export function keywordRow({ keywords, order, found, dimensions }, point) {
  const word = (keyword) => {
    const id = dimensionOf(keyword, order, found);
    if (!id) return h("span", { class: "keyword small" }, keyword.text);
    const vars = { text: keyword.text, name: worded(dimensions.get(id)?.dimension.name, id) };
    return h("button", { class: "phrase", type: "button", "data-leads": id, label: "keywords.leads", vars, on: { click: () => point(id) } }, keyword.text);
  };
  return h("p", { class: "phrases", hidden: !keywords.length }, h("span", { class: "small muted", t: "keywords.title" }), ...keywords.slice(0, MOST).map(word));
}
