// <viva-language>: the other language, one tap away.
import { View, h } from "../dom.js";
import { language, setLanguage } from "../i18n.js";

customElements.define("viva-language", class extends View {
  build() {
    this.append(h("button", {
      class: "button quiet", type: "button", t: "language.other", label: "language.switch",
      on: { click: () => setLanguage(language() === "zh" ? "en" : "zh", { remember: true }) },
    }));
  }
});
