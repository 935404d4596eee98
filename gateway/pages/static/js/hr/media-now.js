// The media clock of a session, now. It runs as any clock does once media has come, so one good reading is enough.
// A reading is never early, only late, by as long as it took to get here; an event is placed by its sound or picture.
const AHEAD_S = 0.5; // an event further ahead than it may be placed: what was read before had come late
const BEHIND_S = 2; // what comes so late is late itself, unless all of it is
const SETTLED_S = 5; // all of it for so long: the clock was taken up elsewhere

export class MediaNow {
  #anchor = null;
  #behind = null; // since when all that came was behind, and by how much at least

  /** It stands at `mediaTime` (seconds) just now; 0 before media has come. */
  read(mediaTime) {
    if (mediaTime > 0) this.#anchor = performance.now() / 1000 - mediaTime;
  }

  /** Transient events (seq 0) come live alone: they tell of a clock that has begun, or was taken up by another gateway. */
  heard({ seq, media_time: at }) {
    if (seq !== 0) return;
    const behind = this.#anchor === null ? -Infinity : this.now - at;
    if (behind < -AHEAD_S) this.read(at);
    if (behind < BEHIND_S) {
      this.#behind = null;
      return;
    }
    const since = this.#behind?.since ?? performance.now() / 1000;
    this.#behind = { since, least: Math.min(behind, this.#behind?.least ?? Infinity) };
    if (performance.now() / 1000 - since < SETTLED_S) return;
    this.#anchor += this.#behind.least;
    this.#behind = null;
  }

  /** Seconds; null while unknown. */
  get now() {
    return this.#anchor === null ? null : performance.now() / 1000 - this.#anchor;
  }
}
