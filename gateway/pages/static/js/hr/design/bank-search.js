// Searching the question bank: by words, role, dimension and kind, in the dialog of a step and on the bank's own page.
import { h } from "../../dom.js";
import { put } from "../../i18n.js";
import { QUESTION_KINDS, ROLES } from "./model.js";
import { said, worded } from "./words.js";

const AFTER_MS = 250; // a search per pause in typing, not per letter

function choice(name, key, options) {
  const select = h("select", { name }, h("option", { value: "", t: `${key}.any` }), ...options);
  return { select, row: h("label", { class: "field" }, h("span", { t: key }), select) };
}

/** What is known of a question, and why it was recommended. */
export function questionLines(question, dimensions, why = null) {
  const named = question.dimensions.map((id) => worded(dimensions.get(id)?.dimension.name, id)).join(" · ");
  return h("div", { class: "stack tight" }, h("p", {}, worded(question.text)),
    h("p", { class: "small muted" }, h("span", { t: `questionkind.${question.kind}` }), ` · ${named} · `,
      h("span", { t: "question.times", vars: { think: question.think_s, answer: question.answer_s } })),
    why ? h("p", { class: "small because", t: "question.because", vars: { text: why.text } }) : null);
}

/**
 * The fields, how many were found, and the list. `where` gives the branch, `row` makes an item of a view; what was
 * `suggested` (score by id) stands first.
 */
export function bankSearch({ api, where, dimensions, suggested = {}, kind = "" }, row) {
  const text = h("input", { type: "search", name: "text", maxlength: 200 });
  const role = choice("role", "bank.role", ROLES.map((name) => h("option", { value: name, t: `jobrole.${name}` })));
  const byName = [...dimensions.values()].map(({ dimension }) => h("option", { value: dimension.id }, worded(dimension.name, dimension.id)));
  const dimension = choice("dimension", "bank.dimension", byName);
  const kinds = choice("kind", "bank.kind", QUESTION_KINDS.map((name) => h("option", { value: name, t: `questionkind.${name}` })));
  if (QUESTION_KINDS.includes(kind)) kinds.select.value = kind;
  const list = h("ul", { class: "stack tight bank-list" });
  const state = h("p", { class: "small muted", role: "status" });
  let timer = null;
  let asked = 0;

  const search = async () => {
    asked += 1;
    const mine = asked;
    const query = new URLSearchParams({ branch: where() });
    for (const { name, value } of [text, role.select, dimension.select, kinds.select]) if (value.trim()) query.set(name, value.trim());
    try {
      const { questions } = await api.get(`/questions?${query}`);
      if (mine !== asked) return; // an older search that came late
      const score = ({ question }) => suggested[question.id]?.score ?? 0;
      put(state, questions.length ? "bank.count" : "bank.none", { n: questions.length });
      list.replaceChildren(...questions.sort((a, b) => score(b) - score(a)).map(row));
    } catch (problem) {
      state.textContent = said(problem);
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(search, AFTER_MS);
  };
  const fields = h("div", { class: "bank-search", on: { input: soon } }, h("label", { class: "field" }, h("span", { t: "bank.text" }), text), role.row, dimension.row, kinds.row);
  return { text, fields, state, list, search };
}
