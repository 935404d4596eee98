// The invitations just made, each with its link to hand on.
import { h } from "../../dom.js";
import "../../elements/copy.js";

export function madeList(made) {
  return h("ul", { class: "stack tight made" }, ...made.map(({ invitee, link }) => {
    const copy = h("viva-copy", { "label-key": "new.link" });
    copy.value = link;
    return h("li", {}, h("strong", {}, invitee.name), h("span", { class: "small muted" }, ` ${[invitee.email, invitee.phone].filter(Boolean).join(" · ")}`), copy);
  }));
}
