// <candidate-timer>: time left for the answer, on the session's media clock.
import { View, h } from "../dom.js";
import { clock, put } from "../i18n.js";

customElements.define("candidate-timer", class extends View {
  build() {
    this.setAttribute("role", "timer");
    this.text = h("span", {});
    this.bar = document.createElement("progress");
    this.bar.setAttribute("aria-hidden", "true");
    this.append(this.text, this.bar);
    this.timer = setInterval(() => this.update(), 250);
  }

  leave() {
    clearInterval(this.timer);
  }

  update() {
    const { session } = this;
    const limit = session.view.questions[session.index]?.answer_s;
    this.hidden = !limit || session.questionBegan === null || session.now === null;
    if (this.hidden) return;
    const left = limit - (session.now - session.questionBegan);
    this.bar.max = limit;
    this.bar.value = Math.max(0, left);
    this.classList.toggle("over", left <= 0);
    if (left > 0) put(this.text, "interview.left", { time: clock(Math.ceil(left)) });
    else put(this.text, "interview.over");
  }
});
