// A description cut where phrases begin and end. The server counts characters (code points), not UTF-16 units.

/**
 * @param {string} text the description
 * @param {{dimension: string, start: number, end: number}[]} phrases
 * @returns {{text: string, dimensions: string[]}[]} the whole text, in order
 */
export function segments(text, phrases) {
  const characters = Array.from(text);
  const inside = (at) => Math.max(0, Math.min(characters.length, at));
  const cuts = new Set([0, characters.length]);
  for (const { start, end } of phrases) cuts.add(inside(start)).add(inside(end));
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(1).map((end, index) => {
    const start = sorted[index];
    const over = phrases.filter((phrase) => phrase.start <= start && phrase.end >= end);
    return { text: characters.slice(start, end).join(""), dimensions: [...new Set(over.map(({ dimension }) => dimension))] };
  });
}
