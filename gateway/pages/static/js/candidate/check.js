// <candidate-check>: camera, microphone and network, each tried for real before the first question.
import { devices, open } from "../capture.js";
import { View, h, icon, notice } from "../dom.js";
import { number, percent, put } from "../i18n.js";
import { pictureHint } from "./hints.js";
import "../elements/camera.js";
import "../elements/level.js";
import "./elsewhere.js";
import "./presence.js";

const SLOW_CONNECT_MS = 12_000; // then help is offered

customElements.define("candidate-check", class extends View {
  /** Set before it is shown: `session`, and `found` where the devices are open already. Tells "ready" with the stream. */
  build() {
    this.choice = { fidelity: new URLSearchParams(location.search).get("fidelity") === "1" };
    this.camera = h("viva-camera", { frame: true });
    this.hint = h("p", { class: "camera-hint", role: "status", t: "hint.looking" });
    this.level = h("viva-level", { label: "check.microphone" });
    this.level.addEventListener("heard", () => {
      this.heard = true;
      this.update();
    });
    this.rows = Object.fromEntries(["camera", "microphone", "network"].map((name) => [name, this.#row(name)]));
    this.trouble = h("div", { class: "trouble" });
    this.elsewhere = h("div", { class: "trouble" });
    this.choice_ = h("div", { class: "stack" });
    this.choosers = h("details", { class: "choosers", hidden: true }, h("summary", { t: "check.change" }), this.choice_);
    this.begin = h("button", {
      class: "button primary", type: "button", disabled: true, t: this.session.returning ? "check.continue" : "check.next",
      on: { click: () => this.#begin() },
    });
    this.presence = Object.assign(document.createElement("candidate-presence"), { session: this.session });
    this.append(
      h("div", { class: "lead" }, h("h1", { t: "check.title" }), h("p", { class: "muted", t: "check.lead" })),
      h("div", { class: "check-grid" },
        h("div", { class: "check-picture" }, this.camera, this.hint),
        h("div", { class: "stack" },
          h("ul", { class: "card rows" }, ...Object.values(this.rows).map(({ line }) => line)),
          this.choosers, this.trouble, this.elsewhere, this.presence)),
      h("div", { class: "actions" }, this.begin));
    this.onChange = () => this.update();
    this.session.addEventListener("change", this.onChange);
    this.timer = setInterval(() => this.#measure(), 1000);
    this.#open();
  }

  leave() {
    clearInterval(this.timer);
    this.session.removeEventListener("change", this.onChange);
  }

  #row(name) {
    const mark = h("span", { class: "mark" }, icon("wait"));
    const state = h("span", { class: "muted small", t: "check.waiting" });
    const line = h("li", { "data-row": name },
      h("span", { class: "row-icon" }, icon(name)),
      h("span", { class: "row-text" }, h("strong", { t: `check.${name}` }), state), mark);
    if (name === "microphone") line.querySelector(".row-text").append(this.level);
    return { line, state, mark };
  }

  #set(name, status, key, vars) {
    const { line, state, mark } = this.rows[name];
    put(state, key, vars);
    if (line.dataset.status === status) return;
    line.dataset.status = status;
    mark.replaceChildren(icon({ ok: "check", bad: "warning" }[status] ?? "wait"));
  }

  async #open() {
    this.trouble.replaceChildren();
    this.elsewhere.replaceChildren();
    put(this.hint, "check.allow");
    try {
      const found = this.found && !this.stream ? this.found : await open(this.choice);
      this.stream?.getTracks().forEach((track) => track.stop());
      Object.assign(this, { found, stream: found.stream, failure: null });
      this.#failed(false);
    } catch (error) {
      this.failure = error.reason ?? "other";
      this.#failed(true);
      this.#explain(`device.${this.failure}`, `device.${this.failure}.what`);
      this.elsewhere.replaceChildren(document.createElement("candidate-elsewhere"));
      this.#report().catch(() => {}); // for the company's information alone
      return this.update();
    }
    this.camera.show(this.stream);
    this.presence.stream = this.stream;
    if (this.found.audio === "ok") this.level.listen(this.stream);
    for (const [kind, name] of [["video", "camera"], ["audio", "microphone"]]) {
      if (this.found[kind] !== "ok") {
        const then = kind === "video" ? "check.audio-only" : "check.need-microphone";
        this.#explain(`device.${this.found[kind]}.${name}`, `device.${this.found[kind]}.what`, then);
      }
    }
    this.#offerChoice(await devices());
    this.joinedAt = performance.now();
    if (this.session.stream !== this.stream) this.session.join(this.stream);
    return this.update();
  }

  #explain(title, ...more) {
    this.trouble.replaceChildren(
      notice("warn", h("h2", { t: title }), ...more.map((key) => h("p", { class: "small", t: key }))),
      h("button", { class: this.failure ? "button primary" : "button", type: "button", t: "retry", on: { click: () => this.#open() } }));
  }

  /** Without any device there is nothing to look at but the way out. */
  #failed(yes) {
    this.classList.toggle("failed", yes);
    this.begin.hidden = yes;
  }

  #offerChoice({ cameras, microphones }) {
    const chooser = (list, kind, key) => {
      if (list.length < 2) return null;
      const current = this.stream.getTracks().find((track) => track.kind === (kind === "camera" ? "video" : "audio"));
      const select = h("select", { on: { change: () => {
        this.choice[kind] = select.value;
        this.#open();
      } } }, ...list.map(({ deviceId, label }) => h("option", { value: deviceId }, label || deviceId.slice(0, 8))));
      select.value = current?.getSettings().deviceId ?? list[0].deviceId;
      return h("label", { class: "field" }, h("span", { t: key }), select);
    };
    const found = [
      chooser(cameras, "camera", "check.choose.camera"), chooser(microphones, "microphone", "check.choose.microphone"),
    ].filter(Boolean);
    this.choice_.replaceChildren(...found);
    this.choosers.hidden = !found.length;
  }

  async #measure() {
    this.quality = await this.session.publisher?.quality();
    this.update();
  }

  update() {
    const { session, found, failure } = this;
    if (failure) {
      this.#set("camera", "bad", `device.${failure}.camera`);
      this.#set("microphone", "bad", `device.${failure}.microphone`);
      put(this.hint, `device.${failure}`);
    }
    if (!found || failure) return;
    const hint = found.video === "ok" ? pictureHint(session) : null;
    if (found.video !== "ok") this.#set("camera", "bad", `device.${found.video}.camera`);
    else this.#set("camera", hint ? "bad" : "ok", hint ?? "check.camera.ok");
    if (found.video === "ok") {
      const known = session.face !== null || hint !== null;
      put(this.hint, hint ?? (known ? "hint.good" : "hint.looking"));
      this.camera.mark(hint ? "adjust" : known ? "good" : "unknown");
    } else put(this.hint, `device.${found.video}.camera`);
    if (found.audio !== "ok") this.#set("microphone", "bad", `device.${found.audio}.microphone`);
    else if (this.heard) this.#set("microphone", "ok", "check.microphone.ok");
    else this.#set("microphone", "wait", "check.microphone.speak");
    this.#network();
    this.begin.disabled = this.busy || found.audio !== "ok" || session.connection !== "connected" || !session.live;
  }

  #network() {
    const { connection, problem } = this.session;
    const { rtt = null, loss = null } = this.quality ?? {};
    if (connection === "connected") {
      if (rtt === null) this.#set("network", "ok", "check.network.plain");
      else this.#set("network", "ok", "check.network.ok", { rtt: number(rtt), loss: percent(loss ?? 0, 1) });
      if (this.helping) this.trouble.replaceChildren();
      this.helping = false;
      return;
    }
    const slow = performance.now() - this.joinedAt > SLOW_CONNECT_MS;
    const stuck = connection === "refused" || connection === "reconnecting" || slow;
    this.#set("network", stuck ? "bad" : "wait", stuck ? "check.network.retrying" : "check.network.connecting");
    if ((stuck || problem) && !this.helping) {
      this.helping = true;
      const detail = problem?.text ? [h("p", { class: "small" }, problem.text)] : [];
      this.trouble.replaceChildren(notice("warn", ...detail, h("p", { class: "small", t: "check.network.help" })));
    }
  }

  /** Tells the server what was found. @throws {Problem} */
  #report() {
    const { found, failure, session, quality } = this;
    const opened = (kind) => failure ?? found?.[kind] ?? "other";
    const of = (why, others) => (why === "ok" ? others : why === "denied" ? "denied" : "missing");
    return session.journey.checked({
      microphone: of(opened("audio"), !this.heard && session.sound === "silent" ? "silent" : "ok"),
      camera: of(opened("video"), { black: "black", missing: "missing" }[session.picture] ?? "ok"),
      rtt_ms: quality?.rtt ?? null, loss: quality?.loss ?? null,
    });
  }

  async #begin() {
    this.busy = true;
    this.update();
    try {
      await this.#report();
      if (this.session.identityDue && !this.session.byFace) await this.session.askHuman();
      this.dispatchEvent(new CustomEvent("ready", { detail: this.stream }));
    } catch (problem) {
      this.trouble.replaceChildren(notice("warn", h("p", {}, problem.text ?? String(problem))));
    } finally {
      this.busy = false;
    }
  }
});
