// The media clock of a session, now. It runs as any clock does once media has come, so all there is to know is the
// server's time at its zero. What tells of it carries both times (`at`, `media_time`): how long it took to get here
// does not matter. An event is noted after its sound or picture, so the earliest zero is the nearest.
import { ServerClock } from "../server-clock.js";

const KEPT_MS = 60_000; // clocks drift

export class MediaNow {
  #zeros = []; // ms: when it was read, here; the server's time at media time 0
  #anew = false;

  constructor(serverClock) {
    this.serverClock = serverClock;
  }

  /** It stood at `media_time` (seconds; 0 before media has come) when the server's clock stood at `at` (ISO 8601). */
  read({ at, media_time: mediaTime }) {
    if (!(mediaTime > 0)) return;
    const here = ServerClock.here();
    this.#zeros = this.#anew ? [] : this.#zeros.filter((one) => here - one.here < KEPT_MS);
    this.#anew = false;
    this.#zeros.push({ here, zero: Date.parse(at) - 1000 * mediaTime });
  }

  /** Transient events (seq 0) come live alone: the log may be of a gateway that had the session before. */
  heard(event) {
    if (event.seq === 0) this.read(event);
  }

  /** The connection was lost: the next reading may be of another gateway, which took the clock up elsewhere. */
  lost() {
    this.#anew = true;
  }

  /** Seconds; null while unknown. */
  get now() {
    const server = this.serverClock.now;
    if (server === null || !this.#zeros.length) return null;
    return Math.max(0, server - Math.min(...this.#zeros.map((one) => one.zero))) / 1000;
  }
}
