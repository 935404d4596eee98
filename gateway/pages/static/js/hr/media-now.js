// The media clock of a session, now. It runs as any clock does once media has come, so one reading of it is enough;
// events are no reading, being placed by their sound or picture, a little before or after.
const OFF_S = 2; // what comes live may lie this far from now; more, and the clock was taken up elsewhere

export class MediaNow {
  #anchor = null;

  /** It stands at `mediaTime` (seconds) just now; 0 before media has come. */
  read(mediaTime) {
    if (mediaTime > 0) this.#anchor = performance.now() / 1000 - mediaTime;
  }

  /** Transient events (seq 0) come live alone: they tell of a clock that has begun, or was taken up by another gateway. */
  heard({ seq, media_time: at }) {
    if (seq === 0 && (this.#anchor === null || Math.abs(this.now - at) > OFF_S)) this.read(at);
  }

  /** Seconds; null while unknown. */
  get now() {
    return this.#anchor === null ? null : performance.now() / 1000 - this.#anchor;
  }
}
