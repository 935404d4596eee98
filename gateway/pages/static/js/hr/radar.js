// Dimensions as a radar chart. The figures stand in the list beside it, so it is hidden from readers aloud.
import { svg } from "../svg.js";

const SIZE = 260;
const MIDDLE = SIZE / 2;
const RADIUS = 82;

/** @param {{name: string, value: number}[]} spokes three or more, values 0–100 */
export function radar(spokes) {
  const at = (index, share) => {
    const angle = (2 * Math.PI * index) / spokes.length - Math.PI / 2;
    return [MIDDLE + RADIUS * share * Math.cos(angle), MIDDLE + RADIUS * share * Math.sin(angle)];
  };
  const ring = (shares) => shares.map((share, index) => at(index, share).map((x) => x.toFixed(1)).join(",")).join(" ");
  const label = ({ name }, index) => {
    const [x, y] = at(index, 1.16);
    const anchor = Math.abs(x - MIDDLE) < 12 ? "middle" : x < MIDDLE ? "end" : "start";
    const short = name.length > 14 ? `${name.slice(0, 13)}…` : name;
    return svg("text", { x, y: y + 4, "text-anchor": anchor, class: "radar-name" }, short);
  };
  return svg("svg", { viewBox: `-60 0 ${SIZE + 120} ${SIZE}`, class: "radar", "aria-hidden": "true" },
    ...[0.25, 0.5, 0.75, 1].map((share) => svg("polygon", { points: ring(spokes.map(() => share)), class: "radar-ring" })),
    ...spokes.map((_, index) => svg("line", { x1: MIDDLE, y1: MIDDLE, x2: at(index, 1)[0], y2: at(index, 1)[1], class: "radar-ring" })),
    svg("polygon", { points: ring(spokes.map(({ value }) => value / 100)), class: "radar-area" }),
    ...spokes.map(label));
}
