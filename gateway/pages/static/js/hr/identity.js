// <hr-identity>: whether this is the person on the photo, how sure that is, and a person's own decision.
import { View, h } from "../dom.js";
import { clock, has, number, put, t } from "../i18n.js";
import { whom } from "./whom.js";

const SHOWN = 30; // looks: five minutes
const fact = (key, text) => h("div", {}, h("dt", { t: key }), h("dd", {}, text));

customElements.define("hr-identity", class extends View {
  /** Set before it is shown: `model`, `api`, `session` (id). */
  build() {
    this.verdict = h("p", { class: "verdict" });
    this.scale = h("div", { class: "scale", role: "img" }, h("span", { class: "scale-fill" }), h("span", { class: "scale-mark" }));
    this.facts = h("dl", { class: "facts" });
    this.rate = h("p", { class: "small muted" });
    this.photo = h("p", { class: "small muted" });
    this.reason = h("p", { class: "small" });
    this.standing = h("p", { class: "small" });
    this.looks = h("ol", { class: "looks" });
    this.problem = h("p", { class: "small problem", role: "alert" });
    this.buttons = h("div", { class: "row" },
      ...["confirmed", "rejected"].map((decision) => h("button", {
        class: "button", type: "button", t: `hr.identity.${decision}.do`, on: { click: () => this.#ask(decision) },
      })));
    this.append(
      h("h2", { t: "hr.identity.title" }), this.verdict, this.reason, this.scale, this.facts, this.rate, this.photo,
      this.standing, this.looks, this.buttons, this.problem, h("p", { class: "small muted caveat", t: "hr.identity.caveat" }), this.#dialog());
  }

  #dialog() {
    this.question = h("h2", { id: "decide-ask" });
    this.why = h("input", { required: true, maxlength: 1000, name: "reason" });
    this.ok = h("button", { class: "button primary" });
    this.dialog = h("dialog", { "aria-labelledby": "decide-ask" },
      h("form", { method: "dialog", on: { submit: () => this.#decide() } }, this.question,
        h("label", { class: "field" }, h("span", { t: "hr.identity.reason" }), this.why),
        h("div", { class: "row end" },
          h("button", { class: "button", type: "button", t: "cancel", on: { click: () => this.dialog.close() } }), this.ok)));
    return this.dialog;
  }

  #ask(decision) {
    this.decision = decision;
    put(this.question, `hr.identity.${decision}.ask`, { name: this.model.candidate });
    put(this.ok, `hr.identity.${decision}.do`);
    this.why.value = "";
    this.dialog.showModal();
  }

  async #decide() {
    this.problem.textContent = "";
    try {
      const event = await this.api.post(`/sessions/${this.session}/identity/decision`, { decision: this.decision, reason: this.why.value });
      // After the result the stream has ended and will not bring it.
      if (this.model.ready) this.model.apply(event);
      this.update();
    } catch (problem) {
      this.problem.textContent = problem.text ?? String(problem);
    }
  }

  update() {
    const { status, enrolled, verified, decision, asker, checks } = this.model.identity;
    put(this.verdict, status === "human" && asker === "server" ? "hr.identity.human.server" : `hr.identity.${status}`);
    this.verdict.dataset.tone = ["no-match", "rejected"].includes(status) ? "warn" : "";
    this.verdict.classList.toggle("plain", ["none", "enrolled"].includes(status));
    this.reason.hidden = !decision?.reason;
    if (decision?.reason) {
      const { reason, by } = decision;
      put(this.reason, by ? "hr.identity.reason.by" : "hr.identity.reason.given", { reason, by: whom(by) });
    }
    this.#similarity(verified);
    this.photo.hidden = !enrolled;
    if (enrolled) this.#photo(enrolled);
    this.#looks(checks);
  }

  #similarity(verified) {
    const measured = verified?.similarity ?? null;
    this.scale.hidden = this.facts.hidden = this.rate.hidden = measured === null;
    if (measured === null) return;
    const { threshold, frames, false_match_rate: fmr } = verified;
    const percent = (value) => `${Math.max(0, Math.min(1, value)) * 100}%`;
    this.scale.firstChild.style.width = percent(measured);
    this.scale.lastChild.style.left = percent(threshold);
    this.scale.setAttribute("aria-label", t("hr.identity.scale", { similarity: number(measured, 2), threshold: number(threshold, 2) }));
    this.facts.replaceChildren(
      fact("hr.identity.similarity", number(measured, 2)), fact("hr.identity.threshold", number(threshold, 2)),
      fact("hr.identity.frames", number(frames)));
    if (fmr) put(this.rate, "hr.identity.fmr", { threshold: number(threshold, 2), n: number(Number((1 / fmr).toPrecision(1))) });
    else put(this.rate, "hr.identity.fmr.unknown", { threshold: number(threshold, 2) });
  }

  #photo({ source, card, quality, erased }) {
    const weak = quality.map((code) => (has(`quality.${code}`) ? t(`quality.${code}`) : code)).join(t("list.comma"));
    const parts = [t(`hr.identity.photo.${source}${card ? ".card" : ""}`)];
    if (weak) parts.push(t("hr.identity.photo.weak", { what: weak }));
    parts.push(t(erased ? "hr.identity.photo.erased" : "hr.identity.photo.kept"));
    this.photo.textContent = parts.join(" ");
  }

  #looks(checks) {
    const last = checks.at(-1);
    this.standing.hidden = this.looks.hidden = !last;
    if (!last) return;
    const count = (result) => checks.filter((one) => one.result === result).length;
    put(this.standing, `hr.identity.standing.${last.state}`, {
      same: count("same"), different: count("different"), insufficient: count("insufficient"),
    });
    this.standing.dataset.tone = last.state === "different" ? "warn" : "";
    this.looks.replaceChildren(...checks.slice(-SHOWN).map(({ at, result, reason, similarity }) => {
      const vars = { time: clock(at), similarity: similarity === null ? "–" : number(similarity, 2) };
      const key = `hr.identity.look.${result}`;
      const why = reason && has(`hr.identity.why.${reason}`) ? t(`hr.identity.why.${reason}`) : reason ?? "";
      const words = t(key, { ...vars, reason: why });
      return h("li", { "data-result": result, title: words }, h("span", { class: "hidden-visually" }, words));
    }));
  }
});
