// <candidate-finish>: whether the interview shall really end. Tells "finish" when it shall.
import { View, h } from "../dom.js";
import { put } from "../i18n.js";

customElements.define("candidate-finish", class extends View {
  /** Set before it is shown: `session`, and `name`, the id of its heading, where another one may be on the page. */
  build() {
    const { name = "finish-ask" } = this;
    this.warning = h("p", { class: "muted" });
    this.dialog = h("dialog", { "aria-labelledby": name },
      h("form", { method: "dialog" },
        h("h2", { id: name, t: "interview.finish.ask" }), this.warning,
        h("div", { class: "row end" },
          h("button", { class: "button", value: "stay", t: "interview.finish.stay" }),
          h("button", { class: "button primary", value: "finish", t: "interview.finish" }))));
    this.dialog.addEventListener("close", () => {
      if (this.dialog.returnValue === "finish") this.dispatchEvent(new Event("finish"));
      this.dialog.returnValue = "";
    });
    this.append(this.dialog);
  }

  update() {}

  ask() {
    const { view, index } = this.session;
    const unseen = view.questions.length - index - 1;
    put(this.warning, unseen ? "interview.finish.unanswered" : "interview.finish.say", { n: unseen });
    this.dialog.showModal();
  }
});
