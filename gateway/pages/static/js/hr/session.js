// <hr-session>: one interview as it happens, and its result once it is over.
import { Channel } from "../channel.js";
import { Commands } from "../commands.js";
import { ServerClock } from "../server-clock.js";
import "./account.js";
import "./annotations.js";
import { View, h, icon } from "../dom.js";
import { clock, put } from "../i18n.js";
import "./banners.js";
import "./captions.js";
import "./code.js";
import "./controls.js";
import "./identity.js";
import { Lag } from "./lag.js";
import "./measures.js";
import { MediaNow } from "./media-now.js";
import { moveButton } from "./move.js";
import { SessionModel } from "./model.js";
import "./observed.js";
import "./picture.js";
import "./recording.js";
import "./result.js";
import "./shortcuts.js";
import "./timeline.js";

const REPAINT_MS = 120; // a whole log arrives at once; painting each event would take minutes

const panel = (name, model, more = {}) =>
  Object.assign(document.createElement(`hr-${name}`), { model, className: "card panel" }, more);

customElements.define("hr-session", class extends View {
  /** Set before it is shown: `api`, `session` (id), `rights`, `alone` (no list to go back to), `back` (where to). */
  build() {
    this.model = new SessionModel();
    this.stream = { state: "open", error: null };
    this.head = this.#header();
    this.body = h("div", { class: "session-body" });
    this.append(this.head, this.body);
    this.#begin();
  }

  #header() {
    this.name = h("h1", {});
    this.chip = h("span", { class: "chip" });
    this.time = h("span", { class: "muted" });
    this.stop = h("button", {
      class: "button danger", type: "button", hidden: true, on: { click: () => this.dialog.showModal() },
    }, icon("stop"), h("span", { t: "live.end" }));
    this.problem = h("p", { class: "muted", role: "alert" });
    return h("header", { class: "session-head" },
      ...(this.alone ? [] : [h("a", { class: "button quiet back", href: this.back ?? "#", label: "hr.back" }, icon("back"))]),
      h("div", { class: "session-name" }, this.name, h("div", { class: "row" }, this.chip, this.time, this.problem)),
      this.alone ? null : moveButton(this.api, this.rights, this.session, async () => (await this.api.get(`/sessions/${this.session}`)).branch),
      this.stop, this.#dialog());
  }

  #dialog() {
    this.ask = h("h2", { id: "end-ask" });
    this.dialog = h("dialog", { "aria-labelledby": "end-ask" },
      h("form", { method: "dialog" }, this.ask, h("p", { class: "muted", t: "live.end.say" }),
        h("div", { class: "row end" },
          h("button", { class: "button", value: "keep", t: "live.end.keep" }),
          h("button", { class: "button primary", value: "end", t: "live.end" }))));
    this.dialog.addEventListener("close", () => {
      if (this.dialog.returnValue === "end") this.#end();
      this.dialog.returnValue = "";
    });
    return this.dialog;
  }

  async #end() {
    this.stop.disabled = true;
    try {
      await this.commands.send("end");
    } catch (refused) {
      this.problem.textContent = refused.text;
      this.stop.disabled = false;
    }
  }

  async #begin() {
    try {
      [this.view, this.config] = await Promise.all([
        this.api.get(`/sessions/${this.session}`), this.api.get("/config"),
      ]);
    } catch (problem) {
      this.problem.textContent = problem.text ?? String(problem);
      this.stop.hidden = true;
      return;
    }
    if (!this.isConnected) return; // another interview was chosen meanwhile
    const { model } = this;
    Object.assign(model, {
      candidate: this.view.candidate, language: this.view.language, policy: this.view.policy,
      questions: this.view.questions, rateUnit: this.view.language === "en" ? "wpm" : "spm",
      record: this.view.record, pace: this.view.captions_interval_s ?? null, state: this.view.state, mediaTime: this.view.media_time ?? 0,
    });
    this.panels = ["captions", "liveness", "affect", "link", "models", "measures", "timeline", "account"].map((name) => panel(name, model));
    const identity = panel("identity", model, { api: this.api, session: this.session });
    this.panels.push(identity);
    this.picture = panel("picture", model, {
      api: this.api, session: this.session, iceServers: this.config.ice_servers, className: "card",
      rights: this.rights, past: !this.rights.watch
        || ["ended", "scored"].includes(this.view.state),
    });
    this.banners = panel("banners", model, { stream: this.stream, className: "" });
    this.result = panel("result", model, { hidden: true, api: this.api, session: this.session, rights: this.rights });
    const [captions, liveness, affect, link, models, measures, timeline, account] = this.panels;
    const code = panel("code", model);
    this.panels.push(code);
    this.recording = panel("recording", model, { api: this.api, session: this.session });
    if (!this.rights.watch) {
      this.#resultAlone();
      return;
    }
    this.recording.addEventListener("moved", (event) => {
      captions.mark(event.detail);
      this.result.mark(event.detail);
    });
    for (const type of ["click", "keydown"]) this.body.addEventListener(type, (event) => this.#choose(event));
    this.serverClock = new ServerClock().start();
    this.serverClock.heard(this.view);
    this.media = new MediaNow(this.serverClock);
    this.media.read(this.view);
    this.lag = new Lag(this.serverClock);
    this.paintedAt = performance.now(); // the log so far comes first, and is painted as one
    this.channel = new Channel({
      session: this.session, token: this.api.token,
      onEvent: (event) => {
        model.apply(event);
        this.serverClock.heard(event);
        this.lag.heard(event);
        this.media.heard(event);
        if (event.data.type === "result.ready") this.#report();
        this.#repaint();
      },
      isLast: ({ data }) => data.type === "result.ready",
      onState: (state, error = null) => {
        if (state === "waiting") this.media.lost();
        Object.assign(this.stream, { state, error });
        this.#repaint();
      },
    });
    this.commands = new Commands(this.channel, this.api);
    const { commands, rights, lag } = this;
    const now = () => this.#mediaTime;
    const controls = panel("controls", model, {
      commands, rights, lag, now, viewing: () => this.picture.viewer?.state === "watching",
    });
    const annotations = panel("annotations", model, { commands, rights, now });
    const shortcuts = Object.assign(document.createElement("hr-shortcuts"), {
      keys: { n: () => annotations.begin(), i: () => controls.focusQuestion() },
    });
    this.panels.push(this.recording, controls, annotations);
    this.controls = controls;
    this.dock = h("div", { class: "dock", hidden: true }); // beside the result: quotes play where they are read
    this.body.append(this.banners, this.dock, this.result, h("div", { class: "live-grid" },
      h("div", { class: "side" }, captions, code, annotations, ...(rights.command ? [shortcuts] : []), timeline),
      h("div", { class: "side" }, this.picture, controls, this.recording, identity, liveness, affect, link, models)),
    account, measures);
    this.seconds = setInterval(() => this.#clock(), 1000);
    this.#repaint();
  }

  /** A line of the transcript, or a quote, plays from where it was said. */
  #choose(event) {
    const line = event.target.closest?.("[data-at]");
    if (!line || (event.type === "keydown" && event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    this.recording.scrollIntoView({ block: "nearest" });
    this.recording.seek(Number(line.dataset.at));
  }

  async #report() {
    try {
      this.result.report = await this.api.get(`/sessions/${this.session}/report`);
      this.result.failed = null;
      this.result.update();
    } catch (problem) {
      this.result.fail(problem, () => this.#report());
    }
  }

  #repaint() {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.paintedAt = performance.now();
      this.update();
    }, Math.max(0, this.paintedAt + REPAINT_MS - performance.now()));
  }

  /** Seconds. What is over, or has not begun, stands where its last event does. */
  get #mediaTime() {
    const { model, media } = this;
    return model.over ? model.mediaTime : media?.now ?? model.mediaTime;
  }

  #clock() {
    put(this.time, "live.time", { time: clock(this.#mediaTime) });
    this.controls?.update();
  }

  update() {
    const { model, panels } = this;
    if (!panels) return;
    this.name.textContent = model.candidate;
    put(this.ask, "live.end.ask", { name: model.candidate });
    put(this.chip, `state.${model.state}`);
    this.chip.dataset.state = model.state;
    // Before it has read what had happened, what this page asks for is refused as coming from a stale one.
    const behind = (this.channel?.seq ?? 0) < this.view.events;
    this.stop.hidden = model.over || !this.rights.command || behind;
    this.result.hidden = !model.over;
    this.#place();
    if (model.over && !this.result.report) this.result.update();
    this.#clock();
    for (const one of this.rights.watch ? [this.banners, this.picture, ...panels] : panels) one.update();
    this.lag?.painted();
  }

  /** After the end the player goes with the result, where there is something to play. */
  #place() {
    const docked = this.model.over && this.model.playable;
    this.dock.hidden = !docked;
    this.body.toggleAttribute("data-docked", docked);
    if (docked && this.recording.parentElement !== this.dock) this.dock.append(this.recording);
  }

  /** Who may read results but not watch (a hiring manager) has no events: the report says what there is. */
  async #resultAlone() {
    const { model } = this;
    model.playable = await this.api.get(`/sessions/${this.session}/recording`).then(() => true, () => false);
    this.recording.addEventListener("moved", (event) => this.result.mark(event.detail));
    for (const type of ["click", "keydown"]) this.body.addEventListener(type, (event) => this.#choose(event));
    this.dock = h("div", { class: "dock", hidden: true }, this.recording);
    this.panels = [this.recording];
    this.body.append(this.dock, this.result);
    await this.#report();
    Object.assign(model, { state: this.result.report?.state ?? model.state, mediaTime: this.result.report?.media_time ?? model.mediaTime });
    this.update();
  }

  leave() {
    this.channel?.stop();
    this.commands?.stop();
    this.serverClock?.stop();
    clearTimeout(this.timer);
    clearInterval(this.seconds);
  }
});
