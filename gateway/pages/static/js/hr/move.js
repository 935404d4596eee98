// Giving an interview to another branch.
import { h } from "../dom.js";
import { worded } from "./design/words.js";
import { formDialog } from "./form-dialog.js";

/** The button, for whoever may decide and has more than one branch to choose from; else nothing is shown. */
export function moveButton(api, rights, session, branchOf) {
  const button = h("button", { class: "button", type: "button", t: "move.open", hidden: true, on: { click: () => ask() } });
  let branches = [];
  const ask = async () => {
    const branch = h("select", { name: "branch" }, ...branches.map(({ id, name }) => h("option", { value: id }, worded(name, id))));
    branch.value = await branchOf();
    await formDialog({ t: "move.title", ok: "move.ok" }, () => api.post(`/sessions/${session}/branch`, { branch: branch.value }),
      h("label", { class: "field" }, h("span", { t: "job.branch" }), branch), h("p", { class: "small muted", t: "move.say" }));
  };
  if (rights.may("results.decide")) {
    api.get("/branches").then((found) => {
      branches = found.branches;
      button.hidden = branches.length < 2;
    }, () => {}); // who may not list branches has nothing to choose
  }
  return button;
}
