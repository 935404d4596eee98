// How far what is on the screen lags behind what the candidate says, in milliseconds: from the end of the sound that
// a caption has heard (`end`, media clock) to its event (`media_time`, same clock), and from the event (`at`, the
// server's wall clock) to the paint here, by the offset that `ServerClock` found. Only captions that come live count.
import { ServerClock } from "../server-clock.js";

const KEPT = 15;
const SURE_MS = 50; // before the clocks are known so well the figure would be mostly guessed

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

export class Lag {
  #waiting = [];
  #seen = [];

  constructor(clock) {
    this.clock = clock;
  }

  /** An event as it came. Partials alone are never read again from the log. */
  heard({ seq, at, media_time: time, data }) {
    if (seq !== 0 || data.type !== "transcript.partial") return;
    this.#waiting.push({ at: Date.parse(at), hearing: Math.max(0, time - data.end) * 1000 });
  }

  /** What was heard so far is now in the page: it counts with the frame that shows it. */
  painted() {
    const shown = this.#waiting.splice(0);
    if (!shown.length) return;
    requestAnimationFrame(() => {
      const here = ServerClock.here();
      this.#seen.push(...shown.map(({ at, hearing }) => ({ hearing, away: here - at })));
      this.#seen.splice(0, this.#seen.length - KEPT);
    });
  }

  /** Median of the last captions, ms; null before there was one and while the clocks are too uncertain. `uncertainty`: of the way, by the two clocks. */
  get now() {
    const { offset, uncertainty = Infinity } = this.clock;
    if (!this.#seen.length || uncertainty > SURE_MS) return null;
    const hearing = median(this.#seen.map((one) => one.hearing));
    const way = Math.max(0, offset + median(this.#seen.map((one) => one.away)));
    return { total: hearing + way, hearing, way, uncertainty };
  }
}
