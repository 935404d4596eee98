// What the candidate agreed to, found at the devices and asked for afterwards: the journey of interviews/journey.py,
// as far as the candidate's page has a part in it.
import { language } from "../i18n.js";

/** Version of what the consent step says; stands in the log beside the answer. Changed with its words. */
const NOTICE = "2026-11";
export const CONSENTS = ["recording", "face", "scoring"];

export class Journey {
  constructor(api, session) {
    this.api = api;
    this.path = `/sessions/${session}`;
    Object.assign(this, { consent: null, withdrawn: new Set(), survey: null, reviewOpen: false, asked: false, ended: null });
  }

  /** @throws {Problem} */
  async load() {
    const view = await this.api.get(`${this.path}/journey`);
    Object.assign(this, {
      consent: view.consent, withdrawn: new Set(view.withdrawn), survey: view.survey, reviewOpen: view.review_open,
      asked: "in-progress" in view.reached, ended: view.ended,
    });
    if (view.stage === "invited") await this.api.post(`${this.path}/opened`);
  }

  /** Whether `what` was agreed to and not taken back; before anything was asked nothing is. */
  allows(what) {
    return this.consent?.[what] === true && !this.withdrawn.has(what);
  }

  /** @param {{recording: boolean, face: boolean, scoring: boolean}} agreed. @throws {Problem} */
  async agree(agreed) {
    await this.api.post(`${this.path}/consent`, { ...agreed, language: language(), notice: NOTICE });
    this.consent = agreed;
    this.withdrawn.clear();
  }

  /** What it allowed to keep is deleted. @throws {Problem} */
  async withdraw(what) {
    await this.api.post(`${this.path}/consent/withdraw`, { what: [what] });
    this.withdrawn.add(what);
  }

  /** Each result of the devices once. @throws {Problem} */
  async checked(found) {
    const told = JSON.stringify([found.microphone, found.camera]);
    if (told === this.told) return;
    await this.api.post(`${this.path}/device-check`, found);
    this.told = told;
  }

  /** @param {object} ratings 1 to 5 by topic; what is left out was not answered. @throws {Problem} */
  async answerSurvey(ratings, text) {
    await this.api.post(`${this.path}/survey`, { ratings, text });
    this.survey = { ratings, text };
  }

  /** @throws {Problem} */
  async askReview(reason) {
    await this.api.post(`${this.path}/review`, { reason });
    this.reviewOpen = true;
  }

  /** The same from the log: from another tab, or from before. */
  apply(data) {
    if (data.type === "consent.given") {
      this.consent = data;
      this.withdrawn.clear();
    } else if (data.type === "consent.withdrawn") data.what.forEach((one) => this.withdrawn.add(one));
    else if (data.type === "survey.answered") this.survey = data;
    else if (data.type === "question.started") this.asked = true;
    else if (data.type === "session.ended") this.ended = data.reason;
    else if (data.type === "human-review.requested") this.reviewOpen = true;
  }
}
