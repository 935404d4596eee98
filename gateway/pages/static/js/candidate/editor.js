// <candidate-editor>: the code to a question. Saved as it is written, run with the examples, submitted with the answer.
import { View, h, notice } from "../dom.js";
import { number, put } from "../i18n.js";
import { block, runResults } from "../code-results.js";
import "./code-area.js";
import { draftOf, dropDraft, keepDraft } from "./code-draft.js";

const SAVE_MS = 1500; // after a change; while somebody types it is saved as often
const AGAIN_MS = 3000;
const LAST_S = 1.6; // before the time is over what is there is saved at once
const OVER = ["answer.phase", "command.stale", "session.ended", "session.not-started", "session.no-question"];

const freshId = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

customElements.define("candidate-editor", class extends View {
  /** Set before it is shown: `session`. Hidden where there is nothing to program. */
  build() {
    this.className = "code-editor";
    this.select = h("select", { name: "code-language", on: { change: () => this.#switch() } });
    this.state = h("p", { class: "small muted code-state", role: "status" });
    this.note = h("div", {});
    this.area = document.createElement("code-area");
    this.area.addEventListener("input", () => this.#changed());
    this.run = h("button", { class: "button", type: "button", on: { click: () => this.#run() } });
    this.hand = h("button", { class: "button", type: "button", on: { click: () => this.submit(true) } });
    this.problem = h("p", { class: "small problem", role: "alert" });
    this.results = h("div", { class: "code-results", role: "region", "aria-live": "polite", label: "code.cases" });
    this.examples = h("details", { class: "code-examples", open: true });
    this.append(this.examples,
      h("div", { class: "code-head" }, h("label", { class: "field" }, h("span", { t: "code.language" }), this.select), this.state),
      this.note, this.area, h("div", { class: "row code-tools" }, this.run, this.hand), this.problem, this.results);
    this.ticking = setInterval(() => this.#tick(), 400);
  }

  leave() {
    clearInterval(this.ticking);
    clearTimeout(this.timer);
  }

  get task() {
    const { view, index } = this.session;
    return view.questions[index]?.task ?? null;
  }

  get writable() {
    const { clock } = this.session;
    return this.loaded === this.session.question && clock.phase === "answering" && !clock.paused && !this.session.ended;
  }

  update() {
    const { session, task } = this;
    this.hidden = !task;
    if (!task) return;
    if (this.question !== session.question) this.#begin(session.question, task);
    this.area.readOnly = !this.writable;
    this.select.disabled = !this.writable;
    this.run.disabled = !this.writable || Boolean(this.running);
    put(this.run, this.running ? "code.running" : "code.run");
    this.hand.disabled = !this.writable || Boolean(this.running);
    put(this.hand, this.handed ? "code.submit.again" : "code.submit");
    this.#note();
  }

  /** Another question: what was written to it, of which the server knows or this tab does. */
  async #begin(question, task) {
    clearTimeout(this.timer);
    Object.assign(this, { question, loaded: null, timer: null, running: null, handed: null, dirty: false, standing: {}, sources: {} });
    this.results.replaceChildren();
    this.problem.textContent = "";
    this.state.textContent = "";
    this.select.replaceChildren(...task.languages.map((name) => h("option", { value: name, t: `codelanguage.${name}` })));
    this.#examples(task);
    let known = null;
    for (;;) {
      try {
        const { questions, languages } = await this.session.api.get(`/sessions/${this.session.id}/code`);
        this.standing = languages;
        known = questions.find((one) => one.question === question) ?? null;
        break;
      } catch (problem) {
        if (this.question !== question || !this.isConnected) return;
        put(this.state, "code.unsaved", { why: problem.text ?? "" });
        await pause(AGAIN_MS);
      }
    }
    if (this.question !== question) return;
    const draft = draftOf(this.session.id, question);
    this.sources = { ...known?.sources, ...(draft ? { [draft.language]: draft.source } : {}) };
    this.language = draft?.language ?? known?.language ?? task.languages[0];
    this.select.value = this.language;
    this.area.value = this.#text(task);
    this.saved = known?.language ? `${known.language}\n${known.sources[known.language]}` : null;
    if (known?.submitted_at !== null && known) this.handed = this.saved;
    if (known?.last_run) this.results.replaceChildren(...runResults(known.last_run, task.cases).filter(Boolean));
    if (this.saved !== null) put(this.state, "code.saved");
    this.loaded = question;
    if (draft) this.#changed();
    this.update();
    if (Object.values(this.standing).includes("checking")) this.#learn(question);
  }

  /** Which languages run here is found out while the first one writes. */
  async #learn(question) {
    while (this.question === question && this.isConnected && Object.values(this.standing).includes("checking")) {
      await pause(AGAIN_MS);
      const found = await this.session.api.get(`/sessions/${this.session.id}/code`).catch(() => null);
      if (found && this.question === question) this.standing = found.languages;
    }
    if (this.question === question) this.#note();
  }

  #examples(task) {
    const limits = h("p", { class: "small muted", t: "code.limits", vars: { time: number(task.time_s, task.time_s % 1 ? 1 : 0), memory: task.memory_mb } });
    this.examples.replaceChildren(h("summary", { t: "code.cases" }), limits,
      h("ol", { class: "code-cases" }, ...task.cases.map(({ stdin, expected }, index) => h("li", { class: "code-example" },
        h("p", { class: "small" }, h("strong", { t: "code.case", vars: { n: index + 1 } })),
        h("div", { class: "code-pair" }, block("code.input", stdin, { empty: "code.no-input" }), block("code.expected", expected))))),
      task.hidden_cases ? h("p", { class: "small muted", t: "code.hidden", vars: { n: task.hidden_cases } }) : "",
      task.cases.length || task.hidden_cases ? "" : h("p", { class: "small muted", t: "code.by-people" }));
  }

  #note() {
    const { phase } = this.session.clock;
    const key = phase === "thinking" ? "code.waiting" : phase === "over" ? "code.closed"
      : this.standing?.[this.language] === "missing" ? "code.missing"
        : this.handed !== null && this.handed === this.#now ? "code.submitted" : null;
    if (key === this.noted) return;
    this.noted = key;
    this.note.replaceChildren(...(key ? [notice("info", h("p", { t: key }))] : []));
  }

  #text(task) {
    return this.sources[this.language] ?? task.starter[this.language] ?? "";
  }

  /** Language and source together, to compare with. */
  get #now() {
    return `${this.language}\n${this.area.value}`;
  }

  /** Somebody has written something; what is there to begin with is no answer. */
  get #written() {
    return this.area.value.trim() !== "" && (this.saved !== null || this.area.value !== this.task.starter[this.language]);
  }

  #switch() {
    this.sources[this.language] = this.area.value;
    this.language = this.select.value;
    this.area.value = this.#text(this.task);
    this.results.replaceChildren();
    this.noted = undefined;
    if (this.#written) this.#changed();
    this.update();
  }

  #changed() {
    this.dirty = true;
    this.sources[this.language] = this.area.value;
    keepDraft(this.session.id, this.question, { language: this.language, source: this.area.value });
    this.timer ??= setTimeout(() => this.#save(), SAVE_MS);
    this.#note();
  }

  #tick() {
    const { left } = this.session;
    if (this.dirty && this.writable && left !== null && left < LAST_S && !this.saving) this.#save();
  }

  /** What is there goes to the server: again with the same id, until it is known to be there. */
  async #save() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.saving || !this.dirty) return;
    const { question } = this;
    const sent = this.#now;
    if (this.sending?.sent !== sent) this.sending = { sent, id: freshId() };
    put(this.state, "code.saving");
    this.saving = true;
    let again = null;
    try {
      await this.#post("", this.sending.id);
      if (this.question === question) this.#kept(sent);
    } catch (problem) {
      if (this.question !== question) return;
      if (OVER.includes(problem.code)) put(this.state, "code.closed");
      else if (problem.status === 429) again = (problem.retryAfter ?? 1) * 1000;
      else {
        put(this.state, "code.unsaved", { why: problem.text ?? "" });
        again = AGAIN_MS;
      }
    } finally {
      this.saving = false;
    }
    if (this.dirty && this.question === question && (again !== null || this.#now !== sent)) {
      this.timer ??= setTimeout(() => this.#save(), again ?? SAVE_MS);
    }
  }

  #kept(sent) {
    this.saved = sent;
    if (this.#now !== sent) return;
    this.dirty = false;
    dropDraft(this.session.id, this.question);
    put(this.state, "code.saved");
  }

  #post(what, id) {
    const body = { id, question: this.question, language: this.language, source: this.area.value };
    return this.session.api.post(`/sessions/${this.session.id}/code${what}`, body);
  }

  async #run() {
    const { question, task } = this;
    const sent = this.#now;
    this.running = sent;
    this.problem.textContent = "";
    this.update();
    try {
      const { data } = await this.#patiently("/run");
      if (this.question !== question) return;
      this.#kept(sent);
      this.results.replaceChildren(...runResults(data, task.cases).filter(Boolean));
    } catch (problem) {
      if (this.question === question) this.problem.textContent = problem.text ?? String(problem);
    } finally {
      if (this.question === question) this.running = null;
      this.update();
    }
  }

  /** Sent again with the same id where the network failed or it came too soon: it is done once. */
  async #patiently(what) {
    const id = freshId();
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#post(what, id);
      } catch (problem) {
        const soon = problem.status === 429 || problem.status === 0;
        if (!soon || tries >= 3) throw problem;
        await pause((problem.retryAfter ?? 1) * 1000);
      }
    }
  }

  /** What there is, before the page goes on; nothing where nothing was written or it was submitted already. */
  async submit(asked = false) {
    if (!this.task || !this.writable || !asked && (!this.#written || this.handed === this.#now)) return;
    const { question } = this;
    const sent = this.#now;
    this.problem.textContent = "";
    try {
      await this.#patiently("/submit");
      if (this.question !== question) return;
      this.handed = sent;
      this.#kept(sent);
    } catch (problem) {
      // What was saved before is submitted by the server when the answer ends.
      if (this.question === question && asked) this.problem.textContent = problem.text ?? String(problem);
    }
    this.update();
  }
});
