// <candidate-elsewhere>: where this browser does not let the camera be used, the way to another one on the same device.
import { View, h } from "../dom.js";
import "../elements/copy.js";
import { invitationToken, linkElsewhere } from "./link.js";

customElements.define("candidate-elsewhere", class extends View {
  build() {
    this.copy = document.createElement("viva-copy");
    this.ways = h("div", { class: "stack", hidden: true },
      h("p", { class: "small", t: invitationToken() ? "elsewhere.once" : "elsewhere" }), this.copy);
    this.append(h("p", { class: "small", t: "elsewhere.app" }), this.ways);
    this.#make();
  }

  update() {}

  async #make() {
    try {
      this.copy.value = await linkElsewhere();
      this.ways.hidden = false;
    } catch {
      // The interview has begun, or the server is away: then there is no link that would open elsewhere.
    }
  }
});
