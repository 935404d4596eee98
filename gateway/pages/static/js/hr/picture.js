// <hr-picture>: the candidate live, without sound until it is asked for, and press-and-hold to speak to them.
import { View, h, icon } from "../dom.js";
import { put } from "../i18n.js";
import { reason } from "../capture.js";
import { constraints } from "../whip.js";
import { WhepViewer } from "../whep.js";
import "./watermark.js";

customElements.define("hr-picture", class extends View {
  /** Set before it is shown: `model`, `api`, `session`, `iceServers`, `rights`, `past` (it is over already). */
  build() {
    this.video = h("video", { autoplay: true, playsinline: true, label: "picture.title" });
    this.video.muted = true;
    this.over = h("p", { class: "picture-over", role: "status" });
    this.speakers = h("span", { class: "chip picture-live", t: "picture.live" });
    this.sound = h("button", { class: "button", type: "button", "aria-pressed": "false", on: { click: () => this.#sound() } },
      icon("muted"), h("span", { t: "picture.sound" }));
    this.talk = h("button", { class: "button talk", type: "button", "aria-pressed": "false" },
      icon("microphone"), h("span", { t: "talk.hold" }));
    this.says = h("p", { class: "small muted talk-state", role: "status" });
    this.append(
      h("div", { class: "picture-frame" }, this.video,
        Object.assign(document.createElement("hr-watermark"), { rights: this.rights }), this.speakers, this.over),
      h("div", { class: "picture-actions" }, this.sound, this.talk), this.says);
    this.#hold();
    this.video.addEventListener("playing", () => this.update());
    this.video.addEventListener("emptied", () => this.update());
  }

  #sound() {
    const on = this.video.muted;
    this.video.muted = !on;
    this.sound.setAttribute("aria-pressed", on);
    this.sound.replaceChildren(icon(on ? "sound" : "muted"), h("span", { t: on ? "picture.sound.on" : "picture.sound" }));
  }

  /** With the pointer or the space bar; letting go anywhere, or leaving the page, closes the microphone. */
  #hold() {
    const press = () => this.#press();
    const release = () => this.#release();
    this.talk.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.talk.setPointerCapture(event.pointerId);
      press();
    });
    for (const type of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) this.talk.addEventListener(type, release);
    this.talk.addEventListener("contextmenu", (event) => event.preventDefault());
    this.talk.addEventListener("keydown", (event) => {
      if (![" ", "Enter"].includes(event.key)) return;
      event.preventDefault();
      if (!event.repeat) press();
    });
    this.talk.addEventListener("keyup", (event) => {
      if ([" ", "Enter"].includes(event.key)) release();
    });
  }

  async #press() {
    if (this.held || this.talk.disabled) return;
    this.held = true;
    this.failed = null;
    if (this.asking) return; // pressed again before the microphone has come
    this.asking = true;
    this.#voice("opening");
    try {
      const { audio } = constraints({ video: false });
      this.microphone = await navigator.mediaDevices.getUserMedia({ audio });
      if (this.held) await this.viewer.talk(this.microphone.getAudioTracks()[0]);
    } catch (problem) {
      this.held = false;
      const why = problem.text ? null : { denied: "talk.denied", none: "talk.none" }[reason(problem)] ?? "talk.busy";
      this.failed = { text: problem.text, key: why };
    }
    this.asking = false;
    if (this.held) this.#voice("open");
    else await this.#close();
  }

  #release() {
    if (!this.held) return;
    this.held = false;
    if (this.voice === "open") this.#close();
  }

  async #close() {
    this.microphone?.getTracks().forEach((track) => track.stop());
    this.microphone = null;
    this.#voice("closed");
    try {
      await this.viewer?.hush();
    } catch {
      // The server closes it with the connection at the latest.
    }
  }

  #voice(state) {
    this.voice = state;
    this.update();
  }

  #watch() {
    const { session, api, iceServers } = this;
    this.viewer = new WhepViewer({ url: `/whep/${session}`, token: api.token, iceServers });
    this.viewer.addEventListener("state", () => {
      if (this.viewer?.state !== "watching") this.#release(); // nobody hears what is said now
      this.update();
    });
    this.viewer.addEventListener("stream", () => { this.video.srcObject = this.viewer.stream; });
    this.viewer.start();
  }

  update() {
    const { model, viewer } = this;
    if (!this.video) return;
    this.hidden = model.over || !this.rights.watch;
    if (model.over) return void this.leave();
    // The log of a session that is over passes through "live" too while it is read.
    if (!viewer && model.state === "live" && !this.past) this.#watch();
    const key = model.state === "created" ? "picture.waiting"
      : model.state === "disconnected" ? "picture.away"
        : viewer?.state === "lost" ? "picture.lost"
          : viewer?.state === "watching" && this.video.videoWidth ? null : "picture.connecting";
    this.over.hidden = key === null;
    this.speakers.hidden = key !== null;
    if (viewer?.problem && key === "picture.lost") this.over.textContent = viewer.problem.text;
    else if (key) put(this.over, key);
    this.sound.disabled = viewer?.state !== "watching";
    this.talk.disabled = viewer?.state !== "watching" || model.state !== "live" || !this.rights.command;
    this.talk.dataset.voice = this.voice ?? "closed";
    this.talk.setAttribute("aria-pressed", this.voice === "open");
    put(this.talk.lastChild, { opening: "talk.opening", open: "talk.open" }[this.voice] ?? "talk.hold");
    this.says.classList.toggle("warn", Boolean(this.failed));
    if (this.failed?.text) this.says.textContent = this.failed.text;
    else put(this.says, this.failed?.key ?? (model.talking && this.voice !== "open" ? "talk.other" : this.voice === "open" ? "talk.heard" : "talk.say"));
  }

  leave() {
    this.#release();
    this.microphone?.getTracks().forEach((track) => track.stop());
    this.viewer?.close();
    this.viewer = null;
  }
});
