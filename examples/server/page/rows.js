// The rows behind a bar or a column: its drill-down text, run again as a list.

import { ask } from "./api.js";
import { element, number } from "./statuses.js";

const PAGE = 25;

/** `settings()` gives the index with its fields, zone, whether only the latest count, and the status field; `use(tql)` makes a text the query. */
export function rowsDialog(settings, use) {
  const part = (name) => document.getElementById(`rows-${name}`);
  const dialog = document.getElementById("rows");
  let shown = null;

  async function load() {
    const { index, zone, latest, statusField } = settings();
    const { tql, status, skip } = shown;
    const body = { tql, timeZone: zone, latest, $top: PAGE, $skip: skip };
    if (status !== null) body.status = [statusField, status];
    let page;
    try {
      page = await ask("rows", `/api/search/${encodeURIComponent(index)}`, body);
    } catch (error) {
      part("place").textContent = error.message;
      return;
    }
    if (page === null) return;
    table(page.Items);
    const last = Math.min(page.Skip + PAGE, page.Total);
    part("place").textContent = page.Total === 0 ? "no rows" : `${number(page.Skip + 1)}–${number(last)} of ${number(page.Total)}`;
    part("back").disabled = page.Skip === 0;
    part("on").disabled = last >= page.Total;
  }

  function table(items) {
    const { fields } = settings();
    const isId = (name) => fields.some((field) => field.Name === name && field.Kind === "guid");
    const filled = Object.keys(items[0] ?? {}).filter((name) => items.some((item) => item[name] !== null));
    // Ids say least to people: they come last.
    const columns = [...filled.filter((name) => !isId(name)), ...filled.filter(isId)];
    const head = element("tr");
    head.append(...columns.map((name) => {
      const cell = element("th", "", name);
      cell.scope = "col";
      return cell;
    }));
    const thead = element("thead");
    thead.append(head);
    const tbody = element("tbody");
    tbody.append(...items.map((item) => {
      const row = element("tr");
      row.append(...columns.map((name) => {
        const value = item[name];
        const cell = element("td", typeof value === "number" ? "number" : "", shownValue(value));
        cell.title = cell.textContent;
        return cell;
      }));
      return row;
    }));
    part("table").replaceChildren(thead, tbody);
  }

  function chips(looks, counts) {
    const all = [{ name: null, label: "All", count: counts.reduce((sum, count) => sum + count, 0) }];
    const some = looks.map((look, at) => ({ ...look, count: counts[at] })).filter((look) => look.count > 0 && look.name !== "");
    part("statuses").replaceChildren(...[...all, ...some].map((one) => {
      const button = element("button", "chip");
      button.type = "button";
      if (one.kind) button.append(element("span", `swatch ${one.kind}`));
      button.append(`${one.label} `, element("strong", "", number(one.count)));
      button.ariaPressed = String(shown.status === one.name);
      button.addEventListener("click", () => {
        shown.status = one.name;
        shown.skip = 0;
        for (const other of part("statuses").children) other.ariaPressed = String(other === button);
        load();
      });
      return button;
    }));
  }

  part("close").addEventListener("click", () => dialog.close());
  part("back").addEventListener("click", () => turn(-PAGE));
  part("on").addEventListener("click", () => turn(PAGE));
  part("use").addEventListener("click", () => {
    dialog.close();
    use(shown.tql);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });

  function turn(by) {
    shown.skip = Math.max(0, shown.skip + by);
    load();
  }

  /** Opens the rows of a group. */
  return function open(title, group, looks) {
    shown = { tql: group.Query, status: null, skip: 0 };
    part("title").textContent = title;
    part("tql").textContent = group.Query;
    part("table").replaceChildren();
    chips(looks, group.Counts);
    dialog.showModal();
    load();
  };
}

function shownValue(value) {
  if (value === null) return "";
  return Array.isArray(value) ? value.join(", ") : String(value);
}
