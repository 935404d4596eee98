// <candidate-consent>: what happens to voice and picture, and three things that each may be refused (PIPL 14, 29): none
// is ticked, each says what happens instead, and whatever is chosen leads on. Tells "ready".
import { View, h, icon, notice } from "../dom.js";
import { put } from "../i18n.js";
import { CONSENTS } from "./journey.js";

const point = (name, key) => h("li", {}, icon(name), h("span", { t: key }));

customElements.define("candidate-consent", class extends View {
  build() {
    const { view } = this.session;
    this.failed = h("div", { class: "notices" });
    this.boxes = {};
    // What is not planned is not asked for.
    const asked = CONSENTS.filter((what) => what !== "recording" || view.record);
    this.go = h("button", { class: "button primary", type: "button", t: "consent.go", on: { click: () => this.#go() } });
    this.append(
      h("div", { class: "lead" }, h("h1", { t: "consent.title" }), h("p", { class: "muted", t: "consent.lead" })),
      h("section", { class: "card consent", "aria-labelledby": "consent" },
        h("h2", { id: "consent", t: "welcome.notice" }),
        h("ul", {},
          point("microphone", "consent.notice.sound"),
          point("camera", "welcome.notice.picture"),
          point("eye", "welcome.notice.watch"),
          ...(view.record ? [] : [point("record", "welcome.notice.unrecorded")]))),
      h("div", { class: "switches", role: "group", "aria-labelledby": "consent-choose" },
        h("h2", { id: "consent-choose", t: "consent.choose" }), ...asked.map((what) => this.#switch(what))),
      h("p", { class: "small muted", t: "consent.later" }), this.failed,
      h("div", { class: "actions" }, this.go));
  }

  #switch(what) {
    const { identity, config } = this.session;
    const box = h("input", { type: "checkbox", role: "switch", name: what, id: `agree-${what}`, "aria-describedby": `${what}-say ${what}-else` });
    const say = h("p", { class: "small muted", id: `${what}-say` });
    put(say, what === "face" && !identity.by_face ? "consent.face.say.human" : `consent.${what}.say`,
      { n: Math.max(1, Math.round(config.retention_days)) });
    this.boxes[what] = box;
    return h("div", { class: "card choice" },
      h("label", { class: "choice-head", for: box.id }, h("strong", { t: `consent.${what}` }), box),
      say, h("p", { class: "small", id: `${what}-else`, t: `consent.${what}.else` }));
  }

  async #go() {
    this.go.disabled = true;
    this.failed.replaceChildren();
    try {
      const says = (what) => Boolean(this.boxes[what]?.checked);
      await this.session.journey.agree({ recording: says("recording"), face: says("face"), scoring: says("scoring") });
      this.dispatchEvent(new Event("ready"));
    } catch (problem) {
      this.failed.replaceChildren(notice("warn", h("p", {}, problem.text ?? String(problem))));
      this.go.disabled = false;
    }
  }
});
