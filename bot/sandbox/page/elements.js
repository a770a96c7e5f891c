/** Block Kit's interactive elements as real form controls. */

import { h, uid } from "./dom.js";
import { combobox, filterGroups } from "./combobox.js";
import { icon } from "./icons.js";
import { menuButton } from "./menu.js";
import { plain, text, words } from "./mrkdwn.js";
import { lookup } from "./names.js";
import { channelChoices, optionChoices, peopleChoices } from "./choices.js";
import { t } from "./texts.js";
import { held, slot, valueKey, wrap } from "./values.js";

const SETTLE_MS = 900;
const SAFE_LINK = /^(https?:|mailto:|tel:)/i;

/**
 * The control for `element` of `block`. `host` knows the values and performs actions:
 * {values, acts(block, element), act(block, element, payload, control), suggest(block, element, query), changed(block)}.
 * `names` are {id, "aria-label" or nothing, "aria-describedby"} for the control.
 */
export function control(element, block, host, names = {}) {
  const make = MAKERS[element.type];
  if (!make) return h("p", { class: "unshown" }, t("cannot_show", { type: element.type }));
  return make({ element, block, host, names: { "aria-label": names.id ? null : spokenName(element, block), ...names, data: { key: slot(block, element), control: "" } } });
}

/** A name for controls that stand without a label: what they say themselves, else the text beside them. */
function spokenName(element, block) {
  return element.accessibility_label || words(element.placeholder) || words(block.text) || t("choose");
}

function keepValue({ element, block, host }, chosen) {
  const value = wrap(element, chosen);
  host.values.set(slot(block, element), value);
  host.changed(block);
  return value;
}

/** Keep what was chosen, and tell the app at once where it listens. */
function commit(part, chosen, node) {
  const value = keepValue(part, chosen);
  if (part.host.acts(part.block, part.element)) part.host.act(part.block, part.element, value, node);
}

const now = ({ element, block, host }) => held(host.values, block, element);

function button({ element, block, host, names }) {
  const look = { class: `button ${element.style ?? ""}`, "aria-label": element.accessibility_label, data: names.data };
  const press = () => host.act(block, element, { value: element.value }, node);
  const label = plain(element.text?.text, { short: element.text?.emoji !== false });
  const link = element.url && SAFE_LINK.test(element.url);
  const node = link
    ? h("a", { ...look, href: element.url, target: "_blank", rel: "noopener noreferrer", on: { click: press } }, label)
    : h("button", { ...look, type: "button", on: { click: press } }, label);
  return node;
}

function overflow({ element, block, host, names }) {
  const items = () => element.options.map((option) => ({
    label: plain(option.text.text), detail: words(option.description), href: SAFE_LINK.test(option.url ?? "") ? option.url : null,
    choose: (node) => host.act(block, element, { type: "overflow", selected_option: option }, node),
  }));
  return menuButton({ face: icon("more"), props: { class: "button icon-only", "aria-label": t("more_actions"), data: names.data }, items });
}

function textInput(part, kind = {}, read = (value) => value) {
  const { element, names } = part;
  const shared = {
    ...names, class: "control", placeholder: words(element.placeholder), value: now(part) ?? "", autocomplete: "off",
    on: { input: (event) => { keepValue(part, read(event.target.value)); count.update(event.target.value); }, keydown: (event) => onEnter(event, part) },
  };
  const count = counter(element);
  const node = element.multiline ? h("textarea", { ...shared, rows: "4" }) : h("input", { type: "text", ...shared, ...kind });
  count.update(node.value);
  return count.node ? h("div", { class: "counted" }, node, count.node) : node;
}

/** Shows how many characters are written once the limit comes near. */
function counter({ max_length: max, min_length: min }) {
  if (!max && !min) return { node: null, update() {} };
  const node = h("span", { class: "count", "aria-hidden": "true" });
  const update = (value) => {
    const n = [...value].length;
    const near = max && n > max * 0.8;
    node.textContent = near ? t("characters", { n, max }) : min && n && n < min ? t("characters", { n, max: min }) : "";
    node.classList.toggle("over", Boolean(max && n > max));
  };
  return { node, update };
}

function onEnter(event, part) {
  const wanted = part.element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  if (event.key !== "Enter" || event.isComposing || !part.host.acts(part.block, part.element) || !wanted.includes("on_enter_pressed")) return;
  if (part.element.multiline && !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  part.host.act(part.block, part.element, wrap(part.element, event.target.value), event.target);
}

function richTextInput(part) {
  const asRich = (value) => value && ({ type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text: value }] }] });
  const first = JSON.stringify(now(part) ?? "").match(/"text":"((?:[^"\\]|\\.)*)"/)?.[1];
  return h("textarea", { ...part.names, class: "control", rows: "4", value: first ? JSON.parse(`"${first}"`) : "", placeholder: words(part.element.placeholder), on: { input: (event) => keepValue(part, asRich(event.target.value)) } });
}

function picker(type) {
  return (part) => h("input", { ...part.names, type, class: "control control-short", value: now(part) ?? "", on: settling(part, (value) => value) });
}

/** Browsers report every half-typed year as a date, so what acts at once waits until the person is done. */
function settling(part, read) {
  let timer = null;
  const done = (node) => {
    clearTimeout(timer);
    timer = null;
    commit(part, read(node.value), node);
  };
  return {
    change: ({ target }) => { keepValue(part, read(target.value)); clearTimeout(timer); timer = setTimeout(() => done(target), SETTLE_MS); },
    blur: ({ target }) => { if (timer !== null) done(target); },
  };
}

