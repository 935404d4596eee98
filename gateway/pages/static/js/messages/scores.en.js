// Dimensions, weights and the report as a file.
export default {
  "dimension.title": "Dimensions",
  "dimension.say": "Each is the mean of the answers that were asked for it, with a 95 % interval; the level names the behaviour that was described beforehand.",
  "dimension.weight": "weight {share} %",
  "dimension.level": "Level {n} of 5",
  "weights.change": "Change weights",
  "weights.change.say": "The overall score is worked out anew from the same answers. The versions before are kept and shown.",
  "weights.sum.now": "Sum: {n} %. It must be 100 %.",
  "weights.reason": "Reason",
  "weights.history": "Versions of the weights",
  "weights.plan": "as in the plan",
  "event.weights.changed": "Weights changed",
  "report.pdf": "Report (PDF)",
  "report.xlsx": "Report (xlsx)",
  "result.missing": "Not found: {what}",
  "result.flag": "To look at: {what}",
  "result.interval": "95 %: {between}",
};
