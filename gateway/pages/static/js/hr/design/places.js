// Which page of the design a fragment asks for: #/jobs, #/jobs/ID, #/jobs/ID/invitations, #/plans, #/plans/ID&version=2,
// #/questions, #/notices; and of the organisation: #/people, #/branches, #/audit, #/server.
import "../inviting/notices.js";
import "../org/audit.js";
import "../org/branches.js";
import "../org/people.js";
import "../org/server.js";
import "./job.js";
import "./jobs.js";
import "./plan.js";
import "./plans.js";
import "./questions.js";

const VIEWS = {
  jobs: { list: "hr-jobs", one: "hr-job", needs: "jobs.read" },
  plans: { list: "hr-plans", one: "hr-plan", needs: "jobs.read" },
  questions: { list: "hr-questions", needs: "jobs.read" },
  notices: { list: "hr-notices", needs: "invitations.read" },
  people: { list: "hr-people", needs: "people.manage" },
  branches: { list: "hr-branches", needs: "people.manage" },
  audit: { list: "hr-audit", needs: "audit.read" },
  server: { list: "hr-operator", needs: "server.manage" },
};

/** The part of the fragment that is a place, as "/jobs/sales"; null for none. */
export function placeOf(fragment) {
  return [...fragment.keys()].find((key) => key.startsWith("/")) ?? null;
}

/** The element to show; null for any other place, and for one that the person may not see. */
export function viewOf(fragment, api, rights) {
  const [room, id, section] = placeOf(fragment)?.slice(1).split("/") ?? [];
  const found = Object.hasOwn(VIEWS, room ?? "") ? VIEWS[room] : null;
  if (!found || !rights.may(found.needs)) return null;
  const element = document.createElement(id && found.one ? found.one : found.list);
  const version = Number.parseInt(fragment.get("version") ?? "", 10) || null;
  return Object.assign(element, { api, rights, subject: id ?? null, section: section ?? null, version });
}
