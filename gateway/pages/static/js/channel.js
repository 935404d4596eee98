// A session's events and commands over one WebSocket (`GET /api/v1/sessions/{id}/ws`, subprotocol viva.v1). A lost
// connection is opened anew after the last event seen, so nothing is missed and nothing doubled.
import { Problem, authorisation, request } from "./api.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
const REFUSED = [401, 403, 404];
const TRANSIENT = ["transcript.partial", "sound.level"]; // never numbered: superseded within a second

/**
 * Events: "open" (each time it stands), "answer" (`detail`: an Ack or a Nack), "closed" (for good).
 * `onEvent(event)` hears each event once; `onState` hears "open", "waiting" (it tries again) and "closed" (refused,
 * or `isLast` said that nothing follows), as `follow` of events.js tells them.
 */
export class Channel extends EventTarget {
  constructor({ session, token, after = 0, onEvent = () => {}, onState = () => {}, isLast = () => false }) {
    super();
    Object.assign(this, { session, token, after, onEvent, onState, isLast, wait: FIRST_WAIT_MS, over: false });
    this.owed = new Set(); // told while storage refused; they come again with their numbers
    this.#open();
  }

  get standing() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** Seq of the last event seen. */
  get seq() {
    return this.after;
  }

  /** @returns {boolean} false where there is no connection now */
  send(message) {
    if (!this.standing) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  #open() {
    const address = new URL(`/api/v1/sessions/${this.session}/ws?after=${this.after}`, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    // A page cannot set headers on a WebSocket: the token goes as a subprotocol, a sign-in by its cookie.
    const socket = new WebSocket(address, this.token ? ["viva.v1", `bearer.${this.token}`] : ["viva.v1"]);
    this.socket = socket;
    let stood = false;
    socket.addEventListener("open", () => {
      stood = true;
      this.wait = FIRST_WAIT_MS;
      this.onState("open");
      this.dispatchEvent(new Event("open"));
    });
    socket.addEventListener("message", ({ data }) => this.#heard(JSON.parse(data)));
    socket.addEventListener("close", () => this.#lost(stood));
  }

  #heard(message) {
    if ("ack" in message || "nack" in message) {
      this.dispatchEvent(new CustomEvent("answer", { detail: message }));
      return;
    }
    if (message.seq > 0 && message.seq <= this.after) return;
    this.after = Math.max(this.after, message.seq);
    if (this.isLast(message)) this.over = true;
    if (!this.#told(message)) this.onEvent(message);
  }

  /** Whether this is the numbered copy of what was told already. */
  #told({ seq, media_time: at, data }) {
    if (TRANSIENT.includes(data.type)) return false;
    const key = `${at} ${JSON.stringify(data)}`;
    if (seq > 0) return this.owed.delete(key);
    this.owed.add(key);
    return false;
  }

  async #lost(stood) {
    if (this.stopped) return;
    if (this.over) {
      this.#closed(null);
      return;
    }
    this.onState("waiting");
    // The browser does not say why an opening was refused: the session itself does.
    const refused = stood ? null : await this.#refusal();
    if (this.stopped) return;
    if (refused) {
      this.#closed(refused);
      return;
    }
    this.timer = setTimeout(() => this.#open(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
  }

  async #refusal() {
    try {
      await request(`/api/v1/sessions/${this.session}/events?after=${this.after}&limit=1`, { headers: authorisation(this.token) });
    } catch (problem) {
      if (problem instanceof Problem && REFUSED.includes(problem.status)) return problem;
    }
    return null;
  }

  #closed(problem) {
    this.over = true;
    this.onState("closed", problem);
    this.dispatchEvent(new Event("closed"));
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }
}
