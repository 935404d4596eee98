// <candidate-blocked>: why the interview cannot start here, and what to do; with the link to take elsewhere where that helps.
import { View, h, icon } from "../dom.js";
import "../elements/copy.js";

customElements.define("candidate-blocked", class extends View {
  /** `why` is insecure, no-webrtc, link or problem (then `problem` says more). */
  build() {
    const { why, problem } = this;
    const lines = { insecure: ["why", "do"], "no-webrtc": ["why", "do"], link: ["why", "do"], problem: [] }[why];
    const secure = new URL(location.href);
    secure.protocol = "https:";
    this.append(
      h("span", { class: "blocked-mark" }, icon("warning")),
      h("h1", { t: `blocked.${why}` }),
      ...lines.map((line) => h("p", { t: `blocked.${why}.${line}`, vars: { origin: location.origin } })));
    if (problem) this.append(h("p", {}, problem.text ?? String(problem)));
    if (why === "insecure" || why === "no-webrtc") {
      const copy = document.createElement("viva-copy");
      copy.value = why === "insecure" ? secure.href : location.href;
      this.append(copy);
    }
    if (why === "problem") {
      this.append(h("div", { class: "actions" }, h("button", {
        class: "button primary", type: "button", t: "retry", on: { click: () => location.reload() },
      })));
    }
  }
});
