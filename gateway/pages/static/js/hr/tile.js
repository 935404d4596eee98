// <hr-tile>: one interview on the wall. In view it plays and hears events; else it shows what the list says.
import { Channel } from "../channel.js";
import { View, h } from "../dom.js";
import { clock, number, put, t } from "../i18n.js";
import { WhepViewer } from "../whep.js";
import { SessionModel } from "./model.js";
import { grade } from "./observed.js";
import { standing, whole } from "./standing.js";
import "./watermark.js";

const HISTORY = 2000; // events read again when a tile comes into view: some ten minutes, for faces, sound and words
const REPAINT_MS = 250;
const LAYERS = 2; // half of the pictures a second: a wall is looked over, and has sixteen of them to decode

customElements.define("hr-tile", class extends View {
  /** Set before it is shown: `api`, `view` (SessionView), `rights`, `iceServers`. Moved about, it goes on: the wall stops it. */
  build() {
    this.model = null;
    this.playing = false;
    this.video = h("video", { autoplay: true, playsinline: true, "aria-hidden": "true", tabindex: "-1" });
    this.video.muted = true;
    this.over = h("p", { class: "tile-over small" });
    this.title_ = h("span", { class: "session-title" });
    this.chip = h("span", { class: "chip" });
    this.where = h("span", { class: "small" });
    this.link = h("span", { class: "badge" });
    this.hint = h("span", { class: "badge", "data-tone": "warn", hidden: true });
    this.doubts = h("span", { class: "badge", "data-tone": "warn", hidden: true });
    this.line = h("span", { class: "tile-line small muted", lang: this.view.language === "zh" ? "zh-CN" : "en" });
    this.append(h("a", { class: "card tile", href: `#s=${this.view.id}` },
      h("span", { class: "tile-picture" }, this.video, Object.assign(document.createElement("hr-watermark"), { rights: this.rights }), this.over),
      h("span", { class: "tile-text" }, h("span", { class: "tile-head" }, this.title_, this.chip), this.where,
        h("span", { class: "row" }, this.link, this.hint, this.doubts), this.line)));
    this.video.addEventListener("playing", () => this.update());
  }

  /** Plays and listens, or stops doing so. */
  play(on) {
    if (on === this.playing) {
      if (on && this.video.paused && this.video.srcObject) this.video.play().catch(() => {}); // moving it had paused it
      return;
    }
    this.playing = on;
    if (on) this.#start();
    else this.stop();
    this.update();
  }

  #start() {
    const { api, view } = this;
    this.model = new SessionModel();
    this.model.questions = view.questions;
    this.model.conduct.clock.questions = new Map(view.questions.map((question) => [question.id, question]));
    this.channel = new Channel({
      session: view.id, token: api.token, after: Math.max(0, view.events - HISTORY), isLast: ({ data }) => data.type === "result.ready",
      onEvent: (event) => {
        this.model.apply(event);
        this.timer ??= setTimeout(() => {
          this.timer = null;
          this.update();
        }, REPAINT_MS);
      },
    });
    this.#watch();
  }

  #watch() {
    if (this.viewer || !this.playing || this.view.state !== "live") return;
    const { api, iceServers, view } = this;
    this.viewer = new WhepViewer({ url: `/whep/${view.id}?layers=${LAYERS}`, token: api.token, iceServers, sound: false });
    this.viewer.addEventListener("stream", () => { this.video.srcObject = this.viewer?.stream ?? null; });
    this.viewer.addEventListener("state", () => this.update());
    this.viewer.start();
  }

  stop() {
    this.playing = false;
    clearTimeout(this.timer);
    this.timer = null;
    this.channel?.stop();
    this.viewer?.close();
    Object.assign(this, { channel: null, viewer: null });
    this.video.srcObject = null;
  }

  /** What the list says anew. `need`: of attention.js. */
  show(view, need) {
    Object.assign(this, { view, need, seen: performance.now() });
    if (this.playing) this.#watch();
    this.update();
  }

  #standing() {
    const { conduct, questions, current_question: current } = this.view;
    if (!conduct) return "";
    const since = conduct.running ? (performance.now() - this.seen) / 1000 : 0;
    const question = questions.findIndex(({ id }) => id === (conduct.question ?? current)) + 1;
    const remaining = Math.max(0, conduct.remaining_s - since);
    return standing({
      phase: conduct.phase, paused: conduct.paused, connected: conduct.connected, total: questions.length,
      whole: whole({ phase: conduct.phase, question, remaining }, questions),
      question, remaining,
    });
  }

  update() {
    if (!this.title_) return;
    const { model, view, need = "live" } = this;
    this.title_.textContent = view.candidate;
    put(this.chip, `wall.need.${need}`);
    this.chip.dataset.state = need === "live" ? "live" : ["created", "paused"].includes(need) ? "" : "disconnected";
    const where = this.#standing();
    this.where.textContent = where || clock(view.media_time);
    const { link } = model ?? {};
    this.link.hidden = !link || view.state !== "live";
    if (link) {
      put(this.link, `wall.link.${grade(link)}`);
      this.link.dataset.tone = grade(link) === "poor" ? "warn" : "";
    }
    this.hint.hidden = !(model?.faces > 1);
    const { sure = null } = model ?? {};
    put(this.hint, sure === null ? "wall.several" : "wall.several.sure", { sure: sure === null ? "" : number(sure, 2) });
    const others = (view.concerns ?? []).filter((one) => one !== need); // the chip says that one
    this.doubts.hidden = !others.length;
    this.doubts.textContent = others.map((one) => t(`wall.need.${one}`)).join(t("list.comma"));
    this.line.textContent = [...(model?.lines.values() ?? [])].findLast(({ text }) => text)?.text ?? "";
    const seen = this.playing && this.video.videoWidth > 0 && view.state === "live";
    this.over.hidden = seen;
    if (!seen) {
      put(this.over, view.state === "created" ? "picture.waiting" : view.state === "disconnected" ? "picture.away"
        : this.playing ? (this.viewer?.state === "lost" ? "picture.lost" : "picture.connecting") : "wall.idle");
    }
  }
});
