// <candidate-interview>: one question at a time, the person's own small picture, captions, and the way on.
import { View, h, icon, notice } from "../dom.js";
import { put } from "../i18n.js";
import { pictureHint, soundHint, urgent } from "./hints.js";
import "../elements/camera.js";
import "../elements/face-data.js";
import "./captions.js";
import "./timer.js";

customElements.define("candidate-interview", class extends View {
  build() {
    const { session } = this;
    this.number = h("p", { class: "question-number" });
    this.text = h("h1", { class: "question", tabindex: "-1" });
    this.timer = document.createElement("candidate-timer");
    this.timer.session = session;
    this.camera = h("viva-camera", { class: "self-view" });
    this.camera.show(this.stream);
    this.recorded = h("span", { class: "recorded", hidden: true }, icon("record"), h("span", { t: "interview.recorded" }));
    this.watched = h("span", { role: "status" });
    this.captions = document.createElement("candidate-captions");
    this.captions.session = session;
    this.notices = h("div", { class: "notices" });
    this.toggle = h("button", {
      class: "button", type: "button", "aria-pressed": "true", on: { click: () => this.#toggle() },
    }, icon("captions"), h("span", { t: "interview.captions" }));
    this.forward = h("button", { class: "button primary", type: "button", on: { click: () => this.#forward() } });
    this.quit = h("button", {
      class: "button", type: "button", t: "interview.finish", on: { click: () => this.#ask() },
    });
    this.append(
      h("div", { class: "interview-top" },
        h("div", { class: "interview-head" }, this.number, this.timer),
        h("figure", {}, this.camera, h("figcaption", { class: "small muted" }, icon("eye"), this.watched, this.recorded))),
      this.text, this.notices, h("div", { class: "card captions-card" }, this.captions),
      Object.assign(document.createElement("candidate-face-data"), { session }),
      h("div", { class: "actions" }, this.toggle, this.quit, this.forward), this.#dialog());
    this.onChange = () => this.update();
    session.addEventListener("change", this.onChange);
  }

  leave() {
    this.session.removeEventListener("change", this.onChange);
  }

  #dialog() {
    this.warning = h("p", { class: "muted" });
    this.dialog = h("dialog", { "aria-labelledby": "finish-ask" },
      h("form", { method: "dialog" },
        h("h2", { id: "finish-ask", t: "interview.finish.ask" }), this.warning,
        h("div", { class: "row end" },
          h("button", { class: "button", value: "stay", t: "interview.finish.stay" }),
          h("button", { class: "button primary", value: "finish", t: "interview.finish" }))));
    this.dialog.addEventListener("close", () => {
      if (this.dialog.returnValue === "finish") this.#do(() => this.session.finish());
      this.dialog.returnValue = "";
    });
    return this.dialog;
  }

  #toggle() {
    const on = this.toggle.getAttribute("aria-pressed") !== "true";
    this.toggle.setAttribute("aria-pressed", on);
    this.captions.parentElement.hidden = !on;
  }

  #forward() {
    if (this.session.last) this.#ask();
    else this.#do(() => this.session.next());
  }

  #ask() {
    const unseen = this.session.view.questions.length - this.session.index - 1;
    put(this.warning, unseen ? "interview.finish.unanswered" : "interview.finish.say", { n: unseen });
    this.dialog.showModal();
  }

  async #do(command) {
    this.busy = true;
    this.failed = null;
    this.update();
    try {
      await command();
    } catch (problem) {
      this.failed = problem.text ?? String(problem);
    }
    this.busy = false;
    this.update();
  }

  update() {
    const { session } = this;
    this.recorded.hidden = !session.recording;
    const { questions, language } = session.view;
    const { index } = session;
    if (index >= 0) {
      const text = questions[index].text;
      put(this.number, "interview.question", { n: index + 1, total: questions.length });
      const words = text[language] ?? Object.values(text)[0];
      if (this.text.textContent !== words) {
        this.text.textContent = words;
        this.text.lang = text[language] ? language : Object.keys(text)[0];
        this.text.focus({ preventScroll: true });
      }
    }
    put(this.forward, session.last ? "interview.finish" : "interview.next");
    this.forward.disabled = this.busy || index < 0;
    this.quit.hidden = session.last;
    this.quit.disabled = Boolean(this.busy);
    put(this.watched, session.watching ? "interview.watching" : "interview.watched", { n: session.watching });
    this.captions.update();
    this.#notices();
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
      if (session.spokenTo) list.push(["info", "interview.spoken-to"]);
      if (session.slower) list.push(["info", "interview.slower"]);
    }
    const key = JSON.stringify([list, this.failed]);
    if (key === this.shown) return;
    this.shown = key;
    this.notices.replaceChildren(
      ...list.map(([tone, title, more]) =>
        notice(tone, h("p", {}, h(more ? "strong" : "span", { t: title })), ...(more ? [h("p", { class: "small", t: more })] : []))),
      ...(this.failed ? [notice("warn", h("p", {}, this.failed))] : []));
  }
});
