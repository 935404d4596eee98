// What was merely observed, visibly apart from what is scored: delivery, presence, liveness, affect, and facts.
import { h } from "../dom.js";
import { has, number, percent, t } from "../i18n.js";
import { cueTable } from "./account.js";
import { say, span } from "./quotes.js";

export function observed({ observed: seen, integrity, link, language: spoken }) {
  const fact = (key, text) => h("div", {}, h("dt", { t: key }), h("dd", {}, text));
  const figure = (value, unit, digits = 0) =>
    value === null ? "–" : t(`unit.${unit}`, { value: number(value, digits).replace("-", "−") });
  const facts = [];
  const details = [];
  for (const one of seen.speech) {
    const rate = spoken === "en" ? one.words_per_minute : one.syllables_per_minute;
    const unit = t(spoken === "en" ? "measure.rate.wpm.unit" : "measure.rate.spm.unit");
    const band = one.band ? t(`band.${one.band}`) : "–";
    const n = 1 + seen.speech.indexOf(one);
    facts.push(h("div", {}, h("dt", { t: "observed.rate", vars: { n } }),
      h("dd", {}, rate === null ? band : `${band} · ${number(rate)} ${unit}`)));
    details.push(h("li", {}, t("observed.delivery", {
      n, latency: figure(one.latency_s, "s", 1), articulation: figure(one.articulation_rate, "spm"), pauses: number(one.pauses),
      share: percent(one.pause_ratio), fillers: number(one.fillers), filler: one.filler_ratio === null ? "–" : percent(one.filler_ratio),
    })), h("li", {}, t("observed.voice", {
      n, loudness: figure(one.dbfs, "dbfs"), range: figure(one.loudness_range_db, "db"), pitch: figure(one.pitch_hz, "hz"),
      semitones: figure(one.pitch_range_semitones, "semitones"), snr: figure(one.snr_db, "db"),
      clipping: one.clipping === null ? "–" : percent(one.clipping, 1), bandwidth: figure(one.bandwidth_hz, "hz"),
    })));
  }
  if (seen.face.presence !== null) facts.push(fact("observed.presence", percent(seen.face.presence)));
  if (seen.liveness) facts.push(fact("liveness.title", `${t(`liveness.${seen.liveness.decision}`)} (${number(seen.liveness.score, 2)})`));
  if (seen.affect) {
    const { positive, neutral, negative, confidence } = seen.affect;
    facts.push(fact("affect.title", [["positive", positive], ["neutral", neutral], ["negative", negative]]
      .map(([name, share]) => `${t(`affect.${name}`)} ${percent(share)}`).join(" · ")
      + ` (${t("affect.confidence", { share: percent(confidence) })})`));
  } else if (seen.affect_forbidden) facts.push(fact("affect.title", t("affect.off")));
  facts.push(fact("link.sound-lost", t("unit.s", { value: number(link.sound_lost_ms / 1000, 2) })));
  return h("section", { class: "observed" },
    h("div", { class: "panel-head" }, h("h2", { t: "result.observed" }), h("span", { class: "badge", t: "affect.badge" })),
    h("p", { class: "small muted", t: "result.observed.say" }),
    h("dl", { class: "facts" }, ...facts),
    ...(details.length
      ? [h("details", {}, h("summary", { t: "observed.speech" }), h("ul", { class: "facts-list small" }, ...details),
        h("p", { class: "small muted caveat", t: "measures.caveat" }))]
      : []),
    ...(seen.liveness_cues
      ? [h("details", {}, h("summary", { t: "account.title" }), cueTable(seen.liveness_cues.cues),
        h("p", { class: "small muted caveat", t: "account.caveat" }))]
      : []),
    ...(integrity.length
      ? [h("ul", { class: "facts-list small" }, ...integrity.map(({ what, start, end, detail }) =>
        h("li", {}, h("time", { class: "muted" }, span(start, end)), ` ${say(what)}`,
          detail ? `: ${has(`deployment.${detail}`) ? t(`deployment.${detail}`) : detail}` : "")))]
      : []));
}
