// Writing a coding question: what is asked, in which languages, with which test cases; and a solution to try it with.
import { h, icon } from "../../dom.js";
import { language, number, put } from "../../i18n.js";
import { verdict } from "../../code-results.js";
import { openDialog } from "../../elements/dialog.js";
import { freshId, said, worded } from "./words.js";

const LANGUAGES = ["python", "java", "javascript", "cpp"];
const MOST_CASES = 30;

const field = (key, input) => h("label", { class: "field" }, h("span", { t: key }), input);
const area = (name, rows, mono = true) => h("textarea", {
  name, rows, maxlength: 8192, class: mono ? "code-input" : null, spellcheck: mono ? "false" : null, wrap: mono ? "off" : null,
});
const figure = (name, value, min, max, step) => {
  const input = h("input", { type: "number", name, min, max, step, required: true, inputmode: "decimal" });
  input.value = value;
  return input;
};

/** One case of the table. `read` gives it as the server takes it; `tell` shows what a tried solution did with it. */
function caseRow(number_, removed) {
  const stdin = area("stdin", 2);
  const expected = area("expected", 2);
  const visible = h("input", { type: "checkbox", name: "visible" });
  const weight = figure("weight", 1, 0.1, 100, "any");
  const result = h("div", { role: "status" });
  const title = h("strong", { t: "coding.case", vars: { n: number_ } });
  const remove = h("button", { class: "button quiet square", type: "button", label: "coding.case.remove", on: { click: () => removed(row) } }, icon("remove"));
  const element = h("li", { class: "card coding-case" }, h("div", { class: "panel-head" }, title, result, remove),
    h("div", { class: "code-pair" }, field("coding.stdin", stdin), field("coding.expected", expected)),
    h("div", { class: "row" }, h("label", { class: "tick" }, visible, h("span", { t: "coding.visible" })), field("coding.weight", weight)));
  const row = {
    element, first: stdin,
    rename: (n) => put(title, "coding.case", { n }),
    read: () => ({ stdin: stdin.value, expected: expected.value, visible: visible.checked, weight: weight.valueAsNumber }),
    tell: (one) => result.replaceChildren(...(one ? [verdict(one), h("span", { class: "small muted" }, ` ${number(one.time_s, 2)} s`)] : [])),
    show: () => { visible.checked = true; },
    set: (one) => {
      stdin.value = one.stdin;
      expected.value = one.expected;
      visible.checked = one.visible;
      weight.value = one.weight;
    },
  };
  return row;
}

/**
 * As `writeQuestion`: of `known`, which is offered no more then, a changed copy is made.
 * @returns {Promise<object|null>} the view of the question that was put into the bank; null where it was left
 */
