// <hr-nav>: the places of the HR page. What the person may not see is left out.
import { View, h } from "../dom.js";

const PLACES = [
  ["#", "nav.sessions", "sessions.read"],
  ["#/wall", "wall.open", "sessions.read"],
  ["#/jobs", "nav.jobs", "jobs.read"],
  ["#/plans", "nav.plans", "jobs.read"],
  ["#/validity", "validity.open", "results.decide"],
  ["#/notices", "nav.notices", "invitations.read"],
  ["#/people", "org.title", "people.manage"],
];

// Pages that are reached by the tabs of another.
const WITHIN = { "/plans": ["/questions"], "/people": ["/branches", "/audit", "/server"] };

customElements.define("hr-nav", class extends View {
  /** Set before it is shown: `rights`. */
  build() {
    this.setAttribute("role", "navigation");
    this.links = PLACES.filter(([, , needs]) => this.rights.may(needs)).map(([href, t]) => h("a", { href, t }));
    this.append(...this.links);
  }

  /** @param {string|null} place as "/jobs/sales"; null while an interview is open */
  show(place) {
    for (const link of this.links) {
      const own = link.getAttribute("href").slice(1);
      const inside = WITHIN[own]?.includes(place);
      const here = own ? inside || place === own || place?.startsWith(`${own}/`) : !place;
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }
});
