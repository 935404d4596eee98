// A dimension of one's own: its name, what it is about, and behaviour at five levels, in one or both languages.
import { h } from "../../dom.js";
import { language, put, t } from "../../i18n.js";
import { openDialog } from "../../elements/dialog.js";
import { freshId, said } from "./words.js";

const LEVELS = [1, 2, 3, 4, 5];

/** What one writes in one language. */
function part(known, name) {
  const field = (key, value, props = {}) => {
    const input = h(props.tag ?? "input", { maxlength: 500, ...props, tag: null });
    input.value = value ?? "";
    return { input, row: h("label", { class: "field" }, h("span", { t: key, vars: props.vars }), input) };
  };
  const title = field("dimension.name", known?.name[name], { name: `name-${name}`, maxlength: 60 });
  const about = field("dimension.about", known?.about[name], { tag: "textarea", rows: 2, name: `about-${name}` });
  const words = field("dimension.keywords", known?.keywords[name]?.join(t("list.comma")), { name: `keywords-${name}` });
  const anchors = LEVELS.map((level) => field(`dimension.anchor.${level}`, known?.anchors[name]?.[level - 1], { tag: "textarea", rows: 2, name: `anchor-${name}-${level}` }));
  const rows = [title, about, words].map(({ row }) => row);
  const element = h("div", { class: "stack" }, ...rows, h("fieldset", { class: "anchors" }, h("legend", { t: "dimension.anchors" }), ...anchors.map(({ row }) => row)));
  const text = ({ input }) => input.value.trim();
  return { element, first: title.input, read: () => ({
    name: text(title), about: text(about), anchors: anchors.map(text), keywords: text(words).split(/[,，、;；\n]/).map((word) => word.trim()).filter(Boolean),
  }) };
}

/** Null where it is whole or wholly empty, else the key that says what is missing. */
function missing({ name, anchors }) {
  const written = anchors.filter(Boolean).length;
  if (!name && written === 0) return null;
  if (!name) return "dimension.wrong.name";
  return written === LEVELS.length ? null : "dimension.wrong.anchors";
}

function composed(parts, id) {
  const read = Object.entries(parts).map(([name, one]) => [name, one.read()]).filter(([, { name }]) => name);
  const by = (key) => Object.fromEntries(read.map(([name, one]) => [name, one[key]]));
  const title = by("name");
  return { id: id ?? freshId(title.en ?? ""), name: title, about: by("about"), anchors: by("anchors"), keywords: by("keywords") };
}

/** Asks for a dimension and saves it. @returns {Promise<object|null>} its view; null where it was left */
export async function editDimension(api, branch, known = null) {
  const parts = { zh: part(known, "zh"), en: part(known, "en") };
  let shown = language();
  let made = null;
  const problem = h("p", { class: "small problem", role: "alert" });
  const tabs = h("div", { class: "row", role: "group", label: "dimension.language" }, ...Object.keys(parts).map((name) => h("button", {
    class: "button", type: "button", t: `tongue.${name}`, "data-language": name, on: { click: () => show(name) },
  })));
  const show = (name) => {
    shown = name;
    for (const [each, { element }] of Object.entries(parts)) element.hidden = each !== name;
    for (const tab of tabs.children) tab.setAttribute("aria-pressed", String(tab.dataset.language === name));
  };
  const save = async (event) => {
    event.preventDefault();
    problem.textContent = "";
    const wrong = Object.keys(parts).find((name) => missing(parts[name].read()));
    if (wrong || !parts.zh.read().name && !parts.en.read().name) {
      show(wrong ?? shown);
      put(problem, wrong ? missing(parts[wrong].read()) : "dimension.wrong.name");
      return;
    }
    const dimension = composed(parts, known?.id);
    try {
      made = known ? await api.put(`/dimensions/${known.id}?branch=${branch}`, dimension) : await api.post(`/dimensions?branch=${branch}`, dimension);
      dialog.close();
    } catch (refused) {
      problem.textContent = said(refused);
    }
  };
  const dialog = openDialog({ t: known ? "dimension.edit" : "dimension.new", wide: true },
    h("form", { class: "dimension", on: { submit: save } }, h("p", { class: "muted small", t: known ? "dimension.edit.say" : "dimension.say" }), tabs,
      ...Object.values(parts).map(({ element }) => element), problem,
      h("div", { class: "row end" }, h("button", { class: "button", type: "button", t: "cancel", on: { click: () => dialog.close() } }),
        h("button", { class: "button primary", t: "save" }))));
  show(shown);
  parts[shown].first.focus();
  await dialog.closed;
  return made;
}
