// <hr-server>: whether the server can take interviews, and how busy it is.
import { View, h } from "../dom.js";
import { number, put } from "../i18n.js";

const EVERY_MS = 10_000;

customElements.define("hr-server", class extends View {
  build() {
    this.setAttribute("role", "status");
    this.dot = h("span", { class: "dot", "aria-hidden": "true" });
    this.state = h("span", {});
    this.more = h("span", { class: "muted server-more" });
    this.hidden = true;
    this.append(this.dot, this.state, this.more);
  }

  /** @param {import("../api.js").Api} api one that may ask; a token for one session may not */
  watch(api) {
    clearInterval(this.timer);
    const ask = async () => {
      try {
        this.#show(await api.get("/server"));
      } catch (problem) {
        this.hidden = problem.status === 403 || problem.status === 401;
        this.dataset.state = "away";
        put(this.state, "hr.server.away");
        this.more.textContent = "";
      }
    };
    this.timer = setInterval(ask, EVERY_MS);
    ask();
  }

  #show({ ready, sessions, loop_lag_ms: lag }) {
    this.hidden = false;
    this.dataset.state = ready ? "ready" : "starting";
    put(this.state, ready ? "hr.server.ready" : "hr.server.starting");
    put(this.more, "hr.server.busy", { live: sessions.live, capacity: sessions.capacity, lag: number(lag.p99 ?? 0) });
  }

  leave() {
    clearInterval(this.timer);
  }
});
