/** rich_text and markdown blocks as DOM nodes. */

import { h } from "./dom.js";
import { emoji, glyphNode, withGlyphs } from "./emoji.js";
import { anchor, channelMention, groupMention, personMention } from "./mrkdwn.js";
import { dateTokens, moment } from "./texts.js";

const WRAPS = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u" };

const INLINE = {
  text: (part) => styled(lines(part.text), part.style),
  link: (part) => styled([anchor(part.url, part.text || part.url)], part.style),
  user: (part, look) => [personMention(part.user_id, look)],
  usergroup: (part, look) => [groupMention(part.usergroup_id, look)],
  channel: (part, look) => [channelMention(part.channel_id, look)],
  broadcast: (part) => [h("span", { class: "mention mention-me" }, `@${part.range}`)],
  emoji: (part) => [emoji(part.name) ?? unicode(part) ?? `:${part.name}:`],
  date: (part) => [h("time", { title: part.fallback }, dateTokens(part.format ?? "{date}", moment(part.timestamp)))],
  color: (part) => [h("code", null, part.value)],
};

function lines(text) {
  return String(text).split("\n").flatMap((line, index) => [index ? h("br") : "", ...withGlyphs(line)]).filter(Boolean);
}

function unicode(part) {
  const points = part.unicode?.split("-").map((point) => Number.parseInt(point, 16));
  return points ? glyphNode(String.fromCodePoint(...points), part.name) : null;
}

function styled(nodes, style = {}) {
  const wraps = Object.keys(WRAPS).filter((name) => style?.[name]);
  return wraps.reduce((inner, name) => [h(WRAPS[name], null, inner)], nodes);
}

function inline(parts, look) {
  return (parts ?? []).flatMap((part) => INLINE[part.type]?.(part, look) ?? []);
}

const SECTIONS = {
  rich_text_section: (part, look) => h("p", { class: "rich-line" }, inline(part.elements, look)),
  rich_text_quote: (part, look) => h("blockquote", { class: "quote" }, inline(part.elements, look)),
  rich_text_preformatted: (part, look) => h("pre", { class: "fence" }, h("code", null, inline(part.elements, look))),
  rich_text_list: (part, look) => h(part.style === "ordered" ? "ol" : "ul", listLook(part),
    part.elements.map((item) => h("li", null, inline(item.elements, look)))),
};

function listLook(part) {
  return { class: `rich-list rich-indent-${Math.min(part.indent ?? 0, 4)}`, start: part.offset ? part.offset + 1 : null };
}

/** The elements of a rich_text block. */
export function richText(block, look) {
  return (block.elements ?? []).map((part) => SECTIONS[part.type]?.(part, look) ?? "");
}

const MARKDOWN_INLINE = /(`[^`]+`)|\*\*(.+?)\*\*|\*([^*\s][^*]*)\*|_([^_\s][^_]*)_|~~(.+?)~~|\[([^\]]+)\]\(([^)\s]+)\)/;

function markdownInline(source) {
  const hit = MARKDOWN_INLINE.exec(source);
  if (!hit) return withGlyphs(source);
  const [all, code, bold, star, under, strike, label, address] = hit;
  const node = code ? h("code", null, code.slice(1, -1))
    : address ? anchor(address, label)
      : h(bold ? "strong" : strike ? "s" : "em", null, markdownInline(bold ?? strike ?? star ?? under));
  return [...withGlyphs(source.slice(0, hit.index)), node, ...markdownInline(source.slice(hit.index + all.length))];
}

const LINE_KINDS = [
  [/^#{1,6} +(.*)/, (text) => h("p", { class: "rich-heading" }, markdownInline(text))],
  [/^> ?(.*)/, (text) => h("blockquote", { class: "quote" }, markdownInline(text))],
  [/^ *[-*+] +(.*)/, (text) => h("p", { class: "rich-item" }, "• ", markdownInline(text))],
  [/^ *(\d+[.)] +.*)/, (text) => h("p", { class: "rich-item" }, markdownInline(text))],
  [/^(.+)/, (text) => h("p", { class: "rich-line" }, markdownInline(text))],
];

/** A markdown block, as much of it as announcements need. */
export function markdown(block) {
  return String(block.text ?? "").split(/\n/).map((line) => {
    const kind = LINE_KINDS.find(([pattern]) => pattern.test(line));
    return kind ? kind[1](kind[0].exec(line)[1]) : "";
  });
}
