// The query box: a combobox whose list says how the text can go on, underlines below what is wrong, and the mistakes in words
// with their fixes.

import { ask, fromBytes, toBytes } from "./api.js";
import { element, number } from "./statuses.js";

// Long enough that a word is not called wrong while it is being typed.
const PAUSE = 450;

/** `changed(text, isRight)` is called when the text has been checked. */
export function queryBox({ input, marks, offers, mistakes, clear }, index, changed) {
  let found = [];
  let active = -1;
  let timer = 0;

  function close() {
    found = [];
    active = -1;
    offers.hidden = true;
    offers.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  async function complete() {
    const text = input.value;
    const answer = await ask("complete", `/api/complete/${encodeURIComponent(index())}`, {
      tql: text,
      offset: toBytes(text, input.selectionStart ?? text.length),
    }).catch(() => null);
    if (answer === null || input.value !== text || document.activeElement !== input) return;
    if (answer.Items.length === 0) return close();
    found = answer.Items;
    active = -1;
    offers.replaceChildren(...found.map(offer));
    offers.hidden = false;
    offers.scrollTop = 0;
    input.setAttribute("aria-expanded", "true");
    input.removeAttribute("aria-activedescendant");
  }

  function offer(item, at) {
    const option = element("li");
    option.id = `offer-${at}`;
    option.role = "option";
    option.ariaSelected = "false";
    const detail = item.count === null ? (item.detail ?? item.kind) : `${number(item.count)} rows`;
    option.append(element("span", "label", item.label), element("span", "detail", detail));
    // The box keeps the focus.
    option.addEventListener("pointerdown", (event) => event.preventDefault());
    option.addEventListener("click", () => accept(at));
    return option;
  }

  function activate(at) {
    offers.children[active]?.setAttribute("aria-selected", "false");
    active = (at + found.length) % found.length;
    const option = offers.children[active];
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }

  function accept(at) {
    const item = found[at];
    const text = input.value;
    const [start, end] = [fromBytes(text, item.start), fromBytes(text, item.end)];
    const behind = text.slice(end);
    const gap = item.kind === "mark" || item.insert.endsWith("(") || behind.startsWith(" ") ? "" : " ";
    put(text.slice(0, start) + item.insert + gap + behind, start + item.insert.length + gap.length);
    close();
    complete();
  }

  function put(text, cursor) {
    input.value = text;
    input.focus();
    input.setSelectionRange(cursor, cursor);
    typed();
  }

  function typed() {
    clear.hidden = input.value === "";
    // What was underlined may stand elsewhere now.
    marks.replaceChildren();
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE);
  }

  async function check() {
    clearTimeout(timer);
    const text = input.value;
    let told;
    try {
      told = await ask("check", `/api/check/${encodeURIComponent(index())}`, { tql: text });
    } catch (error) {
      told = { Ok: false, Diagnostics: error.diagnostics ?? [] };
    }
    if (told === null || input.value !== text) return;
    underline(text, told.Diagnostics);
    mistakes.replaceChildren(...told.Diagnostics.map((one) => mistake(text, one)));
    input.setAttribute("aria-invalid", String(!told.Ok));
    changed(text, told.Ok);
  }

  function underline(text, diagnostics) {
    const spans = diagnostics
      .filter((one) => one.start !== null)
      .map((one) => [fromBytes(text, one.start), fromBytes(text, one.end), one.severity])
      .sort((a, b) => a[0] - b[0]);
    const parts = [];
    let at = 0;
    for (const [start, end, severity] of spans) {
      if (start < at) continue;
      parts.push(text.slice(at, start));
      // A place between two letters, or behind the last, is shown as a blank.
      parts.push(element("mark", severity, text.slice(start, end) || " "));
      at = Math.max(end, start);
    }
    marks.replaceChildren(...parts, text.slice(at));
    marks.scrollLeft = input.scrollLeft;
  }

  function mistake(text, one) {
    const item = element("li", one.severity);
    const words = element("p");
    words.append(element("strong", "", one.severity), ` ${one.message}`);
    item.append(words);
    if (one.help) item.append(element("p", "help", one.help));
    for (const fix of one.fixes) {
      const button = element("button", "quiet", fix.label);
      button.type = "button";
      button.addEventListener("click", () => {
        const [start, end] = [fromBytes(text, fix.start), fromBytes(text, fix.end)];
        put(text.slice(0, start) + fix.replacement + text.slice(end), start + fix.replacement.length);
        check();
      });
      item.append(button);
    }
    return item;
  }

  input.addEventListener("input", () => {
    typed();
    complete();
  });
  input.addEventListener("scroll", () => (marks.scrollLeft = input.scrollLeft));
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const isOpen = found.length > 0;
    if (event.key === "ArrowDown" && isOpen) activate(active + 1);
    else if (event.key === "ArrowDown" || (event.key === " " && event.ctrlKey)) complete();
    else if (event.key === "ArrowUp" && isOpen) activate(active < 0 ? -1 : active - 1);
    else if (event.key === "Escape" && isOpen) close();
    else if ((event.key === "Enter" || event.key === "Tab") && isOpen && active >= 0) accept(active);
    else if (event.key === "Enter") {
      close();
      check();
    } else return;
    event.preventDefault();
  });
  clear.addEventListener("click", () => {
    put("", 0);
    check();
  });

  return {
    /** Puts another text there. */
    set(text) {
      input.value = text;
      clear.hidden = text === "";
      close();
      check();
    },
    check,
  };
}
