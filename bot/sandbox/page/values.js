/** What people enter: the shape of each element's value, how it begins, and what the page itself refuses. */

import { t } from "./texts.js";

const KINDS = {
  plain_text_input: { key: "value", first: "initial_value" },
  number_input: { key: "value", first: "initial_value" },
  url_text_input: { key: "value", first: "initial_value" },
  email_text_input: { key: "value", first: "initial_value" },
  rich_text_input: { key: "rich_text_value", first: "initial_value" },
  static_select: { key: "selected_option", first: "initial_option" },
  external_select: { key: "selected_option", first: "initial_option" },
  radio_buttons: { key: "selected_option", first: "initial_option" },
  multi_static_select: { key: "selected_options", first: "initial_options", many: true },
  multi_external_select: { key: "selected_options", first: "initial_options", many: true },
  checkboxes: { key: "selected_options", first: "initial_options", many: true },
  users_select: { key: "selected_user", first: "initial_user" },
  multi_users_select: { key: "selected_users", first: "initial_users", many: true },
  conversations_select: { key: "selected_conversation", first: "initial_conversation" },
  multi_conversations_select: { key: "selected_conversations", first: "initial_conversations", many: true },
  channels_select: { key: "selected_channel", first: "initial_channel" },
  multi_channels_select: { key: "selected_channels", first: "initial_channels", many: true },
  datepicker: { key: "selected_date", first: "initial_date" },
  timepicker: { key: "selected_time", first: "initial_time" },
  datetimepicker: { key: "selected_date_time", first: "initial_date_time" },
};

/** The part of a value that holds what was chosen, for example "selected_option". */
export function valueKey(element) {
  return KINDS[element.type]?.key;
}

/** An element's value in Slack's shape. */
export function wrap(element, chosen) {
  const kind = KINDS[element.type];
  const empty = chosen === undefined || chosen === "" || chosen === null;
  return { type: element.type, [kind.key]: empty ? (kind.many ? [] : null) : chosen };
}

/** The value an element begins with. */
export function initial(element) {
  return wrap(element, element[KINDS[element.type].first]);
}

/** The name under which a value is kept: the same block and action keep it over updates. */
export function slot(block, element) {
  return `${block.block_id}/${element.action_id}`;
}

/** What the element holds now, bare. */
export function held(values, block, element) {
  const value = values.get(slot(block, element)) ?? initial(element);
  return value[valueKey(element)];
}

/** Every [block, element] of some blocks that holds a value. */
export function* holding(blocks) {
  for (const block of blocks ?? []) {
    const candidates = [block.element, block.accessory, ...(block.type === "actions" ? block.elements ?? [] : [])];
    for (const element of candidates) if (element && KINDS[element.type] && element.action_id) yield [block, element];
  }
}

/** Everything entered, as state.values. */
export function collect(blocks, values) {
  const state = {};
  for (const [block, element] of holding(blocks)) {
    state[block.block_id] ??= {};
    state[block.block_id][element.action_id] = values.get(slot(block, element)) ?? initial(element);
  }
  return state;
}

/** What cannot be sent yet: {block_id: sentence}, in the order of the blocks. */
export function complaints(blocks, values) {
  const found = {};
  for (const [block, element] of holding(blocks)) {
    if (block.type !== "input") continue;
    const sentence = complaint(element, held(values, block, element), block.optional);
    if (sentence) found[block.block_id] = sentence;
  }
  return found;
}

function complaint(element, value, optional) {
  const nothing = value === null || value === undefined || (Array.isArray(value) ? !value.length : typeof value === "string" && !value.trim());
  if (nothing) return optional ? null : t(KINDS[element.type].key === "value" ? "required" : "required_choice");
  return CHECKS[element.type]?.(element, value) ?? null;
}

function checkText(element, value) {
  const length = [...value].length;
  if (length < (element.min_length ?? 0)) return t("too_short", { n: element.min_length });
  if (length > (element.max_length ?? 3000)) return t("too_long", { n: element.max_length ?? 3000 });
  return null;
}

function checkNumber(element, value) {
  const number = Number(value);
  if (Number.isNaN(number)) return t("bad_number");
  if (!element.is_decimal_allowed && !Number.isInteger(number)) return t("bad_integer");
  if (element.min_value !== undefined && number < Number(element.min_value)) return t("too_low", { n: element.min_value });
  if (element.max_value !== undefined && number > Number(element.max_value)) return t("too_high", { n: element.max_value });
  return null;
}

const CHECKS = {
  plain_text_input: checkText,
  number_input: checkNumber,
  email_text_input: (_, value) => (/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value) ? null : t("bad_email")),
  url_text_input: (_, value) => (/^https?:\/\/\S+$/.test(value) ? null : t("bad_url")),
};
