// How the candidate found the interview: the ratings that they gave and what they wrote.
import { h } from "../dom.js";
import { has, t } from "../i18n.js";

/** @param answered `survey` of the report; null: they did not answer */
export function survey(answered) {
  const topic = (name) => (has(`survey.${name}`) ? t(`survey.${name}`) : name);
  const ratings = Object.entries(answered?.ratings ?? {});
  return h("section", { class: "stack-s survey" }, h("h2", { t: "survey.found" }), h("p", { class: "small muted", t: "survey.found.say" }),
    answered ? null : h("p", { class: "muted", t: "survey.found.none" }),
    ratings.length ? h("dl", { class: "facts" }, ...ratings.map(([name, value]) =>
      h("div", {}, h("dt", {}, topic(name)), h("dd", {}, t("survey.found.value", { n: value }))))) : null,
    answered?.text ? h("p", { class: "comment-text" }, answered.text) : null);
}
