/** The thread panel: a message and its replies beside the channel, over it on a phone. */

import { Composer } from "./composer.js";
import { fill, h, uid } from "./dom.js";
import { icon } from "./icons.js";
import { channelName } from "./names.js";
import { openChannel, session } from "./session.js";
import { t } from "./texts.js";
import { Timeline } from "./timeline.js";

/** The panel. `deeds` are those of a timeline and a composer, and close(). */
export class ThreadPanel {
  constructor(node, deeds) {
    Object.assign(this, { node, deeds, ts: null });
    node.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.defaultPrevented) deeds.close(); });
  }

  /** Open the thread that begins with this message. */
  open(ts) {
    this.ts = ts;
    const title = uid("title");
    const place = { channel: session.channel, thread: ts };
    this.heading = h("h2", { id: title, class: "side-title", tabindex: "-1" }, t("thread"));
    this.timeline = new Timeline({ label: t("thread"), threaded: true, deeds: this.deeds });
    this.composer = new Composer({ place, label: t("write_reply"), deeds: this.deeds });
    this.node.setAttribute("aria-labelledby", title);
    fill(this.node,
      h("header", { class: "side-head" }, h("div", null, this.heading, h("p", { class: "side-about" }, t("thread_in", { channel: channelName(openChannel()) }))),
        h("button", { type: "button", class: "icon-button", "aria-label": t("close"), on: { click: () => this.deeds.close() } }, icon("close"))),
      this.timeline.node, h("div", { class: "foot" }, this.composer.node));
    this.node.hidden = false;
  }

  /** Show what stands in the thread now, and the message `at` one came to see. */
  show(messages, at) {
    this.timeline.show({ channel: session.channel, thread: this.ts }, messages);
    if (at) this.timeline.seek(at);
  }

  /** Bring the keyboard here; where a finger does the typing, no on-screen keyboard jumps up. */
  focus() {
    const typing = window.matchMedia("(hover: hover)").matches;
    (typing ? this.composer.input : this.heading).focus();
  }

  /** Put the panel away. */
  close() {
    this.ts = null;
    this.node.hidden = true;
    this.node.removeAttribute("aria-labelledby");
    fill(this.node);
  }
}
