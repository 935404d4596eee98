// <hr-decision>: what people decided on the result and why, the review that the candidate asked for, and telling them.
import { View, h, notice } from "../dom.js";
import { t } from "../i18n.js";
import { moment } from "./design/words.js";
import { formDialog } from "./form-dialog.js";
import "./tell.js";
import { whom } from "./whom.js";

const OUTCOMES = ["passed", "failed", "pending"];

const made = ({ decision, reason, by, at }) => [h("span", { class: "badge", t: `compare.decision.${decision}` }), ` ${reason} `,
  h("span", { class: "small muted" }, `${whom(by)} · ${moment(at)}`)];

function review({ reason, at, answered_at: answered }) {
  const words = reason ? h("p", { class: "small comment-text" }, reason) : null;
  if (answered === null) return notice("warn", h("p", { t: "review.requested" }), h("p", { class: "small muted" }, moment(at)), words);
  return h("div", {}, h("p", { class: "small muted" }, t("review.answered", { asked: moment(at), answered: moment(answered) })), words);
}

customElements.define("hr-decision", class extends View {
  /** Set before it is shown: `report`, `decide` (body → promise; null: may not), `api`, `session` (id), `again`. */
  async #decide() {
    const outcome = h("div", { role: "radiogroup", label: "decision.outcome" }, ...OUTCOMES.map((name) => h("label", { class: "tick" },
      h("input", { type: "radio", name: "decision", value: name, required: true }), h("span", { class: "tick-text", t: `compare.decision.${name}` }))));
    const reason = h("textarea", { name: "reason", rows: 3, required: true, maxlength: 2000 });
    const send = () => this.decide({ decision: outcome.querySelector(":checked").value, reason: reason.value.trim() });
    await formDialog({ t: "decision.title", ok: "save" }, send, h("p", { class: "muted small", t: "decision.say" }), outcome,
      h("label", { class: "field" }, h("span", { t: "decision.reason" }), reason),
      this.report.review_requested ? h("p", { class: "small", t: "decision.answers" }) : null);
  }

  update() {
    const { report, decide, api, session, again } = this;
    const { decision: now, decisions, reviews, overall } = report;
    const before = decisions.slice(0, -1).toReversed();
    this.className = "comments";
    this.replaceChildren(...[
      h("div", { class: "panel-head" }, h("h2", { t: "decision.title" }),
        decide ? h("button", { class: `button ${now ? "" : "primary"}`, type: "button", t: now ? "decision.again" : "decision.make", on: { click: () => this.#decide() } }) : null),
      h("p", { class: "small muted", t: "decision.say" }),
      ...reviews.map(review),
      now ? h("p", { class: "decided comment-text" }, ...made(now)) : h("p", { class: "muted", t: "decision.none" }),
      before.length ? h("details", {}, h("summary", {}, t("decision.before", { n: before.length })),
        h("ol", { class: "facts-list small" }, ...before.map((one) => h("li", {}, ...made(one))))) : null,
      decide ? Object.assign(document.createElement("hr-tell"), { api, session, decision: now, overall, again }) : null,
    ].filter(Boolean));
  }
});
