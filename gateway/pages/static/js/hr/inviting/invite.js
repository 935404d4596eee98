// Inviting one candidate.
import { h } from "../../dom.js";
import { language } from "../../i18n.js";
import { openDialog } from "../../elements/dialog.js";
import { said } from "../design/words.js";
import { madeList } from "./made.js";
import { planChoice } from "./which-plan.js";

function field(key, props) {
  const input = h("input", { autocomplete: "off", maxlength: 300, ...props });
  return { input, row: h("label", { class: "field" }, h("span", { t: key }), input) };
}

export function extraTimeSelect(value = 1) {
  const factors = [...new Set([1, 1.25, 1.5, 2, 2.5, 3, value])].sort((a, b) => a - b);
  const select = h("select", { name: "extra" }, ...factors.map((factor) => h("option", { value: factor, t: factor === 1 ? "invite.extra.none" : "invite.extra.times", vars: { n: factor } })));
  select.value = value;
  return select;
}

/** @returns {Promise<boolean>} whether somebody was invited */
export async function openInvite(api, job) {
  let invited = false;
  const name = field("import.column.name", { name: "name", required: true });
  const email = field("import.column.email", { name: "email", type: "email" });
  const phone = field("import.column.phone", { name: "phone", type: "tel" });
  const external = field("import.column.external_id", { name: "external" });
  const spoken = h("select", { name: "language" }, ...["zh", "en"].map((each) => h("option", { value: each, t: `tongue.${each}` })));
  spoken.value = language();
  const extra = extraTimeSelect();
  const send = h("input", { type: "checkbox", name: "send", checked: true });
  const problem = h("div", { class: "small problem", role: "alert" });
  const submit = h("button", { class: "button primary", t: "invite.do" });
  const body = h("div", { class: "stack" });
  const dialog = openDialog({ t: "invite.title" }, body);
  const close = () => h("button", { class: "button", type: "button", t: "close", on: { click: () => dialog.close() } });
  let plan = null;
  const invite = async (event) => {
    event.preventDefault();
    submit.disabled = true;
    problem.replaceChildren();
    const value = ({ input }) => input.value.trim();
    const invitee = { name: value(name), email: value(email), phone: value(phone), external_id: value(external), language: spoken.value, extra_time: Number(extra.value) };
    const leads = plan.chosen() ? { plan: plan.chosen() } : { job_title: job.title };
    try {
      const { made, errors } = await api.post(`/jobs/${job.id}/invitations`, { invitees: [invitee], branch: job.branch, send: send.checked, ...leads });
      if (errors.length) problem.replaceChildren(...errors.map(({ message }) => h("p", {}, message[language()])));
      else {
        invited = true;
        body.replaceChildren(madeList(made), h("div", { class: "row end" }, close()));
      }
    } catch (refused) {
      problem.replaceChildren(h("p", {}, said(refused)));
    }
    submit.disabled = false;
  };
  try {
    plan = await planChoice(api, job);
    body.append(h("form", { on: { submit: invite } }, name.row, email.row, phone.row, h("p", { class: "muted small", t: "invite.contact" }), plan.row,
      h("label", { class: "field" }, h("span", { t: "new.language" }), spoken), h("label", { class: "field" }, h("span", { t: "invite.extra" }), extra), external.row,
      h("label", { class: "tick" }, send, h("span", { t: "invite.send" })), problem, h("div", { class: "row end" }, close(), submit)));
    name.input.focus();
  } catch (refused) {
    body.append(h("p", { class: "problem", role: "alert" }, said(refused)), h("div", { class: "row end" }, close()));
  }
  await dialog.closed;
  return invited;
}
