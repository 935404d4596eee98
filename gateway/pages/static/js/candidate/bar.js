// <candidate-bar>: which of the questions this is, as a bar beside the words that say the same.
import { View, h } from "../dom.js";

customElements.define("candidate-bar", class extends View {
  /** Set before it is shown: `session`. */
  build() {
    this.setAttribute("aria-hidden", "true");
    this.append(...this.session.view.questions.map(() => h("span", {})));
  }

  update() {
    const { index } = this.session;
    [...this.children].forEach((mark, n) => { mark.dataset.state = n < index ? "past" : n === index ? "now" : "ahead"; });
  }
});
