// <hr-controls>: pause, resume, more time, next question, a question of one's own. Each tells whether it was done.
import { View, h } from "../dom.js";
import { number, put, t } from "../i18n.js";
import { situationText, standing, whole } from "./standing.js";
import { whom } from "./whom.js";

const MORE_S = [30, 60];

customElements.define("hr-controls", class extends View {
  /** Set before it is shown: `model`, `commands`, `rights`, `now` (media time now), `lag`, `viewing` (whether the person
   * counts among those who watch). */
  build() {
    const button = (key, press, kind = "") => h("button", { class: `button ${kind}`, type: "button", t: key, on: { click: press } });
    this.where = h("p", { class: "standing" });
    this.behind = h("p", { class: "small muted lag" });
    this.watching = h("p", { class: "small muted" });
    this.others = h("p", { class: "small muted" });
    this.pause = button("control.pause", () => this.#pause());
    this.next = button("control.next", () => this.#do("next"));
    this.more = MORE_S.map((seconds) => h("button", {
      class: "button", type: "button", t: "control.extend", vars: { n: seconds },
      on: { click: () => this.#do("extend", { seconds, question: this.model.conduct.clock.question?.id }) },
    }));
    this.reason = h("input", { maxlength: "200", autocomplete: "off" });
    this.text = h("textarea", { rows: "2", maxlength: "2000", on: { keydown: (event) => this.#typed(event) } });
    this.ask = h("form", { class: "interject", on: { submit: (event) => {
      event.preventDefault();
      this.#interject();
    } } },
      h("label", { class: "field" }, h("span", { t: "control.interject" }), this.text),
      h("button", { class: "button primary", t: "control.interject.send" }));
    this.says = h("p", { class: "small", role: "status" });
    this.actions = h("div", { class: "stack-s" },
      h("label", { class: "field reason" }, h("span", { t: "control.reason" }), this.reason),
      h("div", { class: "row" }, this.pause, ...this.more, this.next), this.ask);
    this.append(h("h2", { t: "control.title" }), this.where, this.behind, this.watching, this.others, this.actions, this.says);
    this.actions.hidden = !this.rights.command;
  }

  focusQuestion() {
    if (!this.actions.hidden) this.text.focus();
  }

  #typed(event) {
    if (event.key === "Escape") this.text.blur();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.ask.requestSubmit();
  }

  async #pause() {
    const { paused } = this.model.conduct.clock;
    const done = await this.#do(paused ? "resume" : "pause", paused ? {} : { reason: this.reason.value.trim() });
    if (done) this.reason.value = "";
  }

  async #interject() {
    const text = this.text.value.trim();
    if (text && await this.#do("interject", { text })) this.text.value = "";
  }

  /** @returns {Promise<boolean>} whether it was done */
  async #do(command, fields = {}) {
    put(this.says, "control.sending");
    this.says.classList.remove("problem");
    try {
      await this.commands.send(command, fields);
      put(this.says, `control.done.${command}`);
      return true;
    } catch (refused) {
      this.#refused(refused);
      return false;
    }
  }

  /** Why not, and where the interview stands instead. */
  #refused({ text, state }) {
    delete this.says.dataset.message;
    const now = state ? situationText(state, this.model.questions) : "";
    this.says.classList.add("problem");
    put(this.says, now ? "control.refused.now" : "control.refused", { text, now });
  }

  /** Who else watches, by name. */
  #others() {
    const names = [...this.model.conduct.viewers.values()].filter(Boolean);
    const own = this.viewing() ? names.indexOf(this.rights.actor()) : -1;
    if (own >= 0) names.splice(own, 1);
    this.others.hidden = names.length === 0;
    if (names.length) put(this.others, "control.watching.others", { who: names.map(whom).join(t("list.comma")) });
  }

  update() {
    const { model, lag } = this;
    this.hidden = model.over;
    if (model.over) return;
    const { clock, watching } = model.conduct;
    const { phase, paused, connected } = clock;
    const question = model.numberOf(clock.question?.id);
    const remaining = clock.remaining(this.now());
    this.where.textContent = standing({
      phase, paused, connected, question, total: model.questions.length, remaining, whole: whole({ phase, question, remaining }, model.questions),
    });
    this.where.dataset.tone = paused || !connected ? "warn" : "";
    put(this.pause, paused ? "control.resume" : "control.pause");
    this.reason.closest("label").hidden = paused;
    const started = model.state !== "created";
    this.pause.disabled = !started;
    this.next.disabled = !started || paused || model.numberOf(clock.question?.id) >= model.questions.length;
    for (const one of this.more) one.disabled = !["thinking", "answering"].includes(phase);
    for (const one of this.ask.elements) one.disabled = !started;
    put(this.watching, this.viewing() ? "control.watching.too" : "control.watching", { n: watching });
    this.#others();
    const { now } = lag;
    if (!now) put(this.behind, "lag.none");
    else put(this.behind, "lag.now", { total: number(now.total), hearing: number(now.hearing), way: number(now.way), by: number(now.uncertainty) });
  }
});
