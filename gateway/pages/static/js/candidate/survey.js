// <candidate-survey>: three ratings and a few words about the interview. Nobody has to.
import { View, h, notice } from "../dom.js";
import { put } from "../i18n.js";

const TOPICS = ["overall", "clarity", "technical"];
const MARKS = [1, 2, 3, 4, 5];

customElements.define("candidate-survey", class extends View {
  /** Set before it is shown: `session`. */
  build() {
    this.text = h("textarea", { name: "text", rows: "3", maxlength: "2000" });
    this.send = h("button", { class: "button", t: "survey.send" });
    this.says = h("div", { class: "notices" });
    this.form = h("form", { class: "card survey", "aria-labelledby": "survey-title", on: {
      submit: (event) => {
        event.preventDefault();
        this.#send();
      },
      change: () => this.update(),
      input: () => this.update(),
    } },
      h("h2", { id: "survey-title", t: "survey.title" }), h("p", { class: "small muted", t: "survey.say" }),
      ...TOPICS.map((topic) => this.#topic(topic)),
      h("label", { class: "field" }, h("span", { t: "survey.text" }), this.text), this.says, this.send);
    this.thanks = h("p", { class: "survey-thanks", role: "status" });
    this.append(this.form, this.thanks);
  }

  #topic(topic) {
    const mark = (value) =>
      h("label", { class: "mark-choice" }, h("input", { type: "radio", name: topic, value }), h("span", {}, String(value)));
    return h("fieldset", { class: "rating" }, h("legend", { t: `survey.${topic}` }),
      h("div", { class: "marks" }, ...MARKS.map(mark)),
      h("div", { class: "row ends small muted" }, h("span", { t: "survey.worst" }), h("span", { t: "survey.best" })));
  }

  #ratings() {
    const chosen = new FormData(this.form);
    return Object.fromEntries(TOPICS.filter((topic) => chosen.has(topic)).map((topic) => [topic, Number(chosen.get(topic))]));
  }

  async #send() {
    this.busy = true;
    this.update();
    try {
      await this.session.journey.answerSurvey(this.#ratings(), this.text.value.trim());
    } catch (problem) {
      this.says.replaceChildren(notice("warn", h("p", {}, problem.text ?? String(problem))));
    }
    this.busy = false;
    this.update();
  }

  update() {
    const sent = this.session.journey.survey !== null;
    this.form.hidden = sent;
    this.thanks.hidden = !sent;
    if (sent) put(this.thanks, "survey.thanks");
    const empty = !Object.keys(this.#ratings()).length && !this.text.value.trim();
    this.send.disabled = Boolean(this.busy || empty);
  }
});
