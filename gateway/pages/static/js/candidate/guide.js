// <candidate-guide>: what comes now, written and on request read aloud. "Start" asks the first question: tells "ready".
import { View, h, notice } from "../dom.js";
import { language } from "../i18n.js";
import { guidance } from "./guidance.js";
import "./reading.js";

customElements.define("candidate-guide", class extends View {
  build() {
    const { session } = this;
    this.lines = h("ol", { class: "guide-lines" });
    this.reading = Object.assign(document.createElement("candidate-reading"), {
      session, what: () => ({ text: guidance(session.view.questions).join(" "), language: language() }),
    });
    this.failed = h("div", { class: "notices" });
    this.go = h("button", { class: "button primary", type: "button", t: "guide.start", on: { click: () => this.#start() } });
    this.append(
      h("div", { class: "lead" }, h("h1", { t: "guide.title" }), h("p", { class: "muted", t: "guide.lead" })),
      h("div", { class: "card guide" }, this.lines, this.reading),
      ...(session.identity.status === "human" ? [notice("info", h("p", { t: "guide.human" }))] : []),
      this.failed, h("div", { class: "actions" }, this.go));
    this.onChange = () => this.update();
    session.addEventListener("change", this.onChange);
  }

  leave() {
    this.session.removeEventListener("change", this.onChange);
  }

  async #start() {
    this.busy = true;
    this.update();
    this.reading.stop();
    this.failed.replaceChildren();
    this.session.readAloud = true; // the press lets the page make sound, and asks for it
    try {
      if (this.session.question === null) await this.session.next();
      this.dispatchEvent(new Event("ready"));
    } catch (refused) {
      this.failed.replaceChildren(notice("warn", h("p", {}, refused.text ?? String(refused))));
      this.busy = false;
      this.update();
    }
  }

  update() {
    const { session } = this;
    this.go.disabled = Boolean(this.busy) || !session.live || session.connection !== "connected";
    const lines = guidance(session.view.questions);
    if (lines.join() === this.told) return;
    this.told = lines.join();
    this.lines.replaceChildren(...lines.map((line) => h("li", {}, line)));
  }
});
