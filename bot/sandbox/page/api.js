/** The sandbox's door: what a person can do, as JSON over HTTP. */

const PATIENCE_MS = 20_000;

/** The sandbox did not answer, or answered with something that is not JSON. */
export class DoorClosed extends Error {}

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    throw new DoorClosed(path);
  }
  const answer = await response.json().catch(() => null);
  if (answer === null || response.status >= 500) throw new DoorClosed(path);
  return answer;
}

function get(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  return call(`door/${path}?${new URLSearchParams(given)}`, { cache: "no-store" });
}

function send(method, path, body) {
  return call(`door/${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

export const door = {
  state: (person) => get("state", { person }),
  messages: (person, channel, thread) => get("messages", { person, channel, thread }),
  views: (person) => get("views", { person }),
  home: (person) => get("home", { person }),
  say: (body) => send("POST", "message", body),
  command: (body) => send("POST", "command", body),
  act: (body) => send("POST", "action", body),
  suggest: (body) => send("POST", "suggest", body),
  submit: (body) => send("POST", "submit", body),
  close: (body) => send("POST", "close", body),
  shortcut: (body) => send("POST", "shortcut", body),
  openHome: (person) => send("POST", "home", { person }),
  faults: (body) => send("POST", "faults", body),
  person: (id, body) => send("POST", `people/${id}`, body),
  channel: (id, body) => send("POST", `channels/${id}`, body),
  street: () => call("street.json", { cache: "no-store" }),
};
