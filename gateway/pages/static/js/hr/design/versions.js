// Every version of a plan, with when and by whom it was saved.
import { h } from "../../dom.js";
import { openDialog } from "../../elements/dialog.js";
import { whom } from "../whom.js";
import { moment, said } from "./words.js";

export async function openVersions(api, { plan: { id } }) {
  const list = h("ol", { class: "stack tight" });
  const dialog = openDialog({ t: "versions.title" }, h("div", { class: "stack" }, list,
    h("div", { class: "row end" }, h("button", { class: "button", type: "button", t: "close", on: { click: () => dialog.close() } }))));
  try {
    const { plans } = await api.get(`/plans/${id}/versions`);
    list.append(...plans.map(({ plan, newest, saved_at: saved, by }) => h("li", {}, h("a", {
      class: "button version", href: plan.version === newest ? `#/plans/${id}` : `#/plans/${id}&version=${plan.version}`, on: { click: () => dialog.close() },
    }, h("span", { t: "plan.version", vars: { n: plan.version } }), h("span", { class: "small muted", t: "plans.saved", vars: { time: moment(saved), by: whom(by) } })))));
  } catch (problem) {
    list.append(h("li", { class: "problem" }, said(problem)));
  }
}
