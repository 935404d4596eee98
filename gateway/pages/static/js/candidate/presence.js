// <candidate-presence>: the liveness checks that a person can follow. Optional, and never a gate.
import { View, h, icon, notice } from "../dom.js";
import { put } from "../i18n.js";
import { FlashScreen, lessMotion } from "./flash.js";

const ARROWS = { "turn-left": "←", "turn-right": "→" };

customElements.define("candidate-presence", class extends View {
  /** Set before it is shown: `session`, and `stream` once there is one. */
  build() {
    this.state = h("p", { class: "muted", role: "status", t: "presence.say" });
    this.start = h("button", { class: "button", type: "button", t: "presence.start", on: { click: () => this.#challenge() } });
    this.human = h("button", { class: "button", type: "button", hidden: true, t: "presence.human", on: { click: () => this.#human() } });
    this.problem = h("div", { class: "trouble" });
    this.append(h("section", { class: "card presence", "aria-labelledby": "presence-title" },
      h("h2", { id: "presence-title", t: "presence.title" }), this.state,
      h("div", { class: "row" }, this.start, this.human), this.#light(), this.problem), this.#dialog());
    this.flash = new FlashScreen(this.session);
    this.append(this.flash.dialog);
    this.onChange = () => this.update();
    this.session.addEventListener("change", this.onChange);
  }

  leave() {
    this.session.removeEventListener("change", this.onChange);
    clearTimeout(this.closing);
    this.flash.close();
  }

  /** The colour check: explained, and as easily declined as begun. */
  #light() {
    this.lightState = h("p", { class: "small", role: "status" });
    this.go = h("button", { class: "button", type: "button", t: "flash.start", on: { click: () => this.#flash(false) } });
    this.decline = h("button", { class: "button quiet", type: "button", t: "flash.decline", on: { click: () => this.#flash(true) } });
    const still = lessMotion();
    this.go.hidden = still;
    return h("details", {}, h("summary", { t: "flash.title" }),
      h("div", { class: "stack" }, h("p", { class: "small", t: "flash.say" }),
        notice("info", h("p", { class: "small", t: "flash.warning" })),
        ...(still ? [h("p", { class: "small muted", t: "flash.less-motion" })] : []),
        h("div", { class: "row" }, this.go, this.decline), this.lightState));
  }

  #dialog() {
    this.arrow = h("span", { class: "prompt-arrow", "aria-hidden": "true" });
    // Assertive: the prompt is for now, and nothing else is.
    this.words = h("p", { class: "prompt-words", role: "alert" });
    this.count = h("p", { class: "muted" });
    this.dialog = h("dialog", { class: "prompt", "aria-labelledby": "presence-title" },
      this.count, this.arrow, this.words,
      h("button", { class: "button", type: "button", t: "presence.leave", on: { click: () => this.dialog.close() } }));
    return this.dialog;
  }

  async #challenge() {
    this.session.challenge = null;
    clearTimeout(this.closing); // of the attempt before
    this.#say("presence.look", "", null);
    this.dialog.showModal();
    await this.#try(() => this.session.liveness("challenge"), () => this.dialog.close());
  }

  async #flash(decline) {
    const before = this.session.flash; // the order may come before the answer
    const done = await this.#try(() => this.session.liveness("flash", { decline }));
    if (!done) return;
    put(this.lightState, decline ? "flash.declined" : "flash.running");
    if (!decline) this.flash.expect(before, () => put(this.lightState, "flash.done"));
  }

  async #human() {
    if (!(await this.#try(() => this.session.liveness("human")))) return;
    put(this.state, "presence.human.asked");
    this.asked = true;
    this.human.hidden = true;
  }

  async #try(command, failed = () => {}) {
    this.problem.replaceChildren();
    try {
      await command();
      return true;
    } catch (problem) {
      failed();
      this.problem.replaceChildren(notice("warn", h("p", {}, problem.text ?? String(problem))));
      return false;
    }
  }

  #say(words, arrow, count) {
    put(this.words, words);
    this.arrow.textContent = arrow;
    this.count.hidden = count === null;
    if (count) put(this.count, "presence.step", count);
  }

  update() {
    const { challenge, live, connection } = this.session;
    const ready = live && connection === "connected";
    this.start.disabled = this.go.disabled = this.decline.disabled = !ready;
    if (ready && this.stream && this.named !== this.stream) this.#name();
    this.flash?.update();
    if (!challenge || challenge === this.shown) return;
    this.shown = challenge;
    if (challenge.type === "challenge.prompted") {
      const { step, index: n, steps: total } = challenge;
      this.arrow.replaceChildren(...(step === "blink" ? [icon("eye")] : []));
      put(this.words, `presence.${step}`);
      if (ARROWS[step]) this.arrow.textContent = ARROWS[step];
      this.count.hidden = false;
      put(this.count, "presence.step", { n, total });
    } else this.#ended(challenge);
  }

  #ended({ outcome, attempts_left: left }) {
    const passed = outcome === "passed";
    const key = passed ? "presence.passed" : left ? "presence.again" : "presence.spent";
    this.#say(key, passed ? "✓" : "", null);
    put(this.state, key, { n: left });
    put(this.words, key, { n: left });
    this.start.hidden = passed || !left;
    put(this.start, "presence.retry");
    this.human.hidden = passed || left > 0 || Boolean(this.asked);
    this.closing = setTimeout(() => this.dialog.close(), 2500);
  }

  /** Once for every choice of devices: what the browser calls them. */
  #name() {
    this.named = this.stream;
    const label = (tracks) => tracks[0]?.label?.slice(0, 200) || null;
    this.#try(() => this.session.liveness("devices", {
      camera: label(this.stream.getVideoTracks()), microphone: label(this.stream.getAudioTracks()),
    }));
  }
});
