// Two languages, switched without reloading. Text that came from a key follows the language by itself.
import en from "./messages/en.js";
import zh from "./messages/zh.js";

const TABLES = { zh, en };
const STORED = "viva.language";
const texts = new WeakMap();

let current = asked() ?? "zh";
let titleKey = null;

function known(name) {
  return Object.hasOwn(TABLES, name ?? "") ? name : null;
}

function remembered() {
  try {
    return known(localStorage.getItem(STORED));
  } catch {
    return null; // storage may be blocked; the language is then only for this page
  }
}

function asked() {
  return known(new URLSearchParams(location.search).get("lang")) ?? remembered();
}

export function language() {
  return current;
}

/** The message in the language shown; `{name}` is filled from `vars`, and `n` of 1 may have a singular of its own. */
export function t(key, vars = {}) {
  const table = TABLES[current];
  const text = (vars.n === 1 && table[`${key}#one`]) || table[key];
  if (text === undefined) {
    console.error(`no message ${key} in ${current}`);
    return key;
  }
  return text.replace(/\{(\w+)\}/g, (_, name) => String(vars[name] ?? ""));
}

/** True when there is a message of this name. */
export function has(key) {
  return Object.hasOwn(TABLES[current], key);
}

/** The message in every language, for what is kept and shown to somebody else later. */
export function everywhere(key) {
  return Object.fromEntries(Object.entries(TABLES).map(([name, table]) => [name, table[key]]));
}

export function put(element, key, vars = {}) {
  texts.set(element, { key, vars });
  element.dataset.message = key;
  const text = t(key, vars);
  if (element.textContent !== text) element.textContent = text;
}

export function putAttribute(element, name, key, vars = {}) {
  (element.messages ??= new Map()).set(name, { key, vars });
  element.dataset.attributes = "";
  element.setAttribute(name, t(key, vars));
}

export function putTitle(key) {
  titleKey = key;
  document.title = t(key);
}

/** Switches the page. `remember` is for a person's own choice, not for a default. */
export function setLanguage(name, { remember = false } = {}) {
  current = known(name) ?? current;
  if (remember) {
    try {
      localStorage.setItem(STORED, current);
    } catch {
      // The choice then lasts as long as the page.
    }
  }
  document.documentElement.lang = current === "zh" ? "zh-CN" : "en";
  if (titleKey) document.title = t(titleKey);
  for (const element of document.querySelectorAll("[data-message]")) {
    const entry = texts.get(element);
    if (entry) element.textContent = t(entry.key, entry.vars);
  }
  for (const element of document.querySelectorAll("[data-attributes]")) {
    for (const [attribute, { key, vars }] of element.messages ?? []) element.setAttribute(attribute, t(key, vars));
  }
  document.dispatchEvent(new CustomEvent("viva:language"));
}

/** The session's own language, unless the person has asked for one. */
export function suggestLanguage(name) {
  if (!asked()) setLanguage(name);
}

/** What numbers, days and times are written by: English with the day first and 24 hours. */
export const locale = () => (current === "zh" ? "zh-CN" : "en-GB");

export function number(value, digits = 0) {
  return new Intl.NumberFormat(locale(), {
    minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(value);
}

export function percent(share, digits = 0) {
  return `${number(share * 100, digits)} %`;
}

/** Seconds as m:ss, or h:mm:ss from an hour on. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (value) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}
