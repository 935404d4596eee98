// The server's JSON interface. Failures are `Problem`s (RFC 9457) with a stable code and both languages.
import { has, language, t } from "./i18n.js";

export class Problem extends Error {
  constructor(status, body = {}, retryAfter = null) {
    super(body.title ?? `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? (status ? `http.${status}` : "network");
    this.messages = body.messages ?? {};
    this.detail = body.detail ?? "";
    this.reasons = body.reasons ?? []; // each with a code, messages in both languages and the path that it is about
    this.retryAfter = retryAfter;
  }

  /** What to tell a person, in the language shown. */
  get text() {
    if (this.status === 0) return t("problem.network");
    return this.messages[language()] || this.detail || (has(`problem.${this.status}`) ? t(`problem.${this.status}`) : t("problem.other", { status: this.status }));
  }
}

/** Raises a `Problem` for every answer that is not a success; a dead network is status 0. */
export async function request(url, options = {}) {
  let response;
  try {
    response = await fetch(url, { cache: "no-store", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0);
  }
  if (response.ok) return response;
  const retry = Number.parseFloat(response.headers.get("Retry-After") ?? "");
  let body = {};
  try {
    body = await response.json();
  } catch {
    // Not every refusal comes from the server itself; a proxy answers in HTML.
  }
  throw new Problem(response.status, body, Number.isFinite(retry) ? retry : null);
}

let csrf = ""; // of who is signed in; a page of another site cannot read it

/** What lets a request in: the token, or without one the cookie, which the browser adds, and its counterpart. */
export function authorisation(token) {
  return token ? { Authorization: `Bearer ${token}` } : { "X-CSRF-Token": csrf };
}

export class Api {
  /** Without a token (null): whoever is signed in. */
  constructor(token) {
    this.token = token;
  }

  get headers() {
    return { ...authorisation(this.token), "Accept-Language": language() };
  }

  /** Who is signed in; asked before anything else that the cookie is to let in. */
  async me() {
    const me = await this.get("/me");
    csrf = me.csrf;
    return me;
  }

  async get(path) {
    return (await request(`/api/v1${path}`, { headers: this.headers })).json();
  }

  /** A file as it is; `more` are further headers. */
  async send(path, file, more = {}) {
    const headers = { ...this.headers, "Content-Type": file.type, ...more };
    return (await request(`/api/v1${path}`, { method: "POST", headers, body: file })).json();
  }

  async delete(path) {
    return this.#write("DELETE", path);
  }

  async post(path, body) {
    return this.#write("POST", path, body);
  }

  async put(path, body) {
    return this.#write("PUT", path, body);
  }

  async patch(path, body) {
    return this.#write("PATCH", path, body);
  }

  /** What is there as a file, for the person to keep. @returns {Promise<Blob>} */
  async file(path) {
    return (await request(`/api/v1${path}`, { headers: this.headers })).blob();
  }

  async #write(method, path, body) {
    const headers = { ...this.headers };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const response = await request(`/api/v1${path}`, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
    });
    return response.headers.get("Content-Type")?.includes("json") ? response.json() : null;
  }
}
