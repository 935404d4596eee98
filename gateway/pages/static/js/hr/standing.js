// Where an interview stands, in words: from the page's own clock, or from a Situation of the server.
import { clock, t } from "../i18n.js";

/** @param {{phase: string, question: number, total: number, remaining: number, paused: boolean, connected: boolean}} at */
export function standing({ phase, question, total, remaining, paused, connected }) {
  const parts = [];
  if (question > 0) parts.push(t("standing.question", { n: question, total }));
  parts.push(phase === "thinking" || phase === "answering" ? t(`standing.${phase}`, { time: clock(Math.ceil(remaining)) }) : t(`standing.${phase}`));
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
