// <hr-captions>: what the candidate says, by question. Finals in ink, what may still change in grey.
import { View, h } from "../dom.js";
import { clock, language, number, put, putAttribute } from "../i18n.js";

/** A line or a quote that plays from its media time when it is chosen; null takes that back. */
export function playable(element, at) {
  if (at === null) {
    for (const name of ["role", "tabindex", "data-at"]) element.removeAttribute(name);
    return element;
  }
  element.setAttribute("role", "button");
  element.tabIndex = 0;
  element.dataset.at = at;
  putAttribute(element, "title", "recording.from-here");
  return element;
}

customElements.define("hr-captions", class extends View {
  build() {
    this.rows = new Map();
    this.headings = new Map();
    this.title_ = h("h2", { t: "captions.title" });
    this.pace = h("p", { class: "small muted" });
    this.empty = h("p", { class: "muted", t: "captions.empty" });
    this.list = h("div", { class: "transcript", tabindex: "0", role: "region", label: "captions.title" });
    this.spoken = h("div", { class: "hidden-visually", "aria-live": "polite", role: "log" });
    this.latest = h("button", {
      class: "button latest", type: "button", t: "captions.latest", hidden: true, on: { click: () => this.#follow() },
    });
    this.list.addEventListener("scroll", () => {
      const { scrollHeight, scrollTop, clientHeight } = this.list;
      this.away = scrollHeight - scrollTop - clientHeight > 64;
      this.latest.hidden = !this.away;
    });
    this.append(h("div", { class: "panel-head" }, this.title_, this.pace), this.empty, this.list, this.latest, this.spoken);
  }

  #follow() {
    this.list.scrollTop = this.list.scrollHeight;
  }

  /** Rows stand in the order of their start; questions head the rows that answer them. */
  #place(line, row) {
    const after = [...this.list.children].find((other) => other.start > line.start);
    this.list.insertBefore(row, after ?? null);
  }

  #heading(question, at) {
    const name = question ?? "";
    if (this.headings.has(name)) return;
    const { questions, language: spoken } = this.model;
    const text = questions.find(({ id }) => id === question)?.text ?? {};
    const heading = h("h3", { class: "transcript-question" },
      question ? h("span", { class: "muted", t: "captions.question", vars: { n: this.model.numberOf(question) } })
        : h("span", { class: "muted", t: "captions.before" }),
      h("span", {}, text[spoken] ?? Object.values(text)[0] ?? ""));
    heading.start = at;
    this.headings.set(name, heading);
    this.#place(heading, heading);
  }

  /** The line that is being played at this media time. */
  mark(time) {
    const began = [...this.rows.values()].filter((row) => row.dataset.at && Number(row.dataset.at) <= time + 0.05);
    const now = began.reduce((last, row) => (!last || Number(row.dataset.at) > Number(last.dataset.at) ? row : last), null);
    for (const row of this.rows.values()) row.toggleAttribute("data-now", row === now);
  }

  update() {
    const { model } = this;
    put(this.title_, model.over ? "captions.title.after" : "captions.title");
    this.pace.hidden = model.over || model.pace === null;
    if (model.pace !== null) put(this.pace, "captions.pace", { s: number(model.pace, 1) });
    for (const { id, at } of model.asked) this.#heading(id, at - 0.3);
    for (const [utterance, line] of model.lines) {
      if (line.question === null && line.text) this.#heading(null, -1);
      let row = this.rows.get(utterance);
      if (!row) {
        row = h("p", { class: "transcript-line" },
          h("time", { class: "muted small" }, clock(line.start)),
          h("span", { lang: model.language === "zh" ? "zh-CN" : "en" }, h("span", {}), h("span", { class: "unsure" })));
        row.start = line.start;
        this.rows.set(utterance, row);
        this.#place(line, row);
      }
      const [sure, unsure] = row.lastChild.children;
      sure.textContent = line.final ? line.text : line.text.slice(0, line.stable);
      unsure.textContent = line.final ? "" : line.text.slice(line.stable);
      row.dataset.final = line.final;
      playable(row, model.playable && line.final ? line.began : null);
      row.hidden = !line.text;
      if (line.final && !row.told) {
        row.told = true;
        if (line.text && !model.over) this.spoken.replaceChildren(h("p", { lang: language() }, line.text));
      }
    }
    this.empty.hidden = [...model.lines.values()].some(({ text }) => text);
    if (!this.away) this.#follow();
  }
});
