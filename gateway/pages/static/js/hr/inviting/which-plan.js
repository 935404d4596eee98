// Which interview an invitation leads to: a plan of the job, any other in reach, or the general questions.
import { h } from "../../dom.js";
import { t } from "../../i18n.js";
import { worded } from "../design/words.js";

/** @returns {Promise<{row: HTMLElement, chosen: () => string}>} `chosen` is "" for the general questions */
export async function planChoice(api, job) {
  const { plans } = await api.get("/plans");
  const own = plans.filter((view) => view.job === job.id);
  const rest = plans.filter((view) => view.job !== job.id && view.branch === job.branch);
  const option = ({ plan }) => h("option", { value: plan.id }, `${worded(plan.title, plan.id)} · ${t("plan.version", { n: plan.version })}`);
  const select = h("select", { name: "plan" }, ...own.map(option), ...rest.map(option), h("option", { value: "", t: "invite.plan.general" }));
  return { row: h("label", { class: "field" }, h("span", { t: "invite.plan" }), select), chosen: () => select.value };
}
