// Who needs a person first. What only events tell (faces, sound, alarms) is known of tiles that are in view.

const ORDER = ["away", "no-face", "several", "silent", "alarm", "paused", "live", "created"];

/** @param view of the list @param model SessionModel of a tile that has been in view, or null. @returns {string} one of ORDER, or "over" */
export function attention(view, model) {
  const state = view.state;
  if (state === "ended" || state === "scored") return "over";
  if (state === "disconnected") return "away";
  if (state === "created") return "created";
  if (model?.picture === "missing" || model?.picture === "black" || model?.faces === 0) return "no-face";
  if (model?.faces > 1) return "several";
  if (model?.sound === "silent" || model?.sound === "missing") return "silent";
  if (model?.conduct.alarming(view.media_time)) return "alarm";
  if (view.conduct?.paused) return "paused";
  return "live";
}

/** Most urgent first; the same among equals as before, oldest first. */
export function byAttention(a, b) {
  return ORDER.indexOf(a.need) - ORDER.indexOf(b.need) || a.view.created_at.localeCompare(b.view.created_at);
}
