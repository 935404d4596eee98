// A session's events by server-sent events over fetch, because EventSource cannot carry an Authorization header.
// A lost connection resumes after the last event seen (WHATWG HTML, 9.2), so nothing is missed and nothing doubled.
import { Problem, authorisation, request } from "./api.js";

/** Splits a byte stream into messages, wherever the chunks happen to break. */
export class EventParser {
  #rest = "";
  #decoder = new TextDecoder();

  /** @returns {{id: string|null, event: string, data: string}[]} */
  push(bytes) {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    // A lone CR at the end may be half of a CRLF: leave it for the next chunk.
    const hold = this.#rest.endsWith("\r") ? "\r" : "";
    const text = (hold ? this.#rest.slice(0, -1) : this.#rest).replace(/\r\n?/g, "\n");
    const blocks = text.split("\n\n");
    this.#rest = blocks.pop() + hold;
    return blocks.map(EventParser.#read).filter((message) => message !== null);
  }

  static #read(block) {
    const message = { id: null, event: "message", data: [] };
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      if (colon === 0 || line === "") continue;
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (name === "data") message.data.push(value);
      else if (name === "id") message.id = value;
      else if (name === "event") message.event = value;
    }
    return message.data.length ? { ...message, data: message.data.join("\n") } : null;
  }
}

const pause = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

/**
 * Calls `onEvent(event)` for each event of the session, for as long as the page wants it.
 * `onState` hears "open", "waiting" (it will try again) and "closed" (refused, or `isLast` said that nothing follows).
 */
export function follow({ session, token, after = 0, onEvent, onState = () => {}, isLast = () => false }) {
  const controller = new AbortController();
  const { signal } = controller;
  let last = after;
  let ended = false;

  async function read() {
    const response = await request(`/api/v1/sessions/${session}/events`, {
      signal,
      headers: { ...authorisation(token), Accept: "text/event-stream", "Last-Event-ID": String(last) },
    });
    onState("open");
    const parser = new EventParser();
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const message of parser.push(value)) {
        const event = JSON.parse(message.data);
        if (event.seq > 0 && event.seq <= last) continue;
        last = Math.max(last, event.seq);
        onEvent(event);
        if (isLast(event)) ended = true;
      }
    }
  }

  async function run() {
    let delay = 500;
    while (!signal.aborted && !ended) {
      const before = last;
      try {
        await read();
      } catch (error) {
        if (signal.aborted) break;
        if (error instanceof Problem && [401, 403, 404].includes(error.status)) return onState("closed", error);
      }
      if (ended || signal.aborted) break;
      if (last > before) delay = 500;
      onState("waiting");
      await pause(delay * (0.75 + Math.random() / 2), signal);
      delay = Math.min(delay * 2, 8000);
    }
    return onState("closed");
  }

  run();
  return { stop: () => controller.abort() };
}
