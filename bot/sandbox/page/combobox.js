/** A text field that offers choices as one types: single or several, from a list at hand or asked for live. */

import { fill, fold, h, uid } from "./dom.js";
import { icon } from "./icons.js";
import * as popup from "./popup.js";
import { t } from "./texts.js";

const DEBOUNCE_MS = 180;

/** Choices whose words contain every word of `query`; groups that become empty are left out. */
export function filterGroups(groups, query) {
  const wanted = fold(query).split(/\s+/).filter(Boolean);
  const fits = (option) => wanted.every((word) => fold(`${option.label} ${option.detail ?? ""}`).includes(word));
  return groups.map((group) => ({ ...group, options: group.options.filter(fits) })).filter((group) => group.options.length);
}

/**
 * A combobox. `ask(query)` resolves to [{label?, options: [{key, label, detail?, raw}]}];
 * `change(options)` is called with what is chosen. `props` go to the input (id, aria-…, data).
 */
export function combobox(settings) {
  return new Combobox(settings).root;
}

class Combobox {
  constructor({ ask, change, chosen = [], multiple = false, most = Infinity, minimum = 0, live = false, placeholder, props = {}, clearable = true }) {
    Object.assign(this, { ask, change, multiple, most, minimum, live, clearable });
    this.chosen = [...chosen];
    this.options = [];
    this.active = -1;
    this.turn = 0;
    this.build(placeholder, props);
    this.draw();
  }

  build(placeholder, props) {
    const id = uid("list");
    this.list = h("ul", { id, class: "options", role: "listbox", "aria-label": props["aria-label"] ?? t("choose"), "aria-multiselectable": this.multiple ? "true" : null });
    this.note = h("p", { class: "options-note", role: "status" });
    this.panel = h("div", { class: "pop", popover: "manual" }, this.list, this.note);
    this.input = h("input", {
      type: "text", class: "control combo-input", role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, placeholder: placeholder || t("choose"), ...props,
    });
    this.clear = h("button", { type: "button", class: "icon-button combo-clear", "aria-label": t("clear"), on: { click: () => this.choose([]) } }, icon("close"));
    this.chips = h("ul", { class: "chips", hidden: true });
    this.root = h("div", { class: "combo" }, this.chips, h("div", { class: "combo-field" }, this.input, icon("down", "icon combo-arrow"), this.clear), this.panel);
    this.listen();
  }

  listen() {
    const { input, panel } = this;
    input.addEventListener("input", () => this.query(input.value));
    input.addEventListener("click", () => this.open());
    input.addEventListener("focus", () => input.select());
    input.addEventListener("blur", () => this.leave());
    input.addEventListener("keydown", (event) => this.onKey(event));
    panel.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  draw() {
    const [first] = this.chosen;
    this.input.value = this.multiple ? "" : first?.label ?? "";
    this.clear.hidden = this.multiple || !first || !this.clearable;
    this.chips.hidden = !this.multiple || !first;
    if (this.multiple) fill(this.chips, this.chosen.map((option) => this.chip(option)));
  }

  chip(option) {
    const drop = () => { this.choose(this.chosen.filter((one) => one.key !== option.key)); this.input.focus(); };
    return h("li", { class: "chip" }, option.label,
      h("button", { type: "button", class: "chip-drop", "aria-label": t("remove", { name: option.label }), on: { click: drop } }, icon("close")));
  }

  choose(options) {
    this.chosen = options;
    this.draw();
    this.change(options);
  }

  open() {
    if (!this.shown) this.query("");
  }

  query(text) {
    clearTimeout(this.timer);
    this.turn += 1;
    const turn = this.turn;
    if (text.trim().length < this.minimum) return this.tell(t("search_more", { n: this.minimum }));
    if (!this.live) return this.load(text, turn);
    if (!this.options.length) this.tell(t("searching"));
    this.timer = setTimeout(() => this.load(text, turn), DEBOUNCE_MS);
  }

  async load(text, turn) {
    const groups = await this.ask(text.trim()).catch(() => null);
    if (turn !== this.turn || document.activeElement !== this.input) return;
    if (groups === null) return this.tell(t("suggest_failed"));
    this.offer(groups);
  }

  tell(sentence) {
    this.options = [];
    fill(this.list);
    this.note.textContent = sentence;
    this.show();
    this.move(-1);
  }

  offer(groups) {
    this.options = groups.flatMap((group) => group.options);
    fill(this.list, groups.map((group) => this.group(group)));
    this.note.textContent = this.options.length ? "" : t("no_hits");
    this.show();
    this.move(this.options.length ? Math.max(0, this.options.findIndex((option) => this.has(option))) : -1);
  }

  group(group) {
    const rows = group.options.map((option) => this.row(option));
    if (!group.label) return rows;
    const id = uid("group");
    return h("li", { role: "presentation" }, h("span", { id, class: "options-group" }, group.label), h("ul", { role: "group", "aria-labelledby": id }, rows));
  }

  row(option) {
    option.id = uid("option");
    return h("li", { id: option.id, class: "option", role: "option", "aria-selected": String(this.has(option)), on: { click: () => this.pick(option) } },
      h("span", { class: "option-label" }, option.label), option.detail && h("span", { class: "option-detail" }, option.detail));
  }

  has(option) {
    return this.chosen.some((one) => one.key === option.key);
  }

  show() {
    this.shown = true;
    this.input.setAttribute("aria-expanded", "true");
    popup.show(this.panel, this.input, { stretch: true });
    this.unwatch ??= popup.watch([this.root], this.panel, () => this.hide());
  }

  hide() {
    clearTimeout(this.timer);
    this.turn += 1;
    this.shown = false;
    this.unwatch?.();
    this.unwatch = null;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    popup.hide(this.panel);
    fill(this.list);
  }

  leave() {
    this.hide();
    this.draw();
  }

  move(to) {
    this.active = to;
    const option = this.options[to];
    for (const row of this.list.querySelectorAll(".is-active")) row.classList.remove("is-active");
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    const row = document.getElementById(option.id);
    row.classList.add("is-active");
    row.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  pick(option) {
    if (!this.multiple) {
      this.choose([option]);
      this.hide();
      return;
    }
    const without = this.chosen.filter((one) => one.key !== option.key);
    const full = without.length >= this.most;
    this.choose(without.length < this.chosen.length ? without : full ? this.chosen : [...this.chosen, option]);
    this.query("");
  }

  onKey(event) {
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") this.step(key === "ArrowDown" ? 1 : -1);
    else if (key === "Enter") this.enter();
    else if (key === "Escape" && this.shown) { this.leave(); this.input.select(); }
    else if (key === "Backspace" && this.multiple && !this.input.value) return this.choose(this.chosen.slice(0, -1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  step(by) {
    if (!this.shown) return this.open();
    const size = this.options.length;
    if (size) this.move((this.active + by + size) % size);
  }

  enter() {
    if (this.shown && this.options[this.active]) this.pick(this.options[this.active]);
    else this.open();
  }
}
