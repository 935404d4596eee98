// The candidate's side of one session: what the server says, the connection, and the person's own commands.
import { Api, authorisation } from "../api.js";
import { Channel } from "../channel.js";
import { Commands, Refused } from "../commands.js";
import { QuestionClock } from "../question-clock.js";
import { save } from "../save.js";
import { WhipPublisher } from "../whip.js";
import { Journey } from "./journey.js";

const REPORT_MS = 5000; // between two words on the link
const NEWS_S = 12; // more time is told for so long

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
    this.clock = new QuestionClock();
    this.journey = new Journey(this.api, id);
    this.finishedBy = null; // who or what ended the answer: candidate, timeout, hr
    this.retries = 0; // left, of the question
    this.interjected = []; // what a person asked since the question began
    this.more = null; // {seconds, at}: the newest extension
    this.readAloud = false; // each question is read as it comes
    this.jobTitle = null; // by language, where an invitation tells it
    this.recording = false; // is being recorded
    this.live = false; // the server has media
    this.clockZero = null; // performance.now() at media time 0, ms
  }

  /** Camera and microphone go off. */
  stopDevices() {
    this.stream?.getTracks().forEach((track) => track.stop());
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
    [this.view, this.config, { lines: this.guidance }] = await Promise.all([
      this.api.get(`/sessions/${this.id}`), this.api.get("/config"), this.api.get(`/sessions/${this.id}/guidance`), this.journey.load(),
    ]);
    this.question = this.view.current_question ?? null;
    this.ended = ["ended", "scored"].includes(this.view.state);
    this.returning = this.question !== null;
    this.retries = this.view.conduct?.retries_left ?? 0;
    this.identity = { ...this.view.identity };
    if (this.view.media_time > 0 && !this.ended) this.#tick(this.view.media_time);
  }

  listen() {
    this.events = new Channel({
      session: this.id, token: this.token, onEvent: (event) => this.#apply(event),
      isLast: ({ data }) => data.type === "session.ended",
    });
    this.commands = new Commands(this.events, this.api);
  }

  /** It is over: nothing more is heard or sent. */
  unlisten() {
    this.events?.stop();
    this.commands?.stop();
  }

  /** The clock runs on evenly; the freshest event is the one nearest to now. */
  #tick(mediaTime) {
    const zero = performance.now() - mediaTime * 1000;
    this.clockZero = this.clockZero === null ? zero : Math.min(this.clockZero, zero);
  }

  #apply(event) {
    const { media_time: at, data } = event;
    this.clock.apply(event);
    this.journey.apply(data);
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
        this.retries = this.view.questions[this.index]?.retries ?? 0;
        Object.assign(this, { finishedBy: null, more: null, interjected: [] });
        this.captions.clear();
      },
      "answer.finished": () => { this.finishedBy = data.by; },
      "answer.retried": () => {
        this.retries -= 1;
        this.finishedBy = null;
        this.questionBegan = at;
        this.captions.clear();
      },
      "time.extended": () => { this.more = { seconds: data.seconds, at }; },
      "question.interjected": () => this.interjected.push(data.text),
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
    this.stream = stream;
    if (this.ended) return this.stopDevices(); // it ended while the devices were being asked for
    if (this.publisher) return this.publisher.replace(stream);
    this.publisher = new WhipPublisher({
      // The first question waits for the person, who is still looking at the devices.
      url: `/whip/${this.id}?first_question=on-request&record=${this.journey.allows("recording") ? "yes" : "no"}`,
      token: this.token, stream, iceServers: this.config.ice_servers,
    });
    this.publisher.addEventListener("state", () => {
      this.connection = this.publisher.state;
      this.problem = this.publisher.problem;
      this.#changed();
    });
    this.reporting ??= setInterval(() => this.#report(), REPORT_MS);
    return this.publisher.start();
  }

  /** Tells the server how the link is on this side. What does not arrive is missing and nothing more. */
  async #report() {
    if (this.ended) clearInterval(this.reporting);
    if (this.ended || this.connection !== "connected") return;
    try {
      const sample = await this.publisher.sample();
      if (sample) await this.api.post(`/sessions/${this.id}/link`, sample);
    } catch {
      // The next one tells.
    }
  }

  /** A copy of what is stored of the candidate, as a file. @throws {Problem} */
  copyData() {
    return save(`/api/v1/sessions/${this.id}/own-data`, `interview-${this.id}.json`, { headers: authorisation(this.token) });
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

  /** The photo may be compared with the live face: it is possible here, and agreed to. */
  get byFace() {
    return this.identity.by_face && this.journey.allows("face");
  }

  /** Seconds left of thinking or answering, null before media flowed. */
  get left() {
    return this.now === null ? null : this.clock.remaining(this.now);
  }

  /** More time was given just now: how much, seconds; else null. */
  get extended() {
    return this.more && this.now - this.more.at < NEWS_S ? this.more.seconds : null;
  }

  /** A question with a time to think or another try has an end of its own; others end with the next one. */
  get staged() {
    const { think_s: think = 0, retries = 0 } = this.view.questions[this.index] ?? {};
    return think > 0 || retries > 0;
  }

  /**
   * One command (docs/conduct.md). One that came too late is no failure: the page shows what overtook it.
   * @throws {Refused}
   */
  async command(name, fields = {}) {
    try {
      await this.commands.send(name, fields);
    } catch (refused) {
      if (!(refused instanceof Refused && refused.stale)) throw refused;
    }
  }

  /** The first or the next question. */
  next() {
    return this.command("next");
  }

  /** One of the liveness checks: challenge, flash, devices, human. */
  async liveness(check, body) {
    return this.api.post(`/sessions/${this.id}/liveness/${check}`, body);
  }

  async finish() {
    try {
      await this.command("end");
    } catch (refused) {
      // Over already (a person at the other side was quicker): that is what was wanted.
      if (refused.problem?.code !== "session.ended") throw refused;
    }
    this.ended = true;
    this.publisher?.leave();
    this.#changed();
  }
}
