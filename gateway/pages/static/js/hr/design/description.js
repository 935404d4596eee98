// <hr-description>: a job's description, typed or read from a file, with the phrases that led to dimensions marked.
import { View, h, icon } from "../../dom.js";
import { put } from "../../i18n.js";
import { segments } from "./highlight.js";
import { said, worded } from "./words.js";

const TYPES = { txt: "text/plain", pdf: "application/pdf", docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document" };

customElements.define("hr-description", class extends View {
  /**
   * Set before it is shown: `api`, `rights`, `job`, `dimensions` (views by id); then `mark(order, phrases)`.
   * Fires `changed` with the new text.
   */
  build() {
    this.order = [];
    this.phrases = [];
    this.text = h("div", { class: "jd", tabindex: "0", role: "region", label: "jd.title" });
    this.field = h("textarea", { class: "jd-field", rows: 14, maxlength: 50000, label: "jd.title", name: "jd" });
    this.file = h("input", { type: "file", class: "hidden-visually", accept: Object.keys(TYPES).map((end) => `.${end}`).join(","), name: "jd-file", label: "jd.import" });
    this.file.addEventListener("change", () => this.#read());
    this.problem = h("p", { class: "small problem", role: "alert" });
    this.said = h("p", { class: "small muted", role: "status" });
    this.save = h("button", { class: "button primary", type: "button", t: "save", on: { click: () => this.#keep(this.field.value) } });
    this.leaveIt = h("button", { class: "button", type: "button", t: "cancel", on: { click: () => this.#edit(false) } });
    this.change = h("button", { class: "button", type: "button", on: { click: () => this.#edit(true) } }, icon("edit"), h("span", { t: "jd.edit" }));
    const choose = h("label", { class: "button file" }, this.file, icon("file"), h("span", { t: "jd.import" }));
    this.tools = h("div", { class: "row" }, this.change, choose, this.save, this.leaveIt);
    this.tools.hidden = !this.rights.may("jobs.write");
    this.append(h("div", { class: "panel-head" }, h("h2", { t: "jd.title" }), this.said), this.text, this.field, this.problem, this.tools);
    this.#edit(!this.job.description && this.rights.may("jobs.write"));
  }

  /** @param {string[]} order ids of dimensions as they are numbered; phrases with `dimension`, `start`, `end` */
  mark(order, phrases) {
    Object.assign(this, { order, phrases });
    this.update();
  }

  /** Shows a phrase, and for a moment which it is. */
  point(id, { start }) {
    const found = [...this.text.querySelectorAll("mark")].find((mark) => Number(mark.dataset.at) === start && mark.dataset.dimensions.split(" ").includes(id));
    if (!found) return;
    found.scrollIntoView({ block: "nearest" });
    found.dataset.now = "";
    setTimeout(() => delete found.dataset.now, 2000);
  }

  #edit(on) {
    this.field.value = this.job.description;
    this.field.hidden = this.save.hidden = !on;
    this.leaveIt.hidden = !on || !this.job.description;
    this.text.hidden = this.change.hidden = on;
    if (on && this.isConnected && this.job.description) this.field.focus();
  }

  async #keep(text) {
    this.problem.textContent = "";
    try {
      const view = await this.api.patch(`/jobs/${this.job.id}`, { description: text });
      this.#changed(view.job.description);
    } catch (problem) {
      this.problem.textContent = said(problem);
    }
  }

  async #read() {
    const [file] = this.file.files;
    this.file.value = ""; // the same file may be chosen again
    if (!file) return;
    this.problem.textContent = "";
    put(this.said, "jd.reading");
    const type = TYPES[file.name.split(".").pop().toLowerCase()] ?? "application/octet-stream";
    try {
      const { text } = await this.api.send(`/jobs/${this.job.id}/description`, new Blob([file], { type }));
      this.#changed(text);
      put(this.said, "jd.read", { name: file.name });
    } catch (problem) {
      this.said.textContent = "";
      this.problem.textContent = said(problem);
    }
  }

  #changed(text) {
    this.job.description = text;
    this.phrases = [];
    this.#edit(!text);
    this.update();
    this.dispatchEvent(new Event("changed"));
  }

  update() {
    let at = 0;
    this.text.replaceChildren(...segments(this.job.description, this.phrases).map(({ text, dimensions }) => {
      const start = at;
      at += Array.from(text).length;
      if (dimensions.length === 0) return document.createTextNode(text);
      const names = dimensions.map((id) => worded(this.dimensions.get(id)?.dimension.name, id)).join(" · ");
      const numbers = dimensions.map((id) => this.order.indexOf(id) + 1).filter(Boolean).join(",");
      return h("mark", { "data-at": start, "data-dimensions": dimensions.join(" "), title: names }, text, h("sup", {}, numbers, h("span", { class: "hidden-visually" }, ` ${names} `)));
    }));
  }
});
