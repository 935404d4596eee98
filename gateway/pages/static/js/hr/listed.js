// Interviews as lists ask for them. The newest come first, so what goes on is asked for by itself: one that was
// made long ago would else stand behind hundreds that nobody has begun.
export const GOING_ON = ["disconnected", "live"];
const MOST = 200; // what the server gives at once

/** Up to `count` of the newest, of the states named or of all. */
export async function newest(api, count, states = []) {
  const found = [];
  let page = [];
  do {
    const query = new URLSearchParams({ limit: Math.min(MOST, count - found.length) });
    if (states.length) query.set("state", states.join());
    if (found.length) query.set("after", found.at(-1).id);
    page = (await api.get(`/sessions?${query}`)).sessions;
    found.push(...page);
  } while (page.length > 0 && found.length < count);
  return found;
}

/** The newest, then all that go on: one that begins between the two questions is in both, never in neither. */
export async function withGoingOn(api, count, states = []) {
  const first = await newest(api, count, states);
  const goingOn = await newest(api, Infinity, GOING_ON);
  const views = new Map([...first, ...goingOn].map((view) => [view.id, view]));
  return { views: [...views.values()], more: first.length === count };
}
