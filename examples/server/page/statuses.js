// How statuses look. Each has a colour and a pattern, so that they are told apart without colour; and a number wherever one
// is drawn.

const KINDS = [
  ["passed", /^(pass(ed)?|ok|success(ful)?|1)$/],
  ["failed", /^(fail(ed|ure)?|regression|0)$/],
  ["errors", /^(error(s|ed)?|crash(ed)?|timeout|broken|exception|busted)$/],
  ["warnings", /^(warning(s)?|unstable|flaky|testfailed)$/],
  ["blocked", /^blocked$/],
  ["skipped", /^(skip(ped)?|disabled|ignored|canceled|cancelled|usercancel|precondition_failed)$/],
  ["running", /^(in ?progress|running|pending|retry)$/],
  ["waiting", /^(not ?run|untested|notrun|created|manual|)$/],
];

/** The kind of look of a status, as class names have it. */
function kindOf(status, taken) {
  const name = status.Name.toLowerCase().replaceAll(/[_-]/g, " ").trim();
  const known = KINDS.find(([, pattern]) => pattern.test(name))?.[0];
  if (known && !taken.has(known)) return known;
  if (status.Passed && !taken.has("passed")) return "passed";
  if (status.Failed && !taken.has("failed")) return "failed";
  const free = ["other1", "other2", "other3", "other4"].find((kind) => !taken.has(kind));
  return free ?? known ?? "other4";
}

/** Looks of all statuses of an answer, in its order: `{name, kind, passed}`. */
export function looks(statuses) {
  const taken = new Set();
  return statuses.map((status) => {
    const kind = kindOf(status, taken);
    taken.add(kind);
    return { name: status.Name, label: status.Name || "no status", kind, passed: status.Passed || kind === "passed" };
  });
}

/** The share of passed rows as words, or null where nothing says what has passed. */
export function rate(looks, counts) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0 || !looks.some((look) => look.passed)) return null;
  const passed = counts.reduce((sum, count, at) => sum + (looks[at].passed ? count : 0), 0);
  // Neither all nor nothing unless it is.
  const share = (100 * passed) / total;
  const digits = share > 99 || share < 1 ? 1 : 0;
  const shown = Math.min(Math.max(share, passed > 0 ? 0.1 : 0), passed < total ? 99.9 : 100);
  return `${shown.toFixed(shown === 100 || shown === 0 ? 0 : digits)} %`;
}

const numbers = new Intl.NumberFormat("en");

/** A number for people. */
export function number(n) {
  return numbers.format(n);
}

/** "12 Failed, 3 Passed": what is not zero. */
export function inWords(looks, counts) {
  const told = counts.map((count, at) => [count, looks[at].label]).filter(([count]) => count > 0);
  return told.length === 0 ? "nothing" : told.map(([count, label]) => `${number(count)} ${label}`).join(", ");
}

/** An element with classes and text. */
export function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== "") made.textContent = text;
  return made;
}
