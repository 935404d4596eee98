// <hr-who>: who is signed in, the way to their account, and out.
import { View, h } from "../dom.js";
import { toSignIn } from "../sign-in.js";

customElements.define("hr-who", class extends View {
  /** Set before it is shown: `api`, `me`. */
  build() {
    this.className = "row";
    this.append(
      h("a", { class: "button quiet", href: "/signin#account", hint: "who.account" }, this.me.person.name),
      h("button", { class: "button quiet", type: "button", t: "signout", on: { click: () => this.#leave() } }));
  }

  async #leave() {
    await this.api.post("/signout");
    toSignIn();
  }
});
