// What HR sees of one session: a fold over its events, the same for live ones and for those read again.

import { CodeModel } from "./code-model.js";
import { ConductModel } from "./conduct-model.js";

const FACING_DEG = 20; // looking within this of the camera counts as facing it

export class SessionModel {
  constructor() {
    this.questions = [];
    this.conduct = new ConductModel();
    this.code = new CodeModel();
    this.asked = []; // {id, at}
    this.lines = new Map(); // utterance → {text, stable, final, start, question}
    this.timeline = []; // {at, key, vars, tone}
    this.series = {
      rate: [], voice: [], loudness: [], level: [], fillers: [], snr: [], faces: [], yaw: [], pitch: [], eyes: [], brightness: [],
    };
    this.models = new Map(); // deployment → model
    this.gaps = new Set();
    this.ratings = new Map();
    this.mediaTime = 0;
    this.state = "created";
    this.rateUnit = "spm";
    this.facing = { seen: 0, facing: 0 };
    Object.assign(this, {
      candidate: "", language: "zh", policy: "CN", sound: null, picture: null, faces: null, sure: null,
      record: false, recording: null, playable: false, // playable: something was kept and is still there
      identity: { status: "none", enrolled: null, verified: null, decision: null, asker: null, checks: [] },
      liveness: null, account: null, affect: null, link: null, finished: null, pace: null, slower: false, talking: false, ready: false,
    });
  }

  get over() {
    return this.state === "ended" || this.state === "scored";
  }

  /** Emotion recognition is prohibited there (EU AI Act, 5(1)(f)). */
  get affectForbidden() {
    return this.policy === "EU" || this.policy === "strict";
  }

  numberOf(question) {
    return this.questions.findIndex(({ id }) => id === question) + 1;
  }

  questionAt(time) {
    return this.asked.findLast(({ at }) => at <= time + 0.3)?.id ?? null;
  }

  apply(event) {
    const { media_time: at, data } = event;
    this.mediaTime = Math.max(this.mediaTime, at);
    this[data.type]?.(data, at);
    this.conduct.apply(event, (...told) => this.#note(...told));
    this.code.apply(event, (...told) => this.#note(...told));
  }

  #note(at, key, vars = {}, tone = "") {
    this.timeline.push({ at, key, vars, tone });
  }

  ["session.created"](data, at) {
    const { candidate, language, policy, questions, record = false } = data;
    Object.assign(this, { candidate, language, policy, questions, record });
    this.rateUnit = language === "en" ? "wpm" : "spm";
    this.#note(at, "event.session.created");
  }

  ["session.connected"]({ gap_s: gap }, at) {
    this.state = "live";
    if (gap > 0) this.#note(at, "event.session.connected.again", { s: gap.toFixed(1) });
    else this.#note(at, "event.session.connected");
  }

  ["session.disconnected"]({ reason }, at) {
    this.state = "disconnected";
    this.#note(at, `event.session.disconnected.${reason}`, {}, "warn");
  }

  ["connection.rerouted"]({ gap_s: gap }, at) {
    this.#note(at, "event.connection.rerouted", { s: gap.toFixed(1) });
  }

  ["session.ended"]({ reason, by }, at) {
    this.state = "ended";
    this.#note(at, reason === "hr" && by ? "event.session.ended.by" : `event.session.ended.${reason}`, { by });
  }

  ["question.started"]({ question, by }, at) {
    this.asked.push({ id: question, at });
    this.finished = null;
    const person = by && by !== "candidate";
    this.#note(at, person ? "event.question.started.by" : "event.question.started", { n: this.numberOf(question), by });
  }

  ["answer.scored"]({ question, rating }, at) {
    this.ratings.set(question, rating);
    this.models.set("AnswerQuality", rating.model);
    this.#note(at, "event.answer.scored", { n: this.numberOf(question) });
  }

  ["result.ready"](_, at) {
    this.state = "scored";
    this.ready = true;
    this.#note(at, "event.result.ready");
  }

  ["sound.state"]({ state }, at) {
    if (this.sound !== null || state !== "ok") this.#note(at, `event.sound.${state}`, {}, state === "ok" ? "" : "warn");
    this.sound = state;
  }

  ["sound.level"]({ dbfs }, at) {
    this.series.level.push([at, dbfs]);
  }

  ["transcript.partial"](data) {
    if (this.lines.get(data.utterance)?.final) return;
    this.#line(data, false);
  }

  ["transcript.final"](data) {
    this.#line(data, true);
    this.models.set("SpeechRecognition", data.model);
  }

  ["utterance.started"]() {
    // Speech that goes on takes back that the candidate had finished.
    if (this.finished) this.timeline.splice(this.timeline.indexOf(this.finished), 1);
    this.finished = null;
  }

  ["turn.ended"]({ silence_s: s, broken_off: broken }, at) {
    this.#note(at, broken ? "event.turn.broken" : "event.turn.ended", { s: s.toFixed(1) });
    this.finished = this.timeline.at(-1);
  }

  #line({ utterance, text, stable, start, words }, final) {
    const began = words?.[0]?.start ?? start;
    this.lines.set(utterance, {
      text, final, start, began, stable: final ? text.length : stable, question: this.questionAt(began),
    });
  }

