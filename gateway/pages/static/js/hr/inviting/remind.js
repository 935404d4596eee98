// Reminding those who have not opened their invitation.
import { h } from "../../dom.js";
import { put } from "../../i18n.js";
import { openDialog } from "../../elements/dialog.js";
import { said } from "../design/words.js";

/** @returns {Promise<boolean>} whether anybody was reminded */
export async function openRemind(api, job) {
  const hours = h("input", { type: "number", name: "hours", min: 1, max: 720, step: 1, required: true });
  hours.value = 24;
  const state = h("p", { class: "small", role: "status" });
  let reminded = 0;
  const send = async (event) => {
    event.preventDefault();
    try {
      const done = await api.post(`/jobs/${job.id}/invitations/remind`, { hours: hours.valueAsNumber });
      reminded += done.reminded.length;
      put(state, done.reminded.length ? "remind.done" : "remind.nobody", { n: done.reminded.length });
    } catch (problem) {
      state.textContent = said(problem);
    }
  };
  const dialog = openDialog({ t: "remind.title" }, h("form", { on: { submit: send } }, h("p", { class: "muted small", t: "remind.say" }),
    h("label", { class: "field" }, h("span", { t: "remind.hours" }), hours), state,
    h("div", { class: "row end" }, h("button", { class: "button", type: "button", t: "close", on: { click: () => dialog.close() } }), h("button", { class: "button primary", t: "remind.do" }))));
  await dialog.closed;
  return reminded > 0;
}
