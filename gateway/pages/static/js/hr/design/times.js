// How long the steps of a plan take, in seconds, as the server counts them (interviews/design_times.py): thinking and
// answering, each retry the whole answer again. What the server finds wrong is asked for; this only draws the track.

/** A step that needs no question of the bank: one introduces oneself, or a person asks. */
export function asksItself(step) {
  return step.questions.length === 0 && ["introduction", "live", "free"].includes(step.kind);
}

function ownNeeds({ kind, think_s: think, answer_s: answer, retries, limit_s: limit }) {
  const times = 1 + (kind === "introduction" ? retries : 0);
  const left = limit - (think ?? 0);
  return (think ?? 0) + (answer || (left > 0 ? left : limit) / times) * times;
}

/** @param {Map<string, {question: object}>} bank by id; questions that it does not have count nothing */
export function neededS(step, bank) {
  if (asksItself(step)) return ownNeeds(step);
  return step.questions.reduce((sum, id) => {
    const question = bank.get(id)?.question;
    if (!question) return sum;
    const retries = question.kind === "live" ? 0 : step.retries;
    return sum + (step.think_s ?? question.think_s) + (step.answer_s ?? question.answer_s) * (1 + retries);
  }, 0);
}

/** The longest that the interview can take: each step ends with its questions, at the latest at its limit. */
export function durationS(plan, bank) {
  return plan.steps.reduce((sum, step) => sum + Math.min(neededS(step, bank), step.limit_s), 0);
}
