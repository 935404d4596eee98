// A form in a dialog, with what the server refuses said in it.
import { h } from "../dom.js";
import { openDialog } from "../elements/dialog.js";
import { said } from "./design/words.js";

/**
 * A form in a dialog. `send` makes or changes something, and says so by not returning false; what the server refuses
 * is said in the form, so that nothing typed is lost.
 * @returns {Promise<boolean>} whether it was sent
 */
export async function formDialog({ t, vars, ok }, send, ...children) {
  let done = false;
  const problem = h("p", { class: "small problem", role: "alert" });
  const submit = async (event) => {
    event.preventDefault();
    try {
      if ((await send()) === false) return;
      done = true;
      dialog.close();
    } catch (refused) {
      problem.textContent = said(refused);
    }
  };
  const dialog = openDialog({ t, vars }, h("form", { on: { submit } }, ...children, problem, h("div", { class: "row end" },
    h("button", { class: "button", type: "button", t: "cancel", on: { click: () => dialog.close() } }),
    h("button", { class: "button primary", t: ok }))));
  dialog.querySelector("input, select")?.focus();
  await dialog.closed;
  return done;
}
