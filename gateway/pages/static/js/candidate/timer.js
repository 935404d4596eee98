// <candidate-timer>: time left to think or to answer, by the server's clock; it stands still in a pause and while the
// connection is lost.
import { View, h } from "../dom.js";
import { clock, put } from "../i18n.js";

const KEYS = { thinking: "timer.thinking", answering: "interview.left" };

customElements.define("candidate-timer", class extends View {
  build() {
    this.setAttribute("role", "timer");
    this.text = h("span", {});
    this.still = h("span", { class: "small muted", t: "timer.still", hidden: true });
    this.bar = document.createElement("progress");
    this.bar.setAttribute("aria-hidden", "true");
    this.append(this.text, this.still, this.bar);
    this.timer = setInterval(() => this.update(), 250);
  }

  leave() {
    clearInterval(this.timer);
  }

  update() {
    const { clock: time, left, finishedBy } = this.session;
    const { phase, question } = time;
    this.hidden = phase === "idle" || left === null;
    if (this.hidden) return;
    const over = phase === "over";
    this.dataset.phase = phase;
    this.classList.toggle("over", over && finishedBy === "timeout");
    this.still.hidden = over || time.running;
    this.bar.hidden = over;
    if (over) {
      put(this.text, finishedBy === "timeout" ? "interview.over" : "timer.finished");
      return;
    }
    // More time may make it longer than it was planned.
    this.bar.max = Math.max(left, phase === "thinking" ? question.think_s : question.answer_s);
    this.bar.value = left;
    put(this.text, KEYS[phase], { time: clock(Math.ceil(left)) });
  }
});
