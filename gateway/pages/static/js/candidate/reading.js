// <candidate-reading>: the button that reads something aloud, and stops it. Tells "wish" with whether to read on.
import { View, h, icon } from "../dom.js";
import { put } from "../i18n.js";
import { Reader } from "./reader.js";

customElements.define("candidate-reading", class extends View {
  /** Set before it is shown: `session`, and `what()`: what is to be read, as for `Reader.read`. */
  build() {
    this.reader = new Reader(this.session);
    this.word = h("span", {});
    this.mark = h("span", { class: "mark" });
    this.button = h("button", { class: "button quiet", type: "button", on: { click: () => this.#press() } }, this.mark, this.word);
    this.none = h("span", { class: "small muted", role: "status" });
    this.append(this.button, this.none);
  }

  leave() {
    this.reader.stop();
  }

  #press() {
    this.dispatchEvent(new CustomEvent("wish", { detail: !this.reading }));
    if (this.reading) this.stop();
    else this.read({ asked: true });
  }

  /** `asked`: by a press; then it is told where nothing can be read. */
  async read({ asked = false } = {}) {
    const turn = {};
    this.reading = turn;
    this.none.textContent = "";
    delete this.none.dataset.message;
    this.update();
    const done = await this.reader.read(this.what());
    if (this.reading !== turn) return;
    this.reading = null;
    if (!done && asked) put(this.none, "reading.none");
    this.update();
  }

  stop() {
    this.reading = null;
    this.reader.stop();
    this.update();
  }

  update() {
    const name = this.reading ? "stop" : "sound";
    put(this.word, this.reading ? "reading.stop" : "reading.start");
    if (this.mark.dataset.icon === name) return;
    this.mark.dataset.icon = name;
    this.mark.replaceChildren(icon(name));
  }
});
