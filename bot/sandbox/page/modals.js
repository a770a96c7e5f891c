/** Modal views: a stack of dialogs, each keeping what was typed while others lie above it. */

import { attempt, perform, quietly, sentence, suggest } from "./acting.js";
import { door } from "./api.js";
import { blockKey, blockNode, markField, showErrors } from "./blocks.js";
import { coalesce, fill, h, keep, uid } from "./dom.js";
import { icon } from "./icons.js";
import { plain } from "./mrkdwn.js";
import { avatar } from "./names.js";
import { announce, session } from "./session.js";
import { t } from "./texts.js";
import { busy, toast } from "./toasts.js";
import { collect, complaints, holding, slot } from "./values.js";

const windows = new Map();
let stack = [];

/** Show the views that are open for this person, as the door tells it. */
export const syncViews = coalesce(async () => {
  const { person } = session;
  const answer = await quietly(() => door.views(person));
  if (answer && person === session.person) showStack(answer.stack ?? []);
}, 10);

/** Show exactly these views, the last one on top. */
export function showStack(views) {
  const before = stack.at(-1);
  const ids = new Set(views.map((view) => view.id));
  for (const view of views) {
    if (windows.has(view.id)) windows.get(view.id).update(view);
    else windows.set(view.id, new Window(view));
  }
  stack = views.map((view) => windows.get(view.id));
  for (const [index, window] of stack.entries()) window.depth(index);
  for (const [id, window] of windows) if (!ids.has(id)) { windows.delete(id); window.remove(); }
  turn(before, stack.at(-1));
}

function turn(before, after) {
  if (before === after) return;
  before?.lower();
  after?.raise();
  if (!after) announce("modals-closed");
}

/** A block apart from its id, which the app may have left to chance. */
const look = (block) => JSON.stringify({ ...block, block_id: null });

class Window {
  constructor(view) {
    this.values = new Map();
    this.errors = {};
    this.remembered = null;
    for (const [block, actions] of Object.entries(view.state?.values ?? {})) {
      for (const [action, value] of Object.entries(actions)) this.values.set(`${block}/${action}`, value);
    }
    this.build();
    this.update(view);
    document.body.append(this.dialog);
  }

