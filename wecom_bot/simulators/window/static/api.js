// What the page asks of the server that it came from. Whatever is no answer throws Refused.

const ROOT = document.body.dataset.root;

export class Refused extends Error {}

async function asked(path, options) {
  try {
    const answer = await fetch(`${ROOT}api/${path}`, options);
    if (answer.ok) return await answer.json();
  } catch {
    // away, or not wanted any more
  }
  throw new Refused(path.split("?")[0]);
}

const post = (path, body) =>
  asked(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

const where = ({ corp_id, channel, account, customer }) => ({ corp_id, channel, account, customer });

export const world = () => asked("world");
export const say = (place, text) => post("say", { ...where(place), text });
export const click = (place, choice) => post("click", { ...where(place), choice_id: choice });

export const timeline = (place, after, wait, signal) =>
  asked(`timeline?${new URLSearchParams({ ...where(place), after, wait })}`, { signal });

export const turn = (place, message, signal) =>
  asked(`turn?${new URLSearchParams({ ...where(place), message_id: message })}`, { signal });
