// Dialogs that are made when they are needed, and gone when they are closed.
import { h } from "../dom.js";

let made = 0;

/** Shows a dialog with this heading. Its `closed` resolves when it has been closed, in whatever way. */
export function openDialog({ t, vars, wide = false }, ...children) {
  made += 1;
  const id = `dialog-${made}`;
  const dialog = h("dialog", { "aria-labelledby": id, class: wide ? "wide" : null }, h("h2", { id, t, vars }), ...children);
  dialog.closed = new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Asks before something that cannot be taken back. @returns {Promise<boolean>} */
export async function confirmed({ t, vars, say, ok }) {
  let yes = false;
  const dialog = openDialog({ t, vars }, h("form", {
    method: "dialog", on: { submit: () => { yes = true; } },
  }, h("p", { t: say, vars }), h("div", { class: "row end" },
    h("button", { class: "button", type: "button", t: "cancel", on: { click: () => dialog.close() } }),
    h("button", { class: "button primary", t: ok, vars }))));
  await dialog.closed;
  return yes;
}
