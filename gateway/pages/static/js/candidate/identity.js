// <candidate-identity>: the face on an ID photo and the live face, compared; or a person, who can always be asked.
import { open } from "../capture.js";
import { View, h, icon, notice } from "../dom.js";
import { language, put } from "../i18n.js";
import { pictureHint } from "./hints.js";
import "../elements/camera.js";
import "../elements/face-data.js";
import "./elsewhere.js";

const TYPES = ["image/jpeg", "image/png", "image/webp"];
const SHARP = { width: { ideal: 1920 }, height: { ideal: 1080 } }; // the portrait on a card is small
const phone = () => matchMedia("(pointer: coarse)").matches; // its own camera app takes the better picture

customElements.define("candidate-identity", class extends View {
  /** Set before it is shown: `session`, whose candidate agreed to the comparison. Tells "ready" with what `open` found. */
  build() {
    this.status = h("div", { class: "stack" }); // its notices speak for themselves
    this.erase = Object.assign(document.createElement("candidate-face-data"), { session: this.session });
    this.human = h("button", { class: "button", type: "button", t: "identity.human", on: { click: () => this.#askHuman() } });
    this.begin = h("button", { class: "button primary", type: "button", t: "identity.go", on: { click: () => this.#leave() } });
    this.hint = h("p", { class: "camera-hint", role: "status", t: "check.allow" });
    this.self = h("viva-camera", { frame: true });
    this.append(
      h("div", { class: "lead" }, h("h1", { t: "identity.title" }),
        h("p", { class: "muted", t: "identity.lead" })),
      h("div", { class: "check-picture small-picture" }, this.self, this.hint), this.#face(), this.status, this.erase,
      h("div", { class: "actions" }, this.human, this.begin));
    this.onChange = () => this.update();
    this.session.addEventListener("change", this.onChange);
    this.#start();
  }

  /** The live face is compared: camera, microphone and connection are there from here on. */
  async #start() {
    this.status.replaceChildren();
    try {
      this.found = await open({ fidelity: new URLSearchParams(location.search).get("fidelity") === "1" });
    } catch (error) {
      const why = error.reason ?? "other";
      put(this.hint, `device.${why}`);
      this.#say("warn", `device.${why}`, h("p", { class: "small", t: `device.${why}.what` }), h("p", { class: "small", t: "identity.later" }));
      this.status.append(
        h("button", { class: "button", type: "button", t: "retry", on: { click: () => this.#start() } }),
        document.createElement("candidate-elsewhere"));
      return;
    }
    this.stream = this.found.stream;
    this.self.show(this.stream);
    this.session.join(this.stream);
    if (!this.withFace) this.#say("info", "identity.lead.no-camera");
    this.update();
  }

  get withFace() {
    return Boolean(this.stream?.getVideoTracks().length);
  }

  leave() {
    this.session.removeEventListener("change", this.onChange);
    this.#closeCamera();
  }

  #face() {
    this.file = h("input", {
      type: "file", hidden: true, accept: TYPES.join(","), on: { change: () => this.#chosen(this.file, "photo") },
    });
    this.snap = h("input", {
      type: "file", hidden: true, accept: "image/*", capture: "environment", on: { change: () => this.#chosen(this.snap, "camera") },
    });
    this.choose = h("button", { class: "button", type: "button", on: { click: () => this.file.click() } }, icon("plus"), h("span", { t: "identity.choose" }));
    this.take = h("button", {
      class: "button", type: "button", on: { click: () => (phone() ? this.snap.click() : this.#do(() => this.#openCamera())) },
    }, icon("camera"), h("span", { t: "identity.take" }));
    this.camera = h("viva-camera", { class: "plain" });
    this.shot = h("button", { class: "button primary", type: "button", t: "identity.shot", on: { click: () => this.#do(() => this.#shoot()) } });
    this.finder = h("div", { class: "stack finder", hidden: true },
      this.camera, h("p", { class: "small muted", t: "identity.card" }), this.shot);
    return h("section", { class: "card consent" },
      h("div", { class: "row" }, this.choose, this.take, this.file, this.snap), this.finder);
  }

  async #do(work) {
    this.busy = true;
    this.update();
    try {
      await work();
    } catch (problem) {
      this.#refused(problem);
    }
    this.busy = false;
    this.update();
  }

  #say(tone, key, ...more) {
    this.status.replaceChildren(notice(tone, h("p", { t: key }), ...more));
  }

  /** The reasons come from the server in both languages; shown in the one that the page has now. */
  #refused(problem) {
    const lines = (problem.reasons ?? []).map(({ messages }) => h("li", {}, messages[language()]));
    this.status.replaceChildren(notice("warn",
      lines.length ? h("p", {}, h("strong", { t: "identity.refused" })) : h("p", {}, problem.text ?? String(problem)),
      ...(lines.length ? [h("ul", { class: "reasons" }, ...lines)] : [])));
  }

  #chosen(input, source) {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    this.#closeCamera();
    this.#do(() => this.#send(file, source));
  }

  async #openCamera() {
    const { deviceId } = this.stream.getVideoTracks()[0].getSettings();
    try {
      this.still = await navigator.mediaDevices.getUserMedia({ video: { deviceId, ...SHARP } });
    } catch {
      this.still = this.stream; // coarser, but there
    }
    this.status.replaceChildren();
    this.finder.hidden = false;
    this.camera.show(this.still);
    this.finder.scrollIntoView({ block: "end" });
  }

  #closeCamera() {
    if (this.still && this.still !== this.stream) this.still.getTracks().forEach((track) => track.stop());
    this.still = null;
    if (this.finder) this.finder.hidden = true;
  }

  async #shoot() {
    const { video } = this.camera;
    const canvas = Object.assign(document.createElement("canvas"), { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    const picture = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
    await this.#send(picture, "camera");
    this.#closeCamera();
  }

  async #send(picture, source) {
    this.#say("info", "identity.reading");
    const taken = await this.session.sendPhoto(picture, source);
    const weak = taken.notes.length > 0;
    this.#say("info", "identity.comparing");
    const { outcome, reason } = await this.session.compare();
    if (this.session.identity.status === "human") return; // asked for meanwhile, and already told
    const key = outcome === "insufficient" ? `identity.insufficient.${reason}` : `identity.${outcome}`;
    const more = outcome === "match" ? [] : [h("p", { class: "small", t: weak ? "identity.weak" : "identity.go-on" })];
    this.#say(outcome === "match" ? "info" : "warn", key, ...more);
  }

  async #askHuman() {
    try {
      await this.session.askHuman();
      this.#say("info", "identity.human.asked");
    } catch (problem) {
      this.#refused(problem);
    }
  }

  #leave() {
    this.dispatchEvent(new CustomEvent("ready", { detail: this.found ?? null }));
  }

  update() {
    const { identity } = this.session;
    const settled = !["none", "enrolled"].includes(identity.status);
    const free = !this.busy;
    this.human.disabled = identity.status === "human"; // never kept from it by anything under way
    this.begin.disabled = !free || !settled;
    const ready = this.session.live && this.session.connection === "connected";
    if (this.withFace) put(this.hint, ready ? pictureHint(this.session) ?? "hint.good" : "check.network.connecting");
    for (const button of [this.choose, this.take, this.shot]) button.disabled = !free || !ready || !this.withFace;
    put(this.choose.lastChild, identity.enrolled ? "identity.choose.other" : "identity.choose");
  }
});
