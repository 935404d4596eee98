// The candidate's code as HR sees it: a fold over the events, by question.

export class CodeModel {
  constructor() {
    this.work = new Map(); // question → {language, source, savedAt, ran, ranAt, submittedAt}
    this.latest = null; // the question that was last written to
  }

  apply({ media_time: at, data }, tell) {
    if (!data.type.startsWith("code.")) return;
    const work = this.work.get(data.question) ?? {};
    this.work.set(data.question, work);
    const figures = (results) => ({ passed: results.filter(({ verdict }) => verdict === "passed").length, n: results.length });
    if (data.type === "code.saved" || data.type === "code.submitted") {
      Object.assign(work, { language: data.language, source: data.source, savedAt: at });
      this.latest = data.question;
    }
    if (data.type === "code.submitted") {
      work.submittedAt = at;
      tell(at, "event.code.submitted");
    } else if (data.type === "code.ran") {
      Object.assign(work, { ran: data, ranAt: at });
      tell(at, data.outcome === "ran" ? "event.code.ran" : "event.code.not-ran", figures(data.results));
    } else if (data.type === "code.checked") {
      tell(at, data.outcome === "ran" ? "event.code.checked" : "event.code.not-ran", figures(data.results));
    }
  }
}
