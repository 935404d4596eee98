// <hr-spans>: the whole interview on one line: questions, pauses, disconnections, annotations.
import { View, h } from "../dom.js";
import { clock, t } from "../i18n.js";

customElements.define("hr-spans", class extends View {
  /** Set before it is shown: `model`. Its words stand in the list of events below. */
  build() {
    this.line = h("div", { class: "spans", role: "group", label: "span.title" });
    this.append(this.line);
  }

  update() {
    const { model } = this;
    const end = Math.max(60, model.mediaTime);
    const key = JSON.stringify([Math.round(end), model.asked.length, model.conduct.spans, [...model.conduct.annotations.values()], model.playable, document.documentElement.lang]);
    if (key === this.shown) return;
    this.shown = key;
    const at = (name, from, to, words) => {
      const mark = h("span", { class: name, title: words });
      mark.style.left = `${(100 * from) / end}%`;
      if (to !== null) mark.style.width = `${(100 * Math.max(0, to - from)) / end}%`;
      return mark;
    };
    const questions = model.asked.map(({ id, at: from }) => {
      const mark = at("question", from, null, clock(from));
      mark.textContent = model.numberOf(id);
      return mark;
    });
    const spans = model.conduct.spans.map(({ kind, from, to }) => at(kind, from, to ?? end, `${t(`span.${kind}`)} ${clock(from)}–${clock(to ?? end)}`));
    const notes = [...model.conduct.annotations.values()].filter(({ deleted }) => !deleted).map(({ mark, text }) =>
      at("note", mark, null, `${t("span.note")} ${clock(mark)}: ${text}`));
    this.line.replaceChildren(...spans, ...questions, ...notes);
  }
});
