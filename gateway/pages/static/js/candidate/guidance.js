// What the guidance before the first question says, also in the preview of a plan.
import { t } from "../i18n.js";

/** Seconds in words: whole minutes as minutes. */
const spelt = (seconds) => (seconds % 60 ? t("guide.seconds", { n: seconds }) : t("guide.minutes", { n: seconds / 60 }));

/** One time for all, or the longest. */
function span(times, key) {
  const longest = Math.max(...times);
  if (!longest) return t(`${key}.none`);
  return t(new Set(times).size === 1 ? key : `${key}.up-to`, { time: spelt(longest) });
}

/** What a step asks by itself: an introduction, an interviewer's turn, open conversation. */
function ownLine(what, group, last) {
  const [think, time] = ["think_s", "answer_s"].map((key) => Math.max(...group.map((question) => question[key])));
  const key = what === "free" && last ? "guide.itself.free.last" : `guide.itself.${what}`;
  return t(think ? "guide.itself.think" : "guide.itself", { what: t(key), think: spelt(think), time: spelt(time) });
}

/** The lines of the guidance, e.g. "3 structured questions, 2 minutes to think about each". */
export function guidance(questions) {
  const kinds = new Map();
  for (const question of questions) {
    const key = `${question.itself ?? ""} ${question.kind}`;
    kinds.set(key, [...(kinds.get(key) ?? []), question]);
  }
  const lines = [...kinds.values()].map((group) => {
    const [{ itself, kind }] = group;
    if (itself) return ownLine(itself, group, group.at(-1) === questions.at(-1));
    return t("guide.line", {
      questions: t(`guide.kind.${kind}`, { n: group.length }),
      think: span(group.map(({ think_s: think }) => think), "guide.think"),
      answer: span(group.map(({ answer_s: answer }) => answer), "guide.answer"),
    });
  });
  if (questions.some(({ retries }) => retries > 0)) lines.push(t("guide.retries"));
  return [...lines, t("guide.saved"), t("guide.leaving")];
}
