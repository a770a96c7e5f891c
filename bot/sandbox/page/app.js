/** The page put together: one person, one place, kept up to date. */

import { attempt, quietly, sentence } from "./acting.js";
import { door } from "./api.js";
import { Composer } from "./composer.js";
import { coalesce, fill, h } from "./dom.js";
import { topDialog } from "./dialogs.js";
import { Drawer } from "./drawer.js";
import { find } from "./finder.js";
import { Home } from "./home.js";
import { icon } from "./icons.js";
import { Live } from "./live.js";
import { showStack, syncViews } from "./modals.js";
import { channelName, channelSign, isDirect, person as personFacts } from "./names.js";
import { faulty, Rail } from "./rail.js";
import { address, forget, fromAddress, on, openChannel, recall, remember, session } from "./session.js";
import { speak, t } from "./texts.js";
import { ThreadPanel } from "./thread.js";
import { Timeline } from "./timeline.js";
import { busy, sweep, toast } from "./toasts.js";

const place = (id) => document.getElementById(id);
const narrow = window.matchMedia("(max-width: 760px)");
let lineStands = true;
let street = false; // are there platforms outside Slack?

const deeds = {
  thread: (message) => go({ thread: message.thread_ts ?? message.ts }),
  shortcut: (message, shortcut, node) => useShortcut(shortcut, node, { channel: session.channel, ts: message.ts }),
  link: copyLink,
  say: (text) => say(text, null),
};

const rail = new Rail(place("rail"), {
  become: (person) => go({ person, channel: recall(`at/${person}`, null), tab: "messages", thread: null }),
  address: (channel) => placeAddress(start(channel)),
  faults: () => toggleDrawer(),
  find: () => find((channel) => go(start(channel))),
});
const thread = new ThreadPanel(place("thread"), { ...deeds, say: (text) => say(text, session.thread), close: closeThread });
const drawer = new Drawer(place("faults"), { changed: () => refreshWorkspace(), close: () => toggleDrawer(false) });
const live = new Live({ hear, line: onLine });
const home = new Home();
let timeline = null;

/* Where one is */

const start = (channel) => ({ channel: channel.id, tab: channel.kind === "app" ? recall("app-tab", "messages") : "messages", thread: null });

function placeAddress(change) {
  const before = { ...session };
  Object.assign(session, { at: null }, change);
  const wanted = address();
  Object.assign(session, before);
  return wanted;
}

function go(change) {
  const wanted = placeAddress(change);
  if (wanted === location.hash) arrive();
  else location.hash = wanted;
}

const arrive = coalesce(async () => {
  const wanted = fromAddress(location.hash);
  const person = wanted.person ?? session.person ?? recall("person", null);
  const stays = person && person === session.person && session.workspace;
  if (!stays && !(await become(person))) return;
  const known = session.workspace.channels.some((channel) => channel.id === wanted.channel);
  const channel = known ? wanted.channel : startingChannel();
  enter({ ...wanted, person: session.person, channel, ...(known ? {} : { thread: null, at: null }) });
}, 0);

async function become(person) {
  const workspace = await quietly(() => door.state(person));
  if (!workspace) return later();
  if (workspace.error && person) return become(null);
  if (!workspace.me) return become(firstPerson(workspace));
  Object.assign(session, { workspace, person: workspace.me, channel: null, thread: null });
  remember("person", session.person);
  speak(personFacts(session.person)?.locale);
  showStack([]);
  sweep();
  rail.build();
  live.follow(session.person);
  syncViews();
  return true;
}

function firstPerson(workspace) {
  return workspace.people.find((one) => !one.deleted)?.id;
}

/** Whoever is deactivated cannot stay; somebody else takes the chair. */
async function leave() {
  const name = personFacts(session.person)?.name;
  session.person = null;
  forget("person");
  history.replaceState(null, "", location.pathname);
  await arrive();
  toast(t("you_left", { name }), { error: true });
}

function later() {
  setTimeout(arrive, 3000);
  return false;
}

function startingChannel() {
  const { channels } = session.workspace;
  const open = channels.filter((channel) => channel.member && !channel.archived && !isDirect(channel));
  return (open[0] ?? channels[0])?.id ?? null;
}

function enter({ channel, tab, thread: ts, at }) {
  const moved = channel !== session.channel || tab !== session.tab || !timeline;
  Object.assign(session, { channel, tab, thread: ts, at });
  remember(`at/${session.person}`, channel);
  if (openChannel()?.kind === "app") remember("app-tab", tab);
  if (moved) build();
  else if (at && !ts) timeline.seek(at);
  setThread(ts, moved);
  document.body.classList.remove("rail-open");
  place("main").inert = false;
  drawAll();
}

/* What is shown */

function build() {
  const channel = openChannel();
  timeline = new Timeline({ label: channelName(channel), deeds });
  const atHome = session.tab === "home" && channel?.kind === "app";
  fill(place("stage"), atHome ? home.node : timeline.node);
  place("stage").setAttribute("aria-label", channelName(channel));
  buildFoot(channel, atHome);
  if (atHome) home.open();
  else refreshMessages();
}

