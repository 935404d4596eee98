// Words that a score rests on, with the time at which they were said; they play the recording where there is one.
import { h } from "../dom.js";
import { clock, language } from "../i18n.js";
import { playable } from "./captions.js";

export const say = (message) => message[language()];
export const span = (start, end) => `${clock(start)}–${clock(end)}`;
export const spokenAs = (language) => (language === "zh" ? "zh-CN" : "en");

/** @param spoken language of the interview; @param plays whether there is a recording */
export function quote({ quote: text, start, end, note }, spoken, plays) {
  return h("li", {}, playable(h("div", { class: "quote" }, h("blockquote", { lang: spokenAs(spoken) }, text),
    h("p", { class: "small muted" }, h("time", {}, span(start, end)), note?.code ? ` · ${say(note)}` : "")), plays ? start : null));
}

/** A list of quotes behind a summary; null where there is none. */
export function folded(evidence, spoken, plays, { key = "result.evidence", open = false } = {}) {
  if (!evidence.length) return null;
  return h("details", { open }, h("summary", {}, h("span", { t: key }), ` (${evidence.length})`),
    h("ul", { class: "quotes" }, ...evidence.map((one) => quote(one, spoken, plays))));
}
