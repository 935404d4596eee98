// Inviting the candidates of a spreadsheet: it is read and checked first, and nothing is sent before somebody has seen the outcome.
import { h, icon, notice } from "../../dom.js";
import { put } from "../../i18n.js";
import { openDialog } from "../../elements/dialog.js";
import { said, worded } from "../design/words.js";
import { errorTable } from "./errors.js";
import { madeList } from "./made.js";
import { planChoice } from "./which-plan.js";

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const typeOf = (file) => (file.name.toLowerCase().endsWith(".csv") ? "text/csv" : XLSX);

async function saveSheet(api, problem) {
  try {
    const url = URL.createObjectURL(await api.file("/invitation-sheet"));
    const link = h("a", { href: url, download: "candidates.xlsx" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  } catch (refused) {
    problem.textContent = said(refused);
  }
}

function goodTable(rows) {
  const head = ["row", "column.name", "column.email", "column.phone", "column.language"].map((name) => h("th", { scope: "col", t: `import.${name}` }));
  return h("div", { class: "table-scroll low", tabindex: "0", role: "region", label: "import.rows.title" }, h("table", { class: "table plain" }, h("thead", {}, h("tr", {}, ...head)),
    h("tbody", {}, ...rows.map(({ row, invitee }) => h("tr", {}, h("td", {}, String(row)), h("td", {}, invitee.name), h("td", {}, invitee.email ?? "–"), h("td", {}, invitee.phone ?? "–"),
      h("td", { t: `tongue.${invitee.language}` }))))));
}

/** @returns {Promise<boolean>} whether anybody was invited */
export async function openImport(api, job) {
  let file = null;
  let invited = false;
  const problem = h("p", { class: "small problem", role: "alert" });
  const outcome = h("div", { class: "stack", role: "status" });
  const input = h("input", { type: "file", class: "hidden-visually", name: "sheet", accept: ".xlsx,.csv", label: "import.file" });
  const send = h("input", { type: "checkbox", name: "send", checked: true });
  const go = h("button", { class: "button primary", type: "button", hidden: true });
  const setting = h("div", { class: "stack" });
  let plan = null;

  const ask = async (dry) => {
    const query = new URLSearchParams({ dry, branch: job.branch, send: send.checked });
    if (plan.chosen()) query.set("plan", plan.chosen());
    else query.set("job_title", worded(job.title, job.id));
    return api.send(`/jobs/${job.id}/invitations/import?${query}`, new Blob([file], { type: typeOf(file) }));
  };
  const check = async () => {
    problem.textContent = "";
    outcome.replaceChildren();
    go.hidden = true;
    if (!file) return;
    try {
      const { rows, errors } = await ask(true);
      const shown = [h("p", { t: "import.checked", vars: { good: rows.length, bad: errors.length, name: file.name } })];
      if (errors.length) shown.push(notice("warn", h("p", { t: "import.errors", vars: { n: errors.length } })), errorTable(errors));
      if (rows.length) shown.push(h("h3", { t: "import.rows.title" }), goodTable(rows));
      outcome.replaceChildren(...shown);
      go.hidden = rows.length === 0;
      put(go, "import.do", { n: rows.length });
    } catch (refused) {
      problem.textContent = said(refused);
    }
  };
  const invite = async () => {
    go.disabled = true;
    try {
      const { made, errors } = await ask(false);
      invited = made.length > 0;
      setting.hidden = go.hidden = true;
      outcome.replaceChildren(h("p", { t: "import.done", vars: { n: made.length } }), ...(errors.length ? [errorTable(errors)] : []), madeList(made));
    } catch (refused) {
      problem.textContent = said(refused);
    }
    go.disabled = false;
  };
  go.addEventListener("click", invite);
  input.addEventListener("change", () => {
    file = input.files[0] ?? file;
    input.value = ""; // the same file may be chosen again once it is mended
    check();
  });
  const dialog = openDialog({ t: "import.title", wide: true }, h("div", { class: "stack" }, setting, problem, outcome,
    h("div", { class: "row end" }, h("button", { class: "button", type: "button", t: "close", on: { click: () => dialog.close() } }), go)));
  try {
    plan = await planChoice(api, job);
    setting.append(h("p", { class: "muted small", t: "import.say" }), plan.row,
      h("label", { class: "tick" }, send, h("span", { t: "invite.send" })),
      h("div", { class: "row" }, h("label", { class: "button file" }, input, icon("file"), h("span", { t: "import.file" })),
        h("button", { class: "button quiet", type: "button", on: { click: () => saveSheet(api, problem) } }, icon("save"), h("span", { t: "import.sheet" }))));
  } catch (refused) {
    problem.textContent = said(refused);
  }
  await dialog.closed;
  return invited;
}
