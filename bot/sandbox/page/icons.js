/** The page's own line icons, 20 × 20, drawn with the current colour. */

import { drawing } from "./dom.js";

const PATHS = {
  hash: "M7.5 3 6 17M14 3l-1.5 14M3.5 7.5h13.5M3 12.5h13.5",
  lock: "M5 9.5h10v7H5zM7 9.5V6.5a3 3 0 0 1 6 0v3",
  menu: "M3 5.5h14M3 10h14M3 14.5h14",
  close: "M5 5l10 10M15 5 5 15",
  back: "M12 4l-6 6 6 6",
  send: "M3 10 17 3.5 13.5 17 9.5 11.5zM9.5 11.5 17 3.5",
  reply: "M4 4.5h12v8.5H9.5L6 16.5V13H4z",
  more: ["M4.5 10h.01", "M10 10h.01", "M15.5 10h.01"],
  bolt: "M11.5 2.5 4.5 11.5h4.5l-1 6 7.5-9.5h-5z",
  eye: ["M2.5 10s2.8-5 7.5-5 7.5 5 7.5 5-2.8 5-7.5 5-7.5-5-7.5-5z", "M10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"],
  search: "M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13 13l4 4",
  tune: "M3 6h7M14 6h3M3 14h3M10 14h7M12 4v4M8 12v4",
  home: "M3.5 9 10 3.5 16.5 9v7.5h-4.5V12h-4v4.5H3.5z",
  link: "M8.5 11.5a3 3 0 0 0 4.5 0l2.5-2.5a3 3 0 0 0-4.5-4.5l-1 1M11.5 8.5a3 3 0 0 0-4.5 0L4.5 11A3 3 0 0 0 9 15.5l1-1",
  warn: ["M10 3 18 16.5H2z", "M10 8v4", "M10 14.3h.01"],
  check: "M4 10.5 8 14.5 16 5.5",
  down: "M5 7.5l5 5 5-5",
  globe: ["M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14z", "M3 10h14", "M10 3c5 4 5 10 0 14c-5-4-5-10 0-14"],
  archive: "M3 4.5h14V8H3zM4.5 8v8h11V8M8 11h4",
};

/** The icon called `name`. */
export function icon(name, className = "icon") {
  return drawing(PATHS[name], `${className} icon-${name}`);
}
