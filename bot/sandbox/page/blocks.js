/** Block Kit blocks as DOM nodes; one renderer for messages, modals and App Home. */

import { h, uid } from "./dom.js";
import { control } from "./elements.js";
import { plain, text, words } from "./mrkdwn.js";
import { lookup } from "./names.js";
import { markdown, richText } from "./richtext.js";
import { t } from "./texts.js";

/** The node for one block. `host` as for elements.control, and `level` for headings. */
export function blockNode(block, host) {
  const make = BLOCKS[block.type];
  const node = make ? make(block, host) : unknown(block);
  node.classList.add("block");
  return node;
}

function unknown(block) {
  return h("p", { class: "unshown" }, t("cannot_show", { type: block.type }));
}

function section(block, host) {
  const body = h("div", { class: "section-body" },
    block.text && h("div", { class: "section-text" }, text(block.text, lookup)),
    block.fields && h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "field" }, text(field, lookup)))));
  const beside = block.accessory && h("div", { class: "accessory" }, accessory(block, host));
  return h("div", { class: "section" }, body, beside);
}

function accessory(block, host) {
  if (block.accessory.type === "image") return picture(block.accessory, "thumb");
  return control(block.accessory, block, host);
}

function picture({ image_url: address, alt_text: alt }, className) {
  const image = h("img", { src: address, alt: alt ?? "", class: className, loading: "lazy" });
  image.addEventListener("error", () => image.replaceWith(h("span", { class: "picture-missing" }, t("picture", { alt: alt || address }))));
  return image;
}

function header(block, host) {
  return h("div", { class: "header", role: "heading", "aria-level": String(host.level ?? 3) }, plain(block.text?.text));
}

function context(block) {
  return h("div", { class: "context" }, (block.elements ?? []).map((part) => (
    part.type === "image" ? picture(part, "context-image") : h("span", { class: "context-text" }, text(part, lookup)))));
}

function actions(block, host) {
  return h("div", { class: "actions" }, (block.elements ?? []).map((element) => control(element, block, host)));
}

function image(block) {
  return h("figure", { class: "figure" }, block.title && h("figcaption", null, text(block.title, lookup)), picture(block, "picture"));
}

const GROUPED = new Set(["checkboxes", "radio_buttons"]);

function input(block, host) {
  const ids = { control: uid("input"), label: uid("label"), hint: uid("hint"), error: uid("error") };
  const grouped = GROUPED.has(block.element?.type);
  const label = [...plain(block.label?.text), block.optional && h("span", { class: "optional" }, ` (${t("optional")})`)];
  const names = {
    ...(grouped ? { "aria-labelledby": ids.label } : { id: ids.control }),
    "aria-describedby": `${block.hint ? `${ids.hint} ` : ""}${ids.error}`,
    "aria-required": block.optional || grouped ? null : "true",
  };
  return h("div", { class: "input", data: { block: block.block_id } },
    h(grouped ? "div" : "label", { class: "label", id: ids.label, ...(grouped ? {} : { for: ids.control }) }, label),
    control(block.element, block, host, names),
    h("p", { class: "error", id: ids.error, hidden: true }),
    block.hint && h("p", { class: "hint", id: ids.hint }, text(block.hint, lookup)));
}

function table(block) {
  const cell = (part) => (part?.type === "rich_text" ? richText(part, lookup) : String(part?.text ?? part?.value ?? ""));
  const [head, ...rows] = block.rows ?? [];
  const align = (index) => (block.column_settings?.[index]?.align === "right" ? "right" : null);
  const line = (row, tag) => h("tr", null, row.map((part, index) => h(tag, { scope: tag === "th" ? "col" : null, class: align(index) }, cell(part))));
  return h("div", { class: "table", role: "region", tabindex: "0", "aria-label": t("table") },
    h("table", null, head && h("thead", null, line(head, "th")), h("tbody", null, rows.map((row) => line(row, "td")))));
}

const BLOCKS = {
  section, header, context, actions, image, input, table,
  divider: () => h("hr", { class: "divider" }),
  rich_text: (block) => h("div", { class: "rich" }, richText(block, lookup)),
  markdown: (block) => h("div", { class: "rich" }, markdown(block)),
  alert: (block) => h("div", { class: `notice notice-${block.level ?? "default"}` }, text(block.text, lookup)),
};

/** Where errors of a submitted form go: mark the fields, and return the first one to go to. */
export function showErrors(form, errors) {
  let first = null;
  for (const field of form.querySelectorAll(".input[data-block]")) {
    const sentence = errors[field.dataset.block];
    markField(field, sentence);
    if (sentence) first ??= field.querySelector("[data-control]");
  }
  return first;
}

/** Mark one field as wrong with this sentence, or as right again. */
export function markField(field, sentence) {
  const place = field.querySelector(":scope > .error");
  place.textContent = sentence ?? "";
  place.hidden = !sentence;
  field.classList.toggle("has-error", Boolean(sentence));
  for (const node of field.querySelectorAll("[data-control]:not([type=radio]), [role=radiogroup]")) {
    if (sentence) node.setAttribute("aria-invalid", "true");
    else node.removeAttribute("aria-invalid");
  }
}

/** A name for a block that stays the same when the app sends it again. */
export function blockKey(block, index) {
  return block.block_id ?? `${block.type}-${index}`;
}

/** What a message says, in bare words. */
export function spoken(message) {
  const fromBlocks = () => (message.blocks ?? []).map((block) => words(block.text)).filter(Boolean).join(". ");
  return words(message.text) || fromBlocks();
}

