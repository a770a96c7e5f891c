/** A list of messages: in a channel, or in a thread. */

import { perform, suggest } from "./acting.js";
import { blockNode, spoken } from "./blocks.js";
import { h, hidden, keep } from "./dom.js";
import { icon } from "./icons.js";
import { menuButton } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { avatar, lookup } from "./names.js";
import { recall, remember, session } from "./session.js";
import { clock, dayKey, dayName, moment, t } from "./texts.js";
import { whisper } from "./toasts.js";
import { collect } from "./values.js";

const TOGETHER_S = 300;
const PAGE = 120;
const entered = new Map();

/** What has been chosen in a message's fields, kept while the page is open. */
function valuesOf(channel, ts) {
  const key = `${channel}/${ts}`;
  if (!entered.has(key)) entered.set(key, new Map());
  return entered.get(key);
}

const dismissed = () => new Set(recall("dismissed", []));

/** A scrolling list of messages. `deeds` are {thread(message), shortcut(message, shortcut), link(message)}. */
export class Timeline {
  constructor({ label, threaded = false, deeds }) {
    this.threaded = threaded;
    this.deeds = deeds;
    this.place = null;
    this.stuck = true;
    this.list = h("ol", { class: "messages", "aria-label": label });
    this.older = h("button", { type: "button", class: "button older", hidden: true, on: { click: () => this.more() } }, t("older"));
    this.pill = h("button", { type: "button", class: "pill", hidden: true, on: { click: () => this.bottom() } }, icon("down"), t("new_below"));
    this.empty = h("p", { class: "empty", hidden: true }, t("empty_channel"));
    this.scroller = h("div", { class: "scroller" }, this.older, this.empty, this.list);
    this.node = h("div", { class: "timeline" }, this.scroller, this.pill);
    this.listen();
  }

  listen() {
    this.scroller.addEventListener("scroll", () => this.noticeScroll(), { passive: true });
    this.list.addEventListener("keydown", (event) => this.onKey(event));
    new ResizeObserver(() => { if (this.stuck) this.bottom(); }).observe(this.list);
    new ResizeObserver(() => { if (this.stuck) this.bottom(); }).observe(this.scroller);
  }

  noticeScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.stuck = scrollHeight - scrollTop - clientHeight < 60;
    if (this.stuck) this.pill.hidden = true;
  }

  bottom() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.stuck = true;
    this.pill.hidden = true;
  }

  /** A last message that is taller than the window is read from its beginning. */
  begin() {
    const last = this.list.lastElementChild;
    if (!last || last.offsetHeight <= this.scroller.clientHeight) return;
    this.stuck = false;
    last.scrollIntoView({ block: "start" });
  }

  more() {
    this.limit += PAGE;
    const from = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.show(this.place, this.messages);
    this.scroller.scrollTop = this.scroller.scrollHeight - from;
  }

  /** Show these messages of `place` ({channel, thread?}); a new place starts at its end. */
  show(place, messages) {
    const key = `${session.person}/${place.channel}/${place.thread ?? ""}`;
    const moved = key !== this.key;
    if (moved) Object.assign(this, { key, limit: PAGE, stuck: true, last: messages.at(-1)?.ts ?? "" });
    Object.assign(this, { place, messages });
    const gone = dismissed();
    const alive = messages.filter((message) => !gone.has(message.ts));
    this.empty.hidden = alive.length > 0 || this.threaded;
    this.older.hidden = alive.length <= this.limit;
    this.draw(alive.slice(-this.limit));
    if (moved) this.begin();
    this.news(messages, moved);
  }

  /** Bring a message into sight and mark it, once. */
  seek(ts) {
    if (this.sought === `${this.key}/${ts}`) return;
    const node = this.list.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
    if (!node) return;
    this.sought = `${this.key}/${ts}`;
    this.stuck = false;
    node.scrollIntoView({ block: "center" });
    node.classList.add("sought");
    this.rove(node);
  }

  draw(messages) {
    const items = this.threaded ? threadItems(messages) : channelItems(messages);
    keep(this.list, items, {
      key: (item) => item.key,
      sign: (item) => JSON.stringify([session.person, item]),
      build: (item) => (item.message ? this.message(item) : divider(item.label)),
    });
    this.rove(this.list.querySelector(".message[tabindex='0']") ?? [...this.list.querySelectorAll(".message")].at(-1));
    if (this.stuck) this.bottom();
  }

  news(messages, moved) {
    const fresh = messages.filter((message) => message.ts > this.last && message.user !== session.person);
    this.last = messages.at(-1)?.ts ?? this.last;
    if (moved || !fresh.length) return;
    for (const message of fresh.slice(-1)) whisper(t("new_message", { name: message.name, text: spoken(message) }));
    if (!this.stuck) this.pill.hidden = false;
  }

  /** One stop for Tab; the arrows walk between messages. */
  rove(target) {
    for (const node of this.list.querySelectorAll(".message[tabindex='0']")) node.tabIndex = -1;
    if (target) target.tabIndex = 0;
  }

  onKey(event) {
    if (!event.target.matches(".message") || !["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    const all = [...this.list.querySelectorAll(".message")];
    const at = all.indexOf(event.target);
    const to = { ArrowUp: all[at - 1], ArrowDown: all[at + 1], Home: all[0], End: all.at(-1) }[event.key];
    if (!to) return;
    this.rove(to);
    to.focus();
    to.scrollIntoView({ block: "nearest" });
  }

  message({ message, compact }) {
    const look = ["message", compact && "compact", message.ephemeral && "ephemeral", message.deleted && "gone"].filter(Boolean).join(" ");
    return h("li", { class: look, tabindex: "-1", data: { ts: message.ts } },
      h("div", { class: "gutter" }, compact ? stamp(message, "gutter-time") : avatar(message.user, message.name, { bot: message.bot })),
      h("div", { class: "content" },
        compact ? hidden(`${message.name}: `) : byline(message),
        message.ephemeral && this.private(message),
        this.body(message),
        !this.threaded && message.reply_count ? this.threadLink(message) : null),
      this.tools(message));
  }

  private(message) {
    const dismiss = () => { remember("dismissed", [...dismissed(), message.ts]); this.show(this.place, this.messages); };
    return h("p", { class: "only-you" }, icon("eye"), t("only_you"), " · ", h("button", { type: "button", class: "text-button", on: { click: dismiss } }, t("dismiss")));
  }

  body(message) {
    if (message.deleted) return h("p", { class: "deleted" }, t("deleted"));
    const host = this.host(message);
    const blocks = message.blocks ?? [];
    const content = blocks.length ? blocks.map((block) => blockNode(block, host)) : h("div", { class: "block" }, mrkdwn(message.text, lookup));
    return h("div", { class: "body" }, content, message.edited && h("span", { class: "edited" }, t("edited")));
  }

  host(message) {
    const { channel } = this.place;
    const origin = { message: { channel, ts: message.ts } };
    const values = valuesOf(channel, message.ts);
    return {
      values, level: this.threaded ? 3 : 2, acts: () => true, changed() {},
      act: (block, element, payload, node) => perform({ origin, state: collect(message.blocks, values) }, block, element, payload, node),
      suggest: (block, element, query) => suggest(origin, block, element, query),
    };
  }

  threadLink(message) {
    const n = message.reply_count;
    return h("button", { type: "button", class: "thread-link", data: { key: `thread/${message.ts}` }, on: { click: () => this.deeds.thread(message) } }, icon("reply"), h("span", null, t("replies", { n })));
  }

  tools(message) {
    if (message.ephemeral || message.deleted) return null;
    const reply = this.threaded ? null : h("button", { type: "button", class: "tool", "aria-label": t("reply_in_thread"), title: t("reply_in_thread"), data: { key: `reply/${message.ts}` }, on: { click: () => this.deeds.thread(message) } }, icon("reply"));
    const items = () => [
      ...(this.threaded ? [] : [{ label: t("reply_in_thread"), choose: () => this.deeds.thread(message) }]),
      ...session.workspace.shortcuts.filter((one) => one.type === "message").map((one) => ({ label: one.name, detail: one.description, choose: (node) => this.deeds.shortcut(message, one, node) })),
      { label: t("copy_link"), choose: () => this.deeds.link(message) },
    ];
    const more = menuButton({ face: icon("more"), props: { class: "tool", "aria-label": t("more_actions"), title: t("more_actions"), data: { key: `more/${message.ts}` } }, items });
    return h("div", { class: "tools" }, reply, more);
  }
}

function byline(message) {
  return h("div", { class: "byline" }, h("span", { class: "author" }, message.name), message.bot && h("span", { class: "tag" }, t("app_tag")), stamp(message, "stamp"));
}

function stamp(message, className) {
  const date = moment(message.ts);
  return h("time", { class: className, datetime: date.toISOString(), title: when(message.ts) }, clock(date));
}

function when(ts) {
  const date = moment(ts);
  return t("at", { day: dayName(date), time: clock(date) });
}

function divider(label) {
  return h("li", { class: "day" }, h("span", null, label));
}

function channelItems(messages) {
  const items = [];
  let before = null;
  for (const message of messages) {
    const date = moment(message.ts);
    const newDay = !before || dayKey(moment(before.ts)) !== dayKey(date);
    if (newDay) items.push({ key: `day/${dayKey(date)}`, label: dayName(date) });
    items.push({ key: message.ts, message, compact: !newDay && follows(message, before) });
    before = message;
  }
  return items;
}

function follows(message, before) {
  return message.user === before.user && !message.ephemeral && !before.ephemeral && !before.reply_count && Number(message.ts) - Number(before.ts) < TOGETHER_S;
}

function threadItems(messages) {
  const [root, ...replies] = messages;
  if (!root) return [];
  const items = channelItems(replies).filter((item) => item.message);
  const line = replies.length ? [{ key: "replies", label: t("replies", { n: replies.length }) }] : [];
  return [{ key: root.ts, message: root, compact: false }, ...line, ...items];
}
