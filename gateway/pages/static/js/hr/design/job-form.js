// Making a job, and changing what it is called, whom it is for and where it belongs.
import { h } from "../../dom.js";
import { openDialog } from "../../elements/dialog.js";
import { ROLES } from "./model.js";
import { said, worded } from "./words.js";

function field(key, value, props = {}) {
  const input = h("input", { maxlength: 100, autocomplete: "off", ...props });
  input.value = value ?? "";
  return { input, row: h("label", { class: "field" }, h("span", { t: key }), input) };
}

/** Those within reach; none where they cannot be had. */
export async function branchesOf(api) {
  try {
    return (await api.get("/branches")).branches;
  } catch {
    return []; // the own branch is then the only choice
  }
}

/** @param {object|null} known of the API's Job; null: a new one. @returns {Promise<object|null>} the view; null where it was left */
export async function editJob(api, rights, known = null) {
  const branches = await branchesOf(api);
  const zh = field("job.title.zh", known?.title.zh, { name: "title-zh" });
  const en = field("job.title.en", known?.title.en, { name: "title-en" });
  const roles = [...new Set([...ROLES, known?.role].filter(Boolean))];
  const role = h("select", { name: "role" }, h("option", { value: "", t: "job.role.any" }),
    ...roles.map((name) => (ROLES.includes(name) ? h("option", { value: name, t: `jobrole.${name}` }) : h("option", { value: name }, name))));
  role.value = known?.role ?? "";
  const here = known?.branch ?? rights.branch;
  const ids = [...new Set([here, ...branches.map(({ id }) => id)])];
  const branch = h("select", { name: "branch" }, ...ids.map((id) => h("option", { value: id }, worded(branches.find((one) => one.id === id)?.name, id))));
  branch.value = here;
  const text = h("textarea", { name: "description", rows: 6, maxlength: 50000 });
  const problem = h("p", { class: "small problem", role: "alert" });
  let made = null;
  const save = async (event) => {
    event.preventDefault();
    const title = Object.fromEntries([["zh", zh], ["en", en]].map(([name, { input }]) => [name, input.value.trim()]).filter(([, value]) => value));
    if (Object.keys(title).length === 0) return zh.input.focus();
    const body = { title, role: role.value, branch: branch.value };
    try {
      made = known ? await api.patch(`/jobs/${known.id}`, body) : await api.post("/jobs", { ...body, description: text.value });
      return dialog.close();
    } catch (refused) {
      problem.textContent = said(refused);
      return null;
    }
  };
  const dialog = openDialog({ t: known ? "job.edit" : "job.new" }, h("form", { class: "job-form", on: { submit: save } },
    h("p", { class: "muted small", t: "job.title.say" }), zh.row, en.row,
    h("label", { class: "field" }, h("span", { t: "job.role" }), role),
    ids.length > 1 ? h("label", { class: "field" }, h("span", { t: "job.branch" }), branch) : null,
    known ? null : h("label", { class: "field" }, h("span", { t: "job.description.later" }), text), problem,
    h("div", { class: "row end" }, h("button", { class: "button", type: "button", t: "cancel", on: { click: () => dialog.close() } }),
      h("button", { class: "button primary", t: "save" }))));
  zh.input.focus();
  await dialog.closed;
  return made;
}
