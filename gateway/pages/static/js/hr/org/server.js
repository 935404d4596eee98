// <hr-operator>: gateways, models and queues as the operator sees them; draining; what each alarm means.
import { View, h, icon } from "../../dom.js";
import { has, number, t } from "../../i18n.js";
import { confirmed } from "../../elements/dialog.js";
import { leaves, moment, said } from "../design/words.js";
import { orgHead } from "./tabs.js";

const EVERY_MS = 5000;
const ALARMS = ["storage.full", "recording.full", "recording.failed", "inference.words-late", "inference.rating-unavailable", "inference.rating-abandoned"];

const fact = (key, value) => h("div", {}, h("dt", { t: key }), h("dd", {}, value));

customElements.define("hr-operator", class extends View {
  /** Set before it is shown: `api`, `rights`. */
  build() {
    this.className = "page";
    this.problem = h("p", { class: "problem", role: "alert" });
    this.facts = h("dl", { class: "facts" });
    this.gateways = h("tbody", {});
    this.models = h("tbody", {});
    this.memory = h("tbody", {});
    this.dropped = h("dl", { class: "facts" });
    const table = (label, names, rows, kind = "table plain") => h("div", { class: "table-scroll", tabindex: "0", role: "region", label },
      h("table", { class: kind }, h("thead", {}, h("tr", {}, ...names.map((name) => h("th", { scope: "col", t: name })))), rows));
    const panel = (title, ...children) => h("section", { class: "card panel stack" }, h("h2", { t: title }), ...children);
    this.append(...orgHead(this.rights, "server"), this.problem, panel("server.now", this.facts),
      panel("server.gateways", h("p", { class: "small muted", t: "server.gateways.say" }),
        table("server.gateways", ["server.gateway", "server.started", "server.state", "invitations.actions"], this.gateways, "table")),
      h("div", { class: "split even" }, panel("server.models", table("server.models", ["server.deployment", "server.state", "server.model"], this.models)),
        panel("server.memory", table("server.memory", ["server.process", "server.mb"], this.memory))),
      panel("server.dropped", h("p", { class: "small muted", t: "server.dropped.say" }), this.dropped),
      panel("server.alarms", h("dl", { class: "alarms" }, ...ALARMS.map((code) => h("div", {}, h("dt", {}, h("code", {}, code)), h("dd", { t: `server.alarm.${code}` }))))));
    this.timer = setInterval(() => document.hidden || this.#load(), EVERY_MS);
    this.#load();
  }

  async #load() {
    try {
      const [server, { gateways }] = await Promise.all([this.api.get("/server"), this.api.get("/gateways")]);
      Object.assign(this, { server, found: gateways });
      this.problem.textContent = "";
      this.update();
    } catch (problem) {
      if (!leaves(problem, this.api)) this.problem.textContent = said(problem);
    }
  }

  async #drain(gateway) {
    if (!(await confirmed({ t: "server.drain", say: "server.drain.say", ok: "server.drain" }))) return;
    try {
      await this.api.post(`/gateways/${gateway.id}/drain`);
      await this.#load();
    } catch (problem) {
      this.problem.textContent = said(problem);
    }
  }

  #gateway(one) {
    const cell = (name, child) => h("td", {}, h("span", { class: "cell-label", t: name }), child);
    return h("tr", { "data-id": one.id },
      h("th", { scope: "row" }, h("code", {}, one.id), one.here ? h("span", { class: "small muted", t: "server.here" }) : null),
      cell("server.started", moment(one.started_at)), cell("server.state", h("span", { t: one.draining ? "server.draining" : "server.taking" })),
      h("td", {}, h("button", { class: "button quiet", type: "button", disabled: one.draining, on: { click: () => this.#drain(one) } }, icon("down"), h("span", { t: "server.drain" }))));
  }

  update() {
    const { server } = this;
    if (!server) return;
    const state = (name) => (has(`server.state.${name}`) ? t(`server.state.${name}`) : name);
    const lag = server.loop_lag_ms;
    this.facts.replaceChildren(
      fact("server.state", t(server.ready ? "hr.server.ready" : "hr.server.starting")),
      fact("server.sessions", t("server.sessions.of", { live: server.sessions.live, capacity: server.sessions.capacity })),
      fact("server.lag", t("server.lag.of", { p50: number(lag.p50 ?? 0, 1), p99: number(lag.p99 ?? 0, 1) })),
      fact("server.captions", t("unit.s", { value: number(server.captions_interval_s, 1) })),
      fact("server.lost", t("unit.s", { value: number(server.sound_lost_ms / 1000, 1) })), fact("server.version", server.version));
    this.gateways.replaceChildren(...this.found.map((one) => this.#gateway(one)));
    this.models.replaceChildren(...Object.entries(server.deployments).map(([name, how]) => h("tr", {},
      h("th", { scope: "row" }, has(`deployment.${name}`) ? t(`deployment.${name}`) : name), h("td", {}, state(how)), h("td", { class: "small" }, server.models[name] ?? "–"))));
    this.memory.replaceChildren(...server.memory.processes.map(({ name, pss_mb: mb }) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, number(mb)))),
      h("tr", {}, h("th", { scope: "row", t: "server.all" }), h("td", {}, h("strong", {}, number(server.memory.pss_mb)))));
    this.dropped.replaceChildren(...Object.entries(server.dropped).map(([name, count]) => h("div", {}, h("dt", {}, name), h("dd", {}, number(count)))));
  }

  leave() {
    clearInterval(this.timer);
  }
});
