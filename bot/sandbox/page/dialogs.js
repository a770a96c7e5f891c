/** Dialogs: questions that wait for an answer, and which dialog lies on top. */

import { h, uid } from "./dom.js";
import { plain, text as textNodes, words } from "./mrkdwn.js";
import { lookup } from "./names.js";
import { t } from "./texts.js";

/** The dialog a person sees now, or null. */
export function topDialog() {
  return [...document.querySelectorAll("dialog[open]")].filter((dialog) => dialog.matches(":modal")).at(-1) ?? null;
}

/** Ask Slack's `confirm` question; resolves to whether the person said yes. */
export function ask(confirm) {
  return new Promise((answer) => {
    const dialog = question(confirm, answer);
    document.body.append(dialog);
    dialog.showModal();
  });
}

function question(confirm, answer) {
  const [title, body] = [uid("title"), uid("body")];
  const dialog = h("dialog", { class: "ask", role: "alertdialog", "aria-labelledby": title, "aria-describedby": body });
  const finish = (said) => { answer(said); dialog.close(); };
  const yes = h("button", { type: "button", class: `button ${confirm.style === "danger" ? "danger" : "primary"}`, on: { click: () => finish(true) } }, plain(words(confirm.confirm) || t("yes")));
  const no = h("button", { type: "button", class: "button", autofocus: true, on: { click: () => finish(false) } }, plain(words(confirm.deny) || t("cancel")));
  dialog.addEventListener("close", () => { answer(false); dialog.remove(); });
  dialog.append(
    h("h2", { id: title, class: "ask-title" }, plain(words(confirm.title) || t("are_you_sure"))),
    h("div", { id: body, class: "ask-body" }, textNodes(confirm.text, lookup)),
    h("div", { class: "ask-buttons" }, no, yes),
  );
  return dialog;
}
