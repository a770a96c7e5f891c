/** "Go to": a small dialog that finds a channel by typing. */

import { combobox, filterGroups } from "./combobox.js";
import { h, uid } from "./dom.js";
import { channelName } from "./names.js";
import { session } from "./session.js";
import { t } from "./texts.js";

/** Ask where to go; `go(channel)` is called with the choice. */
export function find(go) {
  const [title, field] = [uid("title"), uid("find")];
  const dialog = h("dialog", { class: "ask finder", "aria-labelledby": title });
  const options = session.workspace.channels.map((channel) => ({ key: channel.id, label: channelName(channel), raw: channel }));
  const change = ([option]) => { if (option) { dialog.close(); go(option.raw); } };
  const box = combobox({ ask: async (query) => filterGroups([{ options }], query), change, placeholder: t("go_to_hint"), props: { id: field } });
  dialog.append(h("h2", { id: title, class: "ask-title" }, h("label", { for: field }, t("go_to"))), box);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  dialog.showModal();
  box.querySelector("input").focus();
  box.querySelector("input").click();
}