  ["speech.measured"](data) {
    const rate = this.rateUnit === "wpm" ? data.words_per_minute : data.syllables_per_minute;
    const { series } = this;
    const span = (points, value) => {
      if (value !== null && value !== undefined) points.push([data.start, value], [data.end, value], [data.end, null]);
    };
    span(series.rate, rate);
    span(series.loudness, data.dbfs);
    span(series.voice, data.pitch_hz);
    span(series.snr, data.snr_db);
    if (data.filler_ratio !== null && data.filler_ratio !== undefined) span(series.fillers, data.filler_ratio * 100);
  }

  ["picture.state"]({ state }, at) {
    if (this.picture !== null || state !== "ok") {
      this.#note(at, `event.picture.${state}`, {}, state === "ok" ? "" : "warn");
    }
    this.picture = state;
  }

  ["face.state"]({ state, faces, confidence = null }, at) {
    this.faces = faces;
    this.sure = confidence; // the detector's score of the face it is least sure of
    this.series.faces.push([at, faces]);
    this.#note(at, `event.face.${state}`, { n: faces }, state === "one" ? "" : "warn");
  }

  ["face.measured"]({ yaw, pitch, eyes_open: eyes, brightness }, at) {
    const { series } = this;
    series.yaw.push([at, yaw]);
    series.pitch.push([at, pitch]);
    if (eyes !== null && eyes !== undefined) series.eyes.push([at, eyes * 100]); // null: they cannot be told
    series.brightness.push([at, brightness * 100]);
    this.facing.seen += 1;
    if (Math.abs(yaw) <= FACING_DEG && Math.abs(pitch) <= FACING_DEG) this.facing.facing += 1;
  }

  ["affect.observed"](data) {
    this.affect = data;
    this.models.set("FacialAffect", data.model);
  }

  ["liveness.observed"](data, at) {
    if (this.liveness?.decision !== data.decision && data.decision !== "undecided") {
      this.#note(at, `event.liveness.${data.decision}`, {}, data.decision === "attack" ? "warn" : "");
    }
    this.liveness = data;
    this.models.set("Liveness", data.model);
  }

  ["identity.enrolled"](data, at) {
    const { identity } = this;
    const status = ["human", "confirmed", "rejected"].includes(identity.status) ? identity.status : "enrolled";
    Object.assign(identity, { enrolled: { ...data, erased: false }, verified: null, checks: [], status });
    this.#note(at, data.card ? "event.identity.enrolled.card" : "event.identity.enrolled");
  }

  ["identity.verified"](data, at) {
    const { identity } = this;
    Object.assign(identity, { verified: data, checks: [] });
    if (!["human", "confirmed", "rejected"].includes(identity.status)) identity.status = data.outcome;
    this.models.set("FaceIdentity", data.model);
    this.#note(at, `event.identity.${data.outcome}`, {}, data.outcome === "no-match" ? "warn" : "");
  }

