// <hr-measures>: the measures over time as small multiples on one time axis.
import { View, h } from "../dom.js";
import { number, percent, t } from "../i18n.js";
import "./chart.js";

const CHARTS = {
  rate: { range: [0, 400], ticks: [0, 200, 400], spans: true },
  loudness: { range: [-60, 0], ticks: [-60, -30, 0], spans: true },
  voice: { range: [60, 400], ticks: [60, 200, 400], spans: true },
  fillers: { range: [0, 30], ticks: [0, 15, 30], spans: true },
  snr: { range: [0, 60], ticks: [0, 30, 60], spans: true },
  faces: { range: [0, 3], ticks: [0, 1, 2, 3], step: true },
  pose: { range: [-60, 60], ticks: [-60, 0, 60] },
  eyes: { range: [0, 100], ticks: [0, 50, 100] },
  brightness: { range: [0, 100], ticks: [0, 50, 100] },
};

const last = (points) => points.findLast(([, value]) => value !== null)?.[1] ?? null;

customElements.define("hr-measures", class extends View {
  build() {
    const { rateUnit } = this.model;
    this.charts = Object.fromEntries(Object.entries(CHARTS).map(([name, options]) => {
      const chart = document.createElement("hr-chart");
      const key = name === "rate" ? `measure.rate.${rateUnit}` : `measure.${name}`;
      if (name === "rate" && rateUnit === "wpm") options = { ...options, range: [0, 300], ticks: [0, 150, 300] };
      Object.assign(chart, options, { title_: key, unit: `${key}.unit` });
      return [name, chart];
    }));
    this.append(
      h("div", { class: "panel-head" }, h("h2", { t: "measures.title" }), h("p", { class: "small muted", t: "measures.say" })),
      h("div", { class: "charts" }, ...Object.values(this.charts)),
      h("p", { class: "small muted caveat", t: "measures.caveat" }));
  }

  update() {
    const { series, mediaTime, facing } = this.model;
    const plain = (points, digits = 0, unit = "") => {
      const value = last(points);
      return value === null ? "–" : `${number(value, digits)}${unit}`.replace("-", "−");
    };
    const show = (name, lines, value) => this.charts[name].show(lines, mediaTime, value);
    show("rate", [{ points: series.rate }], plain(series.rate));
    show("loudness", [{ points: series.level, faint: true }, { points: series.loudness }], plain(series.loudness));
    show("voice", [{ points: series.voice }], plain(series.voice));
    show("fillers", [{ points: series.fillers }], plain(series.fillers, 0, " %"));
    show("snr", [{ points: series.snr }], plain(series.snr));
    show("faces", [{ points: series.faces }], plain(series.faces));
    const share = facing.seen ? t("measure.pose.facing", { share: percent(facing.facing / facing.seen) }) : "–";
    show("pose", [{ points: series.pitch, faint: true }, { points: series.yaw }], share);
    show("eyes", [{ points: series.eyes }], plain(series.eyes, 0, " %"));
    show("brightness", [{ points: series.brightness }], plain(series.brightness, 0, " %"));
  }
});
