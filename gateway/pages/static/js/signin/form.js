// A form that says what went wrong and how long to wait.
import { Problem } from "../api.js";
import { h } from "../dom.js";
import { has, t } from "../i18n.js";

export function input(key, props) {
  const field = h("input", { required: true, ...props });
  return { field, label: h("label", { class: "field" }, h("span", { t: key }), field) };
}

/** What to tell of a problem; the server's own words, but for what a person at a sign-in would not know. */
export function words(problem) {
  if (!(problem instanceof Problem)) return String(problem);
  if (problem.code === "signin.wait") return t("signin.wait", { n: Math.ceil(problem.retryAfter ?? 60) });
  return problem.status === 401 && !has(`problem.${problem.code}`) ? problem.detail || problem.text : problem.text;
}

/** `send` may throw a Problem, which is shown; the button waits meanwhile. */
export function form(title, say, fields, button, send) {
  const problem = h("p", { class: "problem", role: "alert" });
  const submit = h("button", { class: "button primary wide", t: button });
  return h("form", { class: "card panel", on: { submit: async (event) => {
    event.preventDefault();
    submit.disabled = true;
    problem.textContent = "";
    try {
      await send();
    } catch (error) {
      problem.textContent = words(error);
      fields.at(-1)?.field.select();
    }
    submit.disabled = false;
  } } },
  h("h1", { t: title }), say ? h("p", { class: "muted", t: say }) : null, ...fields.map(({ label }) => label), problem, submit);
}
