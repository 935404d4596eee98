// <hr-result>: the scores with the words they rest on, and visibly apart what was only observed.
import { View, h, icon, notice } from "../dom.js";
import { save } from "../save.js";
import { language, number, t } from "../i18n.js";
import { answer } from "./answers.js";
import "./comments.js";
import { conclusions } from "./conclusions.js";
import { Cursor } from "./cursor.js";
import "./decision.js";
import { between } from "./dimensions.js";
import "./moments.js";
import { quote, say } from "./quotes.js";
import { observed } from "./result-observed.js";
import { beside, openRating } from "./review.js";
import { survey } from "./survey.js";
import { scoreStrip } from "./validity-charts.js";
import { whom } from "./whom.js";

const when = (at) => new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

function sufficiency({ sufficiency: found, scores, transcript }) {
  const number_ = (id) => transcript.questions.findIndex(({ question }) => question === id) + 1;
  const enough = found.verdict.code === "sufficient";
  return h("section", { class: "sufficiency", "data-verdict": found.verdict.code },
    h("h3", {}, icon(enough ? "check" : "warning"), h("span", { t: "sufficiency.title" })),
    h("p", {}, h("strong", {}, say(found.verdict)), ` · ${t("result.answers", { scored: found.scored, asked: found.asked })}`),
    scores.insufficient ? h("p", { class: "muted" }, say(scores.insufficient)) : null,
    Object.keys(found.missing).length ? h("ul", { class: "facts-list small" }, ...Object.entries(found.missing).map(([id, why]) =>
      h("li", {}, h("span", { class: "muted" }, `${t("result.question", { n: number_(id) })} `), say(why)))) : null);
}

function audit({ versions, scores }) {
  const row = (key, values) => h("div", {}, h("dt", { t: key }), h("dd", {}, values.length ? values.join(", ") : "–"));
  const changed = scores.history.slice(1).map(({ version, by, at }) => `${version}: ${whom(by)}, ${when(at)}`);
  return h("details", { class: "audit" }, h("summary", { t: "audit.title" }), h("dl", { class: "facts" },
    row("audit.report", [versions.report]), row("audit.weights", [versions.weights]), row("audit.models", versions.models),
    row("audit.rubrics", versions.rubrics), row("audit.changed", changed)));
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

  async #again() {
    this.report = await this.api.get(`/sessions/${this.session}/report`);
    this.update();
  }

  async #change(body) {
    await this.api.put(`/sessions/${this.session}/weights`, body);
    await this.#again();
  }

  async #review(method, path, body) {
    await this.api[method.toLowerCase()](`/sessions/${this.session}${path}`, body);
    await this.#again();
  }

  #rate(one) {
    openRating(one, (body) => this.#review("PUT", `/ratings/${one.dimension}`, body));
  }

  #dimensions({ scores, reviewed, language: spoken }) {
    const quotes = (one) => quote(one, spoken, this.model.playable);
    const change = this.rights.may("results.decide") ? (body) => this.#change(body) : null;
    const rate = this.rights.may("results.comment") ? (one) => this.#rate(one) : null;
    const people = (id) => beside(reviewed.dimensions.find(({ dimension }) => dimension === id), rate);
    return Object.assign(document.createElement("hr-dimensions"), { scores, quotes, change, people });
  }

  /** What the player shows, seconds on the media clock. */
  mark(time) {
    this.cursor?.mark(time);
    this.moments?.mark(time);
  }

  #head({ overall, scores }, report) {
    return h("div", { class: "overall" },
      h("div", {},
        h("h2", { t: "result.overall" }),
        overall === null
          ? h("p", { class: "overall-none", t: "result.insufficient" })
          : h("p", { class: "overall-number" }, number(overall), h("span", { class: "muted small" }, ` ${t("result.of")}`)),
        scores.interval ? scoreStrip(overall, scores.interval) : null,
        scores.interval ? h("p", { class: "small muted" }, t("result.interval", { between: between(scores.interval) })) : null),
      h("div", { class: "stack-s" }, sufficiency(report), h("p", { class: "muted small", t: "result.human" }),
        h("div", { class: "row" }, ...["pdf", "xlsx"].map((format) =>
          h("button", { class: "button", type: "button", on: { click: () => this.#save(format) } }, icon("save"), h("span", { t: `report.${format}` })))),
        this.problem));
  }

  update() {
    const { report } = this;
    if (!report && this.failed) return; // why there is none stands there
    if (!report) {
      this.replaceChildren(h("h2", { t: "result.title" }), h("p", { class: "muted", t: "result.waiting" }));
      return;
    }
    const plays = this.model.playable;
    const { scores } = report;
    this.problem = h("p", { class: "small problem", role: "alert" });
    this.cursor = new Cursor();
    this.moments = Object.assign(document.createElement("hr-moments"), { moments: report.timeline, end: Math.max(1, report.media_time), plays });
    const send = this.rights.may("results.comment") ? (...given) => this.#review(...given) : null;
    const decide = this.rights.may("results.decide") ? (body) => this.#review("POST", "/decision", body) : null;
    const { api, session } = this;
    const parts = [
      this.#head(report, report), Object.assign(document.createElement("hr-decision"), { report, decide, api, session, again: () => this.#again() }), conclusions(report, plays), scores.dimensions.length ? this.#dimensions(report) : null,
      Object.assign(document.createElement("hr-comments"), { comments: report.reviewed.comments, send, me: this.rights.actor() }), this.moments,
      h("section", { class: "stack-s" }, h("h2", { t: "answer.title" }), ...scores.answers.map((one, index) => answer(one, index, report, plays, this.cursor))),
      observed(report), survey(report.survey), audit(report),
    ];
    this.cursor.ready();
    this.replaceChildren(...parts.filter(Boolean));
  }

  /** `again`: asks for it once more. */
  fail(problem, again) {
    this.failed = problem;
    this.replaceChildren(h("h2", { t: "result.title" }), notice("warn", h("p", {}, problem.text ?? String(problem))),
      h("button", { class: "button start", type: "button", t: "retry", on: { click: again } }));
  }
});
