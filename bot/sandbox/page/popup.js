/** Small panels that lie above everything, also above dialogs, beside the control that opened them. */

const GAP = 6;
const EDGE = 8;

/** Show `panel` (a descendant of the control's own dialog) at `anchor`; `end` aligns right edges. */
export function show(panel, anchor, { end = false, stretch = false, above = false } = {}) {
  if (!panel.matches(":popover-open")) panel.showPopover();
  panel.follow = () => place(panel, anchor, { end, stretch, above });
  panel.follow();
}

/** Take `panel` away. */
export function hide(panel) {
  if (panel.isConnected && panel.matches(":popover-open")) panel.hidePopover();
}

function place(panel, anchor, { end, stretch, above }) {
  const box = anchor.getBoundingClientRect();
  const { innerWidth: width, innerHeight: height } = window;
  if (stretch) panel.style.width = `${box.width}px`;
  const room = { above: box.top - EDGE - GAP, below: height - box.bottom - EDGE - GAP };
  panel.style.maxHeight = "";
  const wanted = panel.offsetHeight;
  const up = above ? room.above >= Math.min(wanted, 160) : wanted > room.below && room.above > room.below;
  panel.style.maxHeight = `${Math.max(96, Math.min(360, up ? room.above : room.below))}px`;
  const left = end ? box.right - panel.offsetWidth : box.left;
  panel.style.left = `${Math.max(EDGE, Math.min(left, width - panel.offsetWidth - EDGE))}px`;
  panel.style.top = `${up ? box.top - panel.offsetHeight - GAP : box.bottom + GAP}px`;
}

/** Keep an open panel at its control while the page scrolls or is resized; a press outside `inside` calls `away`. */
export function watch(inside, panel, away) {
  const moved = (event) => { if (event.target === window || !panel.contains(event.target)) panel.follow(); };
  const pressed = (event) => { if (!inside.some((node) => node.contains(event.target))) away(); };
  document.addEventListener("scroll", moved, true);
  window.addEventListener("resize", moved);
  document.addEventListener("pointerdown", pressed, true);
  return () => {
    document.removeEventListener("scroll", moved, true);
    window.removeEventListener("resize", moved);
    document.removeEventListener("pointerdown", pressed, true);
  };
}
