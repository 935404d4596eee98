// <hr-notices>: what candidates are written, by occasion and language, with a preview of the text as it would arrive.
import { View, h } from "../../dom.js";
import { language, put } from "../../i18n.js";
import { leaves, said, worded } from "../design/words.js";

const PREVIEW_MS = 350;
const KINDS = ["invite", "reminder", "passed", "failed", "pending"];
const VARIABLES = {
  zh: { job: "岗位名称", name: "姓名", link: "链接", time: "时间", deadline: "截止时间", duration: "预计时长", score: "得分" },
  en: { job: "Job", name: "Name", link: "Link", time: "Time", deadline: "Deadline", duration: "Duration", score: "Score" },
};
const INVITING = ["job", "name", "link", "time", "deadline", "duration"];
const RESULT = ["job", "name", "score"];

customElements.define("hr-notices", class extends View {
  /** Set before it is shown: `api`, `rights`. */
  build() {
    this.className = "page";
    this.kind = "invite";
    this.tongue = language();
    this.drafts = new Map(); // what was typed and not saved, by template
    this.held = null; // the template that the fields hold, null while another is fetched
    this.branch = this.rights.branch;
    const locked = !this.rights.may("invitations.write");
    this.branches = h("select", { name: "branch" });
    this.branches.addEventListener("change", () => {
      this.branch = this.branches.value;
      this.#load();
    });
    this.branchField = h("label", { class: "field", hidden: true }, h("span", { t: "job.branch" }), this.branches);
    this.kinds = this.#tabs("notice.kinds", KINDS, (name) => `notice.kind.${name}`, "kind");
    this.tongues = this.#tabs("notice.language", ["zh", "en"], (name) => `tongue.${name}`, "tongue");
    this.subject = h("input", { name: "subject", maxlength: 200, disabled: locked });
    this.text = h("textarea", { name: "text", rows: 14, maxlength: 10000, disabled: locked });
    for (const field of [this.subject, this.text]) field.addEventListener("input", () => this.#soon());
    this.variables = h("div", { class: "row", role: "group", label: "notice.variables", hidden: locked });
    this.standing = h("span", { class: "badge" });
    this.problem = h("p", { class: "small problem", role: "alert" });
    this.state = h("p", { class: "small muted", role: "status" });
    this.save = h("button", { class: "button primary", type: "button", t: "save", hidden: locked, on: { click: () => this.#save() } });
    this.shown = h("article", { class: "mail", "aria-live": "polite" });
    this.append(h("header", { class: "page-head" }, h("h1", { t: "notice.title" }), this.branchField), this.kinds, this.tongues,
      h("div", { class: "split even" }, h("section", { class: "card panel stack" }, h("div", { class: "panel-head" }, h("h2", { t: "notice.template" }), this.standing),
        h("label", { class: "field" }, h("span", { t: "notice.subject" }), this.subject), h("label", { class: "field" }, h("span", { t: "notice.text" }), this.text),
        this.variables, this.problem, this.state, h("div", { class: "row end" }, this.save)),
      h("section", { class: "card panel stack" }, h("h2", { t: "notice.preview" }), h("p", { class: "small muted", t: "notice.preview.say" }), this.shown)));
    this.#branches();
    this.#load();
  }

  #tabs(label, names, key, what) {
    const pick = (name) => {
      this[what] = name;
      this.#load();
    };
    return h("div", { class: "row choices", role: "group", label, "data-what": what }, ...names.map((name) => h("button", {
      class: "button", type: "button", t: key(name), "data-name": name, on: { click: () => pick(name) },
    })));
  }

  async #branches() {
    try {
      const { branches } = await this.api.get("/branches");
      this.branchField.hidden = branches.length < 2;
      this.branches.replaceChildren(...branches.map(({ id, name }) => h("option", { value: id }, worded(name, id))));
      this.branches.value = this.branch;
    } catch {
      this.branchField.hidden = true; // the own branch is the only choice
    }
  }

  get #path() {
    return `/notices/${this.kind}/${this.tongue}`;
  }

  get #wanted() {
    return `${this.#path}?branch=${this.branch}`;
  }

  async #load() {
    clearTimeout(this.timer);
    const wanted = this.#wanted;
    this.held = null;
    this.save.disabled = true;
    for (const group of [this.kinds, this.tongues]) {
      for (const tab of group.children) tab.setAttribute("aria-pressed", String(tab.dataset.name === this[group.dataset.what]));
    }
    this.problem.textContent = this.state.textContent = "";
    const names = ["invite", "reminder"].includes(this.kind) ? INVITING : RESULT;
    this.variables.replaceChildren(h("span", { class: "small muted", t: "notice.variables" }), ...names.map((name) => {
      const word = `[${VARIABLES[this.tongue][name]}]`;
      return h("button", { class: "button", type: "button", on: { click: () => this.#insert(word) } }, word);
    }));
    try {
      const { template, own } = await this.api.get(wanted);
      if (wanted !== this.#wanted) return; // another was chosen meanwhile
      const draft = this.drafts.get(wanted);
      const { subject, text } = draft ?? template;
      this.subject.value = subject;
      this.text.value = text;
      if (draft) put(this.state, "notice.unsaved");
      this.held = wanted;
      this.save.disabled = false;
      put(this.standing, own ? "notice.own" : "notice.default");
      await this.#preview();
    } catch (problem) {
      if (wanted === this.#wanted && !leaves(problem, this.api)) this.problem.textContent = said(problem);
    }
  }

  #insert(word) {
    this.text.setRangeText(word, this.text.selectionStart, this.text.selectionEnd, "end");
    this.text.focus();
    this.#soon();
  }

  #soon() {
    if (!this.held) return;
    this.drafts.set(this.held, this.#given);
    put(this.state, "notice.unsaved");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#preview(), PREVIEW_MS);
  }

  get #given() {
    return { subject: this.subject.value, text: this.text.value };
  }

  async #preview() {
    const { held } = this;
    try {
      const { subject, text } = await this.api.post(`${this.#path}/preview`, this.#given);
      if (held !== this.held) return;
      this.problem.textContent = "";
      this.shown.replaceChildren(h("h3", {}, subject), h("p", {}, text));
    } catch (problem) {
      if (held === this.held) this.problem.textContent = said(problem);
    }
  }

  async #save() {
    const { held } = this;
    if (!held) return;
    const draft = this.drafts.get(held);
    try {
      await this.api.put(held, this.#given);
      const changed = this.drafts.get(held) !== draft; // typed on meanwhile
      if (!changed) this.drafts.delete(held);
      if (changed || held !== this.held) return;
      put(this.standing, "notice.own");
      put(this.state, "notice.saved");
      this.problem.textContent = "";
    } catch (problem) {
      if (held === this.held) this.problem.textContent = said(problem);
    }
  }

  leave() {
    clearTimeout(this.timer);
  }
});
