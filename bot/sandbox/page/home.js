/** The app's home: one view, with the same blocks as everywhere. */

import { perform, quietly, suggest } from "./acting.js";
import { door } from "./api.js";
import { blockKey, blockNode } from "./blocks.js";
import { fill, h, keep } from "./dom.js";
import { session } from "./session.js";
import { t } from "./texts.js";
import { collect, holding, slot } from "./values.js";

/** A panel that shows the home view and answers to clicks in it. */
export class Home {
  constructor() {
    this.values = new Map();
    this.view = null;
    this.level = 2;
    this.node = h("div", { class: "home" });
  }

  /** Tell the app that its home was opened, and show what it has there. */
  async open() {
    this.values.clear();
    await quietly(() => door.openHome(session.person));
    await this.refresh();
  }

  /** Show the view as it is now. */
  async refresh() {
    const { person } = session;
    const answer = await quietly(() => door.home(person));
    if (!answer || answer.error || person !== session.person) return;
    this.view = answer.view;
    if (this.view) this.draw();
    else fill(this.node, h("p", { class: "empty" }, t("home_empty")));
  }

  draw() {
    const alive = new Set([...holding(this.view.blocks)].map(([block, element]) => slot(block, element)));
    for (const key of this.values.keys()) if (!alive.has(key)) this.values.delete(key);
    const items = this.view.blocks.map((block, index) => ({ block, key: blockKey(block, index) }));
    keep(this.node, items, { key: (item) => item.key, sign: (item) => `${session.person}${JSON.stringify(item.block)}`, build: ({ block }) => blockNode(block, this) });
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

  changed() { /* home has no form to complain in */ }
}
