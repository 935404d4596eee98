// <hr-new>: a new interview, and the link for its candidate.
import { View, h, icon } from "../dom.js";
import { language, locale, put } from "../i18n.js";
import "../elements/copy.js";

customElements.define("hr-new", class extends View {
  build() {
    this.append(h("button", {
      class: "button primary new-interview", type: "button", on: { click: () => this.#ask() },
    }, icon("plus"), h("span", { t: "hr.new" })));
    this.candidate = h("input", { name: "candidate", required: true, maxlength: 100, autocomplete: "off" });
    this.spoken = h("select", { name: "language" },
      h("option", { value: "zh", t: "welcome.language.zh" }), h("option", { value: "en", t: "welcome.language.en" }));
    this.policy = h("select", { name: "policy" });
    this.record = h("input", { type: "checkbox", name: "record" });
    this.problem = h("p", { class: "small problem", role: "alert" });
    this.submit = h("button", { class: "button primary", t: "new.create" });
    this.form = h("form", { on: { submit: (event) => this.#create(event) } },
      h("h2", { id: "new-title", t: "new.title" }),
      h("label", { class: "field" }, h("span", { t: "new.candidate" }), this.candidate),
      h("label", { class: "field" }, h("span", { t: "new.language" }), this.spoken),
      h("label", { class: "field" }, h("span", { t: "new.policy" }), this.policy),
      h("label", { class: "tick" }, this.record, h("span", { t: "new.record" })),
      this.problem,
      h("div", { class: "row end" },
        h("button", { class: "button", type: "button", t: "cancel", on: { click: () => this.dialog.close() } }), this.submit));
    this.made = h("div", { class: "stack", hidden: true });
    this.dialog = h("dialog", { "aria-labelledby": "new-title" }, this.form, this.made);
    this.append(this.dialog);
  }

  #ask() {
    this.form.reset();
    this.spoken.value = language();
    this.problem.textContent = "";
    this.form.hidden = false;
    this.made.hidden = true;
    this.dialog.showModal();
    this.candidate.focus();
    this.#offer();
  }

  /** What the branch allows, its own first; until it is known the server decides by itself. */
  async #offer() {
    try {
      const { policies } = await this.api.get("/config");
      this.policy.replaceChildren(...policies.map((name) => h("option", { value: name, t: `policy.${name}` })));
    } catch (problem) {
      this.problem.textContent = problem.text ?? String(problem);
    }
  }

  async #create(event) {
    event.preventDefault();
    this.submit.disabled = true;
    try {
      const made = await this.api.post("/sessions", {
        candidate: this.candidate.value.trim(), language: this.spoken.value, policy: this.policy.value || null, record: this.record.checked,
      });
      this.#show(made);
      this.dispatchEvent(new Event("created"));
    } catch (problem) {
      this.problem.textContent = problem.text ?? String(problem);
    }
    this.submit.disabled = false;
  }

  #show({ id, candidate, candidate_url: url, expires_at: expires }) {
    const say = h("p", { class: "muted" });
    put(say, "new.link.say", { time: new Date(expires).toLocaleString(locale(), { dateStyle: "medium", timeStyle: "short" }) });
    const copy = h("viva-copy", { "label-key": "new.link" });
    copy.value = url;
    this.form.hidden = true;
    this.made.hidden = false;
    this.made.replaceChildren(
      h("h2", {}, candidate), say, copy,
      h("div", { class: "row end" },
        h("button", { class: "button", type: "button", t: "close", on: { click: () => this.dialog.close() } }),
        h("a", { class: "button primary", href: `#s=${id}`, t: "new.open", on: { click: () => this.dialog.close() } })));
  }
});
