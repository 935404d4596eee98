// What a run of code showed: the compiler's words, and each case with its verdict. Told by words, not by colour alone.
import { h, icon } from "./dom.js";
import { number, t } from "./i18n.js";

/** A block of text as it was printed, with what it is above it; null where there is nothing to show. */
export function block(key, text, { empty = null } = {}) {
  if (!text && !empty) return null;
  return h("div", { class: "code-block" }, h("p", { class: "small muted", t: key }),
    text ? h("pre", { tabindex: "0" }, text) : h("p", { class: "small", t: empty }));
}

export function verdict({ verdict: name }) {
  const good = name === "passed";
  return h("span", { class: `verdict ${good ? "good" : "bad"}` }, icon(good ? "check" : "warning"), h("span", { t: `verdict.${name}` }));
}

/** @param {object} ran a `code.ran` event @param {object[]} cases of the task as the reader has them */
export function runResults(ran, cases) {
  if (ran.outcome !== "ran") return [h("p", { t: `code.${ran.outcome}` })];
  const passed = ran.results.filter((one) => one.verdict === "passed").length;
  const compiler = block("code.compiler", ran.compiler);
  if (!ran.results.length) return [h("p", { t: ran.compiler ? "code.compiler" : "code.compiled" }), compiler];
  return [
    h("p", { class: "code-summary" }, h("strong", { t: "code.summary", vars: { passed, n: ran.results.length } })),
    compiler,
    h("ol", { class: "code-cases" }, ...ran.results.map((one, index) => {
      const shown = cases[index] ?? {};
      const failed = one.verdict !== "passed";
      return h("li", {}, h("details", { open: failed && one.verdict !== "compile-error" },
        h("summary", {}, h("span", { t: "code.case", vars: { n: index + 1 } }), verdict(one),
          h("span", { class: "small muted" }, t("code.figures", { time: number(one.time_s, 2), memory: number(one.memory_mb) }))),
        block("code.input", shown.stdin, { empty: "code.no-input" }), block("code.expected", shown.expected),
        block("code.printed", one.stdout, { empty: "code.no-input" }), block("code.errors", one.stderr)));
    })),
  ];
}
