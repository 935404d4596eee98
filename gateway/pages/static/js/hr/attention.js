// Who needs a person first. What a person should look at the list tells of all; what only events tell (faces, sound,
// alarms) is known of tiles that are in view.

// turn: the interviewer's own step runs, and with it the candidate's time. `human-check` to `attack`: concerns of the list.
const ORDER = [
  "turn", "away", "human-check", "somebody-else", "no-match", "attack", "no-face", "several", "silent", "alarm", "paused", "live", "created",
];

/** Whether the interviewer's own step runs: nobody but a person can ask now. @param question of the plan */
export function turn(question, running) {
  return Boolean(running) && question?.kind === "live";
}

/** @param view of the list @param model SessionModel of a tile that has been in view, or null. @returns {string} one of ORDER, or "over" */
export function attention(view, model) {
  const { state, conduct, concerns = [] } = view;
  if (state === "ended" || state === "scored") return "over";
  const asked = view.questions.find(({ id }) => id === conduct?.question);
  if (turn(asked, conduct?.running) && !model?.talking) return "turn";
  if (state === "disconnected") return "away";
  if (concerns.length) return concerns[0];
  if (state === "created") return "created";
  if (model?.picture === "missing" || model?.picture === "black" || model?.faces === 0) return "no-face";
  if (model?.faces > 1) return "several";
  if (model?.sound === "silent" || model?.sound === "missing") return "silent";
  if (model?.conduct.alarming(view.media_time)) return "alarm";
  if (conduct?.paused) return "paused";
  return "live";
}

/** Most urgent first; the same among equals as before, oldest first. */
export function byAttention(a, b) {
  return ORDER.indexOf(a.need) - ORDER.indexOf(b.need) || a.view.created_at.localeCompare(b.view.created_at);
}
