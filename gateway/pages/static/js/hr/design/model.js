// Plans as they begin: from a starter plan, from what a description asks for, or empty. Pure functions.
import { everywhere } from "../../i18n.js";
import { neededS } from "./times.js";
import { freshId } from "./words.js";

export const STEP_KINDS = ["introduction", "structured", "scenario", "skill", "coding", "live", "free"];
export const QUESTION_KINDS = ["structured", "scenario", "skill", "coding", "live"];
export const ROLES = ["sales", "engineer", "customer-service", "nurse"];
const LIMIT_S = { introduction: 120, live: 300, free: 300 };
const PER_STEP = { structured: 3, scenario: 1, skill: 1 };

export function newStep(kind, questions = []) {
  return {
    id: freshId(kind), kind, title: everywhere(`stepkind.${kind}`), limit_s: LIMIT_S[kind] ?? 300,
    questions, think_s: null, answer_s: null, retries: 0,
  };
}

export function emptyPlan(title, steps, weights) {
  return { id: freshId(title.en ?? ""), version: 1, title, steps, weights, practice: true, survey: true, record: true };
}

/** The starter plan under an id of its own, so that several may begin from it. */
export function fromStarter(starter, title = starter.title) {
  return { ...structuredClone(starter), id: freshId(starter.id), version: 1, title };
}

/** Of the suggested questions those that measure what no other chosen one does come first, then the best fitting. */
function chosen(suggested, weights) {
  const open = new Set(Object.keys(weights).filter((id) => weights[id] > 0));
  const left = [...suggested].sort((a, b) => b.score - a.score);
  const room = { ...PER_STEP };
  const found = [];
  while (left.length > 0) {
    const news = ({ question }) => question.dimensions.filter((id) => open.has(id)).length;
    const best = Math.max(0, ...left.map(news));
    const [one] = left.splice(left.findIndex((each) => news(each) === best), 1);
    // What nothing else measures is asked even where the step is full: a weight without a question is refused.
    if (!(room[one.question.kind] > 0) && !(best > 0 && one.question.kind in room)) continue;
    room[one.question.kind] -= 1;
    found.push(one.question);
    for (const id of one.question.dimensions) open.delete(id);
  }
  return found;
}

/** Introduction, the chosen questions by their kind, an interviewer's turn; limits as the questions need them. */
export function fromRecommendations(title, weights, suggested) {
  const questions = chosen(suggested, weights);
  const bank = new Map(questions.map((question) => [question.id, { question }]));
  const asked = Object.keys(PER_STEP).map((kind) => newStep(kind, questions.filter((one) => one.kind === kind).map(({ id }) => id)));
  const steps = asked.filter((step) => step.questions.length > 0)
    .map((step) => ({ ...step, limit_s: Math.ceil(neededS(step, bank) / 60) * 60 }));
  return emptyPlan(title, [newStep("introduction"), ...steps, newStep("live")], { ...weights });
}

export function sumOf(weights) {
  return Number(Object.values(weights).reduce((sum, weight) => sum + weight, 0).toFixed(6));
}

/** Whole percent that sum to 100, in the proportions given; all alike where there are none. */
export function evened(weights) {
  const ids = Object.keys(weights);
  const sum = sumOf(weights);
  const exact = ids.map((id) => (sum > 0 ? (weights[id] / sum) * 100 : 100 / ids.length));
  const whole = exact.map(Math.floor);
  const order = ids.map((_, at) => at).sort((a, b) => exact[b] - whole[b] - (exact[a] - whole[a]));
  const missing = 100 - whole.reduce((total, part) => total + part, 0);
  for (const at of order.slice(0, missing)) whole[at] += 1;
  return Object.fromEntries(ids.map((id, at) => [id, whole[at]]));
}
