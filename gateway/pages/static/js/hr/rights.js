// What the page may offer. The server decides on each request; this only leaves out what would be refused.
import { t } from "../i18n.js";

function claims(token) {
  try {
    return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return {}; // the operator's token is no JWT: it opens everything
  }
}

/**
 * @param {object|null} me of GET /api/v1/me where somebody is signed in.
 * @returns {{name: () => string, actor: () => string, watch: boolean, command: boolean, may: (permission: string) => boolean, branch: string}}
 */
export function rightsOf(me, token) {
  if (me) {
    const may = (permission) => me.permissions.includes(permission);
    return { name: () => me.person.name, actor: () => me.person.name, watch: may("sessions.watch"), command: may("sessions.command"), may, branch: me.branch };
  }
  const { role = "operator" } = claims(token);
  return {
    name: () => t(`watermark.${role === "operator" ? "operator" : "link"}`), actor: () => role, watch: true, command: role !== "viewer",
    may: () => role === "operator", branch: "head",
  };
}

/** The one session that a token is for; null for a token that opens all of them. */
export function ownSession(token) {
  return claims(token).sub ?? null;
}