  build() {
    const title = uid("title");
    this.title = h("h2", { id: title, class: "modal-title", tabindex: "-1" });
    this.back = h("button", { type: "button", class: "icon-button", "aria-label": t("back"), on: { click: () => this.close(false) } }, icon("back"));
    const cross = h("button", { type: "button", class: "icon-button", "aria-label": t("close"), on: { click: () => this.close(true) } }, icon("close"));
    this.body = h("div", { class: "modal-body" });
    this.notices = h("div", { class: "dialog-notices" });
    this.cancel = h("button", { type: "button", class: "button", on: { click: () => this.close(false) } });
    this.send = h("button", { type: "submit", class: "button primary" });
    this.form = h("form", { class: "modal-form", novalidate: true, on: { submit: (event) => { event.preventDefault(); this.submit(); } } },
      h("header", { class: "modal-head" }, this.back, avatar("app", "", { bot: true, small: true }), this.title, cross),
      this.body, this.notices, h("footer", { class: "modal-foot" }, this.cancel, this.send));
    this.dialog = h("dialog", { class: "modal", "aria-labelledby": title }, this.form);
    this.dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.close(false); });
    this.dialog.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** Handled here, since browsers let only the first of two quick Escapes be refused. */
  onKey(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    this.close(false);
  }

  update(view) {
    const before = this.view?.blocks ?? [];
    this.view = view;
    this.prune();
    fill(this.title, plain(view.title?.text));
    fill(this.cancel, plain(view.close?.text ?? t("cancel")));
    fill(this.send, plain(view.submit?.text ?? ""));
    this.send.hidden = !view.submit;
    this.dialog.dataset.view = view.id;
    this.dialog.dataset.callback = view.callback_id ?? "";
    this.draw();
    if (this.sent) this.showNew(before);
  }

  /** What the app added instead of going on is brought into sight, or it would seem that nothing happened. */
  showNew(before) {
    const looks = new Set(before.map(look));
    const ids = new Set(before.map((block) => block.block_id));
    const at = this.view.blocks.findIndex((block) => !ids.has(block.block_id) && !looks.has(look(block)));
    if (at >= 0) this.body.children[at].scrollIntoView({ block: "center" });
  }

  /** A field whose ids are gone from the view starts anew if it ever comes back. */
  prune() {
    const alive = new Set([...holding(this.view.blocks)].map(([block, element]) => slot(block, element)));
    for (const key of this.values.keys()) if (!alive.has(key)) this.values.delete(key);
  }

  draw() {
    const items = this.view.blocks.map((block, index) => ({ block, key: blockKey(block, index) }));
    const build = ({ block }) => blockNode(block, this);
    keep(this.body, items, { key: (item) => item.key, sign: (item) => JSON.stringify(item.block), build });
    showErrors(this.form, this.errors);
  }

  depth(index) {
    this.back.hidden = index === 0;
  }

  raise() {
    this.dialog.showModal();
    const field = this.remembered?.isConnected ? this.remembered : this.firstField();
    (field ?? this.title).focus();
  }

  firstField() {
    const wanted = [...holding(this.view.blocks)].find(([, element]) => element.focus_on_load);
    const key = wanted && slot(...wanted);
    return (key && this.body.querySelector(`[data-key="${CSS.escape(key)}"]`)) ?? this.body.querySelector(".input [data-control], .actions [data-control]");
  }

  lower() {
    if (this.dialog.contains(document.activeElement)) this.remembered = document.activeElement;
    this.dialog.close();
  }

  remove() {
    this.dialog.close();
    this.dialog.remove();
  }

  get level() {
    return 3;
  }

  acts(block) {
    return block.type !== "input" || Boolean(block.dispatch_action);
  }

  act(block, element, payload, node) {
    return perform({ origin: { view_id: this.view.id }, state: collect(this.view.blocks, this.values) }, block, element, payload, node);
  }

  suggest(block, element, query) {
    return suggest({ view_id: this.view.id }, block, element, query);
  }

  changed(block) {
    if (!this.errors[block.block_id]) return;
    delete this.errors[block.block_id];
    if (!Object.keys(this.errors).length) this.notices.replaceChildren();
    const field = this.body.querySelector(`[data-block="${CSS.escape(block.block_id)}"]`);
    if (field) markField(field, null);
  }

  refuse(errors) {
    this.errors = { ...errors };
    const first = showErrors(this.form, this.errors);
    toast(t("errors_left", { n: Object.keys(errors).length }), { error: true });
    first?.focus();
    first?.closest(".input").scrollIntoView({ block: "nearest" });
  }

  async submit() {
    if (this.send.getAttribute("aria-busy")) return;
    this.notices.replaceChildren();
    const wrong = complaints(this.view.blocks, this.values);
    if (Object.keys(wrong).length) return this.refuse(wrong);
    this.errors = {};
    showErrors(this.form, {});
    const body = { person: session.person, view_id: this.view.id, state: collect(this.view.blocks, this.values) };
    this.sent = true;
    const answer = await busy(this.send, () => attempt(() => door.submit(body)));
    await this.settle(answer);
    this.sent = false;
  }

  async settle(answer) {
    if (!answer) return;
    if (answer.result === "errors") return this.refuse(answer.errors ?? {});
    if (answer.result === "failed" || answer.ok === false) return toast(sentence(answer), { error: true });
    await syncViews();
    announce("acted");
  }

  async close(all) {
    const answer = await attempt(() => door.close({ person: session.person, view_id: this.view.id, all, state: collect(this.view.blocks, this.values) }));
    if (answer) await syncViews();
  }
}
