// The candidate's page: one step after the other, each an element of its own.
import { obstacle } from "../capture.js";
import { h } from "../dom.js";
import { language, put, putTitle, setLanguage, suggestLanguage } from "../i18n.js";
import "../elements/language.js";
import "./blocked.js";
import "./check.js";
import "./consent.js";
import "./done.js";
import "./guide.js";
import "./identity.js";
import "./interview.js";
import { claimInvitation, invitationToken, openInvitation } from "./link.js";
import "./paused.js";
import "./practice.js";
import { CandidateSession } from "./session.js";
import "./welcome.js";

// What the bar shows, and which elements belong to each.
const STEPS = {
  welcome: ["welcome", "consent"], identity: ["identity"], check: ["check"], practice: ["practice", "guide"],
  interview: ["guide", "interview"], done: ["done"], // the guidance is the interview's where nobody practises
};
const main = document.querySelector("main");
const steps = document.querySelector("#steps");
let left = []; // steps that this session does not have

function show(name, properties = {}) {
  const element = document.createElement(`candidate-${name}`);
  Object.assign(element, properties);
  document.body.dataset.step = name;
  main.replaceChildren(element);
  const keys = Object.keys(STEPS).filter((key) => !left.includes(key));
  const step = keys.findIndex((key) => STEPS[key].includes(name));
  steps.hidden = step < 0;
  steps.replaceChildren(...keys.map((key, index) =>
    h("li", { "data-state": index < step ? "past" : index === step ? "now" : "ahead", "aria-current": index === step && "step" },
      h("span", { t: `step.${key}` }))));
  put(document.querySelector("#step-of"), "step.of", { n: step + 1, total: keys.length });
  window.scrollTo(0, 0);
  return element;
}

/** Shows a step until it tells that it is done; what it tells. */
function walk(name, until, properties) {
  return new Promise((resolve) => {
    if (properties.session?.ended) return; // what is shown is the end, and stays
    show(name, properties).addEventListener(until, ({ detail }) => resolve(detail), { once: true });
  });
}

function blocked(why, problem = null) {
  show("blocked", { why, problem });
}

/** Session, token and what the job is called: in the fragment, or what an invitation gives once it is bound to this device. */
async function credentials() {
  const invitation = invitationToken();
  if (invitation) {
    const opened = await openInvitation(invitation);
    suggestLanguage(opened.language);
    const claimed = opened.here
      ? await claimInvitation(invitation) : await walk("link", "claimed", { opened, token: invitation });
    return [claimed.session, claimed.token, opened.job_title];
  }
  const fragment = new URLSearchParams(location.hash.slice(1));
  return [fragment.get("s"), fragment.get("t"), null];
}

/** From the welcome to the first question, or to where the candidate was. */
async function lead(session) {
  await walk("welcome", "ready", { session });
  if (!session.journey.consent) await walk("consent", "ready", { session });
  let found = null;
  if (session.identityDue) {
    if (session.byFace) found = await walk("identity", "ready", { session });
    else await session.askHuman().catch(() => {}); // asked again at the devices, where a failure is shown
  }
  const stream = await walk("check", "ready", { session, found });
  if (session.question === null) {
    if (session.view.practice) await walk("practice", "ready", { session, stream });
    await walk("guide", "ready", { session });
  }
  return stream;
}

async function start() {
  setLanguage(language());
  putTitle("candidate.title");
  if (obstacle()) return blocked(obstacle());
  let session;
  try {
    const [id, token, jobTitle] = await credentials();
    if (!id || !token) return blocked("link");
    session = Object.assign(new CandidateSession(id, token), { jobTitle });
    await session.load();
  } catch (problem) {
    return blocked("problem", problem);
  }
  suggestLanguage(session.view.language);
  if (session.ended) return show("done", { session });
  if (session.returning) left = ["identity", "practice"];
  else if (!session.view.practice) left = ["practice"];
  document.body.append(Object.assign(document.createElement("candidate-paused"), { session }));
  session.listen();

  session.addEventListener("change", () => {
    if (!left.includes("identity") && session.journey.consent && !session.byFace) left = [...left, "identity"];
    if (!session.ended || document.body.dataset.step === "done") return;
    session.unlisten();
    session.stopDevices();
    show("done", { session });
  });
  window.addEventListener("pagehide", () => session.publisher?.leave());
  const stream = await lead(session);
  return session.ended ? null : show("interview", { session, stream });
}

start();
