/** Residents' remarks below a post: reading them, and writing as a resident. */

import { fill, h, keep, uid } from "/page/dom.js";
import { clock, dayKey, moment } from "/page/texts.js";

/** The place below a post where remarks stand; drawn by `drawRemarks`. */
export function remarksPlace(platform, item) {
  const heart = h("button", { type: "button", class: "plain heart", on: { click: () => post(platform, "hearts", { post: item.id }) } });
  return h("div", { class: "remarks" }, heart, h("ol", { class: "talk" }), form(platform, item, "", "Kommentera"));
}

/** Show what stands below a post now; what somebody is typing stays. */
export function drawRemarks(node, platform, item) {
  const list = node.querySelector(".talk");
  if (!list) return;
  const hearts = platform.hearts[item.id] ?? 0;
  fill(node.querySelector(".heart"), `❤ ${hearts} gillar`);
  const all = platform.remarks.filter((one) => one.post === item.id && !one.removed);
  const ordered = all.filter((one) => !one.parent).flatMap((one) => [one, ...all.filter((below) => below.parent === one.id)]);
  const orphans = all.filter((one) => one.parent && !all.some((above) => above.id === one.parent));
  keep(list, [...ordered, ...orphans], { key: (one) => one.id, sign: (one) => JSON.stringify([one, dayKey(new Date())]), build: (one) => remark(platform, item, one) });
}

function remark(platform, item, one) {
  const when = moment(one.at);
  const mine = !one.own && h("span", { class: "acts" },
    act("Svara", () => answer(platform, item, one)),
    act("Ändra", () => change(platform, one)),
    act("Ta bort", () => write(platform, { remark: one.id })));
  return h("li", { class: `remark${one.parent ? " below" : ""}${one.own ? " own" : ""}`, id: `remark-${one.id}` },
    h("p", null, h("strong", null, one.author), one.hidden && h("span", { class: "mark" }, " dold för andra")),
    h("p", { class: "said" }, one.text),
    h("p", { class: "stamp" }, h("time", { datetime: when.toISOString() }, `kl. ${clock(when)}`), one.edits.length > 0 && h("span", { class: "mark" }, "redigerad"), mine));
}

function act(name, press) {
  return h("button", { type: "button", class: "plain", on: { click: press } }, name);
}

function form(platform, item, parent, label) {
  const [who, words] = [uid("who"), uid("words")];
  const name = h("input", { id: who, name: "author", autocomplete: "off", maxlength: "60" });
  const text = h("textarea", { id: words, name: "text", rows: "2", maxlength: "8000", required: true });
  const made = h("form", { class: "write", on: { submit: send } },
    h("label", { for: who }, "Namn"), name, h("label", { for: words }, label), text, h("button", { class: "switch" }, "Skicka som invånare"));
  async function send(event) {
    event.preventDefault();
    if (await write(platform, { post: item.id, text: text.value, author: name.value, parent })) {
      text.value = "";
      if (parent) made.remove();
    }
  }
  return made;
}

function answer(platform, item, one) {
  const node = document.getElementById(`remark-${one.id}`);
  if (node.querySelector("form")) return;
  const made = form(platform, item, one.id, `Svara ${one.author}`);
  node.append(made);
  made.querySelector("textarea").focus();
}

function change(platform, one) {
  const text = prompt("Ny text", one.text);
  if (text?.trim()) write(platform, { remark: one.id, text: text.trim() });
}

function write(platform, body) {
  return post(platform, "remarks", body);
}

async function post(platform, what, body) {
  const headers = { "Content-Type": "application/json" };
  const answered = await fetch(`/street/${platform.name}/${what}`, { method: "POST", headers, body: JSON.stringify(body) }).catch(() => null);
  document.dispatchEvent(new CustomEvent("look"));
  return Boolean(answered?.ok);
}
