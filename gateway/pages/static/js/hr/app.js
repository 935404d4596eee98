// The HR page: the list of interviews beside the one that is open, the wall, and what interviews are designed with.
// A token leaves the address bar at once; without one the page is that of whoever signed in.
import { Api } from "../api.js";
import { View, h, notice } from "../dom.js";
import { language, putTitle, setLanguage } from "../i18n.js";
import "../elements/language.js";
import { analysis } from "./analyses.js";
import { placeOf, viewOf } from "./design/places.js";
import "./nav.js";
import { ownSession, rightsOf } from "./rights.js";
import "./server.js";
import "./session.js";
import "./sessions.js";
import "./wall.js";
import "./who.js";
import { toSignIn } from "../sign-in.js";

const STORED = "viva.hr.token";
const FULL = ["wall", "design", "analysis"]; // these leave no room for the list
const main = document.querySelector("main");

/** From the address, else from this tab's storage; afterwards in the storage alone. */
function takeToken() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get("t");
  if (given) {
    sessionStorage.setItem(STORED, given);
    fragment.delete("t");
    const place = placeOf(fragment);
    const rest = place ? `#${place}` : fragment.size ? `#${fragment}` : "";
    history.replaceState(null, "", `${location.pathname}${location.search}${rest}`);
  }
  return given ?? sessionStorage.getItem(STORED);
}

customElements.define("hr-token", class extends View {
  build() {
    const field = h("input", { type: "password", required: true, autocomplete: "off" });
    this.append(h("form", { class: "card panel token", on: { submit: (event) => {
      event.preventDefault();
      sessionStorage.setItem(STORED, field.value.trim());
      start();
    } } },
      h("h1", { t: "hr.token" }), h("p", { class: "muted", t: "hr.token.say" }),
      h("label", { class: "field" }, h("span", { t: "hr.token.field" }), field),
      h("button", { class: "button primary", t: "hr.token.enter" })));
  }
});

let back = "#"; // where an interview was opened from

function route(api, rights, alone, list) {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const id = alone ?? fragment.get("s");
  const wall = !id && fragment.has("/wall");
  const analysed = id ? null : analysis(api, rights, location.hash);
  const design = id || analysed ? null : viewOf(fragment, api, rights);
  if (!id) back = wall ? "#/wall" : analysed ? location.hash : "#";
  const hidden = FULL.includes(document.body.dataset.open);
  document.body.dataset.open = id ? "session" : wall ? "wall" : analysed ? "analysis" : design ? "design" : "list";
  document.querySelector("hr-nav")?.show(id ? null : placeOf(fragment));
  if (list) {
    list.open = id;
    list.update();
  }
  const detail = id
    ? Object.assign(document.createElement("hr-session"), { api, session: id, rights, back, alone: Boolean(alone) })
    : wall ? Object.assign(document.createElement("hr-wall"), { api, rights })
      : analysed ?? design ?? h("p", { class: "muted choose", t: "hr.choose" });
  main.querySelector(".detail").replaceChildren(detail);
  if (list && hidden) list.refresh(); // it was not asked for meanwhile
}

/** Who is signed in; null where the page leaves for the sign-in, or shows why it cannot. */
async function signedIn(api) {
  try {
    return await api.me();
  } catch (problem) {
    if (problem.status === 401) toSignIn();
    else main.replaceChildren(notice("warn", h("p", {}, problem.text ?? String(problem))));
    return null;
  }
}

function showWho(api, me) {
  document.querySelector("hr-who")?.remove();
  if (me) document.querySelector("viva-language").before(Object.assign(document.createElement("hr-who"), { api, me }));
}

function showNav(rights) {
  document.querySelector("hr-nav")?.remove();
  if (rights) document.querySelector("hr-server").before(Object.assign(document.createElement("hr-nav"), { rights }));
}

async function start() {
  const token = takeToken();
  if (!token && new URLSearchParams(location.hash.slice(1)).has("token")) {
    document.body.dataset.open = "token";
    main.replaceChildren(document.createElement("hr-token"));
    return;
  }
  const api = new Api(token);
  const me = token ? null : await signedIn(api);
  if (!token && !me) return;
  showWho(api, me);
  const rights = rightsOf(me, token);
  const alone = token ? ownSession(token) : null;
  showNav(alone ? null : rights);
  if (rights.may("server.manage") && !alone) document.querySelector("hr-server").watch(api);
  const list = alone ? null : Object.assign(document.createElement("hr-sessions"), { api, rights, className: "list" });
  document.body.classList.toggle("alone", Boolean(alone));
  main.replaceChildren(...(list ? [list] : []), h("div", { class: "detail" }));
  window.onhashchange = () => {
    const fragment = new URLSearchParams(location.hash.slice(1));
    if (fragment.has("t") || fragment.has("token")) start();
    else route(api, rights, alone, list);
  };
  route(api, rights, alone, list);
}

setLanguage(language());
putTitle("hr.title");
start();
