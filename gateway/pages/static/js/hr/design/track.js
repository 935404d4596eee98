// <hr-track>: the flow of an interview as a horizontal track, steps to scale of time; what a step needs fills its limit.
import { View, h, icon } from "../../dom.js";
import { put, t } from "../../i18n.js";
import { durationS, neededS } from "./times.js";
import { minutes, worded } from "./words.js";

const TOUCH_PX = 48; // the shortest step is still a target for a thumb; the others follow to scale
const WIDEST_PX = 2400;

customElements.define("hr-track", class extends View {
  /** Set before it is shown: `plan`, `bank`, `wrong` (index → whether something is wrong with the step), `selected`. Fires `choose`. */
  build() {
    this.total = h("p", { class: "muted", role: "status" });
    this.lane = h("ol", { class: "track-lane", label: "track.title" });
    this.axis = h("div", { class: "track-axis", "aria-hidden": "true" });
    this.append(this.total, h("div", { class: "track-scroll" }, this.lane, this.axis));
  }

  #block(step, index) {
    const needed = neededS(step, this.bank);
    const over = needed > step.limit_s + 1e-6;
    const wrong = over || this.wrong(index);
    const fill = h("span", { class: "track-fill", "data-over": over ? "" : null, "aria-hidden": "true" });
    fill.style.width = `${Math.min(100, (needed / step.limit_s) * 100)}%`;
    const times = { needed: minutes(needed), limit: minutes(step.limit_s) };
    const name = worded(step.title, t(`stepkind.${step.kind}`));
    const block = h("button", {
      class: "track-step", type: "button", "aria-pressed": String(index === this.selected), "data-kind": step.kind, "data-wrong": wrong ? "" : null,
      on: { click: () => this.dispatchEvent(new CustomEvent("choose", { detail: index })) },
    }, h("span", { class: "track-name" }, wrong ? icon("warning") : null, `${index + 1} ${name}`),
    h("span", { class: "track-bar" }, fill), h("span", { class: "small track-times", t: over ? "track.over" : "track.times", vars: times }));
    block.title = `${name}\n${t(over ? "track.over" : "track.times", times)}`;
    const item = h("li", {}, block);
    item.style.flexGrow = String(step.limit_s);
    return item;
  }

  #ticks(total) {
    const each = [60, 120, 300, 600, 1200].find((s) => total / s <= 12) ?? 1800;
    const marks = [];
    for (let at = 0; at <= total; at += each) {
      const mark = h("span", { class: "small muted" }, String(at / 60));
      mark.style.left = `${(at / total) * 100}%`;
      marks.push(mark);
    }
    return marks;
  }

  update() {
    if (!this.plan) return;
    const { steps } = this.plan;
    const total = steps.reduce((sum, { limit_s: limit }) => sum + limit, 0);
    const focused = [...this.lane.children].findIndex((item) => item.contains(document.activeElement));
    this.lane.replaceChildren(...steps.map((step, index) => this.#block(step, index)));
    if (focused >= 0) this.lane.children[Math.min(focused, steps.length - 1)]?.firstChild.focus({ preventScroll: true });
    const shortest = Math.min(...steps.map(({ limit_s: limit }) => limit));
    const least = steps.length ? `${Math.min(WIDEST_PX, Math.ceil((TOUCH_PX * total) / shortest))}px` : "";
    this.lane.style.minWidth = this.axis.style.minWidth = least;
    this.axis.replaceChildren(...(total > 0 ? this.#ticks(total) : []));
    put(this.total, "track.total", { n: steps.length, needed: minutes(durationS(this.plan, this.bank)), limit: minutes(total) });
  }
});
