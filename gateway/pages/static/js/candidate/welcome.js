// <candidate-welcome>: what this is, how long it takes, and what is done with sound and picture.
import { View, h, icon, notice } from "../dom.js";
import { put } from "../i18n.js";

const point = (name, key) => h("li", {}, icon(name), h("span", { t: key }));

customElements.define("candidate-welcome", class extends View {
  build() {
    const { view, returning, name } = this.session;
    const seconds = view.questions.reduce((sum, question) => sum + (question.answer_s ?? 120), 0);
    const fact = (key, value, vars) => {
      const text = h("dd", {});
      put(text, value, vars);
      return h("div", {}, h("dt", { t: key }), text);
    };
    this.append(
      h("div", { class: "lead" },
        h("h1", { t: "welcome.hello", vars: { name } }),
        h("p", { class: "muted", t: "welcome.lead" })),
      ...(returning ? [notice("info", h("p", { t: "welcome.back" }))] : []),
      h("dl", { class: "facts" },
        fact("welcome.questions", "welcome.questions.value", { n: view.questions.length }),
        fact("welcome.duration", "welcome.duration.value", { n: Math.max(1, Math.ceil(seconds / 60)) }),
        fact("welcome.language", `welcome.language.${view.language}`)),
      h("section", { class: "card consent", "aria-labelledby": "consent" },
        h("h2", { id: "consent", t: "welcome.notice" }),
        h("ul", {},
          point("microphone", "welcome.notice.sound"),
          point("camera", "welcome.notice.picture"),
          point("eye", "welcome.notice.watch"),
          ...(view.record ? [] : [point("record", "welcome.notice.unrecorded")])),
        h("p", { class: "small muted", t: "welcome.no-consent" }),
        ...(view.record ? [this.#recording()] : [])),
      h("div", { class: "actions" },
        h("button", {
          class: "button primary", type: "button", t: "welcome.agree",
          on: { click: () => {
            this.session.record = Boolean(this.record?.checked);
            this.dispatchEvent(new Event("agreed"));
          } },
        })));
  }

  /** Being recorded is a choice of its own: unticked, and the interview runs without it just the same. */
  #recording() {
    this.record = h("input", { type: "checkbox", name: "record" });
    const say = h("span", { class: "small muted" });
    put(say, "welcome.record.say", { n: Math.max(1, Math.round(this.session.config.retention_days)) });
    return h("label", { class: "tick" }, this.record,
      h("span", { class: "tick-text" }, h("strong", { t: "welcome.record" }), say));
  }
});
