// <candidate-paused>: over everything, for as long as an interviewer has paused the interview. Nothing can be done
// meanwhile, and nothing needs to be.
import { View, h, icon } from "../dom.js";

customElements.define("candidate-paused", class extends View {
  /** Set before it is shown: `session`. */
  build() {
    this.dialog = h("dialog", { class: "paused", "aria-labelledby": "paused-title", "aria-describedby": "paused-say" },
      h("span", { class: "done-mark" }, icon("wait")),
      h("h2", { id: "paused-title", tabindex: "-1", t: "paused.title" }),
      h("p", { id: "paused-say", t: "paused.say" }), h("p", { class: "muted small", t: "paused.said" }));
    this.dialog.addEventListener("cancel", (event) => event.preventDefault());
    // Escape pressed twice closes it in spite of that (HTML, close watchers): it comes back while the pause lasts.
    this.dialog.addEventListener("close", () => this.update());
    this.append(this.dialog);
    this.onChange = () => this.update();
    this.session.addEventListener("change", this.onChange);
  }

  leave() {
    this.session.removeEventListener("change", this.onChange);
  }

  update() {
    const { clock, ended } = this.session;
    const paused = clock.paused && !ended;
    if (paused === this.dialog.open) return;
    if (paused) {
      for (const other of document.querySelectorAll("dialog[open]")) other.close();
      this.dialog.showModal();
    } else this.dialog.close();
  }
});
