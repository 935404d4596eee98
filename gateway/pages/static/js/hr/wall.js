// <hr-wall>: all interviews that go on, those that need a person first. One list every few seconds; pictures and events
// only for tiles in view, at most sixteen.
import { View, emptiness, h } from "../dom.js";
import { put } from "../i18n.js";
import { attention, byAttention } from "./attention.js";
import { withGoingOn } from "./listed.js";
import "./tile.js";
import { toSignIn } from "../sign-in.js";

const EVERY_MS = 4000;
const SECOND_MS = 1000;
const PLAYING = 16;
const UNBEGUN = 200; // of those not begun, the newest

customElements.define("hr-wall", class extends View {
  /** Set before it is shown: `api`, `rights`. */
  build() {
    this.tiles = new Map();
    this.inView = new Set();
    this.count = h("span", { class: "muted", role: "status" });
    this.problem = h("p", { class: "small problem", role: "alert" });
    this.none = h("div", { hidden: true }, emptiness("camera", "wall.none", "wall.none.say"));
    this.grid = h("ul", { class: "wall" });
    this.append(h("header", { class: "wall-head" },
      h("h1", { t: "wall.title" }), this.count), this.problem, this.none, this.grid);
    this.observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.inView[isIntersecting ? "add" : "delete"](target);
      this.#play();
    });
    this.#begin();
  }

  async #begin() {
    try {
      this.config = await this.api.get("/config");
    } catch (problem) {
      this.problem.textContent = problem.text ?? String(problem);
      return;
    }
    await this.#refresh();
    this.timer = setInterval(() => this.#refresh(), EVERY_MS);
    this.seconds = setInterval(() => {
      for (const tile of this.tiles.values()) tile.update();
    }, SECOND_MS);
  }

  async #refresh() {
    if (document.hidden || this.asking || this.left) return;
    this.asking = true;
    try {
      const { views } = await withGoingOn(this.api, UNBEGUN, ["created"]);
      this.problem.textContent = "";
      this.#show(views);
    } catch (problem) {
      if (problem.status === 401 && !this.api.token) toSignIn(); // the sign-in has ended
      this.problem.textContent = problem.text ?? String(problem);
    } finally {
      this.asking = false;
    }
  }

  #tile(view) {
    const { api, rights, config } = this;
    const tile = Object.assign(document.createElement("hr-tile"), { api, view, rights, iceServers: config.ice_servers });
    this.tiles.set(view.id, tile);
    h("li", {}, tile);
    this.observer.observe(tile);
    return tile;
  }

  #show(views) {
    if (this.left) return;
    for (const [id, tile] of this.tiles) if (!views.some((view) => view.id === id)) this.#drop(id, tile);
    const sorted = views.map((view) => ({ view, need: attention(view, this.tiles.get(view.id)?.model ?? null) })).sort(byAttention);
    const focused = document.activeElement;
    sorted.forEach(({ view, need }, index) => {
      const item = (this.tiles.get(view.id) ?? this.#tile(view)).parentElement;
      if (this.grid.children[index] !== item) this.grid.insertBefore(item, this.grid.children[index] ?? null);
      item.firstChild.show(view, need);
    });
    if (this.grid.contains(focused)) focused.focus({ preventScroll: true }); // a tile that moved had lost it
    this.none.hidden = sorted.length > 0;
    this.count.hidden = !sorted.length;
    put(this.count, "wall.count", { n: sorted.length, needy: sorted.filter(({ need }) => !["live", "created"].includes(need)).length });
    this.#play();
  }

  /** The first tiles in view play, as they stand on the wall; those not begun have nothing to play. */
  #play() {
    const wanted = [...this.grid.children].map(({ firstChild }) => firstChild)
      .filter((tile) => this.rights.watch && this.inView.has(tile) && tile.view.state !== "created").slice(0, PLAYING);
    for (const tile of this.tiles.values()) if (!wanted.includes(tile)) tile.play(false);
    for (const tile of wanted) tile.play(true);
  }

  #drop(id, tile) {
    this.observer.unobserve(tile);
    this.inView.delete(tile);
    tile.stop();
    tile.parentElement.remove();
    this.tiles.delete(id);
  }

  leave() {
    this.left = true;
    clearInterval(this.timer);
    clearInterval(this.seconds);
    this.observer.disconnect();
    for (const tile of this.tiles.values()) tile.stop();
  }
});
