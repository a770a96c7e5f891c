/** Who sits at this page, what they have open, and what the workspace looks like to them. */

const topics = new Map();

/** The page's whole state. `workspace` is the door's last answer, `at` the message one came to see. */
export const session = { person: null, workspace: null, channel: null, tab: "messages", thread: null, at: null };

/** Call `listener` whenever `topic` is announced. */
export function on(topic, listener) {
  topics.set(topic, [...(topics.get(topic) ?? []), listener]);
}

/** Announce that something about `topic` changed. */
export function announce(topic, detail) {
  for (const listener of topics.get(topic) ?? []) listener(detail);
}

/** The channel that is open, as the workspace describes it, or undefined. */
export function openChannel() {
  return session.workspace?.channels.find((channel) => channel.id === session.channel);
}

/** Where the person is, in the address of the page, so that reload, back and a copied link all work. */
export function address() {
  const { person, channel, tab, thread, at } = session;
  const parts = Object.entries({ person, channel, tab: tab === "home" ? tab : null, thread, at });
  return `#${new URLSearchParams(parts.filter(([, value]) => value))}`;
}

/** Read the place from an address fragment. */
export function fromAddress(fragment) {
  const given = new URLSearchParams(fragment.replace(/^#/, ""));
  const place = Object.fromEntries(["person", "channel", "tab", "thread", "at"].map((key) => [key, given.get(key)]));
  return { ...place, tab: place.tab ?? "messages" };
}

/** Remember a small thing for this tab; a browser without storage simply forgets. */
export function remember(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch { /* private windows may refuse */ }
}

/** Forget what `remember` kept. */
export function forget(key) {
  remember(key, null);
}

/** What `remember` kept, or `otherwise`. */
export function recall(key, otherwise) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}
