// <hr-chart>: one measure over the interview's time, drawn small enough to stand beside its siblings.
import { View, h } from "../dom.js";
import { clock, put, putAttribute } from "../i18n.js";

const LEFT = 40;
const BOTTOM = 20;
const TOP = 8;
const RIGHT = 8;
const HEIGHT = 112;
const GAP_S = 6;

/** Steps of the time axis that people read easily, seconds. */
function timeStep(span) {
  return [15, 30, 60, 120, 300, 600, 1200, 1800, 3600].find((step) => span / step <= 5) ?? 7200;
}

customElements.define("hr-chart", class extends View {
  /** Set before it is shown: title and unit (message keys), range [low, high], ticks, step (hold each value),
   * spans (each pair of points stands for itself, however far apart). */
  build() {
    this.value = h("span", { class: "chart-value" });
    this.canvas = h("canvas", { role: "img" });
    this.append(
      h("div", { class: "chart-head" }, h("span", { t: this.title_ }), this.value),
      h("p", { class: "muted small", t: this.unit }),
      this.canvas);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", () => this.draw());
  }

  /** @param {{points: [number, number|null][], faint?: boolean}[]} lines @param {string} value in words */
  show(lines, end, value) {
    Object.assign(this, { lines, end });
    put(this.value, "measure.value", { value });
    putAttribute(this.canvas, "aria-label", "measure.now", { value });
    this.draw();
  }

  draw() {
    if (!this.lines || !this.isConnected) return;
    const width = this.clientWidth;
    if (!width) return;
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(HEIGHT * scale);
    const context = this.canvas.getContext("2d");
    context.scale(scale, scale);
    context.clearRect(0, 0, width, HEIGHT);
    const style = getComputedStyle(this);
    const colour = (name) => style.getPropertyValue(name).trim();
    const [low, high] = this.range;
    const end = Math.max(60, this.end);
    const x = (time) => LEFT + (time / end) * (width - LEFT - RIGHT);
    const y = (value) => TOP + (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);

    context.font = `11px ${style.fontFamily}`;
    context.fillStyle = colour("--grey-text");
    context.strokeStyle = colour("--grey-line");
    context.lineWidth = 1;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const tick of this.ticks) {
      const at = Math.round(y(tick)) + 0.5;
      context.beginPath();
      context.moveTo(LEFT, at);
      context.lineTo(width - RIGHT, at);
      context.stroke();
      context.fillText(String(tick).replace("-", "−"), LEFT - 6, at);
    }
    context.textBaseline = "alphabetic";
    for (let time = 0, step = timeStep(end); time <= end; time += step) {
      // A label must fit whole: the last one would otherwise be cut off by the edge.
      context.textAlign = time === 0 ? "left" : x(time) > width - 20 ? "right" : "center";
      context.fillText(clock(time), x(time), HEIGHT - 4);
    }
    for (const { points, faint } of this.lines) this.#line(context, points, x, y, colour(faint ? "--grey-text" : "--accent"), faint);
  }

  #line(context, points, x, y, colour, faint) {
    context.strokeStyle = colour;
    context.lineWidth = faint ? 1.25 : 1.75;
    context.setLineDash(faint ? [4, 3] : []);
    context.lineJoin = "round";
    context.beginPath();
    let previous = null;
    for (const [time, value] of points) {
      if (value === null) {
        previous = null;
        continue;
      }
      // Where nothing was measured for a while there is no line: a gap is a gap.
      const follows = previous && (this.step || this.spans || time - previous[0] < GAP_S);
      if (!follows) context.moveTo(x(time), y(value));
      else {
        if (this.step) context.lineTo(x(time), y(previous[1]));
        context.lineTo(x(time), y(value));
      }
      previous = [time, value];
    }
    if (this.step && previous) context.lineTo(x(this.end), y(previous[1]));
    context.stroke();
    context.setLineDash([]);
  }

  leave() {
    this.observer.disconnect();
  }

  update() {
    this.draw();
  }
});
