// <hr-watermark>: who watches and when, faint over the picture, so that a photograph of the screen says whose it was.
import { View, h } from "../dom.js";
import { locale } from "../i18n.js";

const COPIES = 3;
const EVERY_MS = 10_000;

customElements.define("hr-watermark", class extends View {
  /** Set before it is shown: `rights`. Decorative: nothing is told here that the person does not know. */
  build() {
    this.setAttribute("aria-hidden", "true");
    this.append(...Array.from({ length: COPIES }, () => h("span", {})));
  }

  connectedCallback() {
    super.connectedCallback();
    this.timer = setInterval(() => this.update(), EVERY_MS);
  }

  update() {
    const now = new Date().toLocaleString(locale(), { dateStyle: "short", timeStyle: "short" });
    for (const copy of this.children) copy.textContent = `${this.rights.name()} · ${now}`;
  }

  leave() {
    clearInterval(this.timer);
  }
});
