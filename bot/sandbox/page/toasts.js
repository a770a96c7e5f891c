/** Short notices: said to screen readers, shown for a while, and never behind a dialog. */

import { h } from "./dom.js";
import { topDialog } from "./dialogs.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

const STAY_MS = 4_000;
const PER_SIGN_MS = 60;

/** Show a sentence; an error stays until it is closed. */
export function toast(sentence, { error = false } = {}) {
  const home = topDialog()?.querySelector(".dialog-notices") ?? document.getElementById("toasts");
  const note = h("div", { class: `toast${error ? " toast-error" : ""}`, role: error ? "alert" : "status" });
  const close = h("button", { type: "button", class: "icon-button", "aria-label": t("close"), on: { click: () => note.remove() } }, icon("close"));
  home.append(note);
  note.append(icon(error ? "warn" : "check"), h("p", null, sentence), close);
  if (!error) setTimeout(() => note.remove(), STAY_MS + PER_SIGN_MS * sentence.length);
  while (home.children.length > 3) home.firstElementChild.remove();
}

/** Take away what was said to somebody else. */
export function sweep() {
  document.getElementById("toasts").replaceChildren();
}

/** Say something to screen readers only. */
export function whisper(sentence) {
  const voice = document.getElementById("announcer");
  voice.textContent = "";
  requestAnimationFrame(() => { voice.textContent = sentence; });
}

/** Run `work` while `control` shows that it waits; a second press meanwhile does nothing. */
export async function busy(control, work) {
  if (control?.getAttribute("aria-busy") === "true") return undefined;
  control?.setAttribute("aria-busy", "true");
  control?.setAttribute("aria-disabled", "true");
  try {
    return await work();
  } finally {
    control?.removeAttribute("aria-busy");
    control?.removeAttribute("aria-disabled");
  }
}
