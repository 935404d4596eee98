// Fields of the plan editor, each with what is wrong beside it.
import { h } from "../../dom.js";
import { put } from "../../i18n.js";

/** A line that shows what is wrong with `paths` of the plan; `lines` collects them, so that they can be told anew. */
export function wrongLine(lines, ...paths) {
  const element = h("p", { class: "small problem", role: "status" });
  lines.push({ element, paths });
  return element;
}

export function tell(lines, wrong) {
  for (const { element, paths } of lines) element.textContent = [...new Set(paths.flatMap(wrong))].join(" ");
}

/**
 * A number with its unit. `set` gets it, null where it may be empty and is; what is out of range is not passed on.
 * @param {{t: string, value: number|null, min: number, max: number, step?: number, hold?: string}} given `hold`: key of the placeholder
 */
export function numberField({ t, value, min, max, step = 1, empty = false, hold = null, name, disabled = false }, set, ...below) {
  const input = h("input", { type: "number", min, max, step, inputmode: "decimal", name, disabled, required: !empty });
  if (hold !== null) input.placeholder = hold;
  input.value = value ?? "";
  const problem = h("span", { class: "small problem" });
  input.addEventListener("input", () => {
    const bad = input.validity.badInput || input.validity.rangeOverflow || input.validity.rangeUnderflow || input.validity.valueMissing;
    input.setAttribute("aria-invalid", String(bad));
    if (bad) put(problem, "field.range", { min, max });
    else {
      problem.textContent = "";
      set(input.value === "" ? null : input.valueAsNumber);
    }
  });
  return h("label", { class: "field" }, h("span", { t }), input, problem, ...below);
}

/** A text in one language of a text by language, which is changed in place. */
export function wordedField({ t, text, language, name, disabled = false, maxlength = 100 }, changed) {
  const input = h("input", { maxlength, name, disabled, autocomplete: "off" });
  input.value = text[language] ?? "";
  input.addEventListener("input", () => {
    if (input.value.trim()) text[language] = input.value;
    else delete text[language];
    changed();
  });
  return h("label", { class: "field" }, h("span", { t }), input);
}
