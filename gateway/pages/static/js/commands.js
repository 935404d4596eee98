// Commands to an interview, each answered by the event it made or by a refusal with where the interview stands
// (docs/conduct.md). One that was not answered is sent again after a reconnection with the same id: it is done once.
import { Problem } from "./api.js";

const ANSWER_WITHIN_MS = 30_000;

/** Not done: `problem` says why, `state` where the interview stands (null where it does not run). */
export class Refused extends Error {
  constructor(problem, state) {
    super(problem.code);
    Object.assign(this, { problem, state });
  }

  get stale() {
    return this.problem.code === "command.stale";
  }

  get text() {
    return this.problem.text;
  }
}

/** Random, also on pages without a secure context, where `crypto.randomUUID` is missing. */
function freshId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Commands {
  #waiting = new Map(); // id → {message, resolve, reject, timer}

  /** `channel`: of the session; `api` carries what is left to do once the channel has closed for good. */
  constructor(channel, api) {
    Object.assign(this, { channel, api });
    channel.addEventListener("open", () => {
      for (const { message } of this.#waiting.values()) channel.send(message);
    });
    channel.addEventListener("answer", ({ detail }) => this.#answered(detail));
    channel.addEventListener("closed", () => {
      for (const id of [...this.#waiting.keys()]) this.#post(id);
    });
  }

  /**
   * @param {string} command e.g. "pause"
   * @param {object} fields of the command; `after` is the last event that this page knows
   * @returns {Promise<object>} the event that it made. Rejects with `Refused`.
   */
  send(command, fields = {}) {
    const message = { command, id: freshId(), after: this.channel.seq, ...fields };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(message.id, ({ reject: fail }) => fail(new Refused(new Problem(0), null))), ANSWER_WITHIN_MS);
      this.#waiting.set(message.id, { message, resolve, reject, timer });
      if (this.channel.over) this.#post(message.id);
      else this.channel.send(message); // without a connection it goes as soon as there is one
    });
  }

  #answered(answer) {
    if ("ack" in answer) this.#settle(answer.ack, ({ resolve }) => resolve(answer.event));
    else {
      const problem = new Problem(answer.problem.status, answer.problem);
      this.#settle(answer.nack, ({ reject }) => reject(new Refused(problem, answer.state)));
    }
  }

  #settle(id, how) {
    const one = this.#waiting.get(id);
    if (!one) return; // answered before the connection was lost, and again after
    this.#waiting.delete(id);
    clearTimeout(one.timer);
    how(one);
  }

  async #post(id) {
    const { message } = this.#waiting.get(id);
    try {
      const event = await this.api.post(`/sessions/${this.channel.session}/commands`, message);
      this.#settle(id, ({ resolve }) => resolve(event));
    } catch (problem) {
      this.#settle(id, ({ reject }) => reject(new Refused(problem, null)));
    }
  }

  stop() {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }
}
