// Writing a question of one's own, or a changed copy of one: what is asked, what it looks at, and what a good answer holds.
import { h } from "../../dom.js";
import { language } from "../../i18n.js";
import { openDialog } from "../../elements/dialog.js";
import { numberField, tell, wrongLine } from "./fields.js";
import { QUESTION_KINDS, ROLES } from "./model.js";
import { freshId, said, worded } from "./words.js";

const LEVELS = [1, 2, 3, 4, 5];
const KINDS = QUESTION_KINDS.filter((kind) => kind !== "coding"); // that has a dialog of its own

const field = (key, input, ...below) => h("label", { class: "field" }, h("span", { t: key }), input, ...below);
const area = (name, rows, value = "", maxlength = 4000) => {
  const input = h("textarea", { name, rows, maxlength });
  input.value = value;
  return input;
};
const ticks = (name, options, chosen) => options.map(([value, label]) =>
  h("label", { class: "tick" }, h("input", { type: "checkbox", name, value, checked: chosen.includes(value) }), label));
const ticked = (boxes) => boxes.map((box) => box.querySelector("input")).filter(({ checked }) => checked).map(({ value }) => value);

/** What one writes in one language; only what was written is sent. */
function part(known, name, lines) {
  const text = area(`text-${name}`, 3, known?.text[name]);
  const points = area(`points-${name}`, 4, known?.key_points[name]?.join("\n"));
  const anchors = LEVELS.map((level) => area(`anchor-${name}-${level}`, 2, known?.anchors[name]?.[level - 1], 500));
  const described = h("details", { open: Boolean(known?.anchors[name]?.length) }, h("summary", { t: "dimension.anchors" }), h("div", { class: "stack" },
    h("p", { class: "small muted", t: "question.anchors.say" }), ...anchors.map((input, at) => field(`dimension.anchor.${at + 1}`, input)), wrongLine(lines, `anchors.${name}`)));
  const element = h("div", { class: "stack" }, field("question.text", text, wrongLine(lines, "text", `text.${name}`)), field("question.points", points, wrongLine(lines, `key_points.${name}`)), described);
  return { element, first: text, described, read: () => ({
    text: text.value.trim(), key_points: points.value.split("\n").map((line) => line.trim()).filter(Boolean),
    anchors: anchors.some((input) => input.value.trim()) ? anchors.map((input) => input.value.trim()) : [],
  }) };
}

/** In each language what there is of `key`. */
function byLanguage(parts, key) {
  return Object.fromEntries(Object.entries(parts).map(([name, one]) => [name, one.read()[key]]).filter(([, value]) => value.length));
}

/**
 * Asks for a question and puts it into the bank. Plans keep questions as they are: a changed one is a copy, and `known`,
 * which it takes the place of, is offered no more.
 * @returns {Promise<object|null>} the view of the new question; null where it was left
 */
export async function writeQuestion({ api, branch, dimensions, kind: asked = "" }, known = null) {
  const lines = [];
  const parts = { zh: part(known, "zh", lines), en: part(known, "en", lines) };
  const times = { think_s: known?.think_s ?? 60, answer_s: known?.answer_s ?? 120 };
  const kind = h("select", { name: "kind" }, ...KINDS.map((name) => h("option", { value: name, t: `questionkind.${name}` })));
  kind.value = known?.kind ?? (KINDS.includes(asked) ? asked : "structured");
  const named = [...dimensions.values()].map(({ dimension }) => [dimension.id, worded(dimension.name, dimension.id)])
    .sort(([, a], [, b]) => a.localeCompare(b, document.documentElement.lang));
  const first = h("select", { name: "dimension" }, ...named.map(([id, name]) => h("option", { value: id }, name)));
  if (known) first.value = known.dimensions[0];
  const further = ticks("further", named.map(([id, name]) => [id, h("span", {}, name)]), known?.dimensions.slice(1) ?? []);
  const roles = ticks("role", [...new Set([...ROLES, ...known?.roles ?? []])].map((role) => [role, ROLES.includes(role) ? h("span", { t: `jobrole.${role}` }) : h("span", {}, role)]), known?.roles ?? []);
  const problem = h("p", { class: "small problem", role: "alert" });
  const tabs = h("div", { class: "row", role: "group", label: "dimension.language" }, ...Object.keys(parts).map((name) => h("button", {
    class: "button", type: "button", t: `tongue.${name}`, "data-language": name, on: { click: () => show(name) },
  })));
  let made = null;
  const show = (name) => {
    for (const [each, { element }] of Object.entries(parts)) element.hidden = each !== name;
    for (const tab of tabs.children) tab.setAttribute("aria-pressed", String(tab.dataset.language === name));
  };
  /** Beside each field what is wrong with it; the rest below. What is hidden is opened. */
  const told = (refused) => {
    const here = lines.flatMap(({ paths }) => paths);
    const reasons = refused?.reasons ?? [];
    const wording = ({ messages }) => messages[language()];
    const of = (path) => reasons.filter((one) => one.path === path || (path === "dimensions" && one.path.startsWith("dimensions."))).map(wording);
    tell(lines, of);
    const rest = reasons.filter(({ path }) => !here.includes(path) && !path.startsWith("dimensions.")).map(wording);
    problem.textContent = refused ? [refused.text, ...rest].join(" ") : "";
    const hidden = Object.keys(parts).find((name) => reasons.some(({ path }) => path.endsWith(`.${name}`)));
    if (hidden) show(hidden);
    for (const [name, { described }] of Object.entries(parts)) if (of(`anchors.${name}`).length) described.open = true;
  };
  const save = async (event) => {
    event.preventDefault();
    const text = byLanguage(parts, "text");
    const question = {
      id: freshId(`q ${(text.en ?? "").split(" ").slice(0, 4).join(" ")}`), kind: kind.value, text, dimensions: [first.value, ...ticked(further).filter((id) => id !== first.value)],
      roles: ticked(roles), key_points: byLanguage(parts, "key_points"), anchors: byLanguage(parts, "anchors"), ...times,
    };
    try {
      made ??= await api.post(`/questions?branch=${branch}`, question);
      if (known) await api.post(`/questions/${known.id}/retire?branch=${branch}`);
      dialog.close();
    } catch (refused) {
      if (refused.reasons) told(refused);
      else problem.textContent = said(refused);
    }
  };
  const dialog = openDialog({ t: known ? "question.change" : "question.new", wide: true }, h("form", { class: "dimension", on: { submit: save } },
    h("p", { class: "muted small", t: known ? "question.change.say" : "question.say" }),
    h("div", { class: "step-fields" }, field("bank.kind", kind), field("question.dimension", first, wrongLine(lines, "dimensions")),
      numberField({ t: "question.think", value: times.think_s, min: 0, max: 1800, name: "think" }, (value) => { times.think_s = value; }, wrongLine(lines, "think_s")),
      numberField({ t: "question.answer", value: times.answer_s, min: 1, max: 3600, name: "answer" }, (value) => { times.answer_s = value; }, wrongLine(lines, "answer_s"))),
    tabs, ...Object.values(parts).map(({ element }) => element),
    h("details", {}, h("summary", { t: "question.further" }), h("div", { class: "step-fields" }, ...further)),
    h("fieldset", { class: "coding-languages" }, h("legend", { t: "question.roles" }), ...roles),
    problem, h("div", { class: "row end" }, h("button", { class: "button", type: "button", t: "cancel", on: { click: () => dialog.close() } }),
      h("button", { class: "button primary", t: "question.save" }))));
  show(language());
  parts[language()].first.focus();
  await dialog.closed;
  return made;
}
