// The legend, and a stacked bar for each group.

import { element, inWords, number, rate } from "./statuses.js";

/** What the colours mean, with the numbers of all rows. */
export function drawLegend(list, looks, totals) {
  list.replaceChildren(...looks.map((look, at) => {
    const item = element("li");
    item.append(element("span", `swatch ${look.kind}`), element("span", "", look.label), element("strong", "", number(totals[at])));
    return item;
  }));
}

/** A row a group; `open(group)` opens what is behind it. */
export function drawBars(list, answer, looks, scale, open) {
  const sums = answer.Groups.map((group) => sum(group.Counts));
  const most = Math.max(1, ...sums);
  list.replaceChildren(...answer.Groups.map((group, at) => {
    const item = element("li");
    const button = element("button", "row");
    button.type = "button";
    const key = group.Key === "" ? element("span", "key empty", "no value") : element("span", "key", group.Key);
    key.title = group.Key;
    const bar = element("span", "bar");
    bar.ariaHidden = "true";
    group.Counts.forEach((count, status) => {
      if (count === 0) return;
      const part = element("span", `part ${looks[status].kind}`);
      const whole = scale === "share" ? sums[at] : most;
      part.style.width = `${(100 * count) / whole}%`;
      part.title = `${number(count)} ${looks[status].label}`;
      part.append(element("span", "count", number(count)));
      bar.append(part);
    });
    const passed = rate(looks, group.Counts);
    button.append(key, bar, element("span", "sum", number(sums[at])), element("span", "rate", passed ?? ""));
    button.ariaLabel = `${group.Key || "no value"}: ${inWords(looks, group.Counts)}. Open the rows`;
    button.disabled = group.Query === null || group.Query === undefined;
    button.addEventListener("click", () => open(group));
    item.append(button);
    return item;
  }));
  fitCounts(list);
}

/** Leaves the numbers that fit into their parts. */
export function fitCounts(list) {
  const counts = [...list.querySelectorAll(".count")];
  // All are measured before any is changed.
  const fits = counts.map((count) => count.offsetWidth <= parseFloat(count.parentElement.style.width) / 100 * count.closest(".bar").clientWidth);
  counts.forEach((count, at) => count.classList.toggle("over", !fits[at]));
}

export function sum(counts) {
  return counts.reduce((total, count) => total + count, 0);
}
