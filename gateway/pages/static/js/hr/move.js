// Giving an interview to another branch.
import { h } from "../dom.js";
import { openDialog } from "../elements/dialog.js";
import { said, worded } from "./design/words.js";

/** The button, for whoever may decide and has more than one branch to choose from; else nothing is shown. */
export function moveButton(api, rights, session, branchOf) {
  const button = h("button", { class: "button", type: "button", t: "move.open", hidden: true, on: { click: () => ask() } });
  let branches = [];
  const ask = async () => {
    const branch = h("select", { name: "branch" }, ...branches.map(({ id, name }) => h("option", { value: id }, worded(name, id))));
    branch.value = await branchOf();
    const problem = h("p", { class: "small problem", role: "alert" });
    const submit = async (event) => {
      event.preventDefault();
      try {
        await api.post(`/sessions/${session}/branch`, { branch: branch.value });
        dialog.close();
      } catch (refused) {
        problem.textContent = said(refused);
      }
    };
    const dialog = openDialog({ t: "move.title" }, h("form", { on: { submit } }, h("label", { class: "field" }, h("span", { t: "job.branch" }), branch),
      h("p", { class: "small muted", t: "move.say" }), problem, h("div", { class: "row end" },
        h("button", { class: "button", type: "button", t: "cancel", on: { click: () => dialog.close() } }), h("button", { class: "button primary", t: "move.ok" }))));
    await dialog.closed;
  };
  if (rights.may("results.decide")) {
    api.get("/branches").then((found) => {
      branches = found.branches;
      button.hidden = branches.length < 2;
    }, () => {}); // who may not list branches has nothing to choose
  }
  return button;
}
