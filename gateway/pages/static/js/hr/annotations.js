// <hr-annotations>: notes on the media clock. N opens the field, Enter saves, Escape leaves. What was changed or
// deleted stays to be read; a note plays the recording from what it marks.
import { View, h } from "../dom.js";
import { clock, locale, put, t } from "../i18n.js";
import { playable } from "./captions.js";
import { whom } from "./whom.js";

const tagsOf = (text) => [...new Set(text.split(/[,，、;；]/).map((tag) => tag.trim().slice(0, 40)).filter(Boolean))].slice(0, 8);

customElements.define("hr-annotations", class extends View {
  /** Set before it is shown: `model`, `commands`, `rights`, `now` (media time now, seconds). */
  build() {
    this.rows = new Map();
    this.editing = null; // id of the note that is edited
    this.text = h("textarea", { rows: "2", maxlength: "2000", required: true });
    this.tags = h("input", { maxlength: "330", autocomplete: "off" });
    this.stamp = h("p", { class: "small muted" });
    this.form = h("form", { class: "stack-s", hidden: true, on: {
      submit: (event) => {
        event.preventDefault();
        this.#save();
      },
      keydown: (event) => this.#typed(event),
    } }, this.stamp, h("label", { class: "field" }, h("span", { t: "annotation.text" }), this.text),
      h("label", { class: "field" }, h("span", { t: "annotation.tags" }), this.tags),
      h("div", { class: "row" }, h("button", { class: "button primary", t: "annotation.save" }),
        h("button", { class: "button quiet", type: "button", t: "annotation.leave", on: { click: () => this.#leave() } })));
    this.add = h("button", { class: "button", type: "button", t: "annotation.add", "aria-keyshortcuts": "N", on: { click: () => this.begin() } });
    this.problem = h("p", { class: "small problem", role: "alert" });
    this.none = h("p", { class: "muted", t: "annotation.none" });
    this.list = h("ol", { class: "annotations" });
    this.append(h("div", { class: "panel-head" }, h("h2", { t: "annotation.title" }), this.add), this.form, this.problem, this.none, this.list);
    this.add.hidden = !this.rights.command;
  }

  /** Opens the field; the note marks the moment of this, not that of saving. */
  begin(note = null) {
    if (!this.rights.command) return;
    this.editing = note?.id ?? null;
    this.mark = note ? note.mark : this.now();
    this.text.value = note?.text ?? "";
    this.tags.value = note?.tags.join(", ") ?? "";
    put(this.stamp, note ? "annotation.edits" : "annotation.at", { time: clock(this.mark) });
    this.form.hidden = false;
    this.text.focus();
  }

  #typed(event) {
    if (event.isComposing) return; // Enter chooses a word of the input method
    if (event.key === "Escape") this.#leave();
    else if (event.key === "Enter" && !event.shiftKey && event.target !== event.target.closest("button")) {
      event.preventDefault();
      this.form.requestSubmit();
    }
  }

  #leave() {
    this.form.hidden = true;
    this.problem.textContent = "";
    this.add.focus();
  }

  async #save() {
    const fields = { text: this.text.value.trim(), tags: tagsOf(this.tags.value) };
    if (!fields.text || this.saving) return;
    this.saving = true;
    const done = this.editing
      ? await this.#do("edit-annotation", { annotation: this.editing, ...fields })
      : await this.#do("annotate", { ...fields, media_time: Math.round(this.mark * 1000) / 1000 });
    this.saving = false;
    if (done) this.#leave();
  }

  async #do(command, fields) {
    try {
      const event = await this.commands.send(command, fields);
      // After the result the stream has ended and will not bring it.
      if (this.model.ready) this.model.apply(event);
      this.update();
      this.problem.textContent = "";
      return true;
    } catch (refused) {
      this.problem.textContent = refused.text;
      return false;
    }
  }

  #row(note) {
    const version = ({ mark, text, tags, by, at }) => h("li", { class: "small" },
      h("span", { class: "muted" }, `${new Date(at).toLocaleTimeString(locale())} · ${whom(by)} · ${clock(mark)} `), h("span", {}, [text, ...tags.map((tag) => `#${tag}`)].join(" ")));
    const past = note.deleted ? note.versions : note.versions.slice(0, -1);
    const say = h("p", { class: "annotation-text" }, h("time", { class: "muted small" }, clock(note.mark)), h("span", {}, note.deleted ? t("annotation.deleted", { by: whom(note.deleted.by) }) : note.text));
    if (!note.deleted) playable(say, this.model.playable ? note.mark : null);
    const act = (key, press) => h("button", { class: "button quiet", type: "button", t: key, on: { click: press } });
    return h("li", { "data-deleted": Boolean(note.deleted) }, say,
      h("div", { class: "row" }, ...(note.deleted ? [] : note.tags.map((tag) => h("span", { class: "badge" }, tag))),
        h("span", { class: "small muted" }, whom(note.by)),
        ...(note.deleted || !this.rights.command ? [] : [act("annotation.edit", () => this.begin(note)),
          act("annotation.delete", () => this.#do("delete-annotation", { annotation: note.id }))])),
      ...(past.length ? [h("details", {}, h("summary", { t: "annotation.history", vars: { n: past.length } }), h("ol", {}, ...past.map(version)))] : []));
  }

  update() {
    const notes = [...this.model.conduct.annotations.values()].sort((a, b) => a.mark - b.mark);
    this.none.hidden = notes.length > 0;
    // Only what changed is made anew: a row that is made anew loses the focus within it.
    const items = notes.map((note) => {
      const key = JSON.stringify([note, this.model.playable, document.documentElement.lang]);
      const known = this.rows.get(note.id);
      if (known?.key === key) return known.row;
      const row = this.#row(note);
      this.rows.set(note.id, { key, row });
      known?.row.remove();
      return row;
    });
    items.forEach((item, index) => {
      if (this.list.children[index] !== item) this.list.insertBefore(item, this.list.children[index] ?? null);
    });
  }
});
