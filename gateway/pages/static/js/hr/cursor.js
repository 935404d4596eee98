// The moving cursor in a transcript: the line and the word that are being played.

/** The last of those sorted by `start` that has begun; -1: none. */
function latest(entries, time) {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle].start <= time + 0.02) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export class Cursor {
  #lines = []; // {element, start, end}
  #words = [];
  #shown = [null, null];

  /** Text of an utterance with each recognised word in an element of its own. @returns {(Node|string)[]} */
  words({ text, words }) {
    const parts = [];
    let at = 0;
    for (const { text: word, start, end } of words) {
      const trimmed = word.trim();
      const found = trimmed ? text.indexOf(trimmed, at) : -1;
      if (found < 0) continue;
      if (found > at) parts.push(text.slice(at, found));
      const element = document.createElement("span");
      element.textContent = trimmed;
      this.#words.push({ element, start, end });
      parts.push(element);
      at = found + trimmed.length;
    }
    return [...parts, text.slice(at)];
  }

  line(element, start, end) {
    this.#lines.push({ element, start, end });
    return element;
  }

  /** Once all lines are there. */
  ready() {
    for (const entries of [this.#lines, this.#words]) entries.sort((a, b) => a.start - b.start);
    return this;
  }

  /** What is played at this media time, seconds. */
  mark(time) {
    [this.#lines, this.#words].forEach((entries, index) => {
      const found = entries[latest(entries, time)];
      // A word keeps the mark until the next one; a line loses it in the silence after it.
      const now = found && time <= found.end + 0.6 ? found.element : null;
      if (now === this.#shown[index]) return;
      this.#shown[index]?.removeAttribute("data-now");
      now?.setAttribute("data-now", "");
      this.#shown[index] = now;
    });
  }
}
