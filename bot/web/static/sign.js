"use strict";
// Shows what the desk says, as large as the screen allows. While the desk cannot be reached, what was
// shown stays until its own end; nothing here ever puts an error on a road. Players are old: what they
// run was new in 2017.
const SVG = "http://www.w3.org/2000/svg";
const POLL_MS = 10000;
const PATIENCE_MS = 8000;
const EM = 100;
const LINE = 1.16 * EM;
const sign = document.getElementById("sign");
const { source, page } = document.body.dataset;
let drawn = null;
let known = null;
let ahead = 0; // how much the desk's clock is before the player's, in milliseconds

function draw(rows) {
  const wanted = JSON.stringify(rows);
  if (wanted === drawn) return;
  drawn = wanted;
  while (sign.firstChild) sign.removeChild(sign.firstChild);
  rows.forEach((row, n) => sign.appendChild(text(row, (n + 0.5) * LINE)));
  fit();
}

function text(row, y) {
  const element = document.createElementNS(SVG, "text");
  element.setAttribute("x", 0);
  element.setAttribute("y", y);
  element.textContent = row;
  return element;
}

function fit() {
  const lines = [...sign.querySelectorAll("text")];
  if (!lines.length) return;
  const widest = Math.max(...lines.map((one) => one.getComputedTextLength()));
  const middle = Number(lines[0].getAttribute("x"));
  sign.setAttribute("viewBox", `${middle - widest / 2} 0 ${widest} ${lines.length * LINE}`);
}

function show() {
  if (!known) return;
  const past = known.until && Date.parse(known.until) <= Date.now() + ahead;
  draw(past ? known.idle : known.rows);
}

async function learn() {
  const answer = await fetch(source, { cache: "no-cache" });
  if (!answer.ok) return;
  known = await answer.json();
  ahead = (Date.parse(answer.headers.get("Date")) || Date.now()) - Date.now();
  if (known.page !== page) location.reload();
}

async function ask() {
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  // Offline: what is known stays.
  await Promise.race([learn().catch(() => null), patience]);
  show();
  setTimeout(ask, POLL_MS);
}

fit();
ask();
