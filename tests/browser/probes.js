/** What a careful eye would find on the page; each probe returns a list of faults, empty when all is well. */

window.probes = (() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const seen = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const said = (node) => `${node.tagName.toLowerCase()}.${node.getAttribute("class")} ${node.textContent.trim().slice(0, 40)}`;

  /** What sticks out to the right of the window; only tables and code may scroll sideways in their own box. */
  function wide() {
    const edge = document.documentElement.clientWidth + 1;
    const boxed = (node) => {
      for (let box = node.parentElement; box && box !== document.body; box = box.parentElement) {
        const keeps = box.matches(".table, .fence") || getComputedStyle(box).overflowX === "hidden";
        if (keeps && box.getBoundingClientRect().right <= edge) return true;
      }
      return false;
    };
    const out = (node) => node.getBoundingClientRect().width && node.getBoundingClientRect().right > edge;
    const found = all("body *").filter((node) => seen(node) && out(node) && !boxed(node) && !node.closest(".sr"));
    const page = document.documentElement.scrollWidth >= edge ? ["the page itself"] : [];
    return [...page, ...found.map(said)];
  }

  const texts = (ids) => (ids ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("");

  function nameOf(node) {
    const own = node.matches("button, a, summary, [role=menuitem], [role=option]") ? node.textContent : "";
    const labels = [...(node.labels ?? [])].map((label) => label.textContent).join("");
    return node.getAttribute("aria-label") || texts(node.getAttribute("aria-labelledby")) || labels || own || node.alt || "";
  }

  /** Controls, dialogs, landmarks and lists without an accessible name. */
  function nameless() {
    const wanted = "input, select, textarea, button, a[href], dialog, nav, aside, summary, "
      + "[role=listbox], [role=menu], [role=radiogroup], [role=group], [role=img], [role=region], [role=option]";
    return all(wanted).filter((node) => seen(node) && !nameOf(node).trim()).map((node) => node.outerHTML.slice(0, 160));
  }

  /** Ids that stand twice, and references to ids that are nowhere. */
  function twins() {
    const ids = all("[id]").map((node) => node.id);
    const known = new Set(ids);
    const refers = ["aria-labelledby", "aria-describedby", "aria-controls", "aria-activedescendant", "for"];
    const broken = all("*").flatMap((node) => refers.flatMap((name) => (node.getAttribute(name) ?? "").split(" ")));
    return [...ids.filter((id, at) => ids.indexOf(id) !== at), ...broken.filter((id) => id && !known.has(id))];
  }

  const colour = (text) => { const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number); return [r, g, b, a]; };
  const over = (top, base) => [0, 1, 2].map((at) => top[at] * top[3] + base[at] * (1 - top[3]));

  function ground(node) {
    const layers = [];
    for (let box = node; box; box = box.parentElement) {
      layers.unshift(colour(getComputedStyle(box).backgroundColor));
      if (layers[0][3] === 1) break;
    }
    return layers.reduce((base, layer) => over(layer, base), [255, 255, 255]);
  }

  function light(rgb) {
    const [r, g, b] = rgb.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function contrast(node) {
    const base = ground(node);
    const [brighter, darker] = [light(over(colour(getComputedStyle(node).color), base)), light(base)].sort((a, b) => b - a);
    return (brighter + 0.05) / (darker + 0.05);
  }

  function needed(node) {
    const { fontSize, fontWeight } = getComputedStyle(node);
    const size = Number.parseFloat(fontSize);
    return size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700) ? 3 : 4.5;
  }

  /** Texts whose contrast is under WCAG 2.2 AA. */
  function pale() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = new Set();
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const node = text.parentElement;
      if (!text.data.trim() || !seen(node) || node.closest(".sr, option, script, [aria-busy=true]")) continue;
      if (contrast(node) < needed(node)) found.add(`${contrast(node).toFixed(2)} ${said(node)}`);
    }
    return [...found];
  }

  /** What has the keyboard, and whether one can see that it has. */
  function focus() {
    const node = document.activeElement;
    const ring = (box) => box && (getComputedStyle(box).outlineStyle !== "none" || getComputedStyle(box).boxShadow !== "none");
    const label = node.getAttribute("aria-label") ?? node.labels?.[0]?.textContent ?? "";
    const ringed = [node, node.closest(".me"), node.closest(".composer")].some(ring);
    return { tag: node.tagName, label, text: node.textContent, key: node.dataset.key || node.id || node.className, ringed };
  }

  /** The option that the focused combobox points at. */
  function option() {
    return document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.textContent ?? "";
  }

  return { wide, nameless, twins, pale, focus, option };
})();
