// What people do to the interview, as HR's pages show it: clocks, pauses, annotations with their history, who watches.
// Part of SessionModel, fed by it.
import { QuestionClock } from "../question-clock.js";

const TOLD = {
  "session.paused": ({ by, reason }) => ["event.session.paused", { by, reason: reason ? ` (${reason})` : "" }],
  "session.resumed": ({ by }) => ["event.session.resumed", { by }],
  "time.extended": ({ by, seconds }) => ["event.time.extended", { by, s: Math.round(seconds) }],
  "question.interjected": ({ by, text }) => ["event.question.interjected", { by, text }],
  "answering.started": ({ by }) => [`event.answering.started.${by}`, {}],
  "answer.finished": ({ by }) => [`event.answer.finished.${by}`, {}],
  "answer.retried": () => ["event.answer.retried", {}],
  "annotation.added": ({ by, text }) => ["event.annotation.added", { by, text }],
  "annotation.edited": ({ by, text }) => ["event.annotation.edited", { by, text }],
  "annotation.deleted": ({ by }) => ["event.annotation.deleted", { by }],
  "rating.given": ({ by }) => ["event.rating.given", { by }],
  "comment.added": ({ by }) => ["event.comment.added", { by }],
  "comment.edited": ({ by }) => ["event.comment.edited", { by }],
  "comment.deleted": ({ by }) => ["event.comment.deleted", { by }],
  "decision.made": ({ decision, by }) => [`event.decision.made.${decision}`, { by }],
  "survey.answered": () => ["event.survey.answered", {}],
  "human-review.requested": () => ["event.human-review", {}],
  "page.hidden": ({ hidden_s: s }) => ["event.page.hidden", { s: Math.round(s) }],
};
const ALARM_S = 60; // an alarm asks for attention for so long

export class ConductModel {
  constructor() {
    this.clock = new QuestionClock();
    this.annotations = new Map(); // id → {id, mark, text, tags, by, deleted, versions: [{text, tags, by, at}]}
    this.spans = []; // {kind: "paused" | "away", from, to}; `to` null while it lasts
    this.watching = 0;
    this.viewers = new Map(); // number → name, null where it was not kept; in the order in which they came
    this.alarmed = -Infinity;
  }

  /** @param note adds to the timeline: (at, key, vars, tone) */
  apply(event, note) {
    const { media_time: at, data } = event;
    this.clock.apply(event);
    const told = TOLD[data.type]?.(data);
    if (told) note(at, told[0], told[1], data.type === "session.paused" ? "warn" : "");
    this[data.type]?.(data, at, event);
  }

  alarming(mediaTime) {
    return mediaTime - this.alarmed < ALARM_S;
  }

  #open(kind, from) {
    if (!this.spans.some((span) => span.kind === kind && span.to === null)) this.spans.push({ kind, from, to: null });
  }

  #close(kind, to) {
    for (const span of this.spans) if (span.kind === kind && span.to === null) span.to = to;
  }

  ["session.paused"](_, at) { this.#open("paused", at); }

  ["session.resumed"](_, at) { this.#close("paused", at); }

  ["session.disconnected"](_, at) { this.#open("away", at); }

  ["session.connected"](_, at) { this.#close("away", at); }

  ["session.ended"](_, at) {
    for (const kind of ["paused", "away"]) this.#close(kind, at);
  }

  ["viewer.joined"]({ viewer, watching, by }) {
    this.watching = watching;
    this.viewers.delete(viewer);
    this.viewers.set(viewer, by ?? null);
    // A server that failed told of nobody that they left.
    while (this.viewers.size > watching) this.viewers.delete(this.viewers.keys().next().value);
  }

  ["viewer.left"]({ viewer, watching }) {
    this.watching = watching;
    this.viewers.delete(viewer);
  }

  alarm(_, at) { this.alarmed = at; }

  ["annotation.added"](data, _, event) {
    if (!this.annotations.has(data.id)) this.#version({ id: data.id, deleted: null, versions: [] }, data, event);
  }

  ["annotation.edited"](data, _, event) {
    const note = this.annotations.get(data.id);
    if (note) this.#version(note, data, event);
  }

  ["annotation.deleted"]({ id, by }, _, { at }) {
    const note = this.annotations.get(id);
    if (note) note.deleted = { by, at };
  }

  #version(note, { media_time: mark, text, tags, by }, { at }) {
    note.versions.push({ mark, text, tags, by, at });
    this.annotations.set(note.id, Object.assign(note, { mark, text, tags, by }));
  }
}
