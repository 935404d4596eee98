// What people rate a dimension as, beside the machine, each with the reason; and the form for it.
import { h } from "../dom.js";
import { openDialog } from "../elements/dialog.js";
import { language, number, t } from "../i18n.js";
import { whom } from "./whom.js";

const LEVELS = [1, 2, 3, 4, 5];
const named = (byLanguage) => byLanguage?.[language()] ?? Object.values(byLanguage ?? {})[0] ?? "";
const when = (at) => new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

export function signed(value, digits = 0) {
  return `${value > 0 ? "+" : ""}${number(value, digits).replace("-", "−")}`;
}

function rating({ level, score, given_as: as, reason, by, at, current }) {
  return h("li", { class: current ? "" : "muted" },
    h("strong", {}, as === "level" ? t("dimension.level", { n: level }) : number(score)), ` · ${whom(by)} · ${when(at)}`,
    current ? "" : ` · ${t("human.replaced")}`, h("p", {}, reason));
}

/** @param one of `reviewed.dimensions`; @param rate opens the form; null: may not. Null where there is nothing. */
export function beside(one, rate) {
  if (!one || (!one.ratings.length && !rate)) return null;
  const button = rate ? h("button", { class: "button small", type: "button", on: { click: () => rate(one) }, label: "human.rate.of", vars: { name: named(one.name) } },
    h("span", { t: one.ratings.length ? "human.again" : "human.rate" })) : null;
  const figures = one.human === null ? null : h("p", { class: "human-line" }, h("span", { class: "muted small", t: "human.title" }), " ", h("strong", {}, number(one.human)),
    one.difference === null ? null : h("span", { class: "small muted" }, ` ${t("human.difference", { n: signed(one.difference) })}`));
  return h("div", { class: "human" }, figures, button,
    one.ratings.length ? h("details", {}, h("summary", {}, t("human.reasons", { n: one.ratings.length })),
      h("ol", { class: "facts-list small" }, ...one.ratings.toReversed().map(rating))) : null);
}

/** @param one of `reviewed.dimensions`; @param send (body) → promise */
export function openRating({ name, anchors }, send) {
  const texts = anchors?.[language()] ?? Object.values(anchors ?? {})[0] ?? [];
  const choices = LEVELS.map((level) => h("label", { class: "tick" },
    h("input", { type: "radio", name: "level", value: level, required: true }),
    h("span", { class: "tick-text" }, h("strong", {}, t("dimension.level", { n: level })), texts[level - 1] ? h("span", { class: "small" }, texts[level - 1]) : null)));
  const score = h("input", { type: "number", name: "score", min: 0, max: 100, step: "any", inputmode: "decimal" });
  const reason = h("textarea", { rows: 3, required: true, maxlength: 2000 });
  const problem = h("p", { class: "small problem", role: "alert" });
  const radios = choices.map((choice) => choice.querySelector("input"));
  // A score in place of a level: one of the two is sent.
  score.addEventListener("input", () => {
    for (const radio of radios) {
      radio.required = score.value === "";
      if (score.value !== "") radio.checked = false;
    }
  });
  for (const radio of radios) radio.addEventListener("change", () => { score.value = ""; });
  const submit = async (event) => {
    event.preventDefault();
    const level = radios.find(({ checked }) => checked)?.value;
    try {
      await send({ ...(score.value === "" ? { level: Number(level) } : { score: Number(score.value) }), reason: reason.value.trim() });
      dialog.close();
    } catch (refused) {
      problem.textContent = refused.text ?? String(refused);
    }
  };
  const dialog = openDialog({ t: "human.rate.of", vars: { name: named(name) } }, h("form", { class: "stack-s", on: { submit } },
    h("p", { class: "muted small", t: "human.say" }), h("div", { role: "radiogroup", label: "human.level" }, ...choices),
    h("label", { class: "field" }, h("span", { t: "human.score" }), score),
    h("label", { class: "field" }, h("span", { t: "human.reason" }), reason), problem,
    h("div", { class: "row end" }, h("button", { class: "button", type: "button", t: "cancel", on: { click: () => dialog.close() } }),
      h("button", { class: "button primary", t: "save" }))));
}
