// The pages of the organisation, one of which is shown: #/people, #/branches, #/audit, #/server.
import { h } from "../../dom.js";

const SECTIONS = [
  ["people", "people.manage"],
  ["branches", "people.manage"],
  ["audit", "audit.read"],
  ["server", "server.manage"],
];

/** The heading of one of these pages, with the way to the others. */
export function orgHead(rights, here, ...tools) {
  const tabs = SECTIONS.filter(([, needs]) => rights.may(needs)).map(([name]) => h("a", {
    href: `#/${name}`, t: `org.${name}`, "aria-current": name === here ? "page" : null,
  }));
  return [
    h("header", { class: "page-head" }, h("h1", { t: "org.title" }), ...tools),
    h("nav", { class: "tabs", label: "org.sections" }, ...tabs),
  ];
}
