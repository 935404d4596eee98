// <signin-account>: one's own password and second factor.
import { View, h, notice } from "../dom.js";
import { form, input } from "./form.js";
import { toSignIn } from "../sign-in.js";

customElements.define("signin-account", class extends View {
  /** Set before it is shown: `api`, `me`, `offer`. */
  build() {
    this.factor = h("div", {});
    this.append(
      h("section", { class: "card panel" }, h("h1", {}, this.me.person.name),
        h("p", { class: "muted" }, this.me.person.email, " · ", h("span", { t: `role.${this.me.role}` })),
        h("div", { class: "row" }, h("a", { class: "button primary", href: "/hr", t: "account.back" }),
          h("button", { class: "button", type: "button", t: "signout", on: { click: () => this.#leave() } }))),
      this.#password(), this.factor);
    this.#ask();
  }

  async #leave() {
    await this.api.post("/signout");
    toSignIn();
  }

  #password() {
    const old = input("account.old", { type: "password", autocomplete: "current-password", maxlength: 128 });
    const fresh = input("account.new", {
      type: "password", autocomplete: "new-password", minlength: this.offer.password_length, maxlength: 128,
    });
    const made = form("account.password", "account.password.say", [old, fresh], "account.password.do", async () => {
      await this.api.post("/me/password", { old: old.field.value, new: fresh.field.value });
      await this.api.me();
      made.reset();
      this.said?.remove();
      this.said = notice("info", h("p", { t: "account.password.done" }));
      made.before(this.said);
    });
    return made;
  }

  #ask() {
    const password = input("signin.password", { type: "password", autocomplete: "current-password", maxlength: 128 });
    const code = input("account.factor.code", { autocomplete: "one-time-code", maxlength: 40 });
    const on = this.me.person.second_factor;
    this.factor.replaceChildren(form("account.factor", on ? "account.factor.on" : "account.factor.off", on ? [password, code] : [password],
      on ? "account.factor.renew" : "account.factor.do", async () => {
        this.#show(await this.api.post("/me/totp", { password: password.field.value, code: on ? code.field.value.trim() : "" }));
      }));
  }

  #show({ svg, secret }) {
    const code = input("signin.code", { autocomplete: "one-time-code", inputmode: "numeric", maxlength: 6 });
    code.label.classList.add("code");
    const picture = h("img", { class: "qr", src: `data:image/svg+xml,${encodeURIComponent(svg)}`, alt: "" });
    const asked = form("account.factor.scan", "account.factor.scan.say", [code], "account.factor.confirm", async () => {
      this.#keep((await this.api.post("/me/totp/confirm", { code: code.field.value.trim() })).codes);
    });
    asked.querySelector("p").after(picture, h("p", { class: "secret small" }, secret));
    this.factor.replaceChildren(asked);
    code.field.focus();
  }

  #keep(codes) {
    this.factor.replaceChildren(h("section", { class: "card panel" }, h("h2", { t: "account.codes" }),
      h("p", { class: "muted", t: "account.codes.say" }), h("ul", { class: "codes" }, codes.map((code) => h("li", {}, code)))));
  }
});
