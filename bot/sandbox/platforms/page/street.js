/** The residents' street: what stands on every local platform, kept up to date. */

import { fill, h, keep } from "/page/dom.js";
import { clock, dayKey, moment } from "/page/texts.js";
import { drawRemarks, remarksPlace } from "/street/remarks.js";

const EVERY_MS = 2000;
const PER_PANEL = 5;
const place = (id) => document.getElementById(id);
const alone = /^\/platform\/([^/]+)\/wall$/.exec(location.pathname)?.[1] ?? null;

const SWITCHES = [
  { key: "revoked", label: "Nyckeln dör", on: (faults) => faults.revoked, set: (on) => ({ revoked: on }) },
  { key: "slow", label: "Långsam", on: (faults) => faults.slow_ms.probability > 0, set: (on) => ({ slow_ms: on ? 4000 : 0 }) },
  { key: "lost", label: "Tappade svar", on: (faults) => faults.drop_after_store.probability > 0, set: (on) => ({ drop_after_store: on ? 1 : 0 }) },
];

let last = "";
let known = null;

/* What stands there */

async function look() {
  const text = await fetch("/street.json", { cache: "no-store" }).then((answer) => (answer.ok ? answer.text() : null), () => null);
  place("lost").hidden = text !== null;
  if (text === null || text === last) return;
  last = text;
  show(JSON.parse(text).platforms.filter((one) => !alone || one.name === alone));
}

function show(platforms) {
  place("empty").hidden = platforms.length > 0;
  keep(place("panels"), platforms, { key: (one) => one.name, sign: (one) => one.name, build: panel });
  for (const [index, platform] of platforms.entries()) draw(place("panels").children[index], platform);
  if (alone && platforms.length) name(platforms[0].title);
  tellNews(platforms);
}

function name(title) {
  place("heading").textContent = title;
  document.title = `${title} – utanför Slack`;
}

/** Say aloud which platforms show something that was not there at the last look. */
function tellNews(platforms) {
  const seen = platforms.map((one) => [one.title, one.items.filter((item) => item.seen).map((item) => `${one.name}-${item.id}`)]);
  const news = known && seen.filter(([, ids]) => ids.some((id) => !known.has(id))).map(([title]) => title);
  if (news?.length) place("announcer").textContent = `Nytt på ${news.join(", ")}.`;
  if (!known) goToSought();
  known = new Set(seen.flatMap(([, ids]) => ids));
}

/** An address with #platform-id leads to that item, once. */
function goToSought() {
  const here = [...document.querySelectorAll(".item")];
  const item = here.find((one) => location.hash === `#${one.id}` || location.hash === `#${encodeURIComponent(one.id)}`);
  if (!item) return;
  item.classList.add("sought");
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: "center" });
}

/* One platform */

const wall = ({ name: path }) => `/platform/${path}/wall`;

function panel(platform) {
  const id = `title-${platform.name}`;
  const head = h("header", { class: "panel-head" }, h("h2", { id }, platform.title), !alone && h("a", { href: wall(platform), "aria-label": `Egen sida för ${platform.title}` }, "Egen sida"));
  const node = h("section", { class: "panel", "aria-labelledby": id }, head, h("p", { class: "blank" }, "Inget publicerat än."),
    h("div", { class: "items" }), h("p", { class: "rest" }, h("a", { href: wall(platform) })), gone(), trouble(platform));
  node.style.setProperty("--color", platform.color);
  return node;
}

function draw(node, platform) {
  const part = (selector) => node.querySelector(selector);
  const seen = platform.items.filter((item) => item.seen);
  const removed = platform.items.filter((item) => item.removed);
  const sign = (item) => JSON.stringify([item, dayKey(new Date())]);
  const older = alone ? 0 : Math.max(0, seen.length - PER_PANEL);
  part(".rest").hidden = older === 0;
  part(".rest > a").textContent = `Visa ${older} äldre på ${platform.title}`;
  keep(part(".items"), seen.slice(0, seen.length - older), { key: (item) => item.id, sign, build: (item, before) => post(platform, item, before) });
  for (const item of seen) drawRemarks(document.getElementById(`${platform.name}-${item.id}`) ?? node, platform, item);
  part(".blank").hidden = seen.length > 0;
  part(".gone").hidden = removed.length === 0;
  part(".gone > summary").textContent = `Borttaget (${removed.length})`;
  keep(part(".gone > .earlier"), removed, { key: (item) => item.id, sign, build: (item) => h("li", null, item.text || item.title) });
  drawTrouble(node, platform.faults);
}

