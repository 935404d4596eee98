// <candidate-welcome>: which job it is, how many questions and how long it takes. Tells "ready".
import { View, h, notice } from "../dom.js";
import { language } from "../i18n.js";

customElements.define("candidate-welcome", class extends View {
  build() {
    const { view, returning, name, jobTitle } = this.session;
    const seconds = view.questions.reduce((sum, { think_s: think, answer_s: answer }) => sum + think + answer, 0);
    const fact = (key, ...value) => h("div", {}, h("dt", { t: key }), h("dd", ...value));
    this.job = h("dd", {});
    this.append(
      h("div", { class: "lead" },
        h("h1", { t: "welcome.hello", vars: { name } }),
        h("p", { class: "muted", t: "welcome.lead" })),
      ...(returning ? [notice("info", h("p", { t: "welcome.back" }))] : []),
      h("dl", { class: "facts" },
        ...(jobTitle ? [h("div", {}, h("dt", { t: "welcome.job" }), this.job)] : []),
        fact("welcome.questions", { t: "welcome.questions.value", vars: { n: view.questions.length } }),
        fact("welcome.duration", { t: "welcome.duration.value", vars: { n: Math.max(1, Math.ceil(seconds / 60)) } }),
        fact("welcome.language", { t: `welcome.language.${view.language}` })),
      h("ul", { class: "needs" },
        ...["place", "devices", "breaks"].map((need) => h("li", { t: `welcome.need.${need}` }))),
      h("div", { class: "actions" },
        h("button", {
          class: "button primary", type: "button", t: "welcome.go", on: { click: () => this.dispatchEvent(new Event("ready")) },
        })));
  }

  update() {
    const { jobTitle } = this.session;
    if (jobTitle) this.job.textContent = jobTitle[language()] ?? Object.values(jobTitle)[0];
  }
});
