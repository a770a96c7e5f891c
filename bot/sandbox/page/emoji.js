/** A few emoji by their Slack short names. The most used are drawn here, so they look the same on every machine. */

import { drawing, h } from "./dom.js";

const NAMES = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", hourglass: "⌛",
  hourglass_flowing_sand: "⏳", bell: "🔔", no_bell: "🔕", memo: "📝", pencil: "📝", lock: "🔒", house: "🏠",
  speech_balloon: "💬", rotating_light: "🚨", mag: "🔍", calendar: "📅", date: "📅", wave: "👋", point_right: "👉",
  link: "🔗", no_entry: "⛔", red_circle: "🔴", large_green_circle: "🟢", large_yellow_circle: "🟡",
  large_orange_circle: "🟠", white_circle: "⚪", black_circle: "⚫", eyes: "👀", thumbsup: "👍", "+1": "👍",
  thumbsdown: "👎", "-1": "👎", tada: "🎉", bulb: "💡", clipboard: "📋", bar_chart: "📊", loudspeaker: "📢",
  mega: "📣", clock: "🕐", email: "✉️", envelope: "✉️", phone: "☎️", information_source: "ℹ️", question: "❓",
  exclamation: "❗", heart: "❤️", smile: "😄", slightly_smiling_face: "🙂", pray: "🙏", key: "🔑", wrench: "🔧",
  droplet: "💧", potable_water: "🚰", snowflake: "❄️", sunny: "☀️", newspaper: "📰", inbox_tray: "📥",
  outbox_tray: "📤", arrow_right: "➡️", repeat: "🔁", busts_in_silhouette: "👥", bust_in_silhouette: "👤",
  books: "📚", seedling: "🌱", pushpin: "📌", star: "⭐", fire: "🔥", raised_hand: "✋", alarm_clock: "⏰",
};

const disc = (colour) => [{ d: "M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15z", class: `e-${colour}` }];
const stroke = (d, className = "e-line") => ({ d, class: className });

const DRAWN = {
  "✅": [{ d: "M4.5 2.5h11a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-11a2 2 0 0 1-2-2v-11a2 2 0 0 1 2-2z", class: "e-green" }, stroke("M6 10.5 9 13.5 14.5 7", "e-white")],
  "✔️": [stroke("M4 10.5 8 14.5 16 5.5", "e-stroke-green")],
  "❌": [stroke("M5 5l10 10M15 5 5 15", "e-stroke-red")],
  "⚠️": [{ d: "M10 2.5 18.5 17h-17z", class: "e-yellow" }, stroke("M10 8v4M10 14.3h.01", "e-dark")],
  "⌛": [stroke("M5.5 3h9M5.5 17h9M6.5 3c0 4 7 5 7 7s-7 3-7 7M13.5 3c0 4-7 5-7 7s7 3 7 7")],
  "⏳": [stroke("M5.5 3h9M5.5 17h9M6.5 3c0 4 7 5 7 7s-7 3-7 7M13.5 3c0 4-7 5-7 7s7 3 7 7")],
  "🔔": [{ d: "M10 2.5a5 5 0 0 1 5 5v4l1.5 3h-13l1.5-3v-4a5 5 0 0 1 5-5z", class: "e-yellow" }, stroke("M8.5 17h3")],
  "📝": [stroke("M4 3h9v14H4zM6.5 7H11M6.5 10H10M10 13.5l6.5-6.5 1.5 1.5-6.5 6.5z")],
  "🔒": [{ d: "M4.5 9h11v8h-11z", class: "e-yellow" }, stroke("M7 9V6.5a3 3 0 0 1 6 0V9")],
  "💬": [stroke("M3.5 4h13v9H9.5L6 16.5V13H3.5z")],
  "🚨": [{ d: "M6 14v-4a4 4 0 0 1 8 0v4z", class: "e-red" }, stroke("M4 16.5h12M10 2v1.5M3.5 5l1 1M16.5 5l-1 1")],
  "🔍": [stroke("M9 14a5 5 0 1 0 0-10 5 5 0 0 0 0 10zM12.8 12.8 17 17")],
  "📅": [stroke("M3.5 5h13v12h-13zM3.5 8.5h13M7 3v3M13 3v3")],
  "🔗": [stroke("M8.5 11.5a3 3 0 0 0 4.5 0l2.5-2.5a3 3 0 0 0-4.5-4.5l-1 1M11.5 8.5a3 3 0 0 0-4.5 0L4.5 11A3 3 0 0 0 9 15.5l1-1")],
  "📋": [stroke("M4.5 4h11v13h-11zM7.5 2.5h5v3h-5zM7 9h6M7 12h4")],
  "💡": [{ d: "M10 2.5a5 5 0 0 1 2.5 9.3V14h-5v-2.2A5 5 0 0 1 10 2.5z", class: "e-yellow" }, stroke("M8 17h4")],
  "📊": [stroke("M3.5 17h13M5.5 17v-5M10 17V5M14.5 17V9")],
  "🔑": [stroke("M7 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM10.5 10H17v3M14 10v2")],
  "⛔": [...disc("red"), stroke("M6.5 10h7", "e-white")],
  "🔴": disc("red"), "🟢": disc("green"), "🟡": disc("yellow"), "🟠": disc("orange"),
};

const GLYPHS = new RegExp(Object.keys(DRAWN).sort((a, b) => b.length - a.length).join("|"), "u");

/** The emoji with this short name as a node, or null when the name is unknown here. */
export function emoji(name) {
  const glyph = NAMES[name];
  return glyph ? glyphNode(glyph, name) : null;
}

/** An emoji character as a node. */
export function glyphNode(glyph, name) {
  const drawn = DRAWN[glyph];
  const label = name?.replaceAll("_", " ");
  return h("span", { class: "emoji", role: "img", "aria-label": label ?? glyph, title: name && `:${name}:` },
    drawn ? drawing(drawn, "emoji-drawn") : glyph);
}

/** Split plain text at characters that are drawn here: strings and nodes, in order. */
export function withGlyphs(text) {
  const parts = [];
  let rest = text;
  for (let hit = GLYPHS.exec(rest); hit; hit = GLYPHS.exec(rest)) {
    parts.push(rest.slice(0, hit.index), glyphNode(hit[0]));
    rest = rest.slice(hit.index + hit[0].length);
  }
  return [...parts, rest].filter(Boolean);
}
