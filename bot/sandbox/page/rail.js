/** The left side: who one is, and everywhere one can go. */

import { fill, h, hidden, keep, uid } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, channelName, channelSign, isDirect } from "./names.js";
import { session } from "./session.js";
import { t } from "./texts.js";

/** The rail. `deeds` are become(person), address(channel), faults(button), find(). */
export class Rail {
  constructor(node, deeds) {
    this.node = node;
    this.deeds = deeds;
    node.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** Build the fixed parts anew, for a new person or language. */
  build() {
    const who = uid("who");
    this.face = h("span", { class: "me-face" });
    this.name = h("span", { class: "me-name", "aria-hidden": "true" });
    this.people = h("select", { id: who, class: "me-select", data: { key: "person" }, on: { change: (event) => this.deeds.become(event.target.value) } });
    this.groups = h("div", { class: "rail-groups" });
    this.light = h("span", { class: "bot-light" });
    fill(this.node,
      h("div", { class: "team" }, h("img", { src: "page/icon.svg", alt: "", class: "team-mark" }), h("div", null, h("p", { class: "team-name" }, session.workspace.team?.name), h("p", { class: "team-kind" }, t("sandbox")))),
      h("div", { class: "me" }, this.face, h("div", { class: "me-text" }, h("label", { class: "me-label", for: who }, t("you_are")), this.name), this.people, icon("down", "icon me-arrow")),
      h("button", { type: "button", class: "find", "aria-keyshortcuts": "Control+K", on: { click: () => this.deeds.find() } }, icon("search"), h("span", null, t("go_to")), h("kbd", { "aria-hidden": "true" }, "Ctrl K")),
      this.groups,
      h("div", { class: "rail-foot" }, h("button", { type: "button", class: "rail-item", data: { key: "faults" }, on: { click: (event) => this.deeds.faults(event.currentTarget) } }, icon("tune"), h("span", { class: "rail-name" }, t("faults")), this.light)));
  }

  /** Show the workspace as it is now. */
  draw() {
    const { workspace, person } = session;
    const me = workspace.people.find((one) => one.id === person);
    fill(this.face, avatar(person, me?.name));
    this.name.textContent = me?.name ?? "";
    this.drawPeople(workspace.people);
    this.light.hidden = !faulty(workspace.faults);
    const groups = this.sorted(workspace.channels);
    keep(this.groups, groups, { key: (group) => group.key, sign: (group) => `${group.key}${person}`, build: (group) => this.group(group) });
    for (const [index, group] of groups.entries()) this.fillGroup(this.groups.children[index], group);
  }

  drawPeople(people) {
    const guest = (one) => one.guest && !one.name.includes(t("guest"));
    const note = (one) => (one.deleted ? ` (${t("deactivated")})` : guest(one) ? ` (${t("guest")})` : "");
    keep(this.people, people, { key: (one) => one.id, sign: (one) => `${one.name}${note(one)}`, build: (one) => h("option", { value: one.id, disabled: one.deleted }, `${one.name}${note(one)}`) });
    this.people.value = session.person;
  }

  sorted(channels) {
    const byName = (a, b) => a.name.localeCompare(b.name, "sv");
    const rooms = channels.filter((channel) => !isDirect(channel)).sort(byName);
    const groups = [
      { key: "channels", label: t("channels"), items: rooms.filter((channel) => channel.member && !channel.archived) },
      { key: "direct", label: t("direct"), items: channels.filter((channel) => channel.kind === "im") },
      { key: "apps", label: t("apps"), items: channels.filter((channel) => channel.kind === "app") },
      { key: "others", label: t("other_channels"), items: rooms.filter((channel) => !channel.member || channel.archived), folded: true },
    ];
    return groups.filter((group) => group.items.length);
  }

  group({ key, label, folded }) {
    const id = uid("group");
    const list = h("ul", { class: "rail-list", "aria-labelledby": id });
    if (folded) return h("details", { class: "rail-group", data: { group: key } }, h("summary", { id, class: "rail-title" }, icon("down", "icon fold"), label), list);
    return h("section", { class: "rail-group", data: { group: key } }, h("h2", { id, class: "rail-title" }, label), list);
  }

  fillGroup(node, group) {
    const list = node.querySelector(".rail-list");
    const sign = (channel) => JSON.stringify([channel.name, channel.unread, channel.archived, channel.id === session.channel, channelName(channel), session.person]);
    keep(list, group.items, { key: (channel) => channel.id, sign, build: (channel) => this.item(channel) });
    if (node.tagName === "DETAILS" && list.querySelector("[aria-current]")) node.open = true;
  }

  item(channel) {
    const here = channel.id === session.channel;
    const unread = here ? 0 : channel.unread;
    const name = isDirect(channel) ? channelName(channel) : channel.name;
    return h("li", null, h("a", { href: this.deeds.address(channel), class: `rail-item${unread ? " unread" : ""}`, "aria-current": here ? "page" : null, data: { key: channel.id } },
      channelSign(channel), h("span", { class: "rail-name" }, name),
      unread ? h("span", { class: "badge" }, h("span", { "aria-hidden": "true" }, unread > 99 ? "99+" : unread), hidden(` ${t("unread", { n: unread })}`)) : null));
  }

  onKey(event) {
    if (!["ArrowDown", "ArrowUp"].includes(event.key) || !event.target.matches(".rail-item, .rail-title")) return;
    const all = [...this.node.querySelectorAll("a.rail-item, summary.rail-title, button.rail-item")].filter((node) => node.checkVisibility());
    const to = all[all.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
    event.preventDefault();
    to?.focus();
  }
}

/** Whether any disturbance is switched on. */
export function faulty(faults = {}) {
  const struck = Object.values(faults).some((fault) => fault && typeof fault === "object" && fault.probability > 0);
  return struck || faults.history_lag_s > 0 || faults.revoked === true;
}
