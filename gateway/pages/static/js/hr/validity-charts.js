// Small charts for the tables of validity. The figures stand beside them, so the charts are hidden from readers aloud.
import { number } from "../i18n.js";
import { svg } from "../svg.js";

const WIDTH = 176;
const HEIGHT = 24;
const MIDDLE = HEIGHT / 2;

function strip(children) {
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, class: "strip", "aria-hidden": "true" }, children);
}

function whisker(x, { low, high }, y, name) {
  return svg("path", { d: `M${x(low)} ${y}H${x(high)}M${x(low)} ${y - 3}v6M${x(high)} ${y - 3}v6`, class: name });
}

/** A correlation from −1 to 1 with its interval; the corrected one as a hollow diamond below. */
export function correlationStrip({ pearson, fisher, corrected, corrected_interval: interval }) {
  const x = (value) => 8 + ((value + 1) / 2) * (WIDTH - 16);
  const [top, bottom] = [MIDDLE - 5, MIDDLE + 5];
  const at = x(corrected);
  return strip([
    svg("path", { d: `M${x(0)} 0V${HEIGHT}`, class: "axis" }),
    svg("path", { d: `M${x(-1)} ${MIDDLE}H${x(1)}`, class: "axis faint" }),
    whisker(x, fisher, top, "whisker"), svg("circle", { cx: x(pearson), cy: top, r: 4, class: "mark" }),
    whisker(x, interval, bottom, "whisker faint"),
    svg("path", { d: `M${at - 4.5} ${bottom}l4.5 -4.5l4.5 4.5l-4.5 4.5Z`, class: "mark hollow" }),
  ]);
}

/** A score from 0 to 100 with its interval, where there is one. */
export function scoreStrip(value, interval) {
  const x = (score) => 8 + (score / 100) * (WIDTH - 16);
  return strip([
    svg("path", { d: `M${x(0)} ${MIDDLE}H${x(100)}`, class: "axis faint" }),
    interval ? whisker(x, interval, MIDDLE, "whisker") : null, svg("circle", { cx: x(value), cy: MIDDLE, r: 4, class: "mark" }),
  ]);
}

/** A selection rate from 0 to 1, and where four fifths of the highest rate would be. */
export function rateStrip(rate, highest) {
  const x = (value) => value * (WIDTH - 2) + 1;
  return strip([
    svg("rect", { x: x(0), y: 6, width: Math.max(1, x(rate) - x(0)), height: HEIGHT - 12, rx: 2, class: "fill" }),
    svg("path", { d: `M${x(0)} ${HEIGHT - 2}H${x(1)}`, class: "axis" }),
    svg("path", { d: `M${x(0.8 * highest)} 1V${HEIGHT - 1}`, class: "limit" }),
  ]);
}

/** Everybody as a dot: score across, performance up. `label` is read aloud instead. */
export function scatter(points, label, across, up) {
  const [width, height, left, bottom, edge] = [440, 260, 56, 44, 12];
  const ys = points.map(([, figure]) => figure);
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const x = (score) => left + (score / 100) * (width - left - edge);
  const y = (figure) => edge + (1 - (figure - low) / (high - low || 1)) * (height - edge - bottom);
  const word = (text, attributes) => svg("text", attributes, text);
  const digits = high - low < 10 ? 1 : 0;
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "scatter", role: "img", "aria-label": label },
    [0, 25, 50, 75, 100].map((tick) => [
      svg("path", { d: `M${x(tick)} ${edge}V${height - bottom}`, class: "axis faint" }),
      word(number(tick), { x: x(tick), y: height - bottom + 16, "text-anchor": "middle" })]).flat(),
    [low, high].map((tick) => word(number(tick, digits), { x: left - 8, y: y(tick) + 4, "text-anchor": "end" })),
    svg("path", { d: `M${left} ${edge}V${height - bottom}H${width - edge}`, class: "axis" }),
    word(across, { x: (left + width - edge) / 2, y: height - 8, "text-anchor": "middle" }),
    word(up, { x: 14, y: (edge + height - bottom) / 2, "text-anchor": "middle", transform: `rotate(-90 14 ${(edge + height - bottom) / 2})` }),
    points.map(([score, figure]) => svg("circle", { cx: x(score), cy: y(figure), r: 4, class: "dot-mark" })));
}
