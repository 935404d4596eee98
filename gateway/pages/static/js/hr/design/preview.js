// A plan as its candidate would see it, question after question, in a frame of a phone's size.
import { h, icon, notice } from "../../dom.js";
import { language, number, put } from "../../i18n.js";
import { openDialog } from "../../elements/dialog.js";
import { minutes, said, worded } from "./words.js";

function fact(key, value) {
  return h("div", {}, h("dt", { t: key }), h("dd", {}, value));
}

function begin(plan, { questions, duration_s: duration }) {
  return [h("h3", {}, worded(plan.title)), h("p", { class: "muted", t: "preview.welcome" }),
    h("dl", { class: "facts" }, fact("welcome.questions", number(questions.length)), fact("welcome.duration", minutes(duration)))];
}

function asked(plan, question, at, total) {
  const step = plan.steps.find(({ id }) => id === question.step);
  return [h("p", { class: "small muted", t: "preview.at", vars: { n: at, total } }), h("p", { class: "badge" }, worded(step?.title, question.step)),
    h("p", { class: "preview-question" }, question.text),
    h("dl", { class: "facts" }, fact("preview.think", minutes(question.think_s)), fact("preview.answer", minutes(question.answer_s)),
      fact("preview.retries", number(question.retries)))];
}

export function openPreview({ api, branch, plan }) {
  const frame = h("div", { class: "preview-frame", "aria-live": "polite" });
  const back = h("button", { class: "button", type: "button", on: { click: () => show(at - 1) } }, icon("back"), h("span", { t: "preview.back" }));
  const next = h("button", { class: "button primary", type: "button", on: { click: () => show(at + 1) } }, h("span", { t: "preview.next" }), icon("forth"));
  const tongue = h("select", { name: "language" }, ...["zh", "en"].map((name) => h("option", { value: name, t: `tongue.${name}` })));
  tongue.value = language();
  let seen = null;
  let at = 0;
  const show = (to) => {
    at = to;
    const total = seen.questions.length;
    frame.replaceChildren(...(at === 0 ? begin(plan, seen) : asked(plan, seen.questions[at - 1], at, total)));
    back.disabled = at === 0;
    next.disabled = at === total;
  };
  const load = async () => {
    back.disabled = next.disabled = true;
    try {
      seen = await api.post("/plan-preview", { branch, plan, language: tongue.value });
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
