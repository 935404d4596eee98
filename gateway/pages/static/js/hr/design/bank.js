// Choosing questions of the bank for a step, or writing one; what was recommended stands first.
import { h, icon } from "../../dom.js";
import { openDialog } from "../../elements/dialog.js";
import { bankSearch, questionLines } from "./bank-search.js";
import { writeQuestion } from "./question.js";

/** @param {(view: object) => void} add called with each chosen question; the dialog stays open for more */
export function openBank({ api, branch, dimensions, suggested, plan, kind }, add) {
  const taken = () => new Set(plan.steps.flatMap(({ questions }) => questions));
  const row = (view) => {
    const inPlan = taken().has(view.question.id);
    const button = h("button", { class: "button", type: "button", disabled: inPlan }, icon(inPlan ? "check" : "plus"), h("span", { t: inPlan ? "bank.taken" : "bank.add" }));
    button.addEventListener("click", () => {
      add(view);
      const next = button.closest("li").nextElementSibling?.querySelector("button");
      button.closest("li").replaceWith(row(view));
      next?.focus();
    });
    return h("li", { class: "step-question", "data-question": view.question.id }, questionLines(view.question, dimensions, suggested[view.question.id]), button);
  };
  const found = bankSearch({ api, where: () => branch, dimensions, suggested, kind }, row);
  const write = async () => {
    const view = await writeQuestion({ api, branch, dimensions, kind });
    if (!view) return;
    add(view);
    found.search();
  };
  const dialog = openDialog({ t: "bank.title", wide: true }, h("div", { class: "bank stack" }, found.fields, found.state, found.list,
    h("div", { class: "row between" }, h("button", { class: "button", type: "button", on: { click: write } }, icon("edit"), h("span", { t: "question.new" })),
      h("button", { class: "button primary", type: "button", t: "bank.done", on: { click: () => dialog.close() } }))));
  found.search();
  found.text.focus();
}
