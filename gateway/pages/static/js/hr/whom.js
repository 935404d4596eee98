// Who did it, as HR reads it.
import { t } from "../i18n.js";

const TOKENS = { operator: "watermark.operator", hr: "watermark.link", viewer: "watermark.link" };

/** A person's name as it is; who came with a token, in words. @param {string} by */
export const whom = (by) => (Object.hasOwn(TOKENS, by) ? t(TOKENS[by]) : by);
