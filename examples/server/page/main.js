// The dashboard: what is chosen, and asking again when it changes.

import { ask } from "./api.js";
import { drawBars, drawLegend, fitCounts, sum } from "./bars.js";
import { queryBox } from "./query.js";
import { rowsDialog } from "./rows.js";
import { looks, number, rate } from "./statuses.js";
import { drawTrend } from "./trend.js";

const $ = (id) => document.getElementById(id);
const GROUPS = 30;
const DATES = ["datetime", "date"];
/** Kinds whose values are rarely the same in two rows come last among what can be grouped by. */
const GROUPABLE = ["status", "keyword", "user", "path", "boolean", "date", "datetime", "integer", "guid"];

let indexes = [];
let top = GROUPS;
/** The text that was checked last and has no mistake. */
let tql = "";
let trend = null;

// ---- what is chosen -------------------------------------------------------------------------------------------------------

const current = () => indexes.find((index) => index.Name === $("index").value) ?? indexes[0];
const fieldOf = (name) => current().Fields.find((field) => field.Name === name);
const asked = () => ({ tql, timeZone: $("zone").value, latest: $("latest").checked && current().Latest });

function choose(select, values, wanted) {
  select.replaceChildren(...values.map((value) => new Option(value, value)));
  if (values.includes(wanted)) select.value = wanted;
}

/** Fills the choices of an index, from the address if it names them. */
function fitIndex(chosen) {
  const index = current();
  const groupable = GROUPABLE.flatMap((kind) => index.Fields.filter((field) => field.Kind === kind)).filter((field) => field.Name !== index.Key);
  const names = groupable.map((field) => field.Name);
  const first = ["Project", "suite", "source", "Product", "Platform"].find((name) => names.includes(name));
  choose($("by"), names, chosen.get("by") ?? first ?? names.find((name) => name !== index.StatusField));
  const dates = index.Fields.filter((field) => DATES.includes(field.Kind) && !field.Multi).map((field) => field.Name);
  const when = ["CreatedAt", "timestamp", "StartedAt"].find((name) => dates.includes(name));
  choose($("date"), dates, chosen.get("date") ?? when);
  $("trend").hidden = dates.length === 0;
  $("latest-choice").hidden = !index.Latest;
  $("query").placeholder = `${index.StatusField} = …   (↓ shows what can stand here)`;
}

function remember() {
  const chosen = new URLSearchParams();
  const keep = (name, value, usual) => value && value !== usual && chosen.set(name, value);
  keep("index", $("index").value, indexes[0]?.Name);
  keep("q", tql);
  keep("by", $("by").value);
  keep("in", $("by-period-choice").hidden ? "" : $("by-period").value, "Day");
  keep("order", $("order").value, "key");
  keep("scale", $("scale").value, "count");
  keep("zone", $("zone").value);
  keep("date", $("date").value);
  history.replaceState(null, "", `#${chosen}`);
}

// ---- asking and drawing ---------------------------------------------------------------------------------------------------

async function counts(kind, more) {
  return ask(kind, `/api/statuscounts/${encodeURIComponent(current().Name)}`, { ...asked(), ...more });
}

async function refresh() {
  const isDate = DATES.includes(fieldOf($("by").value)?.Kind);
  $("by-period-choice").hidden = !isDate;
  remember();
  document.body.setAttribute("aria-busy", "true");
  try {
    const period = isDate ? { period: $("by-period").value } : {};
    const answer = await counts("groups", { by: $("by").value, order: $("order").value, $top: top, ...period });
    if (answer === null) return;
    $("trouble").hidden = true;
    const styles = looks(answer.Statuses);
    $("total").textContent = number(sum(answer.Totals));
    const passed = rate(styles, answer.Totals);
    $("rate").textContent = passed ?? "";
    $("rate-line").hidden = passed === null;
    drawLegend($("legend"), styles, answer.Totals);
    $("groups-title").textContent = `By ${answer.Field}`;
    drawBars($("groups"), answer, styles, $("scale").value, (group) => {
      open(group.Key === "" ? `${answer.Field}: no value` : `${answer.Field}: ${group.Key}`, group, styles);
    });
    const n = answer.Groups.length;
    $("shown").textContent = answer.NGroups > n ? `${number(n)} of ${number(answer.NGroups)} groups` : n === 0 ? "No rows match." : "";
    $("more").hidden = answer.NGroups <= n;
    await refreshTrend();
  } catch (error) {
    $("trouble").textContent = error.message;
    $("trouble").hidden = false;
  } finally {
    document.body.removeAttribute("aria-busy");
  }
}

