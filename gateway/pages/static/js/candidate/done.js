// <candidate-done>: it is over, what was kept, and what comes next; a short survey where there is one, and what may be done with the data.
import { View, h, icon } from "../dom.js";
import { clock } from "../i18n.js";
import "./my-data.js";
import "./survey.js";

customElements.define("candidate-done", class extends View {
  build() {
    const { session } = this;
    const { view, name, index, now } = session;
    const facts = [];
    if (index >= 0) facts.push(h("div", {}, h("dt", { t: "done.answered" }), h("dd", {}, `${index + 1} / ${view.questions.length}`)));
    if (index >= 0 && now !== null) facts.push(h("div", {}, h("dt", { t: "done.time" }), h("dd", {}, clock(now))));
    this.append(
      h("span", { class: "done-mark" }, icon("check")),
      h("h1", { t: "done.title" }), h("p", { t: "done.lead", vars: { name } }),
      h("dl", { class: "facts", hidden: !facts.length }, ...facts), h("p", { class: "muted", t: "done.next" }),
      ...(view.survey ? [Object.assign(document.createElement("candidate-survey"), { session })] : []),
      Object.assign(document.createElement("candidate-my-data"), { session }));
  }
});
