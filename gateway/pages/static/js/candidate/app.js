// The candidate's page: one step after the other, each an element of its own.
import { obstacle } from "../capture.js";
import { h } from "../dom.js";
import { language, put, putTitle, setLanguage, suggestLanguage } from "../i18n.js";
import "../elements/language.js";
import "./blocked.js";
import "./check.js";
import "./done.js";
import "./identity.js";
import "./interview.js";
import { claimInvitation, invitationToken, openInvitation } from "./link.js";
import { CandidateSession } from "./session.js";
import "./welcome.js";

let STEPS = ["welcome", "check", "identity", "interview", "done"];
const main = document.querySelector("main");
const steps = document.querySelector("#steps");

function show(name, properties = {}) {
  const element = document.createElement(`candidate-${name}`);
  Object.assign(element, properties);
  document.body.dataset.step = name;
  main.replaceChildren(element);
  const step = STEPS.indexOf(name);
  steps.hidden = step < 0;
  steps.replaceChildren(...STEPS.map((key, index) =>
    h("li", { "data-state": index < step ? "past" : index === step ? "now" : "ahead", "aria-current": index === step && "step" },
      h("span", { t: `step.${key}` }))));
  put(document.querySelector("#step-of"), "step.of", { n: step + 1, total: STEPS.length });
  window.scrollTo(0, 0);
  return element;
}

function blocked(why, problem = null) {
  show("blocked", { why, problem });
}

/** Session and token: in the fragment, or what an invitation's link gives once it is bound to this device. */
async function credentials() {
  const invitation = invitationToken();
  if (invitation) {
    const opened = await openInvitation(invitation);
    suggestLanguage(opened.language);
    const claimed = opened.here ? await claimInvitation(invitation) : await new Promise((resolve) => {
      show("link", { opened, token: invitation }).addEventListener("claimed", ({ detail }) => resolve(detail));
    });
    return [claimed.session, claimed.token];
  }
  const fragment = new URLSearchParams(location.hash.slice(1));
  return [fragment.get("s"), fragment.get("t")];
}

async function start() {
  setLanguage(language());
  putTitle("candidate.title");
  if (obstacle()) return blocked(obstacle());
  let session;
  try {
    const [id, token] = await credentials();
    if (!id || !token) return blocked("link");
    session = new CandidateSession(id, token);
    await session.load();
  } catch (problem) {
    return blocked("problem", problem);
  }
  suggestLanguage(session.view.language);
  if (session.ended) return blocked("ended");
  if (!session.identityDue) STEPS = STEPS.filter((name) => name !== "identity");
  session.listen();

  let stream = null;
  const finish = () => {
    if (!session.ended || document.body.dataset.step === "done") return;
    stream?.getTracks().forEach((track) => track.stop());
    document.querySelector("candidate-check")?.stream?.getTracks().forEach((track) => track.stop());
    session.events.stop();
    show("done", { session });
  };
  session.addEventListener("change", finish);
  window.addEventListener("pagehide", () => session.publisher?.leave());

  return show("welcome", { session }).addEventListener("agreed", () => {
    show("check", { session }).addEventListener("ready", (event) => {
      stream = event.detail;
      const interview = () => show("interview", { session, stream });
      if (!session.identityDue) return interview();
      return show("identity", { session, stream }).addEventListener("ready", interview);
    });
  });
}

start();