  ["identity.checked"](data, at) {
    const { checks } = this.identity;
    const before = checks.at(-1)?.state ?? "same";
    checks.push({ ...data, at });
    if (data.state !== before) this.#note(at, `event.identity.state.${data.state}`, {}, data.state === "different" ? "warn" : "");
    else if (data.result === "different" && data.state === "same") this.#note(at, "event.identity.different");
  }

  ["identity.human"](data, at) {
    const { identity } = this;
    const asked = data.decision === "requested";
    if (asked) {
      identity.asker = data.actor;
      if (!identity.decision) identity.status = "human";
    } else Object.assign(identity, { decision: data, status: data.decision });
    const { decision, by } = data;
    const who = asked && data.actor === "server" ? ".server" : by ? ".by" : "";
    this.#note(at, `event.identity.human.${decision}${who}`, { by }, decision === "rejected" ? "warn" : "");
  }

  ["identity.withdrawn"]({ actor }, at) {
    const { identity } = this;
    if (identity.enrolled) identity.enrolled.erased = true;
    if (actor !== "retention") {
      Object.assign(identity, { verified: null, checks: [] });
      if (!["human", "confirmed", "rejected"].includes(identity.status)) identity.status = "none";
    }
    this.#note(at, actor === "retention" ? "event.identity.withdrawn.retention" : "event.identity.withdrawn");
  }

  ["liveness.concluded"](data) {
    this.account = data;
  }

  ["challenge.ended"]({ outcome, attempts_left: left }, at) {
    this.#note(at, `event.challenge.${outcome}`, { n: left }, outcome === "failed" ? "warn" : "");
  }

  ["flash.ended"]({ outcome }, at) {
    this.#note(at, `event.flash.${outcome}`, {}, outcome === "failed" ? "warn" : "");
  }

  ["human-check.requested"](_, at) {
    this.#note(at, "event.human-check", {}, "warn");
  }

  ["devices.noted"]({ camera, virtual_camera: virtual }, at) {
    if (virtual) this.#note(at, "event.virtual-camera", { name: camera });
  }

  ["link.measured"](data) {
    this.link = data;
  }

  ["captions.paced"]({ interval_s: s, slower }, at) {
    this.pace = s;
    this.slower = slower;
    this.#note(at, slower ? "event.captions.slower" : "event.captions.quicker", { s: s.toFixed(1) });
  }

  ["inference.gap"]({ deployment, state, gap_s: gap }, at) {
    if (state === "lost") this.gaps.add(deployment);
    else this.gaps.delete(deployment);
    this.#note(at, `event.gap.${state}`, { deployment, s: gap.toFixed(1) }, state === "lost" ? "warn" : "");
  }

  ["recording.consent"]({ given }, at) {
    this.#note(at, given ? "event.recording.agreed" : "event.recording.declined");
  }

  ["recording.state"]({ state, reason }, at) {
    this.recording = { state, reason };
    if (state === "recording") this.playable = true;
    const bad = reason === "disk-full" || reason === "storage-failed";
    if (reason !== "no-consent") this.#note(at, `event.recording.${reason}`, {}, bad ? "warn" : "");
  }

  ["recording.read"]({ start, end }, at) {
    this.#note(at, "event.recording.read", { start: Math.round(start), end: Math.round(end) });
  }

  ["recording.deleted"]({ reason, segments: n }, at) {
    this.playable = false;
    this.recording = { state: "stopped", reason: "deleted" };
    this.#note(at, `event.recording.deleted.${reason}`, { n });
  }

  ["viewer.joined"]({ watching: n, by }, at) {
    this.#note(at, by ? "event.viewer.joined.by" : "event.viewer.joined", { n, by });
  }

  ["viewer.left"]({ watching: n, by }, at) {
    this.#note(at, by ? "event.viewer.left.by" : "event.viewer.left", { n, by });
  }

  ["talkback.changed"]({ open }, at) {
    this.talking = open;
    this.#note(at, open ? "event.talkback.open" : "event.talkback.closed");
  }

  alarm({ code, detail }, at) {
    this.#note(at, "event.alarm", { text: detail ? `${code}: ${detail}` : code }, "warn");
  }
}
