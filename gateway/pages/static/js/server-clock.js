// The server's wall clock as seen from here, from nothing but the Date of its answers (RFC 9110, 6.6.1). Date counts
// whole seconds, so one answer tells the offset to a second and a round trip; each further one is asked for at the
// moment when it halves what is left (bisection), down to about the round trip. What the server says of its time to the
// millisecond, in answers and events, bounds the offset from below: it came here after that.
const PROBES = 8;
const EVERY_MS = 60_000;
const ENOUGH_MS = 15;
const DRIFT_MS = 20; // in a minute, at most

/** What one answer says: the offset (server minus here, ms) lies within. `sent`, `received`: ms here; `date`: ms. */
export function bounds(sent, received, date) {
  return { low: date - received, high: date + 1000 - sent };
}

/** What two say together; where they contradict each other a clock was set, and the newer one counts. */
export function narrowed(known, now) {
  if (!known) return now;
  const both = { low: Math.max(known.low, now.low), high: Math.min(known.high, now.high) };
  return both.low <= both.high ? both : now;
}

export class ServerClock {
  #known = null;

  /** Starts asking `/healthz`, which costs the server nothing. */
  start() {
    this.#round();
    this.timer = setInterval(() => {
      if (this.#known) this.#known = { low: this.#known.low - DRIFT_MS, high: this.#known.high + DRIFT_MS };
      this.#round();
    }, EVERY_MS);
    return this;
  }

  /** `at` (ISO 8601): the server's time, some while ago. Ignored where it contradicts: not every server's clock is the same. */
  heard({ at }) {
    const low = Date.parse(at) - ServerClock.here();
    const { low: before = -Infinity, high = Infinity } = this.#known ?? {};
    if (low > before && low <= high) this.#take({ low, high });
  }

  async #round() {
    for (let probe = 0; probe < PROBES && !this.stopped; probe += 1) {
      if (Number.isFinite(this.#known?.high)) {
        const { low, high } = this.#known;
        if (high - low <= ENOUGH_MS) return;
        // By the middle of what is possible the server's second turns just when this is asked.
        const second = (performance.timeOrigin + performance.now() + (low + high) / 2) % 1000;
        await new Promise((resolve) => { this.pause = setTimeout(resolve, 1000 - second); });
      }
      await this.#ask();
    }
  }

  async #ask() {
    const sent = ServerClock.here();
    try {
      const response = await fetch("/healthz", { cache: "no-store" });
      const date = Date.parse(response.headers.get("Date") ?? "");
      if (Number.isFinite(date)) this.#take(narrowed(this.#known, bounds(sent, ServerClock.here(), date)));
    } catch {
      // Without a server there is nothing to compare with; the next round asks again.
    }
  }

  #take(known) {
    this.#known = known;
    const { low, high } = known;
    // Without an upper bound the lower one is the best there is: an answer does not take long.
    Object.assign(this, { offset: Number.isFinite(high) ? (low + high) / 2 : low, uncertainty: (high - low) / 2 });
  }

  /** Milliseconds since 1970 by this machine, which nobody sets back while the page is open. */
  static here() {
    return performance.timeOrigin + performance.now();
  }

  /** Milliseconds since 1970 by the server; null while unknown. */
  get now() {
    return this.offset === undefined ? null : ServerClock.here() + this.offset;
  }

  stop() {
    this.stopped = true;
    clearInterval(this.timer);
    clearTimeout(this.pause);
  }
}
