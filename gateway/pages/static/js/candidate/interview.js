// <candidate-interview>: one question at a time, the person's own small picture, captions, and the way on.
import { View, h, icon, notice } from "../dom.js";
import { number, put } from "../i18n.js";
import { pictureHint, soundHint, urgent } from "./hints.js";
import "../elements/camera.js";
import "../elements/face-data.js";
import "./bar.js";
import "./captions.js";
import "./editor.js";
import "./finish.js";
import "./reading.js";
import "./timer.js";

customElements.define("candidate-interview", class extends View {
  build() {
    const { session } = this;
    this.number = h("p", { class: "question-number" });
    this.text = h("h1", { class: "question", tabindex: "-1" });
    this.timer = document.createElement("candidate-timer");
    this.timer.session = session;
    this.bar = Object.assign(document.createElement("candidate-bar"), { session });
    this.phase = h("p", { class: "phase", role: "status" });
    this.asked = h("div", { class: "interjected", role: "log", "aria-live": "assertive" });
    this.reading = Object.assign(document.createElement("candidate-reading"), { session, what: () => this.#said() });
    this.reading.addEventListener("wish", ({ detail }) => { session.readAloud = detail; });
    this.editor = Object.assign(document.createElement("candidate-editor"), { session });
    this.anew = h("button", {
      class: "button quiet", type: "button", on: { click: () => this.#do(() => session.command("retry", { question: session.question })) },
    });
    this.camera = h("viva-camera", { class: "self-view" });
    this.camera.show(this.stream);
    this.recorded = h("span", { class: "recorded", hidden: true }, icon("record"), h("span", { t: "interview.recorded" }));
    this.watched = h("span", { role: "status" });
    this.captions = document.createElement("candidate-captions");
    this.captions.session = session;
    this.notices = h("div", { class: "notices" });
    this.toggle = h("button", {
      class: "button quiet", type: "button", "aria-pressed": "true", on: { click: () => this.#toggle() },
    }, icon("captions"), h("span", { t: "interview.captions" }));
    this.forward = h("button", { class: "button primary", type: "button", on: { click: () => this.#forward() } });
    this.quit = h("button", {
      class: "button", type: "button", t: "interview.quit", on: { click: () => this.sure.ask() },
    });
    this.sure = Object.assign(document.createElement("candidate-finish"), { session });
    this.sure.addEventListener("finish", () => this.#do(() => session.finish(), true));
    this.append(
      h("div", { class: "interview-top" },
        h("div", { class: "interview-head" }, this.number, this.bar, this.timer),
        h("figure", {}, this.camera, h("figcaption", { class: "small muted" }, h("span", { class: "watched" }, icon("eye"), this.watched), this.recorded))),
      this.text, this.phase, h("div", { class: "row tools" }, this.reading, this.toggle, this.anew),
      this.editor, this.asked, this.notices, h("div", { class: "card captions-card" }, this.captions),
      Object.assign(document.createElement("candidate-face-data"), { session }), Object.assign(document.createElement("candidate-my-data"), { session }),
      h("div", { class: "actions" }, this.quit, this.forward), this.sure);
    this.onChange = () => this.update();
    session.addEventListener("change", this.onChange);
    this.onHidden = () => this.#hidden();
    document.addEventListener("visibilitychange", this.onHidden);
  }

  leave() {
    this.session.removeEventListener("change", this.onChange);
    document.removeEventListener("visibilitychange", this.onHidden);
  }

  /** That the page was left is told, as the guidance announced. */
  #hidden() {
    if (document.hidden) {
      this.hiddenAt = performance.now();
      return;
    }
    const seconds = (performance.now() - (this.hiddenAt ?? performance.now())) / 1000;
    if (seconds >= 1) this.session.command("page-hidden", { hidden_s: Math.min(seconds, 86_400) }).catch(() => {});
  }

  /** The question in the interview's language, else in what there is. */
  #said() {
    const { questions, language } = this.session.view;
    const { id, text } = questions[this.session.index];
    const spoken = text[language] ? language : Object.keys(text)[0];
    return { question: id, speech: `questions/${id}/speech`, text: text[spoken], language: spoken };
  }

  #toggle() {
    const on = this.toggle.getAttribute("aria-pressed") !== "true";
    this.toggle.setAttribute("aria-pressed", on);
    this.captions.parentElement.hidden = !on;
  }

  #forward() {
    const { session } = this;
    const { phase } = session.clock;
    const fields = { question: session.question };
    if (phase === "thinking") this.#do(() => session.command("start-answering", fields));
    else if (phase === "answering" && session.staged) this.#do(() => session.command("finish-answer", fields), true);
    else this.#on();
  }

  /** To the next question, or to the end. */
  #on() {
    if (this.session.last) this.sure.ask();
    else this.#do(() => this.session.next(), true);
  }

  /** `leaves`: the answer ends with it, so what is programmed is submitted first. */
  async #do(command, leaves = false) {
    this.busy = true;
    this.failed = null;
    this.update();
    try {
      if (leaves) await this.editor.submit();
      await command();
    } catch (problem) {
      this.failed = problem.text ?? String(problem);
    }
    this.busy = false;
    this.update();
  }

  update() {
    const { session } = this;
    const { index, clock } = session;
    this.recorded.hidden = !session.recording;
    if (index >= 0) this.#question();
    const staged = clock.phase === "answering" && session.staged;
    put(this.forward, clock.phase === "thinking" ? "interview.start-answering"
      : staged ? "interview.finish-answer" : session.last ? "interview.finish" : "interview.next");
    const still = this.busy || clock.paused;
    this.forward.disabled = Boolean(still || index < 0);
    // At the last question the way on is the end already, unless there is something to do before.
    this.quit.hidden = session.last && !staged && clock.phase !== "thinking";
    this.quit.disabled = Boolean(still);
    this.anew.hidden = !(session.retries > 0 && ["answering", "over"].includes(clock.phase));
    this.anew.disabled = Boolean(still);
    put(this.anew, "interview.anew", { n: session.retries });
    put(this.watched, session.watching ? "interview.watching" : "interview.watched", { n: session.watching });
    this.captions.update();
    this.bar.update();
    this.timer.update();
    this.editor.update();
    this.#phase();
    this.#asked();
    this.#notices();
  }

  #question() {
    const { session } = this;
    const { questions } = session.view;
    put(this.number, "interview.question", { n: session.index + 1, total: questions.length });
    const { question, text, language } = this.#said();
    if (this.showing === question) return;
    this.showing = question;
    this.text.textContent = text;
    this.text.lang = language;
    this.text.focus({ preventScroll: true });
    this.reading.stop();
    if (session.readAloud) this.reading.read();
  }

  /** What is expected now; told anew only when it changes. */
  #phase() {
    const { clock, finishedBy, staged } = this.session;
    const key = clock.phase === "over" ? `phase.over.${finishedBy === "timeout" ? "timeout" : "finished"}`
      : { thinking: "phase.thinking", answering: staged ? "phase.answering" : null }[clock.phase] ?? null;
    this.phase.hidden = !key;
    if (key && this.phase.dataset.message !== key) put(this.phase, key);
    if (this.was === "thinking" && clock.phase === "answering") this.reading.stop();
    this.was = clock.phase;
  }

  #asked() {
    const { interjected } = this.session;
    if (this.asked.childElementCount > interjected.length) this.asked.replaceChildren();
    for (const text of interjected.slice(this.asked.childElementCount)) {
      this.asked.append(h("div", { class: "card asked" }, h("p", { class: "small muted", t: "interview.asked" }), h("p", { class: "asked-text" }, text)));
    }
  }

  #notices() {
    const { session } = this;
    const list = [];
    if (session.connection === "reconnecting") {
      list.push(["warn", "interview.reconnecting", "interview.reconnecting.say"]);
    } else if (session.connection === "refused") {
      list.push(["warn", "interview.refused", "interview.refused.say"]);
    } else {
      for (const hint of [soundHint(session), pictureHint(session)]) if (hint) list.push([urgent(hint) ? "warn" : "info", hint]);
      if (session.extended) list.push(["info", "interview.extended", null, { n: number(session.extended) }]);
      if (session.spokenTo) list.push(["info", "interview.spoken-to"]);
      if (session.slower) list.push(["info", "interview.slower"]);
    }
    const key = JSON.stringify([list, this.failed]);
    if (key === this.shown) return;
    this.shown = key;
    this.notices.replaceChildren(
      ...list.map(([tone, title, more, vars]) =>
        notice(tone, h("p", {}, h(more ? "strong" : "span", { t: title, vars })), ...(more ? [h("p", { class: "small", t: more })] : []))),
      ...(this.failed ? [notice("warn", h("p", {}, this.failed))] : []));
  }
});
