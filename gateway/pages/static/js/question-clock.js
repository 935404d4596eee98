// How much time the candidate has, as interviews/clock.py tells it: the same fold, over the events that a page has.
// Times are seconds on the media clock.

export class QuestionClock {
  constructor() {
    Object.assign(this, { phase: "idle", question: null, paused: false, connected: false, ended: false, left: 0, since: 0 });
    this.questions = new Map();
  }

  get running() {
    return this.connected && !this.paused && !this.ended && (this.phase === "thinking" || this.phase === "answering");
  }

  /** Seconds left of thinking or answering at media time `at`. */
  remaining(at) {
    return Math.max(0, this.left - (this.running ? Math.max(0, at - this.since) : 0));
  }

  apply({ media_time: time, data }) {
    if (this.ended) return;
    const at = Math.max(this.since, time);
    const now = data.question === this.question?.id;
    switch (data.type) {
      case "session.created":
        this.questions = new Map(data.questions.map((question) => [question.id, question]));
        break;
      case "session.connected": this.#settle(at, { connected: true }); break;
      case "session.disconnected": this.#settle(at, { connected: false }); break;
      case "session.paused": this.#settle(at, { paused: true }); break;
      case "session.resumed": this.#settle(at, { paused: false }); break;
      case "question.started":
        this.question = this.questions.get(data.question) ?? null;
        if (this.question) this.#begin(at, this.question.think_s > 0 ? "thinking" : "answering");
        break;
      case "answering.started": if (now) this.#begin(at, "answering"); break;
      case "answer.retried": if (now) this.#begin(at, "answering"); break;
      case "answer.finished": if (now) this.#begin(at, "over"); break;
      case "time.extended":
        if (now) {
          this.#settle(at);
          this.left += data.seconds;
        }
        break;
      case "session.ended": this.#settle(at, { ended: true }); break;
      default:
    }
  }

  #begin(at, phase) {
    const { think_s: thinking = 0, answer_s: answering = 0 } = this.question ?? {};
    Object.assign(this, { phase, since: at, left: { thinking, answering }[phase] ?? 0 });
  }

  #settle(at, more = {}) {
    Object.assign(this, { left: this.remaining(at), since: at, ...more });
  }
}
