// <hr-shortcuts>: single keys of the session page, which can be turned off (WCAG 2.2, 2.1.4).
import { View, h } from "../dom.js";

const STORED = "viva.hr.shortcuts";

function remembered() {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true; // storage may be blocked
  }
}

customElements.define("hr-shortcuts", class extends View {
  /** Set before it is shown: `keys`, a function for each lower-case letter. */
  build() {
    this.on = remembered();
    const box = h("input", { type: "checkbox", role: "switch", checked: this.on, on: { change: () => this.#set(box.checked) } });
    this.append(h("label", {}, box, h("span", { class: "small", t: "shortcut.say" })));
  }

  connectedCallback() {
    super.connectedCallback();
    this.listen = (event) => this.#pressed(event);
    document.addEventListener("keydown", this.listen);
  }

  #set(on) {
    this.on = on;
    try {
      localStorage.setItem(STORED, on ? "on" : "off");
    } catch {
      // The choice then lasts as long as the page.
    }
  }

  #pressed(event) {
    if (!this.on || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]")) return;
    const press = this.keys[event.key.toLowerCase()];
    if (!press) return;
    event.preventDefault();
    press();
  }

  leave() {
    document.removeEventListener("keydown", this.listen);
  }
});
