// The screen as a lamp: colours in the order that the server drew, each at its time on the session's media clock.
import { h } from "../dom.js";

/** The reader's device asks for less motion: nothing flashes then. */
export const lessMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const GREY = "rgb(102 102 102)"; // before and after, so that the first colour is a change like the others

export class FlashScreen {
  constructor(session) {
    this.session = session;
    this.words = h("p", { class: "flash-words", t: "flash.look" });
    this.dialog = h("dialog", { class: "flash", label: "flash.title" }, this.words,
      h("button", { class: "button", type: "button", t: "flash.stop", on: { click: () => this.close() } }));
  }

  /** Wait for an order other than `before`; `done` is called when the last colour is over. */
  expect(before, done) {
    this.done = done;
    this.dialog.style.background = GREY;
    this.waiting = true;
    this.before = before;
    this.dialog.showModal();
    this.update();
  }

  update() {
    const { flash } = this.session;
    if (!this.waiting || !flash || flash === this.before) return;
    this.waiting = false;
    const paint = () => {
      if (!this.dialog.open) return;
      const index = Math.floor((this.session.now - flash.starts) / flash.step_s);
      if (index >= flash.colours.length) return void this.close();
      const colour = flash.colours[index]?.map((share) => Math.round(share * 255)).join(" ");
      this.dialog.style.background = colour ? `rgb(${colour})` : GREY;
      this.words.hidden = index >= 0;
      requestAnimationFrame(paint);
    };
    paint();
  }

  close() {
    this.waiting = false;
    if (!this.dialog.open) return;
    this.dialog.close();
    this.done?.();
  }
}
