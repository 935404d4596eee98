// The candidate's side of one session: what the server says, the connection, and the person's own commands.
import { Api, Problem } from "../api.js";
import { follow } from "../events.js";
import { WhipPublisher } from "../whip.js";

/** Tells "change" whenever something shown may be different. */
export class CandidateSession extends EventTarget {
  constructor(id, token) {
    super();
    this.id = id;
    this.token = token;
    this.api = new Api(token);
    this.connection = "idle"; // idle, connecting, connected, reconnecting, refused, closed
    this.problem = null;
    this.question = null; // id
    this.questionBegan = null; // media time
    this.captions = new Map(); // utterance → {text, stable, final}
    this.sound = null;
    this.picture = null;
    this.face = null;
    this.faces = 0;
    this.hint = null;
    this.watching = 0; // interviewers who see the picture now
    this.spokenTo = false; // an interviewer's microphone is open
    this.slower = null; // null until the pace has ever changed
    this.challenge = null; // the newest challenge.* event
    this.flash = null; // the newest flash.prompted
    this.ended = false;
    this.record = false; // agrees to be recorded
    this.recording = false; // is being recorded
    this.live = false; // the server has media
    this.clockZero = null; // performance.now() at media time 0, ms
  }

  get name() {
    return this.view.candidate;
  }

  get index() {
    return this.view.questions.findIndex(({ id }) => id === this.question);
  }

  get last() {
    return this.index === this.view.questions.length - 1;
  }

  /** Seconds on the media clock now, null before media flowed. */
  get now() {
    return this.clockZero === null ? null : (performance.now() - this.clockZero) / 1000;
  }

  /** @throws {Problem} when the link is wrong or the server cannot answer */
  async load() {
    [this.view, this.config] = await Promise.all([
      this.api.get(`/sessions/${this.id}`), this.api.get("/config"),
    ]);
    this.question = this.view.current_question ?? null;
    this.ended = ["ended", "scored"].includes(this.view.state);
    this.returning = this.question !== null;
    this.identity = { ...this.view.identity };
    if (this.view.media_time > 0) this.#tick(this.view.media_time);
  }

  listen() {
    this.events = follow({
      session: this.id, token: this.token, onEvent: (event) => this.#apply(event),
      isLast: ({ data }) => data.type === "session.ended",
    });
  }

  /** The clock runs on evenly; the freshest event is the one nearest to now. */
  #tick(mediaTime) {
    const zero = performance.now() - mediaTime * 1000;
    this.clockZero = this.clockZero === null ? zero : Math.min(this.clockZero, zero);
  }

  #apply({ media_time: at, data }) {
    const handlers = {
      "session.connected": () => {
        this.live = true;
        this.#tick(at);
      },
      "session.disconnected": () => { this.live = false; },
      "session.ended": () => {
        this.ended = true;
        this.publisher?.leave();
      },
      "question.started": () => {
        this.question = data.question;
        this.questionBegan = at;
        this.captions.clear();
      },
      "sound.level": () => this.#tick(at),
      "sound.state": () => { this.sound = data.state; },
      "picture.state": () => { this.picture = data.state; },
      "face.state": () => {
        this.face = data.state;
        this.faces = data.faces;
      },
      "face.hint": () => { this.hint = data.hint; },
      "transcript.partial": () => this.#caption(data, false),
      "transcript.final": () => this.#caption(data, true),
      "identity.enrolled": () => Object.assign(this.identity, { enrolled: true, status: "enrolled" }),
      "identity.human": () => { this.identity.status = data.decision === "requested" ? "human" : data.decision; },
      "identity.withdrawn": () => {
        this.identity.enrolled = false;
        if (this.identity.status !== "human") this.identity.status = "none";
      },
      "challenge.prompted": () => { this.challenge = data; },
      "challenge.ended": () => { this.challenge = data; },
      "flash.prompted": () => { this.flash = data; },
      "viewer.joined": () => { this.watching = data.watching; },
      "viewer.left": () => { this.watching = data.watching; },
      "talkback.changed": () => { this.spokenTo = data.open; },
      "captions.paced": () => { this.slower = data.slower; },
      "recording.state": () => { this.recording = data.state === "recording"; },
    };
    handlers[data.type]?.();
    this.#changed();
  }

  #caption({ utterance, text, stable, start }, final) {
    if (this.captions.get(utterance)?.final) return;
    if (this.questionBegan !== null && start < this.questionBegan - 1) return;
    this.captions.set(utterance, { text, final, stable: final ? text.length : stable });
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }

  /** Publishes the stream; the connection then looks after itself. */
  join(stream) {
    if (this.publisher) return this.publisher.replace(stream);
    this.publisher = new WhipPublisher({
      // The first question waits for the person, who is still looking at the devices.
      url: `/whip/${this.id}?first_question=on-request&record=${this.record ? "yes" : "no"}`, token: this.token, stream, iceServers: this.config.ice_servers,
    });
    this.publisher.addEventListener("state", () => {
      this.connection = this.publisher.state;
      this.problem = this.publisher.problem;
      this.#changed();
    });
    return this.publisher.start();
  }

  /** Who it is has still to be found out, before the first question. */
  get identityDue() {
    return this.question === null && ["none", "enrolled", "no-match", "insufficient"].includes(this.identity.status);
  }

  /** @throws {Problem} with `reasons` where the photo will not do */
  async sendPhoto(picture, source) {
    const taken = await this.api.send(`/sessions/${this.id}/identity/photo?source=${source}`, picture, { "Viva-Consent": "true" });
    Object.assign(this.identity, { enrolled: true, status: "enrolled" });
    this.#changed();
    return taken;
  }

  /** Compares the live face with the photo. */
  async compare() {
    const found = await this.api.post(`/sessions/${this.id}/identity/verify`);
    if (this.identity.status !== "human") this.identity.status = found.outcome;
    this.#changed();
    return found;
  }

  async askHuman() {
    await this.api.post(`/sessions/${this.id}/identity/human`);
    this.identity.status = "human";
    this.#changed();
  }

  async eraseFace() {
    await this.api.delete(`/sessions/${this.id}/identity`);
    this.identity.enrolled = false;
    if (this.identity.status !== "human") this.identity.status = "none";
    this.#changed();
  }

  /** The first or the next question. */
  async next() {
    await this.api.post(`/sessions/${this.id}/next`);
  }

  /** One of the liveness checks: challenge, flash, devices, human. */
  async liveness(check, body) {
    return this.api.post(`/sessions/${this.id}/liveness/${check}`, body);
  }

  async finish() {
    try {
      await this.api.post(`/sessions/${this.id}/end`);
    } catch (error) {
      // Over already (a person at the other side was quicker): that is what was wanted.
      if (!(error instanceof Problem && [409, 410].includes(error.status))) throw error;
    }
    this.ended = true;
    this.publisher?.leave();
    this.#changed();
  }
}
