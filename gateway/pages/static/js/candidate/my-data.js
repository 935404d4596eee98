// <candidate-my-data>: what was agreed to, each to be taken back (PIPL 15); a copy of what is stored (PIPL 45); and, once
// it is over, a person's look at the result (PIPL 24).
import { View, h, notice } from "../dom.js";
import { put } from "../i18n.js";
import { CONSENTS } from "./journey.js";

customElements.define("candidate-my-data", class extends View {
  /** Set before it is shown: `session`, and `apart`, what its ids begin with, where another one may be on the page. */
  build() {
    const { apart = "" } = this;
    this.list = h("ul", { class: "consents" });
    this.says = h("div", { class: "trouble" });
    this.heading = h("h2", { id: `${apart}withdraw-ask` });
    this.what = h("p", { class: "muted" });
    this.dialog = h("dialog", { "aria-labelledby": `${apart}withdraw-ask` },
      h("form", { method: "dialog" }, this.heading, this.what,
        h("div", { class: "row end" },
          h("button", { class: "button", value: "keep", t: "cancel" }),
          h("button", { class: "button primary", value: "withdraw", t: "data.withdraw" }))));
    this.dialog.addEventListener("close", () => {
      if (this.dialog.returnValue === "withdraw") this.#do(() => this.session.journey.withdraw(this.asked));
      this.dialog.returnValue = "";
    });
    this.copy = h("button", { class: "button", type: "button", t: "data.copy", on: { click: () => this.#do(() => this.session.copyData()) } });
    this.append(h("details", { class: "card my-data" }, h("summary", { t: "data.title" }),
      h("div", { class: "stack" }, h("p", { class: "small muted", t: "data.say" }), this.list,
        h("p", { class: "small muted", t: "data.copy.say" }), this.copy, this.#review(apart), this.says)), this.dialog);
    this.onChange = () => this.update();
    this.session.addEventListener("change", this.onChange);
  }

  leave() {
    this.session.removeEventListener("change", this.onChange);
  }

  #review(apart) {
    this.reason = h("textarea", { name: "reason", rows: "2", maxlength: "2000" });
    this.ask = h("button", { class: "button", t: "data.review.ask" });
    this.reviewed = h("p", { role: "status" });
    this.form = h("form", { class: "stack", on: { submit: (event) => {
      event.preventDefault();
      this.#do(() => this.session.journey.askReview(this.reason.value.trim()));
    } } },
      h("label", { class: "field" }, h("span", { t: "data.review.reason" }), this.reason), this.ask);
    this.review = h("section", { class: "stack review", "aria-labelledby": `${apart}review-title` },
      h("h2", { id: `${apart}review-title`, t: "data.review" }), h("p", { class: "small muted", t: "data.review.say" }), this.form, this.reviewed);
    return this.review;
  }

  async #do(work) {
    this.busy = true;
    this.says.replaceChildren();
    this.update();
    try {
      await work();
    } catch (problem) {
      this.says.replaceChildren(notice("warn", h("p", {}, problem.text ?? String(problem))));
    }
    this.busy = false;
    this.update();
  }

  #line(what) {
    const { journey } = this.session;
    const given = journey.consent?.[what] === true;
    const allowed = journey.allows(what);
    const state = h("span", { class: "small muted", t: allowed ? "data.agreed" : given ? "data.withdrawn" : "data.refused" });
    const back = allowed && h("button", { class: "button", type: "button", disabled: this.busy, on: { click: () => {
      this.asked = what;
      put(this.heading, `data.withdraw.${what}`);
      put(this.what, `data.withdraw.${what}.say`);
      this.dialog.showModal();
    } } }, h("span", { t: "data.withdraw" }), h("span", { class: "hidden-visually", t: `consent.${what}` }));
    return h("li", {}, h("span", { class: "row-text" }, h("strong", { t: `consent.${what}` }), state), back || null);
  }

  update() {
    const { journey, ended, view } = this.session;
    const asked = CONSENTS.filter((what) => what !== "recording" || view.record);
    const key = JSON.stringify([asked.map((what) => [journey.consent?.[what], journey.allows(what)]), this.busy]);
    if (key !== this.shown) {
      this.shown = key;
      this.list.replaceChildren(...(journey.consent ? asked.map((what) => this.#line(what)) : []));
    }
    this.review.hidden = !ended;
    this.form.hidden = journey.reviewOpen;
    this.ask.disabled = this.copy.disabled = Boolean(this.busy);
    this.reviewed.hidden = !journey.reviewOpen;
    if (journey.reviewOpen) put(this.reviewed, "data.review.asked");
  }
});
