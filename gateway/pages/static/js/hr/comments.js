// <hr-comments>: what the hiring manager and others say of the result. One's own can be changed; what it was stays.
import { View, h } from "../dom.js";
import { openDialog } from "../elements/dialog.js";
import { t } from "../i18n.js";
import { whom } from "./whom.js";

const when = (at) => new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

customElements.define("hr-comments", class extends View {
  /** Set before it is shown: `comments` of the report, `send` (method, path, body; null: may not), `me` (own name). */
  build() {
    this.classList.add("comments");
  }

  #form(comment = null) {
    const text = h("textarea", { rows: 3, required: true, maxlength: 2000 });
    text.value = comment?.text ?? "";
    const problem = h("p", { class: "small problem", role: "alert" });
    const submit = async (event) => {
      event.preventDefault();
      try {
        await this.send(comment ? "PUT" : "POST", comment ? `/comments/${comment.id}` : "/comments", { text: text.value.trim() });
        dialog.close();
      } catch (refused) {
        problem.textContent = refused.text ?? String(refused);
      }
    };
    const dialog = openDialog({ t: comment ? "comment.edit" : "comment.add" }, h("form", { class: "stack-s", on: { submit } },
      h("label", { class: "field" }, h("span", { t: "comment.text" }), text), problem,
      h("div", { class: "row end" }, h("button", { class: "button", type: "button", t: "cancel", on: { click: () => dialog.close() } }),
        h("button", { class: "button primary", t: "save" }))));
  }

  async #delete({ id }) {
    try {
      await this.send("DELETE", `/comments/${id}`);
    } catch (refused) {
      this.problem.textContent = refused.text ?? String(refused);
    }
  }

  #row(one) {
    const gone = one.deleted_by !== null;
    const act = (key, press) => h("button", { class: "button quiet", type: "button", t: key, on: { click: press } });
    return h("li", { "data-deleted": gone },
      gone ? h("p", { class: "muted" }, t("comment.deleted", { by: whom(one.deleted_by) })) : h("p", { class: "comment-text" }, one.text),
      h("p", { class: "small muted" }, `${whom(one.by)} · ${when(one.at)}`),
      !gone && this.send && one.by === this.me ? h("div", { class: "row" }, act("annotation.edit", () => this.#form(one)), act("annotation.delete", () => this.#delete(one))) : null,
      one.versions.length ? h("details", {}, h("summary", {}, t("comment.history", { n: one.versions.length })),
        h("ol", { class: "facts-list small" }, ...one.versions.map(({ text, by, at }) => h("li", {}, h("span", { class: "muted" }, `${whom(by)} · ${when(at)} `), text)))) : null);
  }

  update() {
    const { comments, send } = this;
    this.problem = h("p", { class: "small problem", role: "alert" });
    this.replaceChildren(
      h("div", { class: "panel-head" }, h("h2", { t: "comment.title" }),
        send ? h("button", { class: "button", type: "button", t: "comment.add", on: { click: () => this.#form() } }) : null),
      this.problem, comments.length ? h("ol", { class: "stack-s" }, ...comments.map((one) => this.#row(one))) : h("p", { class: "muted", t: "comment.none" }));
  }
});