export async function writeCodingQuestion({ api, branch, dimensions }, known = null) {
  let made = null;
  let rows = [];
  const starters = { ...known?.task?.starter };
  const texts = { zh: area("text-zh", 4, false), en: area("text-en", 4, false) };
  for (const [name, input] of Object.entries(texts)) input.value = known?.text[name] ?? "";
  const dimension = h("select", { name: "dimension", required: true },
    ...[...dimensions.values()].map((view) => h("option", { value: view.dimension.id }, worded(view.dimension.name, view.dimension.id))));
  const looked = known?.dimensions[0] ?? "programming";
  if (dimensions.has(looked)) dimension.value = looked;
  const answer = figure("answer", known ? known.answer_s / 60 : 15, 1, 60, "any");
  const time = figure("time", known?.task?.time_s ?? 2, 0.1, 10, "any");
  const memory = figure("memory", known?.task?.memory_mb ?? 128, 16, 512, 1);
  const offered = LANGUAGES.map((name) => {
    const box = h("input", { type: "checkbox", name: `language-${name}`, checked: known?.task?.languages.includes(name) ?? true, on: { change: () => choices() } });
    return { name, box, element: h("label", { class: "tick" }, box, h("span", { t: `codelanguage.${name}` })) };
  });
  const starterIn = h("select", { name: "starter-language", on: { change: () => { starter.value = starters[starterIn.value] ?? ""; } } });
  const starter = area("starter", 5);
  starter.addEventListener("input", () => { starters[starterIn.value] = starter.value; });
  const solvedIn = h("select", { name: "solution-language" });
  const solution = area("solution", 8);
  solution.maxLength = 65536;
  const list = h("ol", { class: "stack tight" });
  const problem = h("p", { class: "small problem", role: "alert" });
  const compiler = h("pre", { class: "code-shown", hidden: true });
  const tried = h("p", { class: "small", role: "status" });

  const languages = () => offered.filter(({ box }) => box.checked).map(({ name }) => name);
  const choices = () => {
    for (const select of [starterIn, solvedIn]) {
      const was = select.value;
      select.replaceChildren(...languages().map((name) => h("option", { value: name, t: `codelanguage.${name}` })));
      if (languages().includes(was)) select.value = was;
    }
    starter.value = starters[starterIn.value] ?? "";
  };
  const removed = (row) => {
    rows = rows.filter((one) => one !== row);
    row.element.remove();
    rows.forEach((one, index) => one.rename(index + 1));
    more.disabled = false;
    more.focus();
  };
  const add = () => {
    const row = caseRow(rows.length + 1, removed);
    rows.push(row);
    list.append(row.element);
    more.disabled = rows.length >= MOST_CASES;
    return row;
  };
  const more = h("button", { class: "button", type: "button", on: { click: () => add().first.focus() } }, icon("plus"), h("span", { t: "coding.case.add" }));
  const task = () => ({
    languages: languages(), cases: rows.map((row) => row.read()), time_s: time.valueAsNumber, memory_mb: memory.valueAsNumber,
    starter: Object.fromEntries(languages().filter((name) => starters[name]?.trim()).map((name) => [name, starters[name]])),
  });
  const tryOut = async () => {
    for (const row of rows) row.tell(null);
    compiler.hidden = true;
    put(tried, "code.running");
    try {
      const done = await api.post("/code/try", { task: task(), language: solvedIn.value, source: solution.value });
      if (done.outcome === "ran") {
        const passed = done.results.filter((one) => one.verdict === "passed").length;
        put(tried, "coding.tried", { passed, n: done.results.length });
        done.results.forEach((one) => rows[one.case]?.tell(one));
      } else put(tried, `coding.tried.${done.outcome}`);
      compiler.hidden = !done.compiler;
      compiler.textContent = done.compiler;
    } catch (refused) {
      tried.textContent = said(refused);
    }
  };
  const save = async (event) => {
    event.preventDefault();
    const text = Object.fromEntries(Object.entries(texts).map(([name, input]) => [name, input.value.trim()]).filter(([, words]) => words));
    if (!Object.keys(text).length) {
      put(problem, "coding.wrong.text");
      texts[language()].focus();
      return;
    }
    if (!languages().length) {
      put(problem, "coding.wrong.languages");
      return;
    }
    const question = {
      key_points: {}, anchors: {}, roles: [], think_s: 0, ...known,
      id: freshId(`code ${(text.en ?? "").split(" ").slice(0, 4).join(" ")}`), kind: "coding", text, answer_s: answer.valueAsNumber * 60, task: task(),
      dimensions: [dimension.value, ...(known?.dimensions.slice(1) ?? []).filter((id) => id !== dimension.value)],
    };
    try {
      made ??= await api.post(`/questions?branch=${branch}`, question);
      if (known) await api.post(`/questions/${known.id}/retire?branch=${branch}`);
      dialog.close();
    } catch (refused) {
      problem.textContent = said(refused);
    }
  };
  const dialog = openDialog({ t: "coding.title", wide: true }, h("form", { class: "coding-question", on: { submit: save } },
    known ? h("p", { class: "small muted", t: "question.change.say" }) : null, h("p", { class: "small muted", t: "coding.say" }),
    h("div", { class: "code-pair" }, field("coding.text.zh", texts.zh), field("coding.text.en", texts.en)),
    h("div", { class: "step-fields" }, field("coding.dimension", dimension), field("coding.answer", answer), field("coding.time", time), field("coding.memory", memory)),
    h("fieldset", { class: "coding-languages" }, h("legend", { t: "coding.languages" }), ...offered.map(({ element }) => element)),
    h("h3", { t: "coding.cases" }), h("p", { class: "small muted", t: "coding.cases.say" }), list, h("div", { class: "row" }, more),
    h("details", {}, h("summary", { t: "coding.starter" }), h("div", { class: "stack" }, field("code.language", starterIn), field("coding.starter", starter))),
    h("details", {}, h("summary", { t: "coding.try" }), h("div", { class: "stack" }, h("p", { class: "small muted", t: "coding.try.say" }), field("code.language", solvedIn),
      field("coding.solution", solution), h("div", { class: "row" }, h("button", { class: "button", type: "button", t: "coding.try.run", on: { click: tryOut } })), tried, compiler)),
    problem, h("div", { class: "row end" }, h("button", { class: "button", type: "button", t: "cancel", on: { click: () => dialog.close() } }),
      h("button", { class: "button primary", t: "coding.save" }))));
  choices();
  for (const one of known?.task?.cases ?? []) add().set(one);
  if (!rows.length) {
    add().show();
    add();
  }
  texts[language()].focus();
  await dialog.closed;
  return made;
}
