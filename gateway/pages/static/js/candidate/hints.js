// What the candidate can do about picture and sound, most urgent first, from the session's state.

/** @returns {string|null} a message key, null when nothing needs doing */
export function pictureHint({ picture, face, hint }) {
  if (picture === "black" || picture === "missing") return `hint.${picture}`;
  if (face === "none" || face === "several") return `hint.${face}`;
  return hint ? `hint.${hint}` : null;
}

/** @returns {string|null} a message key, null while sound is fine or not yet known */
export function soundHint({ sound }) {
  return { silent: "hint.silent", missing: "hint.sound-missing" }[sound] ?? null;
}

/** Something is missing, rather than merely better placed. */
export function urgent(key) {
  return ["hint.silent", "hint.sound-missing", "hint.black", "hint.missing", "hint.none", "hint.several"].includes(key);
}
