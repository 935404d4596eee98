// One question of the result: what was said, which key points were in it, and the measures with their words.
import { h, icon } from "../dom.js";
import { clock, language, number, percent, t } from "../i18n.js";
import { playable } from "./captions.js";
import { programOf } from "./code.js";
import { between } from "./dimensions.js";
import { folded, quote, say, spokenAs } from "./quotes.js";

function bar(value) {
  const fill = h("span", { class: "bar-fill" });
  fill.style.width = `${value ?? 0}%`;
  return h("span", { class: "bar", "aria-hidden": "true" }, fill);
}

function measure(item, spoken, plays) {
  const known = item.value !== null;
  return h("li", { class: "measure" },
    h("div", { class: "measure-line" },
      h("span", {}, say(item.label)), known ? bar(item.value) : h("span", { class: "bar unknown" }),
      h("strong", { class: known ? "" : "muted small" }, known ? number(item.value) : t("result.insufficient.short")),
      h("span", { class: "small muted" }, known ? t("result.weight", { share: percent(item.weight) }) : "")),
    item.insufficient ? h("p", { class: "small muted" }, say(item.insufficient)) : null,
    item.missing.length && item.name !== "coverage"
      ? h("p", { class: "small muted" }, t("result.missing", { what: item.missing.map(say).join(" · ") })) : null,
    folded(item.evidence, spoken, plays));
}

function point({ point: text, found, evidence }, spoken, plays) {
  const state = found === null ? "unknown" : found ? "found" : "missing";
  const mark = { unknown: "wait", found: "check", missing: "minus" }[state];
  return h("li", { class: "key-point", "data-state": state },
    icon(mark), h("span", {}, h("span", { lang: spokenAs(spoken) }, text), " ", h("span", { class: "small muted", t: `point.${state}` })),
    found && evidence.length ? h("ul", { class: "quotes" }, ...evidence.map((one) => quote(one, spoken, plays))) : null);
}

function transcript(utterances, spoken, plays, cursor) {
  const line = (said) => {
    const start = said.words[0]?.start ?? said.start;
    const row = h("p", { class: "transcript-line" }, h("time", { class: "muted small" }, clock(start)),
      h("span", { lang: spokenAs(said.language ?? spoken) }, ...cursor.words(said)));
    return cursor.line(playable(row, plays ? start : null), start, said.end);
  };
  return h("details", { class: "said", open: true }, h("summary", { t: "answer.said" }), h("div", { class: "said-lines" }, ...utterances.map(line)));
}

/** @param one of `scores.answers`; @param cursor marks what is being played */
export function answer(one, index, report, plays, cursor) {
  const asked = report.transcript.questions.find(({ question }) => question === one.question);
  const spoken = report.language;
  const texts = asked?.text ?? {};
  const text = texts[language()] ?? texts[spoken] ?? Object.values(texts)[0] ?? "";
  const by = one.measures[0];
  const score = one.score === null ? h("p", { class: "answer-score muted" }, "–")
    : h("p", { class: "answer-score" }, number(one.score), h("span", { class: "small muted" }, ` ${between(one.interval)}`));
  return h("article", { class: "answer" },
    h("header", {}, h("h3", {}, h("span", { class: "muted" }, `${t("result.question", { n: index + 1 })} `), text), score),
    one.insufficient ? h("p", { class: "muted" }, say(one.insufficient)) : null,
    ...one.flags.map(({ flag, evidence }) => h("details", {}, h("summary", {}, t("result.flag", { what: say(flag) })),
      h("ul", { class: "quotes" }, ...evidence.map((words) => quote(words, spoken, plays))))),
    ...programOf(report, one.question),
    h("div", { class: "answer-columns" },
      h("div", { class: "stack-s" }, asked?.utterances.length ? transcript(asked.utterances, spoken, plays, cursor) : null),
      h("div", { class: "stack-s" },
        one.key_points.length ? h("h4", { t: "point.title" }) : null,
        one.key_points.length ? h("ul", { class: "key-points" }, ...one.key_points.map((item) => point(item, spoken, plays))) : null,
        one.measures.length ? h("h4", { t: "answer.measures" }) : null,
        h("ul", { class: "stack-s" }, ...one.measures.map((item) => measure(item, spoken, plays))))),
    by ? h("p", { class: "small muted" }, t("result.by", { model: by.model, rubric: by.rubric })) : null);
}
