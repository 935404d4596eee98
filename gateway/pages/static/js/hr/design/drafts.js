// Plans that are being edited and not saved yet: kept in this tab, so that leaving the page loses nothing.
const PREFIX = "viva.hr.draft.";

/** @returns {{plan: object, seen: number, branch: string, job: string|null, suggested: object}|null} `seen` 0: never saved */
export function kept(id) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + id));
  } catch {
    return null;
  }
}

export function keep(draft) {
  try {
    sessionStorage.setItem(PREFIX + draft.plan.id, JSON.stringify(draft));
  } catch {
    // Blocked or full: the draft then lasts as long as the page.
  }
}

export function drop(id) {
  sessionStorage.removeItem(PREFIX + id);
}

/** Begins a plan and goes to its page. `suggested`: why questions were recommended, by id. */
export function begin(plan, branch, job = null, suggested = {}) {
  keep({ plan, seen: 0, branch, job, suggested });
  location.hash = `#/plans/${plan.id}`;
}

/** Every plan of this tab that was never saved. */
export function unsaved() {
  return Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX))
    .map((key) => kept(key.slice(PREFIX.length))).filter((draft) => draft?.seen === 0);
}
