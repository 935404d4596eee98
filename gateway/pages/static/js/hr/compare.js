// <hr-compare>: the candidates of one job side by side, sorted by any score; those without enough data apart.
import { View, h, icon } from "../dom.js";
import { language, number, t } from "../i18n.js";
import { save } from "../save.js";
import { scoreStrip } from "./validity-charts.js";

customElements.define("hr-compare", class extends View {
  /** Set before it is shown: `api`, `job` (its id). */
  build() {
    this.by = "overall";
    this.path = `/api/v1/jobs/${encodeURIComponent(this.job)}/comparison`;
    this.problem = h("p", { class: "problem", role: "alert" });
    this.results = h("div", { class: "validity-results" });
    this.append(
      h("header", { class: "wall-head" }, h("a", { class: "button quiet up-link", href: `#/jobs/${this.job}` }, icon("back"), h("span", { t: "compare.up" })), h("h1", { t: "compare.title" }),
        h("button", { class: "button", type: "button", t: "validity.xlsx", on: { click: () => this.#save() } })),
      this.problem, this.results);
    this.#read();
  }

  async #read() {
    try {
      this.view = await this.api.get(this.path.replace("/api/v1", ""));
    } catch (problem) {
      this.problem.textContent = problem.text ?? String(problem);
    }
    this.update();
  }

  async #save() {
    try {
      await save(`${this.path}?format=xlsx`, "comparison.xlsx", { headers: this.api.headers });
    } catch (problem) {
      this.problem.textContent = problem.text ?? String(problem);
    }
  }

  #name(id) {
    const names = this.view.names[id] ?? {};
    return id === "overall" ? t("validity.overall") : names[language()] ?? Object.values(names)[0] ?? id;
  }

  #head(id) {
    const weight = this.view.weights[id];
    const button = h("button", { type: "button", "data-by": id, on: { click: () => this.#sort(id) } },
      `${this.#name(id)}${weight ? ` ${number(weight)} %` : ""}${this.by === id ? " ▼" : ""}`);
    return h("th", { scope: "col", "aria-sort": this.by === id ? "descending" : null }, button);
  }

  #sort(id) {
    this.by = id;
    this.update();
    this.querySelector(`[data-by="${CSS.escape(id)}"]`).focus(); // the button was built anew
  }

  #cell(score) {
    if (!score) return h("td", { class: "muted" }, t("result.insufficient.short"));
    const { value, interval } = score;
    return h("td", {}, scoreStrip(value, interval), h("strong", {}, number(value, 1)),
      h("span", { class: "small muted" }, interval ? ` ${number(interval.low)} … ${number(interval.high)}` : ` ${t("compare.one")}`));
  }

  #agreement() {
    const { agreement } = this.view.result;
    if (!agreement.length) return null;
    const figure = (value, interval, digits) => h("td", {}, value === null ? "–" : number(value, digits),
      interval ? h("span", { class: "small muted" }, ` ${number(interval.low, digits)} … ${number(interval.high, digits)}`) : "");
    const row = (one) => h("tr", {}, h("th", { scope: "row" }, this.#name(one.dimension)), h("td", {}, number(one.n)),
      ...(one.refused ? [h("td", { class: "refused muted", colspan: 3 }, one.refused[language()])]
        : [figure(one.pearson, one.pearson_interval, 2), figure(one.qwk, one.qwk_interval, 2), figure(one.difference, null, 1)]));
    return h("section", { class: "card panel stack" }, h("h2", { t: "agreement.title" }), h("p", { class: "small muted", t: "agreement.say" }),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("agreement.title") }, h("table", { class: "figures" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col", t: "dimension.title" }), ["n", "pearson", "qwk", "difference"].map((key) => h("th", { scope: "col", t: `agreement.${key}` })))),
        h("tbody", {}, agreement.map(row)))));
  }

  update() {
    if (!this.view) return;
    const { candidates, insufficient, unfinished } = this.view.result;
    const dimensions = [...new Set(candidates.flatMap(({ dimensions: of }) => Object.keys(of)))].sort();
    const columns = ["overall", ...dimensions];
    const score = (one, id) => (id === "overall" ? one.overall : one.dimensions[id]);
    const sorted = [...candidates].sort((a, b) => (score(b, this.by)?.value ?? -1) - (score(a, this.by)?.value ?? -1));
    const decision = (one) => (one.decision ? t(`compare.decision.${one.decision}`) : "–");
    const who = (one) => h("th", { scope: "row" }, h("a", { href: `#s=${one.session}` }, one.candidate));
    const caption = t("compare.table", { n: candidates.length });
    this.results.replaceChildren(
      h("section", { class: "card panel stack" },
        candidates.length
          ? h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, h("table", { class: "figures" },
            h("caption", {}, caption),
            h("thead", {}, h("tr", {}, h("th", { scope: "col", t: "compare.candidate" }), columns.map((id) => this.#head(id)), h("th", { scope: "col", t: "compare.decision" }))),
            h("tbody", {}, sorted.map((one) => h("tr", {}, who(one), columns.map((id) => this.#cell(score(one, id))),
              h("td", {}, decision(one), one.like_first && this.by === "overall" && one !== sorted[0] ? h("span", { class: "small muted under", t: "compare.like-first" }) : null))))))
          : h("p", { class: "muted", t: "compare.none" }),
        unfinished ? h("p", { class: "small muted", t: "compare.unfinished", vars: { n: unfinished } }) : null,
        h("p", { class: "small muted caveat", t: "compare.caveat" })),
      ...(insufficient.length
        ? [h("section", { class: "card panel stack" }, h("h2", { t: "compare.apart" }),
          h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("compare.apart") }, h("table", { class: "figures" },
            h("thead", {}, h("tr", {}, ["compare.candidate", "compare.reason", "compare.decision"].map((key) => h("th", { scope: "col", t: key })))),
            h("tbody", {}, insufficient.map((one) => h("tr", {}, who(one), h("td", { class: "refused" }, one.reason?.[language()] ?? "–"), h("td", {}, decision(one))))))))]
        : []),
      ...[this.#agreement()].filter(Boolean));
  }
});
