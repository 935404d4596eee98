// <hr-plans>: every plan within reach.
import { View } from "../../dom.js";
import "./plan-list.js";
import { planHead } from "./plan-tabs.js";

customElements.define("hr-plans", class extends View {
  /** Set before it is shown: `api`, `rights`. */
  build() {
    const { api, rights } = this;
    this.className = "page";
    this.append(...planHead("plans"), Object.assign(document.createElement("hr-plan-list"), { api, rights }));
  }
});