/** Unix seconds on the wire, local wall clock on the screen. */
function dateTimePicker(part) {
  const seconds = now(part);
  const local = seconds ? new Date(seconds * 1000 - new Date(seconds * 1000).getTimezoneOffset() * 60_000).toISOString().slice(0, 16) : "";
  const read = (value) => (value ? Math.floor(new Date(value).getTime() / 1000) : null);
  return h("input", { ...part.names, type: "datetime-local", class: "control control-short", value: local, on: settling(part, read) });
}

/** A native select where it only keeps a value; a combobox where choosing acts at once, so that arrows never act. */
function staticSelect(part) {
  const { element, block, host, names } = part;
  if (host.acts(block, element)) return chooser(part, { ask: async (query) => filterGroups(optionChoices(element), query) });
  const groups = optionChoices(element);
  const flat = groups.flatMap((group) => group.options);
  const chosen = now(part)?.value;
  const rows = groups.map((group) => {
    const options = group.options.map((option) => h("option", { value: String(flat.indexOf(option)), selected: option.key === chosen }, option.label));
    return group.label ? h("optgroup", { label: group.label }, options) : options;
  });
  const change = (event) => keepValue(part, flat[event.target.value]?.raw);
  return h("div", { class: "select" }, h("select", { ...names, class: "control", on: { change } }, h("option", { value: "" }, words(element.placeholder) || t("choose")), rows), icon("down", "icon combo-arrow"));
}

/** A combobox over choices; people and channels carry only their id, options carry themselves. */
function chooser(part, { ask, toChoice = optionChoice, live = false, minimum = 0 }) {
  const { element, names } = part;
  const many = valueKey(element).endsWith("s");
  const chosen = [now(part)].flat().filter(Boolean).map(toChoice);
  const input = () => root.querySelector("input");
  const change = (options) => commit(part, many ? options.map((option) => option.raw) : options[0]?.raw ?? null, input());
  const root = combobox({ ask, change, chosen, multiple: many, most: element.max_selected_items, live, minimum, placeholder: words(element.placeholder), props: names });
  return root;
}

const optionChoice = (raw) => ({ key: raw.value, label: words(raw.text), detail: words(raw.description), raw });

function externalSelect(part) {
  const { element, block, host } = part;
  const ask = async (query) => optionChoices(await host.suggest(block, element, query));
  return chooser(part, { ask, live: true, minimum: element.min_query_length ?? 3 });
}

function peopleSelect(part) {
  const toChoice = (id) => ({ key: id, label: lookup.person(id), raw: id });
  return chooser(part, { ask: async (query) => filterGroups(peopleChoices(), query), toChoice });
}

function channelSelect(kinds) {
  return (part) => {
    const toChoice = (id) => ({ key: id, label: `#${lookup.channel(id)?.name ?? id}`, raw: id });
    return chooser(part, { ask: async (query) => filterGroups(channelChoices(kinds), query), toChoice });
  };
}

function ticks(type) {
  return (part) => {
    const { element, names } = part;
    const group = uid("group");
    const boxes = element.options.map((option, index) => tick(part, { type, group, option, id: index ? null : names.id }));
    const read = () => boxes.flatMap((box, index) => (box.querySelector("input").checked ? [element.options[index]] : []));
    const change = (event) => commit(part, type === "radio" ? read()[0] : read(), event.target);
    const role = type === "radio" ? "radiogroup" : "group";
    const { "aria-describedby": described, "aria-label": label, "aria-labelledby": labelled } = names;
    return h("div", { class: "ticks", role, "aria-describedby": described, "aria-label": label, "aria-labelledby": labelled, on: { change } }, boxes);
  };
}

function tick(part, { type, group, option, id }) {
  const chosen = [now(part)].flat().filter(Boolean).some((one) => one.value === option.value);
  const described = option.description ? uid("about") : null;
  const own = { key: `${slot(part.block, part.element)}/${option.value}`, control: "" };
  return h("div", { class: "tick" },
    h("label", { class: "tick-label" }, h("input", { type, name: group, id, checked: chosen, "aria-describedby": described, data: own }), h("span", null, text(option.text, lookup))),
    option.description && h("div", { class: "tick-about", id: described }, text(option.description, lookup)));
}

/** A decimal comma is what people here write; Slack wants a point. */
function numberInput(part) {
  return textInput(part, { inputmode: part.element.is_decimal_allowed ? "decimal" : "numeric" }, (value) => value.trim().replace(",", "."));
}

const MAKERS = {
  button, overflow,
  workflow_button: button,
  plain_text_input: textInput,
  number_input: numberInput,
  url_text_input: (part) => textInput(part, { type: "url" }),
  email_text_input: (part) => textInput(part, { type: "email" }),
  rich_text_input: richTextInput,
  static_select: staticSelect,
  multi_static_select: (part) => chooser(part, { ask: async (query) => filterGroups(optionChoices(part.element), query) }),
  external_select: externalSelect,
  multi_external_select: externalSelect,
  users_select: peopleSelect,
  multi_users_select: peopleSelect,
  channels_select: channelSelect(["public"]),
  multi_channels_select: channelSelect(["public"]),
  conversations_select: channelSelect(["public", "private"]),
  multi_conversations_select: channelSelect(["public", "private"]),
  checkboxes: ticks("checkbox"),
  radio_buttons: ticks("radio"),
  datepicker: picker("date"),
  timepicker: picker("time"),
  datetimepicker: dateTimePicker,
};