function gone() {
  return h("details", { class: "gone", hidden: true }, h("summary"), h("ul", { class: "earlier" }));
}

/* One item */

function post(platform, item, before) {
  const link = web(item.link);
  const node = h("article", { class: "item", id: `${platform.name}-${item.id}`, tabindex: "-1" },
    item.title && h("h3", null, item.title),
    item.text && h("p", { class: "said" }, linked(item.text)),
    picture(item),
    link && !item.text.includes(item.link) && h("p", { class: "more" }, h("a", { href: link, rel: "noreferrer" }, item.link)),
    stamp(item), earlier(item, before?.querySelector("details")?.open),
    platform.talk && (before?.querySelector(".remarks") ?? remarksPlace(platform, item)));
  if (before?.matches(".sought")) node.classList.add("sought");
  return node;
}

/** The text with its addresses as links; the full stop after one is not part of it. */
function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)])/i).map((part, at) => (at % 2 ? h("a", { href: part, rel: "noreferrer" }, part) : part));
}

/** The address if it is one of the web: what others wrote may be anything. */
function web(address) {
  return /^https?:\/\//i.test(address) ? address : null;
}

function picture({ image, alt }) {
  if (!web(image)) return null;
  return h("figure", null, h("img", { src: image, alt, loading: "lazy" }), h("figcaption", null, alt ? `Bildens alternativtext: ${alt}` : "Bilden saknar alternativtext."));
}

function stamp({ at, edits, parent, to }) {
  const when = moment(at);
  return h("p", { class: "stamp" },
    h("time", { datetime: when.toISOString() }, `${dayKey(when) === dayKey(new Date()) ? "" : `${dayKey(when)} `}kl. ${clock(when)}`),
    edits.length > 0 && h("span", { class: "mark" }, "redigerad"),
    parent && h("span", null, "svar i tråd"),
    to.length > 0 && h("span", null, `Till ${receivers(to)}`));
}

function receivers(to) {
  return to.length > 3 ? `${to.slice(0, 2).join(", ")} och ${to.length - 2} till` : to.join(", ");
}

function earlier({ edits }, open) {
  if (!edits.length) return null;
  const texts = [...edits].reverse().map((text) => h("li", null, text));
  return h("details", { open }, h("summary", null, `Tidigare text (${edits.length})`), h("ul", { class: "earlier" }, texts));
}

/* Misfortune */

function trouble(platform) {
  const flip = (one) => (event) => press(platform, one, event.currentTarget);
  const buttons = SWITCHES.map((one) => h("button", { type: "button", class: "switch", "aria-pressed": "false", data: { key: `${platform.name}/${one.key}` }, on: { click: flip(one) } }, one.label));
  return h("details", { class: "trouble" }, h("summary"), h("div", { class: "switches", role: "group", "aria-label": `Krångel för ${platform.title}` },
    h("p", null, "Se hur boten klarar att kanalen krånglar."), buttons));
}

function drawTrouble(node, faults) {
  const active = SWITCHES.filter((one) => one.on(faults));
  const summary = active.length ? `Krångel: ${active.map((one) => one.label.toLowerCase()).join(", ")}` : "Krångel";
  const details = node.querySelector(".trouble");
  details.toggleAttribute("data-on", active.length > 0);
  fill(details.querySelector("summary"), summary);
  const buttons = node.querySelectorAll(".switch");
  for (const [index, one] of SWITCHES.entries()) buttons[index].setAttribute("aria-pressed", String(active.includes(one)));
}

async function press(platform, one, button) {
  if (button.getAttribute("aria-disabled") === "true") return;
  const body = JSON.stringify(one.set(button.getAttribute("aria-pressed") !== "true"));
  button.setAttribute("aria-disabled", "true");
  const headers = { "Content-Type": "application/json" };
  await fetch(`/street/${platform.name}/faults`, { method: "POST", headers, body }).catch(() => null);
  button.removeAttribute("aria-disabled");
  await look();
}

/* Keeping up */

async function follow() {
  if (document.visibilityState === "visible") await look();
  setTimeout(follow, EVERY_MS);
}

place("to-street").hidden = !alone;
document.body.classList.toggle("alone", Boolean(alone));
document.addEventListener("look", look);
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") look(); });
follow();
