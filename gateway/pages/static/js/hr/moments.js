// <hr-moments>: the whole interview on one line of media time, and the same as a list to read and to play from.
import { View, h, icon } from "../dom.js";
import { clock, has, t } from "../i18n.js";
import { playable } from "./captions.js";
import { say, span } from "./quotes.js";
import { whom } from "./whom.js";

const LANES = [["question", ["question"]], ["said", ["annotation", "interjection"]], ["held", ["pause", "link"]], ["fact", ["fact"]]];
const WARNS = ["fact", "link"];

customElements.define("hr-moments", class extends View {
  /** Set before it is shown: `moments` of the report, `end` (seconds), `plays`. */
  build() {
    this.classList.add("moments");
  }

  #words({ label, text, by, kind }) {
    const detail = kind === "fact" && has(`deployment.${text}`) ? t(`deployment.${text}`) : text;
    return [say(label), detail, whom(by)].filter(Boolean).join(" · ");
  }

  #mark(moment) {
    const { kind, start, end } = moment;
    const words = `${span(start, end)} ${this.#words(moment)}`;
    const mark = h("span", { class: `moment ${kind}`, title: words });
    if (this.plays) mark.dataset.at = start;
    if (kind === "question") mark.textContent = say(moment.label).replace(/\D+/g, "");
    mark.style.left = `${(100 * start) / this.end}%`;
    mark.style.width = `${(100 * Math.max(0, end - start)) / this.end}%`;
    return mark;
  }

  #row(moment) {
    const { kind, start, end } = moment;
    const time = end - start >= 1 && kind !== "question" ? span(start, end) : clock(start);
    return h("li", { "data-kind": kind }, playable(h("div", { class: "moment-row" }, h("time", { class: "muted small" }, time),
      WARNS.includes(kind) ? icon("warning") : h("span", { class: `moment-dot ${kind}`, "aria-hidden": "true" }),
      h("span", {}, this.#words(moment), ...moment.tags.map((tag) => [" ", h("span", { class: "badge" }, tag)]).flat())), this.plays ? start : null));
  }

  /** What is being played, seconds. */
  mark(time) {
    if (!this.head) return;
    this.head.hidden = false;
    this.head.style.left = `${Math.min(100, (100 * time) / this.end)}%`;
  }

  update() {
    const { moments, end } = this;
    this.head = h("span", { class: "play-head", hidden: true });
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => h("span", {}, clock(share * end)));
    const lanes = LANES.map(([name, kinds]) => [name, moments.filter(({ kind }) => kinds.includes(kind))]).filter(([, items]) => items.length);
    this.replaceChildren(h("h2", { t: "moments.title" }),
      // The list below says the same to readers aloud and to the keyboard.
      h("div", { class: "lanes", "aria-hidden": "true" }, ...lanes.map(([name, items]) => h("div", { class: `lane ${name}` },
        h("span", { class: "lane-name", t: `moments.${name}` }), h("div", { class: "lane-line" }, ...items.map((one) => this.#mark(one))))),
      h("div", { class: "lane ticks" }, h("span", {}), h("div", { class: "lane-ticks small muted" }, ...ticks, this.head))),
      h("details", {}, h("summary", {}, t("moments.list", { n: moments.length })), h("ol", { class: "moment-list" }, ...moments.map((one) => this.#row(one)))));
  }
});
