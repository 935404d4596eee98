// <candidate-done>: it is over, or was cut off; what was kept, and what comes next; a short survey where there is one, and
// what may be done with the data.
import { View, h, icon } from "../dom.js";
import { clock } from "../i18n.js";
import "./my-data.js";
import "./survey.js";

const CUT_OFF = ["grace-expired", "server-stopped"];

customElements.define("candidate-done", class extends View {
  build() {
    const { session } = this;
    const { view, name, index, now, journey } = session;
    const cut = CUT_OFF.includes(journey.ended);
    const asked = journey.asked || index >= 0;
    const key = cut ? "done.cut" : asked ? "done" : "done.none";
    const lead = cut && !asked ? "done.cut.none" : `${key}.lead`;
    const facts = [];
    if (index >= 0) facts.push(h("div", {}, h("dt", { t: "done.answered" }), h("dd", {}, `${index + 1} / ${view.questions.length}`)));
    if (index >= 0 && now !== null) facts.push(h("div", {}, h("dt", { t: "done.time" }), h("dd", {}, clock(now))));
    this.append(
      h("span", { class: cut ? "blocked-mark" : "done-mark" }, icon(cut ? "warning" : "check")),
      h("h1", { t: `${key}.title` }), h("p", { t: lead, vars: { name } }),
      h("dl", { class: "facts", hidden: !facts.length }, ...facts), h("p", { class: "muted", t: `${key}.next` }),
      ...(view.survey ? [Object.assign(document.createElement("candidate-survey"), { session })] : []),
      Object.assign(document.createElement("candidate-my-data"), { session }));
  }
});
