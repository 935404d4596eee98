// <hr-result>: the scores with the words they rest on, and visibly apart what was only observed.
import { View, h, notice } from "../dom.js";
import { save } from "../save.js";
import { cueTable } from "./account.js";
import { playable } from "./captions.js";
import { programOf } from "./code.js";
import { between } from "./dimensions.js";
import { clock, has, language, number, percent, t } from "../i18n.js";

const say = (message) => message[language()];
const span = (start, end) => `${clock(start)}–${clock(end)}`;

function bar(value) {
  const fill = h("span", { class: "bar-fill" });
  fill.style.width = `${value ?? 0}%`;
  return h("span", { class: "bar", "aria-hidden": "true" }, fill);
}

function quote({ quote: text, start, end, note }, spoken, plays) {
  return playable(h("li", {}, h("blockquote", { lang: spoken === "zh" ? "zh-CN" : "en" }, text),
    h("p", { class: "small muted" }, h("time", {}, span(start, end)), note?.code ? ` · ${say(note)}` : "")),
  plays ? start : null);
}

function measure(item, spoken, plays) {
  const known = item.value !== null;
  return h("li", { class: "measure" },
    h("div", { class: "measure-line" },
      h("span", {}, say(item.label)), known ? bar(item.value) : h("span", { class: "bar unknown" }),
      h("strong", { class: known ? "" : "muted small" }, known ? number(item.value) : t("result.insufficient.short")),
      h("span", { class: "small muted" }, known ? t("result.weight", { share: percent(item.weight) }) : "")),
    ...(item.insufficient ? [h("p", { class: "small muted" }, say(item.insufficient))] : []),
    ...(item.missing.length ? [h("p", { class: "small muted" }, t("result.missing", { what: item.missing.map(say).join(" · ") }))] : []),
    ...(item.evidence.length
      ? [h("details", {}, h("summary", {}, `${t("result.evidence")} (${item.evidence.length})`),
        h("ul", { class: "quotes" }, ...item.evidence.map((one) => quote(one, spoken, plays))))]
      : []));
}

function answer(one, index, report, plays) {
  const asked = report.transcript.questions.find(({ question }) => question === one.question);
  const text = asked?.text[report.language] ?? Object.values(asked?.text ?? {})[0] ?? "";
  const by = one.measures[0];
  return h("article", { class: "answer" },
    h("header", {},
      h("h3", {}, h("span", { class: "muted" }, `${t("result.question", { n: index + 1 })} `), text),
      h("p", { class: "answer-score" }, one.score === null ? "–" : number(one.score))),
    ...(one.insufficient ? [h("p", { class: "muted" }, say(one.insufficient))] : []),
    ...one.flags.map(({ flag, evidence }) => h("details", {}, h("summary", {}, t("result.flag", { what: say(flag) })),
      h("ul", { class: "quotes" }, ...evidence.map((words) => quote(words, report.language, plays))))),
    ...programOf(report, one.question),
    h("ul", { class: "stack-s" }, ...one.measures.map((item) => measure(item, report.language, plays))),
    ...(by ? [h("p", { class: "small muted" }, t("result.by", { model: by.model, rubric: by.rubric }))] : []));
}

function observed({ observed: seen, integrity, link, language: spoken }) {
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

customElements.define("hr-result", class extends View {
  /** Set before it is shown: `model`, `api`, `session` (id), `rights`; `report` once it is there. */
  build() {
    this.classList.add("card");
  }

  async #save(format) {
    const { api, session, problem } = this;
    problem.textContent = "";
    try {
      await save(`/api/v1/sessions/${session}/report?format=${format}&language=${language()}`, `report-${session}.${format}`, { headers: api.headers });
    } catch (refused) {
      problem.textContent = refused.text ?? String(refused);
    }
  }

  async #change(body) {
    await this.api.put(`/sessions/${this.session}/weights`, body);
    this.report = await this.api.get(`/sessions/${this.session}/report`);
    this.update();
  }

  #dimensions(scores, spoken) {
    const quotes = (one) => quote(one, spoken, this.model.playable);
    const change = this.rights.may("results.decide") ? (body) => this.#change(body) : null;
    return Object.assign(document.createElement("hr-dimensions"), { scores, quotes, change });
  }

  update() {
    const { report } = this;
    if (!report) {
      this.replaceChildren(h("h2", { t: "result.title" }), h("p", { class: "muted", t: "result.waiting" }));
      return;
    }
    const { overall, scores, sufficiency, versions } = report;
    this.problem = h("p", { class: "small problem", role: "alert" });
    this.replaceChildren(
      h("div", { class: "overall" },
        h("div", {},
          h("h2", { t: "result.overall" }),
          overall === null
            ? h("p", { class: "overall-none", t: "result.insufficient" })
            : h("p", { class: "overall-number" }, number(overall), h("span", { class: "muted small" }, ` ${t("result.of")}`)),
          scores.interval ? h("p", { class: "small muted" }, t("result.interval", { between: between(scores.interval) })) : null),
        h("div", { class: "stack-s" },
          h("p", {}, h("span", { class: "badge" }, say(sufficiency.verdict)),
            ` ${t("result.answers", { scored: sufficiency.scored, asked: sufficiency.asked })}`),
          ...(scores.insufficient ? [h("p", { class: "muted" }, say(scores.insufficient))] : []),
          h("p", { class: "muted small", t: "result.human" }),
          h("div", { class: "row" }, ...["pdf", "xlsx"].map((format) =>
            h("button", { class: "button quiet", type: "button", t: `report.${format}`, on: { click: () => this.#save(format) } }))),
          this.problem)),
      scores.dimensions.length ? this.#dimensions(scores, report.language) : "",
      ...scores.answers.map((one, index) => answer(one, index, report, this.model.playable)),
      observed(report),
      h("p", { class: "small muted versions" }, [...versions.models, ...versions.rubrics, versions.weights, versions.report].join(" · ")));
  }

  fail(problem) {
    this.replaceChildren(h("h2", { t: "result.title" }), notice("warn", h("p", {}, problem.text ?? String(problem))));
  }
});
