// Where an interview stands, in words: from the page's own clock, or from a Situation of the server.
import { clock, t } from "../i18n.js";

/**
 * Seconds to the end of the interview at most: what is left of this phase, and all times of the questions to come.
 * @param {{phase: string, question: number, remaining: number}} at `question`: its number, 0 before the first
 */
export function whole({ phase, question, remaining }, questions) {
  const ahead = questions.slice(question).reduce((sum, { think_s: think, answer_s: answer }) => sum + think + answer, 0);
  const running = phase === "thinking" || phase === "answering" ? remaining : 0;
  return running + (phase === "thinking" ? questions[question - 1]?.answer_s ?? 0 : 0) + ahead;
}

/**
 * @param {{phase: string, question: number, total: number, remaining: number, paused: boolean, connected: boolean, whole?: number}} at
 * `whole`: as above, left out where it is not to be told
 */
export function standing({ phase, question, total, remaining, paused, connected, whole: left = 0 }) {
  const parts = [];
  if (question > 0) parts.push(t("standing.question", { n: question, total }));
  parts.push(phase === "thinking" || phase === "answering" ? t(`standing.${phase}`, { time: clock(Math.ceil(remaining)) }) : t(`standing.${phase}`));
  if (left > 0) parts.push(t("standing.whole", { n: Math.max(1, Math.round(left / 60)) }));
  if (paused) parts.push(t("standing.paused"));
  else if (!connected && phase !== "idle") parts.push(t("standing.away"));
  return parts.join(" · ");
}

/** @param state a Situation (docs/conduct.md) */
export function situationText(state, questions) {
  const question = questions.findIndex(({ id }) => id === state.question) + 1;
  const { phase, remaining_s: remaining, paused, connected } = state;
  return standing({ phase, question, total: questions.length, remaining, paused, connected });
}
