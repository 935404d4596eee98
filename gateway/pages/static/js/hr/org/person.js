// Giving somebody an account, and changing what they may do.
import { h } from "../../dom.js";
import { confirmed } from "../../elements/dialog.js";
import { worded } from "../design/words.js";
import { formDialog } from "../form-dialog.js";

const ROLES = ["recruiter", "recruiting-manager", "hiring-manager", "administrator"];

const field = (t, input, say = null) => h("label", { class: "field" }, h("span", { t }), input, say ? h("span", { class: "small muted", t: say }) : null);

function input(name, value = "", more = {}) {
  const made = h("input", { name, maxlength: 100, autocomplete: "off", ...more });
  made.value = value;
  return made;
}

function choice(name, value, options) {
  const made = h("select", { name }, ...options);
  made.value = value;
  return made;
}

function roleAndBranch(person, branches) {
  const role = choice("role", person.role, ROLES.map((one) => h("option", { value: one, t: `role.${one}` })));
  const what = h("p", { class: "small muted", role: "status" });
  const explain = () => what.replaceChildren(h("span", { t: `role.${role.value}.say` }));
  role.addEventListener("change", explain);
  explain();
  const branch = choice("branch", person.branch, branches.map(({ id, name }) => h("option", { value: id }, worded(name, id))));
  return { role, what, branch };
}

/** @returns {Promise<boolean>} whether somebody was added */
export async function addPerson(api, rights, branches) {
  const name = input("name", "", { required: true });
  const email = input("email", "", { type: "email", required: true, maxlength: 254 });
  const password = input("password", "", { type: "password", autocomplete: "new-password", maxlength: 128 });
  const { role, what, branch } = roleAndBranch({ role: "recruiter", branch: rights.branch }, branches);
  return formDialog({ t: "people.add", ok: "people.add.ok" }, () => api.post("/people", {
    name: name.value, email: email.value, role: role.value, branch: branch.value, ...(password.value ? { password: password.value } : {}),
  }), field("people.name", name), field("people.email", email), field("people.role", role), what, field("job.branch", branch),
  field("people.password", password, "people.password.say"));
}

/** @returns {Promise<boolean>} whether something was changed */
export async function changePerson(api, person, branches) {
  const name = input("name", person.name, { required: true });
  const password = input("password", "", { type: "password", autocomplete: "new-password", maxlength: 128 });
  const disabled = h("input", { type: "checkbox", name: "disabled" });
  disabled.checked = person.disabled;
  const drop = h("input", { type: "checkbox", name: "drop" });
  const { role, what, branch } = roleAndBranch(person, branches);
  const out = async () => {
    if (!(await confirmed({ t: "people.out", vars: { name: person.name }, say: "people.out.say", ok: "people.out.ok" }))) return;
    await api.delete(`/people/${person.id}/signins`);
  };
  const changes = () => ({
    ...(name.value === person.name ? {} : { name: name.value }),
    ...(role.value === person.role ? {} : { role: role.value }),
    ...(branch.value === person.branch ? {} : { branch: branch.value }),
    ...(password.value ? { password: password.value } : {}),
    ...(disabled.checked === person.disabled ? {} : { disabled: disabled.checked }),
    ...(drop.checked ? { drop_second_factor: true } : {}),
  });
  return formDialog({ t: "people.change.of", vars: { name: person.name }, ok: "save" }, () => api.patch(`/people/${person.id}`, changes()),
    h("p", { class: "muted small" }, person.email), field("people.name", name), field("people.role", role), what, field("job.branch", branch),
    field("people.password.new", password, "people.password.new.say"),
    person.second_factor ? h("label", { class: "tick" }, drop, h("span", { t: "people.factor.drop" })) : null,
    h("label", { class: "tick" }, disabled, h("span", { t: "people.disable" })),
    h("button", { class: "button start", type: "button", t: "people.out.open", on: { click: out } }));
}
