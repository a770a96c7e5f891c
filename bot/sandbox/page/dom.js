/** Building and keeping DOM nodes. Data only ever becomes text or attributes, never markup. */

const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "selected", "multiple", "required"]);
let counter = 0;

/** An id that is unique on this page. */
export function uid(prefix = "n") {
  counter += 1;
  return `${prefix}-${counter}`;
}

/** An element with attributes, listeners (`on`), data attributes (`data`) and children; empty children are left out. */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) assign(node, name, value);
  node.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return node;
}

function assign(node, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === "on") for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
  else if (name === "data") Object.assign(node.dataset, value);
  else if (PROPERTIES.has(name)) node[name] = value;
  else node.setAttribute(name, value === true ? "" : value);
}

/** An icon drawn from strokes; decoration only, so hidden from screen readers. */
export function drawing(paths, className, viewBox = "0 0 20 20") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", viewBox);
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  for (const shape of [paths].flat()) svg.append(path(shape));
  return svg;
}

function path(shape) {
  const node = document.createElementNS(SVG, "path");
  const attributes = typeof shape === "string" ? { d: shape } : shape;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

/** Text that only screen readers meet. */
export function hidden(text) {
  return h("span", { class: "sr" }, text);
}

/**
 * Make `parent` show `items` in order, building anew only what changed, so that focus,
 * scroll position and half-typed text survive every refresh.
 */
export function keep(parent, items, { key, sign, build }) {
  const old = new Map([...parent.children].map((node) => [node.keepKey, node]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const before = old.get(key(item));
    const node = current(before, item, { key, sign, build });
    old.delete(key(item));
    if (before && before !== node) {
      if (place === before) place = node;
      swap(before, node);
    }
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  for (const node of old.values()) node.remove();
}

function current(before, item, { key, sign, build }) {
  const signature = sign(item);
  if (before && before.keepSign === signature) return before;
  const node = build(item, before);
  node.keepKey = key(item);
  node.keepSign = signature;
  return node;
}

function swap(before, node) {
  const mark = before.contains(document.activeElement) ? bookmark(document.activeElement) : null;
  before.replaceWith(node);
  if (mark) restore(node, mark);
}

function bookmark(element) {
  const range = "selectionStart" in element ? [element.selectionStart, element.selectionEnd] : null;
  return { key: element.dataset.key, range };
}

function restore(node, { key, range }) {
  const target = (key && node.querySelector(`[data-key="${CSS.escape(key)}"]`)) || node.closest("[tabindex]");
  target?.focus({ preventScroll: true });
  if (range && range[0] !== null && target?.setSelectionRange) target.setSelectionRange(...range);
}

/** Replace everything inside `parent`. */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.flat(Infinity).filter((child) => child || child === 0));
}

/** Run `work` soon, once, however often it is called; a call while it runs gives one more run after it. */
export function coalesce(work, wait = 40) {
  let waiting = null;
  let running = Promise.resolve();
  const run = async () => {
    await running.catch(() => {});
    waiting = null;
    running = work();
    return running;
  };
  return () => {
    waiting ??= new Promise((done) => { setTimeout(done, wait); }).then(run);
    return waiting;
  };
}

/** Lower case without accents, so that "ansok" finds "ansök". */
export function fold(text) {
  return String(text ?? "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
