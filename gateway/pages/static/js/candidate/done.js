// <candidate-done>: it is over, what was kept, and what comes next.
import { View, h, icon } from "../dom.js";
import { clock } from "../i18n.js";

customElements.define("candidate-done", class extends View {
  build() {
    const { view, name, index, now } = this.session;
    const facts = [h("div", {}, h("dt", { t: "done.answered" }), h("dd", {}, `${index + 1} / ${view.questions.length}`))];
    if (now !== null) facts.push(h("div", {}, h("dt", { t: "done.time" }), h("dd", {}, clock(now))));
    this.append(
      h("span", { class: "done-mark" }, icon("check")),
      h("h1", { t: "done.title" }), h("p", { t: "done.lead", vars: { name } }),
      h("dl", { class: "facts" }, ...facts), h("p", { class: "muted", t: "done.next" }));
  }
});
