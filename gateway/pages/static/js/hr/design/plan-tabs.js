// The two pages of what interviews are made from: #/plans and #/questions.
import { h } from "../../dom.js";

/** The heading of one of them, with the way to the other. */
export function planHead(here, ...tools) {
  return [
    h("header", { class: "page-head" }, h("h1", { t: `${here}.title` }), ...tools),
    h("nav", { class: "tabs", label: "plans.sections" }, ...["plans", "questions"].map((name) => h("a", {
      href: `#/${name}`, t: `${name}.title`, "aria-current": name === here ? "page" : null,
    }))),
  ];
}
