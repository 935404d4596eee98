// <candidate-paused>: over everything, for as long as an interviewer has paused the interview. Nothing needs to be done
// meanwhile; but nobody is held: the interview can be ended, and what was agreed to taken back.
import { View, h, icon, notice } from "../dom.js";
import "./finish.js";
import "./my-data.js";

customElements.define("candidate-paused", class extends View {
  /** Set before it is shown: `session`. */
  build() {
    this.ways = h("div", { class: "stack paused-ways" });
    this.dialog = h("dialog", { class: "paused", "aria-labelledby": "paused-title", "aria-describedby": "paused-say" },
      h("span", { class: "done-mark" }, icon("wait")),
      h("h2", { id: "paused-title", tabindex: "-1", t: "paused.title" }),
      h("p", { id: "paused-say", t: "paused.say" }), h("p", { class: "muted small", t: "paused.said" }), this.ways);
    this.dialog.addEventListener("cancel", (event) => {
      if (event.target === this.dialog) event.preventDefault();
    });
    // Escape pressed twice closes it in spite of that (HTML, close watchers): it comes back while the pause lasts.
    this.dialog.addEventListener("close", () => this.update());
    this.append(this.dialog);
    this.onChange = () => this.update();
    this.session.addEventListener("change", this.onChange);
  }

  leave() {
    this.session.removeEventListener("change", this.onChange);
  }

  /** What can be done in a pause; there only while it lasts, for the page below has the same. */
  #offer() {
    const { session } = this;
    const sure = Object.assign(document.createElement("candidate-finish"), { session, name: "paused-finish-ask" });
    const says = h("div", { class: "trouble" });
    const quit = h("button", { class: "button", type: "button", t: "interview.quit", on: { click: () => sure.ask() } });
    sure.addEventListener("finish", async () => {
      quit.disabled = true;
      says.replaceChildren();
      try {
        await session.finish();
      } catch (problem) {
        says.replaceChildren(notice("warn", h("p", {}, problem.text ?? String(problem))));
      }
      quit.disabled = false;
    });
    this.ways.replaceChildren(Object.assign(document.createElement("candidate-my-data"), { session, apart: "paused-" }), quit, says, sure);
  }

  update() {
    const { clock, ended } = this.session;
    const paused = clock.paused && !ended;
    if (paused === this.dialog.open) return;
    if (paused) {
      for (const other of document.querySelectorAll("dialog[open]")) other.close();
      if (!this.ways.childElementCount) this.#offer();
      this.dialog.showModal();
    } else {
      this.ways.replaceChildren(); // with what it asks: a question left open would hold the page
      this.dialog.close();
    }
  }
});
