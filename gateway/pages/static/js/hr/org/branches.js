// <hr-branches>: the organisation as a tree; each branch has the policy of its region or that of the one above it.
import { View, h, icon } from "../../dom.js";
import { freshId, leaves, said, worded } from "../design/words.js";
import { formDialog } from "../form-dialog.js";
import { orgHead } from "./tabs.js";

const POLICIES = ["CN", "EU", "US-IL", "US-NYC", "strict"];

/** Depth first, each with how deep it stands; what hangs below nothing that is shown stands at the top. */
function tree(branches) {
  const known = new Set(branches.map(({ id }) => id));
  const below = (parent, depth) => branches
    .filter((one) => (known.has(one.parent) ? one.parent : null) === parent)
    .flatMap((one) => [{ ...one, depth }, ...below(one.id, depth + 1)]);
  return below(null, 0);
}

customElements.define("hr-branches", class extends View {
  /** Set before it is shown: `api`, `rights`. */
  build() {
    this.className = "page";
    this.problem = h("p", { class: "problem", role: "alert" });
    this.list = h("ul", { class: "branch-tree" });
    this.add = h("button", { class: "button primary", type: "button", disabled: true, on: { click: () => this.#edit(null) } }, icon("plus"), h("span", { t: "branch.add" }));
    this.append(...orgHead(this.rights, "branches", this.add), h("p", { class: "muted small", t: "branches.say" }), this.problem, this.list);
    this.#load();
  }

  async #load() {
    try {
      this.branches = (await this.api.get("/branches")).branches;
      this.add.disabled = false; // it asks for the one above
      this.problem.textContent = "";
      this.update();
    } catch (problem) {
      if (!leaves(problem, this.api)) this.problem.textContent = said(problem);
    }
  }

  /** One's own branch is not moved: only what is below it. */
  async #edit(branch) {
    const zh = h("input", { name: "name-zh", maxlength: 100, autocomplete: "off" });
    const en = h("input", { name: "name-en", maxlength: 100, autocomplete: "off" });
    zh.value = branch?.name.zh ?? "";
    en.value = branch?.name.en ?? "";
    const parents = this.branches.filter(({ id }) => id !== branch?.id);
    const parent = h("select", { name: "parent" }, ...parents.map(({ id, name }) => h("option", { value: id }, worded(name, id))));
    parent.value = branch?.parent ?? this.rights.branch;
    const moves = branch === null || (branch.parent !== null && branch.id !== this.rights.branch);
    const policy = h("select", { name: "policy" }, h("option", { value: "", t: "branch.policy.none" }), ...POLICIES.map((one) => h("option", { value: one, t: `policy.${one}` })));
    policy.value = branch?.policy ?? "";
    const line = (t, input) => h("label", { class: "field" }, h("span", { t }), input);
    const send = () => {
      const name = Object.fromEntries([["zh", zh.value.trim()], ["en", en.value.trim()]].filter(([, value]) => value));
      if (Object.keys(name).length === 0) {
        zh.focus();
        return false;
      }
      const body = { name, policy: policy.value || null, ...(moves ? { parent: parent.value } : {}) };
      return branch ? this.api.patch(`/branches/${branch.id}`, body) : this.api.post("/branches", { ...body, id: freshId(name.en ?? "") });
    };
    const sent = await formDialog({ t: branch ? "branch.change" : "branch.add", ok: "save" }, send, line("branch.name.zh", zh), line("branch.name.en", en),
      moves ? line("branch.parent", parent) : null, line("branch.policy", policy), h("p", { class: "small muted", t: "branch.policy.say" }));
    if (sent) await this.#load();
  }

  #row(branch) {
    const row = h("li", { class: "card", "data-id": branch.id },
      h("div", { class: "branch-name" }, h("strong", {}, worded(branch.name, branch.id)), h("span", { class: "small muted" }, branch.id)),
      h("span", { class: branch.policy ? "badge" : "small muted", t: branch.policy ? `policy.${branch.policy}` : branch.parent ? "branch.policy.parent" : "branch.policy.server" }),
      h("button", { class: "button quiet", type: "button", t: "people.change", label: "people.change.of", vars: { name: worded(branch.name, branch.id) }, on: { click: () => this.#edit(branch) } }));
    row.style.marginInlineStart = `calc(var(--u) * ${3 * branch.depth})`;
    return row;
  }

  update() {
    if (this.branches) this.list.replaceChildren(...tree(this.branches).map((branch) => this.#row(branch)));
  }
});
