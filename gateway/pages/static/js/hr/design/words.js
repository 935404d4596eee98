// Texts that come in two languages, days, and what went wrong, as people read them.
import { clock, language, locale, t } from "../../i18n.js";
import { toSignIn } from "../../sign-in.js";

/** In the language shown, else in the other. @param {{zh?: string, en?: string}} text */
export function worded(text, otherwise = "") {
  return text?.[language()] || text?.zh || text?.en || otherwise;
}

/** @param {string} iso a point in time */
export function moment(iso) {
  return new Date(iso).toLocaleString(locale(), { dateStyle: "medium", timeStyle: "short" });
}

export const minutes = (seconds) => clock(Math.ceil(seconds));

export function said(problem) {
  const reasons = (problem.reasons ?? []).map(({ messages }) => messages[language()]).filter(Boolean);
  return [problem.text ?? String(problem), ...reasons].join(" ");
}

/** An id as the server takes them: what can be read of `from`, and something that nobody else has. */
export function freshId(from) {
  const stem = from.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 28);
  const own = Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return stem ? `${stem}-${own}` : `x${own}`;
}

/** Nobody signed in any more: to the sign-in. True where the page leaves. */
export function leaves(problem, api) {
  if (problem.status !== 401 || api.token) return false;
  toSignIn();
  return true;
}
