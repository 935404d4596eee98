// <candidate-link>: what the link is for, before the interview is bound to this device. Tells "claimed".
import { request } from "../api.js";
import { View, h, notice } from "../dom.js";
import { language, locale, put } from "../i18n.js";

const PREFIX = "/i/";

/** The token of an invitation's link, null on any other address. */
export function invitationToken() {
  return location.pathname.startsWith(PREFIX) ? location.pathname.slice(PREFIX.length) : null;
}

async function post(path, token, more = {}) {
  const response = await request(`/api/v1/invitations/${path}`, {
    method: "POST",
    credentials: "same-origin", // the cookie that binds the device
    headers: { "Content-Type": "application/json", "Accept-Language": language() },
    body: JSON.stringify({ token, device: navigator.userAgent.slice(0, 300), ...more }),
  });
  return response.json();
}

/** What another browser gave for this one to take its place, empty where none did. */
export function handedOver() {
  return new URLSearchParams(location.hash.slice(1)).get("from") ?? "";
}

/** Tells the server that a person sees the page. @throws {Problem} when the link is of no use here */
export const openInvitation = (token) => post("open", token, { hand_over: handedOver() });

/** Binds the link to this device; the session and its token. @throws {Problem} */
export async function claimInvitation(token) {
  const claimed = await post("claim", token, { hand_over: handedOver() });
  history.replaceState(null, "", location.pathname + location.search); // what was handed over is used up
  return claimed;
}

/**
 * An address that opens the same interview in another browser: of an invitation once, within minutes, and only until
 * the first question. @throws {Problem}
 */
export async function linkElsewhere() {
  const token = invitationToken();
  if (!token) return location.href;
  const { token: from } = await post("hand-over", token);
  return `${location.origin}${PREFIX}${token}#${new URLSearchParams({ from })}`;
}

customElements.define("candidate-link", class extends View {
  build() {
    const { opened, token } = this;
    const title = h("h1");
    const until = h("dd", {});
    this.worded = () => {
      title.textContent = opened.job_title[language()] ?? Object.values(opened.job_title)[0];
      until.textContent = new Date(opened.expires_at).toLocaleString(locale(), { dateStyle: "long", timeStyle: "short" });
    };
    const fact = (key, value, vars) => {
      const text = h("dd", {});
      put(text, value, vars);
      return h("div", {}, h("dt", { t: key }), text);
    };
    const button = h("button", { class: "button primary", type: "button", t: "link.start" });
    const failed = h("p", { class: "small", role: "alert" });
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        this.dispatchEvent(new CustomEvent("claimed", { detail: await claimInvitation(token) }));
      } catch (problem) {
        failed.textContent = problem.text ?? String(problem);
        button.disabled = false;
      }
    });
    this.append(
      h("div", { class: "lead" }, title, h("p", { class: "muted", t: "link.lead" })),
      h("dl", { class: "facts" },
        fact("welcome.questions", "welcome.questions.value", { n: opened.questions }),
        fact("welcome.duration", "welcome.duration.value", { n: Math.max(1, Math.ceil(opened.duration_s / 60)) }),
        h("div", {}, h("dt", { t: "link.until" }), until)),
      notice("info", h("p", { t: "link.bound" })),
      failed,
      h("div", { class: "actions" }, button));
  }

  update() {
    this.worded();
  }
});
