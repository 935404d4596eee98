// <candidate-captions>: what was understood, as it is understood. Finished sentences are read out politely.
import { View, h } from "../dom.js";

customElements.define("candidate-captions", class extends View {
  build() {
    this.lines = new Map();
    this.empty = h("p", { class: "muted", t: "interview.captions.empty" });
    this.list = h("div", { class: "caption-lines", "aria-hidden": "true" });
    this.spoken = h("div", { class: "hidden-visually", "aria-live": "polite", role: "log" });
    this.append(this.empty, this.list, this.spoken);
  }

  update() {
    const { captions } = this.session;
    for (const [utterance, line] of this.lines) {
      if (!captions.has(utterance)) {
        line.remove();
        this.lines.delete(utterance);
      }
    }
    for (const [utterance, { text, stable, final }] of captions) {
      let line = this.lines.get(utterance);
      if (!line) {
        line = h("p", {}, h("span", { class: "stable" }), h("span", { class: "unsure" }));
        this.lines.set(utterance, line);
        this.list.append(line);
      }
      line.firstChild.textContent = text.slice(0, stable);
      line.lastChild.textContent = text.slice(stable);
      line.hidden = !text;
      if (final && !line.dataset.final) {
        line.dataset.final = "";
        if (text) this.spoken.append(h("p", {}, text));
      }
    }
    this.empty.hidden = [...captions.values()].some(({ text }) => text);
    this.list.scrollTop = this.list.scrollHeight;
  }
});
