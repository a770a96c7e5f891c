/** Names and faces for the ids that messages are full of. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { session } from "./session.js";

const people = () => session.workspace?.people ?? [];
const channels = () => session.workspace?.channels ?? [];

/** What the workspace knows about a person, or undefined. */
export function person(id) {
  return people().find((one) => one.id === id);
}

/** A person's name; an unknown id stands for itself. */
export function personName(id) {
  const bot = session.workspace?.bot;
  if (bot && id === bot.user) return bot.name;
  return person(id)?.name ?? id;
}

/** A channel's name as people say it: "#namn", or the person at the other end. */
export function channelName(channel) {
  if (!channel) return "";
  return isDirect(channel) ? directName(channel) : `#${channel.name}`;
}

function directName(channel) {
  return channel.with ? personName(channel.with) : channel.name;
}

/** Whether this is a conversation with one person or with the app. */
export function isDirect(channel) {
  return channel.kind === "im" || channel.kind === "app";
}

/** The lookups that rendering needs, for ids inside messages. */
export const lookup = {
  me: () => session.person,
  person: personName,
  channel: (id) => channels().find((one) => one.id === id),
  group: (id) => (session.workspace?.groups ?? []).find((one) => one.id === id)?.handle,
};

/** One or two capital letters for a name, "EB" for "Enhetschef biblioteket". */
export function initials(name) {
  const words = String(name ?? "?").split(/[\s\-–]+/).filter((word) => /^\p{L}/u.test(word));
  const letters = words.length > 1 ? words[0][0] + words.at(-1)[0] : (words[0] ?? "?").slice(0, 2);
  return letters.toUpperCase();
}

function shade(text) {
  let sum = 0;
  for (const sign of String(text)) sum = (sum * 31 + sign.codePointAt(0)) % 997;
  return sum % 8;
}

/** A small square with initials in a steady colour; the app has its own face. */
export function avatar(id, name, { bot = false, small = false } = {}) {
  const look = bot ? "avatar-app" : `avatar-${shade(id)}`;
  const face = bot ? h("img", { src: "page/icon.svg", alt: "" }) : initials(name);
  return h("span", { class: `avatar ${look}${small ? " avatar-small" : ""}`, "aria-hidden": "true" }, face);
}

/** The sign before a channel's name. */
export function channelSign(channel) {
  if (channel.kind === "app") return avatar(channel.id, "", { bot: true, small: true });
  if (channel.kind === "im") return avatar(channel.with, directName(channel), { small: true });
  return icon(channel.archived ? "archive" : channel.private || channel.kind === "private" ? "lock" : "hash");
}
