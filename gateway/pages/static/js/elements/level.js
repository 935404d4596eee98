// <viva-level>: how loud the microphone is, as bars; tells "heard" once somebody has spoken.
import { Loudness } from "../capture.js";
import { View, h } from "../dom.js";

const BARS = 20;
const FLOOR = -60;
const SPEECH = -42; // dBFS; quiet rooms lie well below, speech at arm's length above

customElements.define("viva-level", class extends View {
  build() {
    this.setAttribute("role", "meter");
    this.setAttribute("aria-valuemin", FLOOR);
    this.setAttribute("aria-valuemax", 0);
    this.bars = Array.from({ length: BARS }, () => h("span", { class: "level-bar" }));
    this.append(...this.bars);
  }

  /** @param {MediaStream} stream with a sound track */
  listen(stream) {
    this.leave();
    this.loudness = new Loudness(stream);
    let loud = 0;
    this.timer = setInterval(() => {
      const dbfs = this.loudness.read();
      const lit = Math.round(Math.max(0, Math.min(1, (dbfs - FLOOR) / -FLOOR)) * BARS);
      this.bars.forEach((bar, index) => bar.classList.toggle("lit", index < lit));
      this.setAttribute("aria-valuenow", Math.round(Math.max(FLOOR, dbfs)));
      loud = dbfs > SPEECH ? loud + 1 : loud;
      if (loud === 4) this.dispatchEvent(new Event("heard"));
    }, 80);
  }

  leave() {
    clearInterval(this.timer);
    this.loudness?.close();
    this.loudness = null;
  }
});
