// <hr-timeline>: what happened and when, newest first.
import { View, h, icon } from "../dom.js";
import { clock, t } from "../i18n.js";
import "./spans.js";
import { whom } from "./whom.js";

const SHOWN = 12;

customElements.define("hr-timeline", class extends View {
  build() {
    this.list = h("ol", { class: "timeline" });
    this.more = h("button", { class: "button quiet", type: "button", on: { click: () => {
      this.all = true;
      this.update();
    } } });
    this.spans = Object.assign(document.createElement("hr-spans"), { model: this.model });
    this.append(h("h2", { t: "timeline.title" }), this.spans, this.list, this.more);
  }

  update() {
    this.spans.update();
    const { timeline } = this.model;
    const newest = [...timeline].reverse();
    const shown = this.all ? newest : newest.slice(0, SHOWN);
    this.list.replaceChildren(...shown.map(({ at, key, vars, tone }) => {
      const named = { ...vars, by: whom(vars.by), ...(vars.deployment ? { name: t(`deployment.${vars.deployment}`) } : {}) };
      return h("li", {}, h("time", { class: "muted small" }, clock(at)),
        ...(tone === "warn" ? [icon("warning")] : [h("span", { class: "dot", "aria-hidden": "true" })]),
        h("span", {}, t(key, named)));
    }));
    const rest = newest.length - shown.length;
    this.more.hidden = rest === 0;
    this.more.textContent = t("timeline.more", { n: rest });
  }
});
