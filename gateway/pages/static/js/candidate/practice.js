// <candidate-practice>: a question that does not count, to hear oneself speak and see the words come. May be left out.
import { View, h, notice } from "../dom.js";
import { put } from "../i18n.js";
import "../elements/camera.js";
import "./captions.js";

customElements.define("candidate-practice", class extends View {
  /** Set before it is shown: `session`, `stream`. Tells "ready". */
  build() {
    const { session } = this;
    this.camera = h("viva-camera", { class: "self-view" });
    this.camera.show(this.stream);
    this.question = h("h2", { class: "practice-question", tabindex: "-1", t: "practice.question", hidden: true });
    this.captions = Object.assign(document.createElement("candidate-captions"), { session });
    this.card = h("div", { class: "card captions-card", hidden: true }, this.captions);
    this.says = h("div", { class: "notices" });
    this.skip = h("button", { class: "button", type: "button", t: "practice.skip", on: { click: () => this.#leave() } });
    this.go = h("button", { class: "button primary", type: "button", on: { click: () => this.#step() } });
    this.append(
      h("div", { class: "interview-top" },
        h("div", { class: "lead" }, h("h1", { t: "practice.title" }), h("p", { class: "muted", t: "practice.lead" })),
        h("figure", {}, this.camera)),
      this.question, this.says, this.card, h("div", { class: "actions" }, this.skip, this.go));
    this.onChange = () => this.update();
    session.addEventListener("change", this.onChange);
  }

  leave() {
    this.session.removeEventListener("change", this.onChange);
  }

  async #step() {
    const command = this.practising ? "end-practice" : "start-practice";
    if (!(await this.#do(command))) return;
    if (this.practising) {
      this.dispatchEvent(new Event("ready"));
      return;
    }
    this.practising = true;
    this.session.captions.clear();
    this.question.hidden = this.card.hidden = false;
    this.question.focus();
    this.update();
  }

  /** Also the way on where practising fails: that keeps nobody from the interview. */
  #leave() {
    this.dispatchEvent(new Event("ready"));
  }

  async #do(command) {
    this.busy = true;
    this.says.replaceChildren();
    this.update();
    try {
      await this.session.command(command);
      return true;
    } catch (refused) {
      this.failed = true;
      this.says.replaceChildren(notice("warn", h("p", {}, refused.text ?? String(refused))));
      return false;
    } finally {
      this.busy = false;
      this.update();
    }
  }

  update() {
    put(this.go, this.practising ? "practice.end" : "practice.start");
    this.go.disabled = this.skip.disabled = Boolean(this.busy);
    this.skip.hidden = Boolean(this.practising && !this.failed);
    this.captions.update();
  }
});
