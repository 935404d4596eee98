// The sign-in page: in, or to one's own account where somebody is in already.
import { Api } from "../api.js";
import { h, notice } from "../dom.js";
import { language, putTitle, setLanguage } from "../i18n.js";
import "../elements/language.js";
import "./account.js";
import "./enter.js";
import { toDesk } from "../sign-in.js";

const api = new Api(null);
const main = document.querySelector("main");

function show(name, properties = {}) {
  const element = Object.assign(document.createElement(`signin-${name}`), { api, ...properties });
  main.replaceChildren(element);
  element.querySelector("[autofocus]")?.focus();
}

async function start() {
  const offer = await api.get("/signin");
  const said = new URLSearchParams(location.hash.slice(1)).get("problem");
  try {
    show("account", { offer, me: await api.me() });
  } catch (problem) {
    if (problem.code === "signin.second-factor") show("code");
    else if (problem.status !== 401) throw problem;
    else if (offer.setup) show("setup", { offer });
    else show("enter", { offer, told: said });
  }
}

main.addEventListener("signed-in", ({ detail }) => {
  if (detail.complete) toDesk();
  else show("code");
});
setLanguage(language());
putTitle("signin.page");
start().catch((problem) => main.replaceChildren(notice("warn", h("p", {}, problem.text ?? String(problem)))));
