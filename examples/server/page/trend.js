// Status counts over time: a stacked column a day, week or month. One stop of the tab key; arrows go from column to column,
// Enter opens the rows.

import { sum } from "./bars.js";
import { inWords, number } from "./statuses.js";

const HEIGHT = 180;
const LEFT = 44;
const BELOW = 24;
const ABOVE = 8;
const WIDEST = 64;

/** Draws the groups of an answer that is grouped by period; `tell(words)` says what the current column is. */
export function drawTrend(container, groups, looks, open, tell) {
  const width = Math.max(280, container.clientWidth);
  const most = Math.max(1, ...groups.map((group) => sum(group.Counts)));
  const top = ceiling(most);
  const svg = make("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "group" });
  svg.setAttribute("aria-label", "Columns by time. Left and right go from one to the next, Enter opens its rows.");
  svg.append(patterns());
  const inner = HEIGHT - BELOW - ABOVE;
  const y = (n) => ABOVE + inner - (inner * n) / top;
  for (const n of [0, top / 2, top]) {
    svg.append(make("line", { x1: LEFT, x2: width, y1: y(n), y2: y(n), class: n === 0 ? "axis" : "grid" }));
    const label = make("text", { x: LEFT - 8, y: y(n) + 4, class: "tick", "text-anchor": "end" });
    label.textContent = short(n);
    svg.append(label);
  }
  const step = Math.min(WIDEST, (width - LEFT) / groups.length);
  const gap = step > 6 ? Math.min(4, step / 5) : 0;
  const columns = groups.map((group, at) => {
    const column = make("g", { class: "column", role: "button", tabindex: at === groups.length - 1 ? 0 : -1 });
    column.setAttribute("aria-label", `${group.Key}: ${inWords(looks, group.Counts)}. Open the rows`);
    const x = LEFT + at * step;
    column.append(make("rect", { x, y: ABOVE, width: step, height: inner, class: "catch" }));
    let below = 0;
    group.Counts.forEach((count, status) => {
      if (count === 0) return;
      const size = { x: x + gap / 2, y: y(below + count), width: Math.max(0.5, step - gap), height: y(below) - y(below + count) };
      const kind = looks[status].kind;
      column.append(make("rect", { ...size, class: `part ${kind}` }), make("rect", { ...size, fill: `url(#hatch-${kind})`, class: "hatch" }));
      below += count;
    });
    const here = () => tell(`${group.Key} — ${number(sum(group.Counts))} rows: ${inWords(looks, group.Counts)}`);
    column.addEventListener("pointerenter", here);
    column.addEventListener("focus", here);
    column.addEventListener("click", () => open(group));
    column.addEventListener("keydown", (event) => {
      const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: groups.length - 1 }[event.key];
      if (columns[next]) {
        columns[at].setAttribute("tabindex", -1);
        columns[next].setAttribute("tabindex", 0);
        columns[next].focus();
      } else if (event.key === "Enter" || event.key === " ") open(group);
      else return;
      event.preventDefault();
    });
    return column;
  });
  svg.append(...columns);
  const every = Math.ceil(90 / step);
  groups.forEach((group, at) => {
    if (at % every !== 0 || LEFT + at * step + 70 > width) return;
    const label = make("text", { x: LEFT + at * step, y: HEIGHT - 6, class: "tick" });
    label.textContent = group.Key;
    svg.append(label);
  });
  container.replaceChildren(svg);
}

/** Patterns over the colours, as those of the bars. */
function patterns() {
  const defs = make("defs", {});
  const lines = {
    failed: "M-1 7L7 -1M2 10L10 2",
    errors: "M0 0L8 8M8 0L0 8",
    warnings: "M4 0V8",
    blocked: "M0 4H8",
    skipped: "M3 4h2",
    running: "M-1 1L7 9M2 -2L10 6",
    waiting: "M0 1h1M4 5h1",
  };
  for (const [kind, d] of Object.entries(lines)) {
    const pattern = make("pattern", { id: `hatch-${kind}`, width: 8, height: 8, patternUnits: "userSpaceOnUse" });
    pattern.append(make("path", { d, class: "line" }));
    defs.append(pattern);
  }
  return defs;
}

function make(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** The next number above that reads well, and halves well. */
function ceiling(n) {
  const unit = 10 ** Math.floor(Math.log10(n));
  return Math.max(2, unit * [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find((times) => times * unit >= n));
}

function short(n) {
  if (n >= 1e6) return `${n / 1e6} M`;
  return n >= 10_000 ? `${n / 1e3} k` : number(n);
}
