// <hr-liveness>, <hr-affect>, <hr-link>, <hr-models>: what is observed beside the words.
import { View, h, icon } from "../dom.js";
import { has, number, percent, put, t } from "../i18n.js";

const fact = (key, text) => h("div", {}, h("dt", { t: key }), h("dd", {}, text));

customElements.define("hr-liveness", class extends View {
  build() {
    this.decision = h("p", { class: "verdict" });
    this.scale = h("div", { class: "scale", role: "img" }, h("span", { class: "scale-fill" }), h("span", { class: "scale-mark" }));
    this.facts = h("dl", { class: "facts" });
    this.append(
      h("h2", { t: "liveness.title" }), this.decision, this.scale, this.facts,
      h("p", { class: "small muted", t: "liveness.caveat" }));
  }

  update() {
    const { liveness } = this.model;
    this.scale.hidden = this.facts.hidden = !liveness;
    if (!liveness) return put(this.decision, "liveness.none");
    const { score, threshold, frames, decision } = liveness;
    put(this.decision, `liveness.${decision}`);
    this.decision.dataset.tone = decision === "attack" ? "warn" : "";
    this.scale.firstChild.style.width = `${score * 100}%`;
    this.scale.lastChild.style.left = `${threshold * 100}%`;
    this.scale.setAttribute("aria-label", t("liveness.scale", { score: number(score, 2), threshold: number(threshold, 2) }));
    return this.facts.replaceChildren(
      fact("liveness.score", number(score, 2)), fact("liveness.threshold", number(threshold, 2)),
      fact("liveness.frames", number(frames)));
  }
});

customElements.define("hr-affect", class extends View {
  build() {
    this.verdict = h("p", { class: "verdict" });
    this.details = h("ul", { class: "bars" });
    this.caveat = h("p", { class: "small muted", t: "affect.caveat" });
    this.append(
      h("div", { class: "panel-head" }, h("h2", { t: "affect.title" }), h("span", { class: "badge", t: "affect.badge" })),
      this.verdict, this.details, this.caveat);
  }

  update() {
    const { affect, affectForbidden } = this.model;
    this.verdict.classList.toggle("plain", affectForbidden || !affect);
    this.details.hidden = this.caveat.hidden = affectForbidden || !affect;
    if (affectForbidden) return put(this.verdict, "affect.off");
    if (!affect) return put(this.verdict, "affect.none");
    const { valence, confidence, probabilities, frames } = affect;
    this.verdict.replaceChildren(
      h("span", { t: `affect.${valence}` }),
      h("span", { class: "muted small" }, `${t("affect.confidence", { share: percent(confidence) })} · ${t("affect.frames", { n: frames })}`));
    const top = Object.entries(probabilities).sort(([, a], [, b]) => b - a).slice(0, 3);
    return this.details.replaceChildren(...top.map(([name, share]) => {
      const fill = h("span", { class: "bar-fill" });
      fill.style.width = `${share * 100}%`;
      return h("li", {}, h("span", {}, has(`affect.${name}`) ? t(`affect.${name}`) : name),
        h("span", { class: "bar" }, fill), h("span", { class: "small" }, percent(share)));
    }));
  }
});

/** In words, by what the product was seen to need: sound is whole up to a few per cent of loss. */
export function grade({ loss, jitter_ms: jitter, rtt_ms: rtt }) {
  if (loss > 0.05 || jitter > 60 || rtt > 500) return "poor";
  return loss > 0.01 || jitter > 25 || rtt > 250 ? "fair" : "good";
}

customElements.define("hr-link", class extends View {
  build() {
    this.grade = h("span", { class: "badge" });
    this.none = h("p", { class: "muted", t: "link.none" });
    this.facts = h("dl", { class: "facts tight" });
    this.append(h("div", { class: "panel-head" }, h("h2", { t: "link.title" }), this.grade), this.none, this.facts);
  }

  update() {
    const { link, over } = this.model;
    this.none.hidden = Boolean(link);
    this.grade.hidden = !link || over;
    if (!link) return;
    put(this.grade, `link.${grade(link)}`);
    this.grade.dataset.tone = grade(link) === "poor" ? "warn" : "";
    const unit = (name, value, digits = 0) => t(`unit.${name}`, { value: number(value, digits) });
    this.facts.replaceChildren(
      fact("link.loss", percent(link.loss, 1)), fact("link.jitter", unit("ms", link.jitter_ms, 1)),
      fact("link.rtt", link.rtt_ms === null ? "–" : unit("ms", link.rtt_ms)), fact("link.kbps", unit("kbps", link.kbps)),
      fact("link.fps", unit("fps", link.fps, 1)), fact("link.sound-lost", unit("s", link.sound_lost_ms / 1000, 2)),
      fact("link.dropped", unit("frames", link.frames_dropped)));
  }
});

customElements.define("hr-models", class extends View {
  build() {
    this.none = h("p", { class: "muted", t: "models.none" });
    this.list = h("dl", { class: "models" });
    this.append(h("h2", { t: "models.title" }), this.none, this.list);
  }

  update() {
    const { models, gaps } = this.model;
    this.none.hidden = models.size > 0;
    this.list.replaceChildren(...[...models].map(([deployment, name]) =>
      h("div", {}, h("dt", { t: `deployment.${deployment}` }),
        h("dd", { class: "small" }, ...(gaps.has(deployment) ? [icon("warning")] : []), name))));
  }
});
