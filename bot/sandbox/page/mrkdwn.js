/** Slack's mrkdwn as DOM nodes. The text comes escaped as Slack sends it; nothing in it can become markup. */

import { h } from "./dom.js";
import { emoji, withGlyphs } from "./emoji.js";
import { dateTokens, moment } from "./texts.js";

const SAFE_LINK = /^(https?:|mailto:|tel:)/i;
const STYLES = { "*": "strong", _: "em", "~": "s" };
const BARE_URL = /^https?:\/\/[^\s<>|]+[^\s<>|.,:;!?)"'”]/;
const WORD = /[\p{L}\p{N}]/u;

/** Undo Slack's three escapes. */
export function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** mrkdwn as a list of nodes and strings; `look` finds names, `verbatim` leaves bare addresses alone. */
export function mrkdwn(text, look, { verbatim = false } = {}) {
  return fenced(String(text ?? "")).flatMap((part, index) => (index % 2 ? [fence(part)] : paragraphs(part, { look, verbatim })));
}

/** Text outside and inside ``` in turn; one that is never closed stays text. */
function fenced(text) {
  const parts = text.split("```");
  const open = parts.length % 2 === 0 ? parts.pop() : null;
  if (open !== null) parts.push(`${parts.pop()}\`\`\`${open}`);
  return parts;
}

function fence(text) {
  return h("pre", { class: "fence" }, h("code", null, plainEntities(text.replace(/^\n|\n$/g, ""))));
}

function plainEntities(text) {
  return unescape(text.replaceAll(/<([^<>|]+)\|([^<>]*)>/g, "$2").replaceAll(/<((?:https?:|mailto:)[^<>]+)>/g, "$1"));
}

function paragraphs(text, context) {
  const groups = [];
  let rest = false;
  for (const line of text.split("\n")) {
    const quote = /^(?:&gt;|>)(&gt;&gt;|>>)? ?/.exec(line);
    if (quote?.[1]) rest = true;
    const quoted = rest || Boolean(quote);
    const body = quote ? line.slice(quote[0].length) : line;
    if (groups.at(-1)?.quoted === quoted) groups.at(-1).lines.push(body);
    else groups.push({ quoted, lines: [body] });
  }
  return groups.flatMap(({ quoted, lines }) => {
    const nodes = joinLines(lines, context);
    return quoted ? [h("blockquote", { class: "quote" }, nodes)] : nodes;
  });
}

function joinLines(lines, context) {
  return lines.flatMap((line, index) => [index ? h("br") : "", ...inline(line, context)]).filter(Boolean);
}