function buildFoot(channel, atHome) {
  if (atHome || !channel) return fill(place("foot"));
  if (channel.archived) return fill(place("foot"), h("p", { class: "foot-note" }, icon("archive"), t("archived")));
  if (!channel.member && !isDirect(channel)) return fill(place("foot"), joinNote(channel));
  const composer = new Composer({
    place: { channel: channel.id }, label: t("write_in", { channel: channelName(channel) }),
    deeds: { say: deeds.say, command, shortcut: (shortcut, node) => useShortcut(shortcut, node) },
  });
  fill(place("foot"), channel.read_only && h("p", { class: "foot-note" }, icon("lock"), t("read_only")), composer.node);
  if (!narrow.matches && !topDialog() && !place("rail").querySelector(":focus-visible")) composer.input.focus();
}

function joinNote(channel) {
  const join = async () => { await attempt(() => door.channel(channel.id, { invite: session.person })); await refreshWorkspace(); };
  return h("p", { class: "foot-note" }, t("not_member"), h("button", { type: "button", class: "button", on: { click: join } }, t("join")));
}

function drawAll() {
  rail.draw();
  drawBar();
  drawBanners();
  const unread = session.workspace.channels.reduce((sum, channel) => sum + (channel.id === session.channel ? 0 : channel.unread || 0), 0);
  document.title = `${unread ? `(${unread}) ` : ""}${channelName(openChannel())} – ${session.workspace.team?.name ?? t("sandbox")}`;
  place("skip").textContent = t("skip");
  place("rail").setAttribute("aria-label", t("workspace"));
}

function drawBar() {
  const channel = openChannel();
  const menu = h("button", { type: "button", class: "icon-button bar-menu", "aria-label": t("menu"), "aria-expanded": "false", data: { key: "menu" }, on: { click: openRail } }, icon("menu"));
  const name = channel && isDirect(channel) ? channelName(channel) : channel?.name ?? "";
  const heading = h("h1", { class: "bar-title" }, channel && channelSign(channel), h("span", null, name));
  fill(place("bar"), menu, heading, channel?.kind === "app" && tabs(), street && outside());
}

function tabs() {
  const tab = (key) => h("a", { class: "tab", href: placeAddress({ tab: key, thread: null }), "aria-current": session.tab === key ? "page" : null }, t(`${key}_tab`));
  return h("div", { class: "tabs" }, tab("home"), tab("messages"));
}

function outside() {
  return h("a", { class: "bar-link", href: "street", data: { key: "street" } }, icon("globe"), h("span", null, t("outside")));
}

async function findStreet() {
  const answer = await quietly(() => door.street());
  street = Boolean(answer?.platforms?.length);
  if (street && session.workspace) drawBar();
}

function drawBanners() {
  const { bot, faults } = session.workspace;
  const banner = (kind, sentence, more) => h("div", { class: `banner banner-${kind}`, role: "status" }, icon("warn"), h("p", null, sentence), more);
  const showFaults = h("button", { type: "button", class: "text-button", on: { click: () => toggleDrawer(true) } }, t("show"));
  fill(place("banners"),
    !lineStands && banner("line", t("line_lost")),
    lineStands && bot && !bot.connected && banner("bot", t("bot_away")),
    faulty(faults) && banner("faults", t("faults_active"), showFaults));
}

/* Side panels */

function setThread(ts, moved) {
  if (!ts) return thread.close();
  if (ts === thread.ts && !moved) return undefined;
  toggleDrawer(false);
  thread.open(ts);
  thread.focus();
  return refreshThread();
}

function closeThread() {
  const ts = session.thread;
  go({ thread: null });
  const back = place("stage").querySelector(`[data-key="thread/${ts}"], [data-key="reply/${ts}"]`);
  (back ?? place("stage")).focus();
}

function toggleDrawer(open = place("faults").hidden) {
  const node = place("faults");
  if (open === !node.hidden) return;
  if (open && session.thread) go({ thread: null });
  node.hidden = !open;
  document.body.classList.remove("rail-open");
  place("main").inert = false;
  if (!open) return place("rail").querySelector("[data-key=faults]")?.focus();
  drawer.draw();
  node.querySelector(".side-title").focus();
}

function openRail() {
  document.body.classList.add("rail-open");
  place("main").inert = true;
  place("rail").querySelector(".rail-item[aria-current], .me-select")?.focus();
}

function closeRail() {
  document.body.classList.remove("rail-open");
  place("main").inert = false;
  place("bar").querySelector(".bar-menu")?.focus();
}

/* What a person does */

async function say(text, ts) {
  (ts ? thread.timeline : timeline).bottom();
  const body = { person: session.person, channel: session.channel, text, ...(ts ? { thread_ts: ts } : {}) };
  const answer = await attempt(() => door.say(body));
  if (answer?.ok === false) toast(answer.error, { error: true });
  refreshHere();
  return Boolean(answer) && answer.ok !== false;
}

