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

async function start() {
  setLanguage(language());
  putTitle("candidate.title");
  const fragment = new URLSearchParams(location.hash.slice(1));
  const id = fragment.get("s");
  const token = fragment.get("t");
  if (obstacle()) return blocked(obstacle());
  if (!id || !token) return blocked("link");
  const session = new CandidateSession(id, token);
  try {
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
