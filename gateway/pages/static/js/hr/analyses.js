// The pages over all interviews of a job, by address: #/validity, #/validity/JOB, #/jobs/JOB/compare.
import "./compare.js";
import "./validity.js";

/** The page of an address, or null where the address is none of these, or one that the person may not see. */
export function analysis(api, rights, hash) {
  if (!rights.may("results.read")) return null;
  const page = (name, job) => Object.assign(document.createElement(name), { api, job: job ?? null });
  const validity = /^#\/validity(?:\/([\w-]+))?$/.exec(hash);
  if (validity) return page("hr-validity", validity[1]);
  const compare = /^#\/jobs\/([\w-]+)\/compare$/.exec(hash);
  return compare ? page("hr-compare", compare[1]) : null;
}
