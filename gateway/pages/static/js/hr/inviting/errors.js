// What is wrong with rows of a spreadsheet: row, column, and why, in a table.
import { h } from "../../dom.js";
import { has, language, t } from "../../i18n.js";

export function errorTable(errors) {
  const head = ["row", "column", "why"].map((name) => h("th", { scope: "col", t: `import.${name}` }));
  const rows = errors.map(({ row, column, message }) => h("tr", {},
    h("th", { scope: "row" }, row ? String(row) : t("import.table")),
    h("td", {}, column && has(`import.column.${column}`) ? t(`import.column.${column}`) : "–"), h("td", {}, message[language()])));
  return h("div", { class: "table-scroll low", tabindex: "0", role: "region", label: "import.errors.title" }, h("table", { class: "table plain" }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows)));
}
