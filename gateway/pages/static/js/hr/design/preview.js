// A plan as its candidate sees it, step after step in the candidate's own words, in a frame of a phone's size.
import { h, icon, notice } from "../../dom.js";
import { clock, language, put } from "../../i18n.js";
import { openDialog } from "../../elements/dialog.js";
import { said } from "./words.js";

function fact(key, vars) {
  return h("div", {}, h("dt", { t: key }), h("dd", { t: `${key}.value`, vars }));
}

const heading = (key, say) => [h("h3", { t: key }), h("p", { class: "muted", t: say })];

function question({ text, think_s: think, answer_s: answer, retries }, n, total, tongue) {
  return [h("p", { class: "small muted", t: "interview.question", vars: { n, total } }),
    h("p", { class: "preview-question", lang: tongue === "zh" ? "zh-CN" : "en" }, text),
    h("ul", { class: "small muted" }, think ? h("li", { t: "timer.thinking", vars: { time: clock(think) } }) : null,
      h("li", { t: "interview.left", vars: { time: clock(answer) } }), retries ? h("li", { t: "interview.anew", vars: { n: retries } }) : null)];
}

/** What is shown one after the other, as functions that make it. */
function screens(plan, { questions, guidance, duration_s: duration }, tongue) {
  const total = questions.length;
  return [
    () => [h("p", { class: "muted", t: "welcome.lead" }),
      h("dl", { class: "facts" }, fact("welcome.questions", { n: total }), fact("welcome.duration", { n: Math.max(1, Math.ceil(duration / 60)) })),
      h("p", { class: "small muted", t: "preview.left-out" })],
    ...(plan.practice ? [() => [...heading("practice.title", "practice.lead"), h("p", { class: "preview-question", t: "practice.question" })]] : []),
    () => [...heading("guide.title", "guide.lead"), h("ol", { class: "preview-lines", lang: tongue === "zh" ? "zh-CN" : "en" }, ...guidance.map((line) => h("li", {}, line)))],
    ...questions.map((one, at) => () => question(one, at + 1, total, tongue)),
    () => [h("h3", { t: "done.title" }), h("p", { class: "muted", t: "done.next" }), ...(plan.survey ? heading("survey.title", "survey.say") : [])],
  ];
}

export function openPreview({ api, branch, plan }) {
  const frame = h("div", { class: "preview-frame", "aria-live": "polite" });
  const back = h("button", { class: "button", type: "button", on: { click: () => show(at - 1) } }, icon("back"), h("span", { t: "preview.back" }));
  const next = h("button", { class: "button primary", type: "button", on: { click: () => show(at + 1) } }, h("span", { t: "preview.next" }), icon("forth"));
  const tongue = h("select", { name: "language" }, ...["zh", "en"].map((name) => h("option", { value: name, t: `tongue.${name}` })));
  tongue.value = language();
  let shown = [];
  let at = 0;
  const show = (to) => {
    at = to;
    frame.replaceChildren(...shown[at]());
    back.disabled = at === 0;
    next.disabled = at === shown.length - 1;
  };
  const load = async () => {
    back.disabled = next.disabled = true;
    try {
      shown = screens(plan, await api.post("/plan-preview", { branch, plan, language: tongue.value }), tongue.value);
      show(0);
    } catch (problem) {
      const waits = h("p", {});
      if (problem.reasons?.length) put(waits, "preview.invalid");
      frame.replaceChildren(notice("warn", waits, h("p", { class: "small" }, said(problem))));
    }
  };
  tongue.addEventListener("change", load);
  const dialog = openDialog({ t: "preview.title" }, h("div", { class: "stack" },
    h("label", { class: "field" }, h("span", { t: "preview.language" }), tongue), frame, h("div", { class: "row between" }, back, next),
    h("div", { class: "row end" }, h("button", { class: "button", type: "button", t: "close", on: { click: () => dialog.close() } }))));
  load();
}
