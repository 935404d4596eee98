// <hr-plans>: every plan within reach.
import { View, h } from "../../dom.js";
import "./plan-list.js";

customElements.define("hr-plans", class extends View {
  /** Set before it is shown: `api`, `rights`. */
  build() {
    const { api, rights } = this;
    this.className = "page";
    this.append(h("header", { class: "page-head" }, h("h1", { t: "plans.title" })), Object.assign(document.createElement("hr-plan-list"), { api, rights }));
  }
});
