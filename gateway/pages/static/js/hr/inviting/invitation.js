// One invitation: its link, what was done to it, and what can be done.
import { h, icon } from "../../dom.js";
import { has, put, t } from "../../i18n.js";
import { confirmed, openDialog } from "../../elements/dialog.js";
import "../../elements/copy.js";
import { moment, said } from "../design/words.js";
import { extraTimeSelect } from "./invite.js";

const UNBEGUN = ["draft", "sent", "delivered", "opened", "bounced", "expired"];
const OVER = ["finished", "revoked"];
const SHOWN_MS = 2500;

/** Copies the link of an invitation; where the browser refuses, the dialog with the link in a field is the way. */
export async function copyLink(api, { id }, button) {
  const word = button.querySelector("span");
  try {
    const { link } = await api.get(`/invitations/${id}/link`);
    await navigator.clipboard.writeText(link);
    put(word, "copied");
  } catch {
    put(word, "invitation.copy.failed");
  }
  setTimeout(() => put(word, "copy"), SHOWN_MS);
}

const detailOf = (act, detail) => (act === "result" ? t(`compare.decision.${detail}`) : detail);

function history(entries) {
  return h("ol", { class: "history" }, ...entries.map(({ at, actor, act, detail }) => h("li", {}, h("span", { class: "small muted" }, moment(at)),
    h("span", {}, has(`invitation.act.${act}`) ? t(`invitation.act.${act}`) : act, detail ? h("span", { class: "muted" }, ` ${detailOf(act, detail)}`) : null),
    h("span", { class: "small muted" }, has(`invitation.actor.${actor}`) ? t(`invitation.actor.${actor}`) : actor))));
}

/** A local day and time for a field of the browser. */
function localValue(iso) {
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export async function openInvitation(api, rights, view) {
  const { id, invitee } = view;
  const problem = h("p", { class: "small problem", role: "alert" });
  const state = h("p", { class: "small", role: "status" });
  const body = h("div", { class: "stack" });
  const dialog = openDialog({ t: "invitation.of", vars: { name: invitee.name }, wide: true }, h("div", { class: "stack" }, body, state, problem,
    h("div", { class: "row end" }, h("button", { class: "button", type: "button", t: "close", on: { click: () => dialog.close() } }))));

  const act = async (work, done) => {
    problem.textContent = state.textContent = "";
    try {
      await work();
      await load();
      if (done) put(state, done);
    } catch (refused) {
      problem.textContent = said(refused);
    }
  };
  const asking = async (key, work) => {
    if (await confirmed({ t: `invitation.${key}`, vars: { name: invitee.name }, say: `invitation.${key}.say`, ok: `invitation.${key}` })) await act(work, `invitation.${key}.done`);
  };
  const tool = (key, click, kind = "") => h("button", { class: `button ${kind}`, type: "button", t: `invitation.${key}`, on: { click } });
  const path = `/invitations/${id}`;

  const tools = (now) => {
    const able = [];
    if (!OVER.includes(now.state) && now.state !== "bound") {
      able.push(tool("resend", () => act(() => api.post(`${path}/resend`, {}), "invitation.resend.done")),
        tool("new-link", () => asking("new-link", () => api.post(`${path}/resend`, { new_link: true }))));
    }
    if (now.state === "bound") able.push(tool("unbind", () => asking("unbind", () => api.post(`${path}/unbind`))));
    if (!OVER.includes(now.state)) able.push(tool("revoke", () => asking("revoke", () => api.post(`${path}/revoke`)), "danger"));
    return h("div", { class: "row" }, ...able);
  };
  const times = (now) => {
    const extra = extraTimeSelect(now.invitee.extra_time);
    const until = h("input", { type: "datetime-local", name: "expires", required: true });
    until.value = localValue(now.expires_at);
    const set = (event) => {
      event.preventDefault();
      const change = {};
      if (UNBEGUN.includes(now.state) && Number(extra.value) !== now.invitee.extra_time) change.extra_time = Number(extra.value);
      if (until.value !== localValue(now.expires_at)) change.expires_at = new Date(until.value).toISOString();
      if (Object.keys(change).length) act(() => api.patch(path, change), "invitation.times.done");
    };
    extra.disabled = !UNBEGUN.includes(now.state);
    return h("form", { class: "invitation-times", on: { submit: set } }, h("label", { class: "field" }, h("span", { t: "invite.extra" }), extra),
      h("label", { class: "field" }, h("span", { t: "invitations.expires" }), until), h("button", { class: "button", t: "save" }));
  };
  const load = async () => {
    const now = await api.get(path);
    const shown = [h("p", { class: "muted small" }, [invitee.email, invitee.phone, invitee.external_id].filter(Boolean).join(" · ")),
      h("p", {}, h("span", { class: "chip", "data-invitation": now.state, t: `invitation.state.${now.state}` }), " ", h("span", { class: "small muted", t: `invitation.state.${now.state}.say` }))];
    if (now.notice?.error) shown.push(h("p", { class: "small problem" }, now.notice.error));
    if (rights.may("invitations.write") && !OVER.includes(now.state)) {
      const copy = h("viva-copy", { "label-key": "new.link" });
      copy.value = (await api.get(`${path}/link`)).link;
      shown.push(copy, tools(now), times(now));
    }
    if (rights.may("sessions.read")) shown.push(h("a", { class: "button quiet start", href: `#s=${now.session}`, on: { click: () => dialog.close() } }, icon("eye"), h("span", { t: "invitation.session" })));
    body.replaceChildren(...shown, h("h3", { t: "invitation.history" }), history(now.history));
  };
  try {
    await load();
  } catch (refused) {
    problem.textContent = said(refused);
  }
  await dialog.closed;
}
