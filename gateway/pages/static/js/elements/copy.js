// <viva-copy>: a link to hand on, with a button that copies it.
import { View, h, icon } from "../dom.js";
import { put } from "../i18n.js";

customElements.define("viva-copy", class extends View {
  build() {
    this.field = h("input", { type: "text", readonly: true, label: this.getAttribute("label-key") ?? "copy" });
    this.word = h("span", { t: "copy" });
    this.said = h("p", { class: "small muted", role: "status" });
    this.append(
      h("div", { class: "copy-line" }, this.field,
        h("button", { class: "button", type: "button", on: { click: () => this.copy() } }, icon("copy"), this.word)),
      this.said);
    this.field.addEventListener("focus", () => this.field.select());
    this.value = this.value_ ?? "";
  }

  set value(text) {
    this.value_ = text;
    if (this.field) this.field.value = text;
  }

  get value() {
    return this.value_;
  }

  async copy() {
    this.field.select();
    try {
      // Without a secure context there is no clipboard object; the old command still works there.
      if (navigator.clipboard) await navigator.clipboard.writeText(this.value_);
      else if (!document.execCommand("copy")) throw new Error("not copied");
      put(this.word, "copied");
      setTimeout(() => put(this.word, "copy"), 2500);
    } catch {
      put(this.said, "copy.by-hand");
    }
  }
});
