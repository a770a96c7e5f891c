/** A button with a menu under it: arrows move, Enter chooses, Escape goes back to the button. */

import { fold, h, uid } from "./dom.js";
import * as popup from "./popup.js";

/**
 * A menu button. `items()` gives {label, detail?, href?, danger?, choose?} when it opens;
 * `props` go to the button, whose children are `face`.
 */
export function menuButton({ face, props, items, empty, end = true, above = false }) {
  const id = uid("menu");
  const panel = h("div", { id, class: "pop menu", role: "menu", popover: "manual", "aria-label": props["aria-label"] ?? null });
  const button = h("button", { type: "button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": id, ...props }, face);
  const menu = new Menu({ button, panel, items, empty, end, above });
  button.addEventListener("click", () => menu.toggle());
  button.addEventListener("keydown", (event) => menu.onButtonKey(event));
  panel.addEventListener("keydown", (event) => menu.onKey(event));
  return h("span", { class: "menu-root" }, button, panel);
}

class Menu {
  constructor(parts) {
    Object.assign(this, parts);
    this.open = false;
  }

  toggle() {
    if (this.open) this.close();
    else this.show();
  }

  show(last = false) {
    this.panel.replaceChildren(...this.rows());
    this.open = true;
    this.button.setAttribute("aria-expanded", "true");
    popup.show(this.panel, this.button, { end: this.end, above: this.above });
    this.unwatch = popup.watch([this.button, this.panel], this.panel, () => this.close(false));
    this.focus(last ? -1 : 0);
  }

  rows() {
    const items = this.items();
    if (!items.length) return [h("p", { class: "menu-empty", tabindex: "-1" }, this.empty)];
    return items.map((item) => this.row(item));
  }

  row(item) {
    const content = [h("span", { class: "menu-label" }, item.label), item.detail && h("span", { class: "menu-detail" }, item.detail)];
    const look = { class: `menu-item${item.danger ? " danger" : ""}`, role: "menuitem", tabindex: "-1" };
    const choose = () => { this.close(); item.choose?.(this.button); };
    if (item.href) return h("a", { ...look, href: item.href, target: "_blank", rel: "noopener noreferrer", on: { click: choose } }, content);
    return h("button", { ...look, type: "button", on: { click: choose } }, content);
  }

  close(back = true) {
    if (!this.open) return;
    this.open = false;
    this.unwatch?.();
    this.button.setAttribute("aria-expanded", "false");
    popup.hide(this.panel);
    if (back) this.button.focus({ preventScroll: true });
  }

  all() {
    return [...this.panel.children];
  }

  focus(index) {
    this.all().at(index)?.focus({ preventScroll: true });
  }

  onButtonKey(event) {
    if (!["ArrowDown", "ArrowUp"].includes(event.key) || this.open) return;
    event.preventDefault();
    this.show(event.key === "ArrowUp");
  }

  onKey(event) {
    const rows = this.all();
    const at = rows.indexOf(document.activeElement);
    const moves = { ArrowDown: (at + 1) % rows.length, ArrowUp: (at - 1 + rows.length) % rows.length, Home: 0, End: rows.length - 1 };
    if (event.key in moves) this.focus(moves[event.key]);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Tab") return this.close();
    else if (event.key.length === 1 && event.key !== " ") return this.jump(event.key, at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  jump(letter, at) {
    const rows = this.all();
    const order = [...rows.slice(at + 1), ...rows.slice(0, at + 1)];
    order.find((row) => fold(row.textContent).startsWith(fold(letter)))?.focus({ preventScroll: true });
  }
}
