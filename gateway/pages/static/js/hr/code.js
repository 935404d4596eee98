// <hr-code>: the code as it is written, to be read only; and what of it stands in the report.
import { View, h } from "../dom.js";
import { clock, language, number, put, t } from "../i18n.js";
import { block, runResults, verdict } from "../code-results.js";

const say = (message) => message[language()];

customElements.define("hr-code", class extends View {
  /** Set before it is shown: `model`. Hidden until something is written. */
  build() {
    this.about = h("p", { class: "small muted" });
    this.ran = h("p", { class: "small", role: "status" });
    this.source = h("pre", { class: "code-shown", tabindex: "0", label: "code.title" });
    this.results = h("details", {}, h("summary", { t: "hr.code.cases" }), this.cases = h("div", { class: "code-results" }));
    this.append(h("h2", { t: "code.title" }), this.about, this.source, this.ran, this.results);
  }

  update() {
    const { code, questions } = this.model;
    const work = code.work.get(code.latest);
    this.hidden = !work?.source;
    if (this.hidden) return;
    const time = clock(work.savedAt);
    const parts = [t("hr.code.question", { n: this.model.numberOf(code.latest) }),
      t("hr.code.written", { language: t(`codelanguage.${work.language}`), time })];
    if (work.submittedAt !== undefined) parts.push(t("hr.code.submitted", { time: clock(work.submittedAt) }));
    this.about.textContent = parts.join(" · ");
    if (this.source.textContent !== work.source) this.source.textContent = work.source;
    this.ran.hidden = this.results.hidden = !work.ran;
    if (!work.ran) return;
    const { results, outcome } = work.ran;
    const passed = results.filter((one) => one.verdict === "passed").length;
    put(this.ran, outcome === "ran" ? "hr.code.ran" : "hr.code.not-ran", { time: clock(work.ranAt), passed, n: results.length });
    if (this.shown === work.ran) return;
    this.shown = work.ran;
    const cases = questions.find(({ id }) => id === code.latest)?.task?.cases ?? [];
    this.cases.replaceChildren(...runResults(work.ran, cases.filter(({ visible }) => visible)).filter(Boolean));
  }
});

function row(one) {
  const inside = [block("code.input", one.stdin, { empty: "code.no-input" }), block("code.expected", one.expected),
    block("code.printed", one.stdout, { empty: "code.no-input" }), block("code.errors", one.stderr)];
  return h("tr", {}, h("td", {}, h("details", {}, h("summary", {}, `${t("hr.code.case")} ${one.case}`), ...inside)),
    h("td", {}, verdict({ verdict: one.verdict.code.replace(/^case-/, "") })),
    h("td", {}, t(one.visible ? "hr.code.visible" : "hr.code.hidden")), h("td", {}, number(one.weight, one.weight % 1 ? 1 : 0)),
    h("td", {}, t("code.figures", { time: number(one.time_s, 2), memory: number(one.memory_mb) })));
}

/** The code to one question of a report with its cases; nothing where none was submitted. */
export function programOf(report, question) {
  const one = report.programs?.find((each) => each.question === question);
  if (!one) return [];
  const by = t("hr.code.by", { language: t(`codelanguage.${one.language}`), time: clock(one.submitted), runs: one.runs });
  const head = ["case", "result", "kind", "weight", "figures"].map((name) => h("th", { scope: "col", t: `hr.code.${name}` }));
  return [h("section", { class: "stack-s code-report" }, h("p", { class: "small muted" }, by, one.automatic ? ` ${t("hr.code.automatic")}` : ""),
    one.insufficient ? h("p", { class: "muted" }, say(one.insufficient)) : null,
    block("code.compiler", one.compiler),
    one.cases.length
      ? h("div", { class: "code-scroll", tabindex: "0", role: "group", label: "hr.code.cases" }, h("table", { class: "code-table" }, h("caption", { class: "hidden-visually", t: "hr.code.cases" }),
        h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...one.cases.map(row))))
      : null,
    h("details", {}, h("summary", { t: "hr.code.show" }), h("pre", { class: "code-shown", tabindex: "0" }, one.source)))];
}
