// <candidate-face-data>: while a face reference is kept, the way to have it erased.
import { View, h } from "../dom.js";
import { put } from "../i18n.js";

customElements.define("candidate-face-data", class extends View {
  /** Set before it is shown: `session`. */
  build() {
    this.open = h("button", { class: "button quiet", type: "button", t: "identity.erase", on: { click: () => this.dialog.showModal() } });
    this.done = h("p", { class: "small muted", role: "status", hidden: true });
    this.dialog = h("dialog", { "aria-labelledby": "erase-ask" },
      h("form", { method: "dialog" },
        h("h2", { id: "erase-ask", t: "identity.erase.ask" }), h("p", { class: "muted", t: "identity.erase.say" }),
        h("div", { class: "row end" },
          h("button", { class: "button", value: "keep", t: "cancel" }),
          h("button", { class: "button primary", value: "erase", t: "identity.erase.do" }))));
    this.dialog.addEventListener("close", () => {
      if (this.dialog.returnValue === "erase") this.#erase();
      this.dialog.returnValue = "";
    });
    this.append(this.open, this.done, this.dialog);
    this.onChange = () => this.update();
    this.session.addEventListener("change", this.onChange);
  }

  leave() {
    this.session.removeEventListener("change", this.onChange);
  }

  async #erase() {
    this.done.hidden = false;
    try {
      await this.session.eraseFace();
      put(this.done, "identity.erased");
    } catch (problem) {
      this.done.textContent = problem.text ?? String(problem);
    }
    this.update();
  }

  update() {
    const { enrolled } = this.session.identity;
    this.open.hidden = !enrolled;
    if (enrolled && this.done.dataset.message) this.done.hidden = true;
    this.hidden = !enrolled && this.done.hidden;
  }
});