async function command(text) {
  timeline.bottom();
  const answer = await attempt(() => door.command({ person: session.person, channel: session.channel, text }));
  if (answer?.error) toast(sentence(answer, text.split(" ")[0]), { error: true });
  syncViews();
  refreshHere();
  return Boolean(answer) && !answer.error;
}

async function useShortcut(shortcut, node, message) {
  const body = { person: session.person, callback_id: shortcut.callback_id, ...(message ? { message } : {}) };
  const answer = await busy(node, () => attempt(() => door.shortcut(body)));
  if (answer?.error) toast(sentence(answer), { error: true });
  syncViews();
}

async function copyLink(message) {
  const { origin, pathname } = location;
  const root = message.thread_ts && message.thread_ts !== message.ts ? message.thread_ts : null;
  const link = new URLSearchParams({ channel: session.channel, ...(root ? { thread: root } : {}), at: message.ts });
  await navigator.clipboard?.writeText(`${origin}${pathname}#${link}`);
  toast(t("copied"));
}

/* Keeping up */

const refreshWorkspace = coalesce(async () => {
  const { person } = session;
  const workspace = await quietly(() => door.state(person));
  if (!workspace || person !== session.person) return;
  if (workspace.error) return leave();
  const before = footKey();
  session.workspace = workspace;
  if (before !== footKey()) buildFoot(openChannel(), session.tab === "home" && openChannel()?.kind === "app");
  drawAll();
  if (!place("faults").hidden && !place("faults").contains(document.activeElement)) drawer.draw();
}, 200);

const footKey = () => { const { archived, member, read_only: closed } = openChannel() ?? {}; return [archived, member, closed].join(); };

const refreshMessages = coalesce(async () => {
  const { person, channel } = session;
  if (!channel || timeline === null) return;
  const answer = await quietly(() => door.messages(person, channel));
  if (!answer?.messages || person !== session.person || channel !== session.channel) return;
  timeline.show({ channel }, answer.messages);
  if (session.at && !session.thread) timeline.seek(session.at);
});

const refreshThread = coalesce(async () => {
  const { person, channel, thread: ts } = session;
  if (!ts) return;
  const answer = await quietly(() => door.messages(person, channel, ts));
  if (answer?.messages && ts === thread.ts) thread.show(answer.messages, session.at);
});

function refreshHere() {
  if (session.tab === "home" && openChannel()?.kind === "app") home.refresh();
  else refreshMessages();
  refreshThread();
}

const MESSAGES = new Set(["message", "message_changed", "message_deleted", "ephemeral"]);

function hear(event) {
  if (MESSAGES.has(event.type)) {
    if (!event.channel || event.channel === session.channel) refreshHere();
    refreshWorkspace();
  } else if (event.type === "view") syncViews();
  else if (event.type === "home") { if (session.tab === "home") home.refresh(); }
  else if (event.type === "toast") toast(event.text ?? event.sentence ?? "", { error: Boolean(event.error) });
  else refreshWorkspace();
}

function onLine(stands, missed) {
  if (stands !== lineStands) {
    lineStands = stands;
    drawBanners();
  }
  if (!missed) return;
  refreshWorkspace();
  refreshHere();
  syncViews();
}

/* The page's own keys and clicks */

function onKey(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !topDialog()) {
    event.preventDefault();
    rail.deeds.find();
  } else if (event.key === "Escape" && !event.defaultPrevented) {
    if (document.body.classList.contains("rail-open")) closeRail();
    else if (place("faults").contains(document.activeElement)) toggleDrawer(false);
  }
}

function onClick(event) {
  const channel = event.target.closest("[data-go]");
  if (channel) return go({ channel: channel.dataset.go, tab: "messages", thread: null });
  const link = event.target.closest("a[href]");
  if (link && !event.defaultPrevented) followPermalink(event, link);
  if (document.body.classList.contains("rail-open") && !place("rail").contains(event.target) && !event.target.closest(".bar-menu")) closeRail();
  return undefined;
}

/** A link to a message of this workspace opens here: /archives/C…/p…, in its thread where it names one. */
function followPermalink(event, link) {
  const target = new URL(link.href, location.href);
  const hit = /\/archives\/(\w+)\/p(\d{10})(\d{6})$/.exec(target.pathname);
  if (!hit || !session.workspace.channels.some((channel) => channel.id === hit[1])) return;
  event.preventDefault();
  go({ channel: hit[1], tab: "messages", thread: target.searchParams.get("thread_ts"), at: `${hit[2]}.${hit[3]}` });
}

on("acted", () => { refreshHere(); refreshWorkspace(); syncViews(); });
on("modals-closed", () => { if (document.activeElement === document.body) place("stage").focus(); });
document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
window.addEventListener("hashchange", arrive);
arrive();
findStreet();
