// Building elements without markup strings: nothing a person typed is ever parsed as HTML.
import { put, putAttribute } from "./i18n.js";

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  camera: "M4 7h10a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V9a2 2 0 0 1 2-2Zm12 4 6-3v8l-6-3",
  microphone: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3ZM6 11a6 6 0 0 0 12 0M12 17v4",
  network: "M3 9a14 14 0 0 1 18 0M6.5 12.5a9 9 0 0 1 11 0M10 16a4 4 0 0 1 4 0M12 19.5v.01",
  check: "m5 12.5 4.5 4.5L19 7.5",
  warning: "M12 4 2.8 19.5h18.4L12 4Zm0 6v4.5M12 17v.01",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 8v5M12 8v.01",
  wait: "M12 3a9 9 0 1 0 9 9M12 7v5l3 2",
  captions: "M4 5h16a1.5 1.5 0 0 1 1.5 1.5v11A1.5 1.5 0 0 1 20 19H4a1.5 1.5 0 0 1-1.5-1.5v-11A1.5 1.5 0 0 1 4 5Zm2 8h5m3 0h4M6 16h8",
  copy: "M9 9h10v11H9zM5 15V4h10",
  back: "m14 6-6 6 6 6",
  plus: "M12 5v14M5 12h14",
  eye: "M2 12s4-6.5 10-6.5S22 12 22 12s-4 6.5-10 6.5S2 12 2 12Zm10-2.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z",
  save: "M12 3v11m0 0 4-4m-4 4-4-4M4 19h16",
  sound: "M4 9.5v5h4l5 4v-13l-5 4H4Zm12.5-1a5 5 0 0 1 0 7M19 6a9 9 0 0 1 0 12",
  muted: "M4 9.5v5h4l5 4v-13l-5 4H4Zm12.5 0 5 5m0-5-5 5",
  stop: "M6 6h12v12H6z",
  play: "M8 5.5v13l10.5-6.5L8 5.5Z",
  minus: "M5 12h14",
  up: "m6 14 6-6 6 6",
  down: "m6 10 6 6 6-6",
  forth: "m10 6 6 6-6 6",
  remove: "M5 7h14M10 7V4h4v3m-7 0 1 13h8l1-13M10 11v5m4-5v5",
  edit: "m4 20 1-4L16 5l3 3L8 19l-4 1Zm10-13 3 3",
  people: "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM2.5 20a6.5 6.5 0 0 1 13 0M16 5.4a3.5 3.5 0 0 1 0 6.2M18 14.2a6.5 6.5 0 0 1 3.5 5.8",
  chart: "M4 20V4M4 20h16M8.5 16v-4M13 16V8M17.5 16v-6",
  file: "M6 3h8l4 4v14H6V3Zm8 0v4h4M9 13h6m-6 4h6",
  record: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm0-5a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z",
};

/** An element. `t` is a message key for its text (`vars` fill it), `label` one for its aria-label. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "t") put(element, value, props.vars);
    else if (name === "label") putAttribute(element, "aria-label", value, props.vars);
    else if (name === "hint") putAttribute(element, "title", value, props.vars);
    else if (name === "on") for (const [type, handler] of Object.entries(value)) element.addEventListener(type, handler);
    else if (name === "vars") continue;
    else if (name === "class") element.className = value;
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** A line icon; decorative, so hidden from assistive technology. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "1.8",
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true", class: "icon",
  })) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A notice with an icon; `tone` is "info" or "warn". */
export function notice(tone, ...lines) {
  return h("div", { class: `notice ${tone}`, role: tone === "warn" ? "alert" : "status" },
    icon(tone === "warn" ? "warning" : "info"), h("div", {}, ...lines));
}

/** What stands where there is nothing yet: an icon, what is missing, and what to do about it. */
export function emptiness(name, title, say = null, ...tools) {
  return h("div", { class: "empty" }, h("span", { class: "empty-mark" }, icon(name)), h("p", { class: "empty-title", t: title }),
    say ? h("p", { class: "muted small", t: say }) : null, ...tools);
}

/** A custom element that builds once and repaints when the language changes. */
export class View extends HTMLElement {
  #repaint = () => this.update();

  connectedCallback() {
    if (!this.built) {
      this.built = true;
      this.build();
    }
    document.addEventListener("viva:language", this.#repaint);
    this.update();
  }

  disconnectedCallback() {
    document.removeEventListener("viva:language", this.#repaint);
    this.leave();
  }

  build() {}
  update() {}
  leave() {}
}
