// What the server does not have yet of the candidate's code: kept in this tab, so that a reload loses nothing.

const key = (session, question) => `viva.code.${session}.${question}`;

export function keepDraft(session, question, draft) {
  try {
    sessionStorage.setItem(key(session, question), JSON.stringify(draft));
  } catch {
    // Storage may be blocked or full; the page itself still has it.
  }
}

export function draftOf(session, question) {
  try {
    return JSON.parse(sessionStorage.getItem(key(session, question)));
  } catch {
    return null;
  }
}

export function dropDraft(session, question) {
  try {
    sessionStorage.removeItem(key(session, question));
  } catch {
    // It then lasts as long as the tab.
  }
}