async function refreshTrend() {
  const by = $("date").value;
  if (!by) return;
  let period = $("period").value;
  if (period === "") {
    const days = await counts("days", { by, period: "Day", $top: 0 });
    if (days === null) return;
    period = days.NGroups <= 130 ? "Day" : days.NGroups <= 900 ? "Week" : "Month";
  }
  const answer = await counts("trend", { by, period, $top: 2000 });
  if (answer === null) return;
  const undated = answer.Groups.find((group) => group.Key === "");
  trend = { groups: answer.Groups.filter((group) => group.Key !== ""), styles: looks(answer.Statuses), period };
  const n = undated ? sum(undated.Counts) : 0;
  trend.told = `${{ Day: "By day", Week: "By week, from its Monday", Month: "By month" }[period]}${n > 0 ? `; ${number(n)} rows without ${by} are left out` : ""}.`;
  paintTrend();
}

function paintTrend() {
  if (trend === null || $("trend").hidden) return;
  $("told").textContent = trend.groups.length === 0 ? "No rows with a date." : trend.told;
  $("chart").hidden = trend.groups.length === 0;
  const named = (group) => open(`${$("date").value}: ${group.Key}`, group, trend.styles);
  if (trend.groups.length > 0) drawTrend($("chart"), trend.groups, trend.styles, named, (words) => ($("told").textContent = words));
}

// ---- beginning ------------------------------------------------------------------------------------------------------------

function theme() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const show = () => $("theme").setAttribute("aria-pressed", String(isDark()));
  const kept = localStorage.getItem("theme");
  if (kept) document.documentElement.dataset.theme = kept;
  show();
  system.addEventListener("change", show);
  $("theme").addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
    show();
  });
}

const box = queryBox(
  { input: $("query"), marks: $("marks"), offers: $("offers"), mistakes: $("mistakes"), clear: $("clear") },
  () => current().Name,
  (text, isRight) => {
    if (!isRight) return;
    tql = text;
    refresh();
  },
);
const open = rowsDialog(
  () => {
    const { Name: index, Fields: fields, StatusField: statusField } = current();
    return { index, fields, statusField, zone: $("zone").value, latest: asked().latest };
  },
  (text) => box.set(text),
);

function restart(chosen) {
  top = GROUPS;
  trend = null;
  fitIndex(chosen);
  box.check();
}

async function begin() {
  theme();
  const chosen = new URLSearchParams(location.hash.slice(1));
  const known = await ask("indexes", "/api/indexes");
  indexes = known.Items.filter((index) => index.StatusField !== null && (index.Rows > 0 || index.Name === known.Main));
  choose($("index"), indexes.map((index) => index.Name), chosen.get("index") ?? known.Main);
  $("zones").replaceChildren(...(Intl.supportedValuesOf?.("timeZone") ?? []).map((zone) => new Option(zone)));
  $("zone").value = chosen.get("zone") ?? Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
  for (const [id, name] of [["order", "order"], ["scale", "scale"], ["by-period", "in"]]) {
    if (chosen.has(name)) $(id).value = chosen.get(name);
  }
  for (const id of ["by", "by-period", "order", "scale", "zone", "latest"]) {
    $(id).addEventListener("change", () => {
      top = GROUPS;
      refresh();
    });
  }
  for (const id of ["date", "period"]) {
    $(id).addEventListener("change", () => {
      remember();
      refreshTrend();
    });
  }
  $("index").addEventListener("change", () => restart(new URLSearchParams()));
  $("more").addEventListener("click", () => {
    top += 100;
    refresh();
  });
  document.querySelector(".choices").addEventListener("submit", (event) => event.preventDefault());
  let width = 0;
  new ResizeObserver(([entry]) => {
    if (entry.contentRect.width === width) return;
    width = entry.contentRect.width;
    fitCounts($("groups"));
    paintTrend();
  }).observe(document.querySelector("main"));
  $("query").value = chosen.get("q") ?? "";
  $("clear").hidden = $("query").value === "";
  restart(chosen);
}

begin().catch((error) => {
  $("trouble").textContent = error.message;
  $("trouble").hidden = false;
});
