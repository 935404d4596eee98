// <signin-enter>, <signin-code>, <signin-setup>: the ways in.
import { View, h, notice } from "../dom.js";
import { has } from "../i18n.js";
import { form, input } from "./form.js";

const done = (element, complete) => element.dispatchEvent(new CustomEvent("signed-in", { bubbles: true, detail: { complete } }));

customElements.define("signin-enter", class extends View {
  /** Set before it is shown: `api`, `offer` (what the server offers), `told` (code of a problem, or null). */
  build() {
    const email = input("signin.email", { type: "email", autocomplete: "username", maxlength: 254, autofocus: true });
    const password = input("signin.password", { type: "password", autocomplete: "current-password", maxlength: 128 });
    if (this.told) this.append(notice("warn", h("p", { t: has(`signin.problem.${this.told}`) ? `signin.problem.${this.told}` : "signin.problem.other" })));
    this.append(form("signin.title", null, [email, password], "signin.enter", async () => {
      const { complete } = await this.api.post("/signin", { email: email.field.value, password: password.field.value });
      done(this, complete);
    }));
    if (this.offer.provider) this.append(h("a", { class: "button wide", href: "/api/v1/signin/provider", t: "signin.provider" }));
    this.append(h("a", { class: "button quiet wide", href: "/hr#token", t: "signin.token" }));
  }
});

customElements.define("signin-code", class extends View {
  build() {
    const code = input("signin.code", { autocomplete: "one-time-code", maxlength: 40, autofocus: true, spellcheck: "false" });
    code.label.classList.add("code");
    this.append(form("signin.factor", "signin.factor.say", [code], "signin.go", async () => {
      await this.api.post("/signin/totp", { code: code.field.value.trim() });
      done(this, true);
    }));
  }
});

customElements.define("signin-setup", class extends View {
  build() {
    const code = input("setup.code", { autocomplete: "off", autofocus: true });
    const name = input("setup.name", { autocomplete: "name", maxlength: 100 });
    const email = input("signin.email", { type: "email", autocomplete: "username", maxlength: 254 });
    const password = input("setup.password", {
      type: "password", autocomplete: "new-password", minlength: this.offer.password_length, maxlength: 128,
    });
    this.append(form("setup.title", "setup.say", [code, name, email, password], "setup.do", async () => {
      await this.api.post("/signin/setup", {
        code: code.field.value.trim(), name: name.field.value.trim(), email: email.field.value, password: password.field.value,
      });
      done(this, true);
    }), h("a", { class: "button quiet wide", href: "/hr#token", t: "signin.token" }));
  }
});
