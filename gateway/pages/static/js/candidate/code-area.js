// <code-area>: a plain text area with line numbers. Tab indents; Escape, then Tab, leaves it.
import { h } from "../dom.js";

const TAB = "    ";
const KEYS = ["{", "}", "(", ")", "[", "]", ";", ":", "=", "\""];
let made = 0;

/** Where the browser can, so that it can be undone. */
function insert(area, text) {
  area.focus();
  if (document.execCommand("insertText", false, text)) return;
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

customElements.define("code-area", class extends HTMLElement {
  connectedCallback() {
    if (this.area) return;
    made += 1;
    const hint = `code-keys-${made}`;
    this.numbers = h("pre", { class: "code-numbers", "aria-hidden": "true" });
    this.area = h("textarea", {
      class: "code-text", label: "code.editor", "aria-describedby": hint, rows: 14, wrap: "off", spellcheck: "false",
      autocapitalize: "off", autocomplete: "off", autocorrect: "off", lang: "en", dir: "ltr",
      on: {
        keydown: (event) => this.#key(event), input: () => this.#number(), blur: () => { this.leaving = false; },
        scroll: () => { this.numbers.scrollTop = this.area.scrollTop; },
      },
    });
    const press = (event, text) => {
      event.preventDefault(); // the keyboard of a phone stays where it is
      if (!this.area.readOnly) insert(this.area, text);
    };
    this.keys = h("div", { class: "code-keys", role: "group", label: "code.title" },
      h("button", { class: "button", type: "button", label: "code.indent", on: { pointerdown: (event) => event.preventDefault(), click: (event) => press(event, TAB) } }, "⇥"),
      ...KEYS.map((text) => h("button", {
        class: "button", type: "button", label: "code.insert", vars: { what: text },
        on: { pointerdown: (event) => event.preventDefault(), click: (event) => press(event, text) },
      }, text)));
    this.append(h("div", { class: "code-frame" }, this.numbers, this.area), this.keys, h("p", { class: "small muted code-hint", id: hint, t: "code.keys" }));
    this.#number();
  }

  get value() {
    return this.area.value;
  }

  set value(text) {
    this.area.value = text;
    this.#number();
  }

  set readOnly(still) {
    this.area.readOnly = still;
    this.keys.hidden = still;
  }

  #number() {
    const lines = this.area.value.split("\n").length;
    if (lines === this.lines) return;
    this.lines = lines;
    this.numbers.textContent = Array.from({ length: lines }, (_, index) => index + 1).join("\n");
    this.numbers.scrollTop = this.area.scrollTop;
  }

  #key(event) {
    if (event.isComposing) return;
    const { area } = this;
    if (event.key === "Escape") {
      this.leaving = true;
      return;
    }
    if (event.key === "Tab" && !this.leaving && !area.readOnly && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      if (event.shiftKey) this.#outdent();
      else insert(area, TAB);
    } else if (event.key === "Enter" && !area.readOnly) {
      event.preventDefault();
      const line = area.value.slice(0, area.selectionStart).split("\n").pop();
      insert(area, `\n${/^[ \t]*/.exec(line)[0]}${/[:{([]\s*$/.test(line) ? TAB : ""}`);
    }
    if (!["Shift", "Tab"].includes(event.key)) this.leaving = false;
  }

  #outdent() {
    const { area } = this;
    const from = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const blanks = /^(?: {1,4}|\t)/.exec(area.value.slice(from))?.[0].length ?? 0;
    if (!blanks) return;
    const at = Math.max(from, area.selectionStart - blanks);
    area.setSelectionRange(from, from + blanks);
    insert(area, "");
    area.setSelectionRange(at, at);
  }
});
