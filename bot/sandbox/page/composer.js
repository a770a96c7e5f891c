/** Where one writes: messages, and slash commands with suggestions. */

import { fill, h, uid } from "./dom.js";
import { isTyped, suggestions } from "./commands.js";
import { icon } from "./icons.js";
import { menuButton } from "./menu.js";
import * as popup from "./popup.js";
import { recall, remember, session } from "./session.js";
import { t } from "./texts.js";
import { busy } from "./toasts.js";

/**
 * A composer for `place` ({channel, thread}). `deeds` are say(text), command(text), shortcut(shortcut, button),
 * each resolving to true when the text may go. A thread takes no commands, as in Slack.
 */
export class Composer {
  constructor({ place, label, deeds }) {
    Object.assign(this, { place, deeds });
    this.draftKey = `draft/${session.person}/${place.channel}/${place.thread ?? ""}`;
    this.options = [];
    this.active = -1;
    this.build(label);
    this.input.value = recall(this.draftKey, "");
    this.grow();
  }

  build(label) {
    const id = uid("suggestions");
    this.list = h("ul", { id, class: "pop suggestions", role: "listbox", "aria-label": t("commands"), popover: "manual" });
    this.input = h("textarea", { class: "composer-input", rows: "1", "aria-label": label, placeholder: label, data: { key: `composer/${this.place.thread ?? ""}` } });
    if (!this.place.thread) this.becomeCombobox(id);
    this.note = h("p", { class: "composer-note", role: "status" });
    this.button = h("button", { type: "submit", class: "send", "aria-label": t("send"), title: t("send") }, icon("send"));
    this.node = h("form", { class: `composer${this.place.thread ? " in-thread" : ""}`, on: { submit: (event) => { event.preventDefault(); this.send(); } } },
      this.list, this.input, h("div", { class: "composer-tools" }, this.tools(), this.note, this.button));
    this.listen();
  }

  becomeCombobox(id) {
    const roles = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, "aria-haspopup": "listbox" };
    for (const [name, value] of Object.entries(roles)) this.input.setAttribute(name, value);
  }

  tools() {
    if (this.place.thread) return [];
    const slash = h("button", { type: "button", class: "tool slash", "aria-label": t("commands"), title: t("commands"), on: { click: () => this.start() } }, "/");
    const items = () => session.workspace.shortcuts.filter((one) => one.type === "global")
      .map((one) => ({ label: one.name, detail: one.description, choose: (node) => this.deeds.shortcut(one, node) }));
    const menu = menuButton({ face: [icon("bolt"), h("span", { class: "tool-text" }, t("shortcuts"))], props: { class: "tool wide", "aria-label": t("shortcuts") }, items, empty: t("no_shortcuts"), end: false, above: true });
    return [slash, menu];
  }

  listen() {
    this.input.addEventListener("input", () => { this.keepDraft(); this.grow(); this.suggest(); });
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("blur", () => this.hide());
    this.input.addEventListener("click", () => this.suggest());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  start() {
    if (!this.input.value.startsWith("/")) this.input.value = "/";
    this.input.focus();
    this.keepDraft();
    this.suggest();
  }

  keepDraft() {
    remember(this.draftKey, this.input.value);
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 200)}px`;
  }

  suggest() {
    const text = this.input.value;
    if (text.startsWith("/") && this.place.thread) this.note.textContent = t("commands_in_thread");
    else this.note.textContent = "";
    this.options = this.place.thread ? [] : suggestions(text, session.workspace.commands);
    if (!this.options.length || (this.options.length === 1 && isTyped(this.options[0], text) && text.endsWith(" "))) return this.hide();
    fill(this.list, this.options.map((option, index) => this.row(option, index)));
    this.input.setAttribute("aria-expanded", "true");
    popup.show(this.list, this.node, { stretch: true, above: true });
    this.unwatch ??= popup.watch([this.node], this.list, () => this.hide());
    this.move(/\s$/.test(text) ? -1 : 0);
  }

  row(option, index) {
    option.id = uid("suggestion");
    return h("li", { id: option.id, class: "option", role: "option", "aria-selected": "false", on: { click: () => this.take(index) } },
      h("span", { class: "option-line" }, h("span", { class: "option-label" }, option.title), option.hint && h("span", { class: "option-hint" }, option.hint)),
      option.detail && h("span", { class: "option-detail" }, option.detail));
  }

  hide() {
    this.options = [];
    this.active = -1;
    this.unwatch?.();
    this.unwatch = null;
    popup.hide(this.list);
    fill(this.list);
    if (this.place.thread) return;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  move(to) {
    this.active = to;
    for (const [index, option] of this.options.entries()) {
      const row = document.getElementById(option.id);
      row.classList.toggle("is-active", index === to);
      row.setAttribute("aria-selected", String(index === to));
      if (index === to) row.scrollIntoView({ block: "nearest" });
    }
    const id = this.options[to]?.id;
    if (id) this.input.setAttribute("aria-activedescendant", id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  take(index) {
    this.input.value = this.options[index].insert;
    this.input.focus();
    this.keepDraft();
    this.suggest();
  }

  onKey(event) {
    if (event.isComposing) return;
    const open = this.options.length > 0;
    const { key } = event;
    if (open && (key === "ArrowDown" || key === "ArrowUp")) this.step(key === "ArrowDown" ? 1 : -1);
    else if (open && key === "Escape") this.hide();
    else if (open && key === "Tab" && !event.shiftKey) this.take(Math.max(0, this.active));
    else if (key === "Enter" && !event.shiftKey) this.enter();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  step(by) {
    const size = this.options.length;
    this.move(this.active < 0 && by < 0 ? size - 1 : (this.active + by + size) % size);
  }

  enter() {
    const option = this.options[this.active];
    if (option && !isTyped(option, this.input.value)) this.take(this.active);
    else this.send();
  }

  async send() {
    const text = this.input.value.trim();
    if (!text || this.button.getAttribute("aria-busy")) return;
    const isCommand = text.startsWith("/");
    if (isCommand && this.place.thread) return;
    this.clear();
    if (isCommand) this.note.textContent = t("running");
    const gone = await busy(this.button, () => (isCommand ? this.deeds.command(text) : this.deeds.say(text)));
    this.note.textContent = "";
    if (!gone && !this.input.value) this.restore(text);
  }

  clear() {
    this.hide();
    this.restore("");
  }

  restore(text) {
    this.input.value = text;
    this.keepDraft();
    this.grow();
  }
}