function inline(text, context) {
  const out = [];
  let plain = "";
  const flush = () => { if (plain) out.push(...withGlyphs(unescape(plain))); plain = ""; };
  for (let at = 0; at < text.length;) {
    const token = read(text, at, context);
    if (token) {
      flush();
      out.push(token.node);
      at += token.length;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return out;
}

function read(text, at, context) {
  const sign = text[at];
  if (sign === "<") return entity(text, at, context);
  if (sign === "`") return code(text, at);
  if (STYLES[sign]) return styled(text, at, context);
  if (sign === ":") return shortName(text, at);
  if (sign === "h" && !context.verbatim) return bare(text, at);
  return null;
}

function code(text, at) {
  const end = text.indexOf("`", at + 1);
  if (end <= at + 1) return null;
  return { node: h("code", null, plainEntities(text.slice(at + 1, end))), length: end - at + 1 };
}

function styled(text, at, context) {
  const sign = text[at];
  if (WORD.test(text[at - 1] ?? "") || /\s|^$/.test(text[at + 1] ?? "")) return null;
  for (let end = text.indexOf(sign, at + 2); end > 0; end = text.indexOf(sign, end + 1)) {
    if (/\s/.test(text[end - 1]) || WORD.test(text[end + 1] ?? "")) continue;
    return { node: h(STYLES[sign], null, inline(text.slice(at + 1, end), context)), length: end - at + 1 };
  }
  return null;
}

function shortName(text, at) {
  const hit = /^:([a-z0-9_+-]+):/.exec(text.slice(at, at + 40));
  const node = hit && emoji(hit[1]);
  return node ? { node, length: hit[0].length } : null;
}

function bare(text, at) {
  if (WORD.test(text[at - 1] ?? "")) return null;
  const hit = BARE_URL.exec(text.slice(at));
  return hit && { node: anchor(unescape(hit[0]), unescape(hit[0])), length: hit[0].length };
}

function entity(text, at, context) {
  const end = text.indexOf(">", at);
  if (end < 0) return null;
  const [target, ...labels] = text.slice(at + 1, end).split("|");
  const label = labels.length ? unescape(labels.join("|")) : null;
  const node = reference(target, label, context.look);
  return node && { node, length: end - at + 1 };
}

function reference(target, label, look) {
  if (target.startsWith("@")) return personMention(target.slice(1), look, label);
  if (target.startsWith("#")) return channelMention(target.slice(1), look, label);
  if (target.startsWith("!")) return special(target.slice(1), look, label);
  const address = unescape(target);
  return SAFE_LINK.test(address) ? anchor(address, label ?? address) : null;
}

/** A link that opens beside the workspace. */
export function anchor(address, label) {
  if (!SAFE_LINK.test(address)) return document.createTextNode(label);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...withGlyphs(label));
}

/** "@name", marked when it is the reader. */
export function personMention(id, look, label) {
  const mine = id === look.me() ? " mention-me" : "";
  return h("span", { class: `mention${mine}` }, `@${label || look.person(id)}`);
}

/** "#channel" as a way there; a channel the person cannot see is only text. */
export function channelMention(id, look, label) {
  const channel = look.channel(id);
  const name = channel?.name || label || id;
  if (!channel) return h("span", { class: "mention" }, `#${name}`);
  return h("button", { type: "button", class: "mention mention-link", data: { go: id } }, `#${name}`);
}

function special(body, look, label) {
  const [kind, ...rest] = body.split("^");
  if (kind === "date") return dateMark(rest, label);
  if (kind === "subteam") return groupMention(rest[0], look, label);
  return h("span", { class: "mention mention-me" }, `@${kind}`);
}

/** "@group". */
export function groupMention(id, look, label) {
  return h("span", { class: "mention" }, `@${(label || look.group(id) || id).replace(/^@/, "")}`);
}

function dateMark([seconds, pattern, address], label) {
  const date = moment(seconds);
  if (!pattern || Number.isNaN(date.getTime())) return document.createTextNode(label ?? "");
  const node = h("time", { datetime: date.toISOString(), title: label }, dateTokens(pattern, date));
  return address && SAFE_LINK.test(address) ? h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, node) : node;
}

/** Text that is never parsed, except for emoji short names where Slack allows them. */
export function plain(text, { short = true } = {}) {
  return String(text ?? "").split("\n").flatMap((line, index) => [index ? h("br") : "", ...(short ? glyphs(line) : [line])]);
}

function glyphs(line) {
  return line.split(/(:[a-z0-9_+-]+:)/).flatMap((part, index) => (index % 2 ? [emoji(part.slice(1, -1)) ?? part] : withGlyphs(part)));
}

/** A Block Kit text object as nodes. */
export function text(object, look) {
  if (!object) return [];
  if (typeof object === "string") return plain(object);
  return object.type === "mrkdwn" ? mrkdwn(object.text, look, object) : plain(object.text, { short: object.emoji !== false });
}

/** The bare words of a text object, for labels and announcements. */
export function words(object) {
  const source = typeof object === "string" ? object : object?.text ?? "";
  const readable = source.replaceAll(/<[^<>|]*\|([^<>]*)>/g, "$1").replaceAll(/<[@#!][^>]*>/g, "").replaceAll(/[*_~`]/g, "").replaceAll(/:[a-z0-9_+-]+: ?/g, "");
  return unescape(readable).replaceAll(/\s+/g, " ").trim();
}
