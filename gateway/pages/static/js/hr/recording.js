// <hr-recording>: whether the interview is recorded, and a player whose clock is the interview's.
import { View, h, icon } from "../dom.js";
import { clock, put, t } from "../i18n.js";

const STOPPED = ["no-consent", "withdrawn", "disk-full", "storage-failed", "finished", "cut", "deleted"];

customElements.define("hr-recording", class extends View {
  /** Set before it is shown: `api`, `session`, `model`. Tells "moved" with the media time that is shown. */
  build() {
    this.chip = h("span", { class: "chip" });
    this.video = h("video", { controls: true, playsinline: true, preload: "auto", hidden: true, label: "recording.title" });
    this.where = h("p", { class: "small muted", hidden: true });
    this.say = h("p", { class: "small muted" });
    this.problem = h("p", { class: "small problem", role: "alert" });
    this.open = h("button", { class: "button", type: "button", on: { click: () => this.seek(null) } }, icon("play"), h("span", { t: "recording.play" }));
    this.video.addEventListener("timeupdate", () => this.#moved());
    this.video.addEventListener("play", () => this.#follow());
    this.video.addEventListener("error", () => this.#renew());
    this.append(h("div", { class: "panel-head" }, h("h2", { t: "recording.title" }), this.chip),
      this.say, this.video, this.where, this.open, this.problem);
  }

  get time() {
    return this.link ? this.link.start + this.video.currentTime : null;
  }

  /** Plays from this media time (seconds); null: from the beginning. Whoever asked for it sees it. */
  async seek(at) {
    await this.#play(at);
    this.scrollIntoView({ block: "nearest" });
  }

  async #play(at) {
    this.problem.textContent = "";
    try {
      if (!this.#holds(at)) await this.#load(at);
      this.video.currentTime = at === null ? 0 : Math.max(0, at - this.link.start);
      await this.video.play();
    } catch (problem) {
      if (problem.name !== "AbortError") this.problem.textContent = problem.text ?? String(problem); // AbortError: sought anew meanwhile
    }
  }

  #holds(at) {
    return this.link && !this.video.error && (at === null || (at >= this.link.start && at < this.link.end));
  }

  /** The whole file that holds `at`: sought within without another question to the server. */
  async #load(at) {
    const { parts } = await this.api.get(`/sessions/${this.session}/recording`);
    const part = parts.find(({ end }) => at === null || end > at) ?? parts.at(-1);
    this.link = await this.api.get(`/sessions/${this.session}/recording/link?from=${part.start}&to=${part.end}`);
    this.renewed = false;
    this.video.src = this.link.url;
    this.video.hidden = false;
    this.where.hidden = false;
    this.open.hidden = true;
    await new Promise((resolve, reject) => {
      this.video.addEventListener("loadedmetadata", resolve, { once: true });
      this.video.addEventListener("error", () => reject(new Error(t("recording.unplayable"))), { once: true });
    });
  }

  /** A link is good for some minutes only: once it has expired a new one goes on where the old one stopped. */
  #renew() {
    if (!this.link || this.renewed || new Date(this.link.expires_at) > new Date()) return;
    this.renewed = true;
    const at = this.time;
    this.link = null;
    this.#play(at);
  }

  /** While it plays, each picture: four times a second, as the browser tells by itself, is too rare for words. */
  #follow() {
    if (this.video.paused || !this.isConnected) return;
    this.#moved();
    requestAnimationFrame(() => this.#follow());
  }

  #moved() {
    if (this.time === null) return;
    put(this.where, "recording.at", { time: clock(this.time) });
    this.dispatchEvent(new CustomEvent("moved", { detail: this.time }));
  }

  update() {
    const { model } = this;
    const told = model.recording ?? {};
    // A gateway that died while it recorded told no end.
    const { state, reason } = told.state === "recording" && model.ready ? { state: "stopped", reason: "cut" } : told;
    this.hidden = !model.record;
    put(this.chip, state === "recording" ? "recording.state.recording" : STOPPED.includes(reason) ? `recording.state.${reason}` : "recording.state.waiting");
    this.chip.dataset.state = state === "recording" ? "live" : reason === "disk-full" || reason === "storage-failed" ? "disconnected" : "";
    put(this.say, model.playable ? "recording.say" : "recording.none");
    this.open.hidden = !model.playable || Boolean(this.link);
    if (!model.playable) {
      this.video.hidden = true;
      this.where.hidden = true;
    }
  }
});
