// The dashboard as people use it: keyboard and mouse, wide and narrow, light and dark.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const { SERVER: server, CHROMIUM: executablePath, SHOTS: shots } = process.env;
const N_RUNS = 30_000;
/** Pages load nothing from elsewhere, so the browser needs nobody to talk to. */
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

let program, browser, address;

before(async () => {
  program = spawn(server, ["--generate", String(N_RUNS), "--listen", "127.0.0.1:0"], { stdio: ["ignore", "ignore", "pipe"] });
  const told = createInterface({ input: program.stderr });
  address = await new Promise((resolve, reject) => {
    told.on("line", (line) => line.startsWith("listening at ") && resolve(line.slice("listening at ".length)));
    told.on("close", () => reject(new Error("the server ended before it listened")));
  });
  if (shots) mkdirSync(shots, { recursive: true });
  browser = await chromium.launch({ executablePath, args: QUIET });
});

after(async () => {
  await browser?.close();
  if (program && program.exitCode === null) {
    program.kill("SIGTERM");
    const [code] = await once(program, "exit");
    assert.equal(code, 0, "the server ends well when it is told to");
  }
});

/** A page of its own, which must not complain. */
async function open(options = {}, hash = "") {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, timezoneId: "UTC", locale: "en", ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("request", (request) => request.url().startsWith(address) || request.url().startsWith("data:") || complaints.push(request.url()));
  await page.goto(`${address}/${hash}`);
  await page.locator("#groups li").first().waitFor();
  return { page, close: async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  } };
}

const number = async (locator) => Number((await locator.textContent()).replaceAll(/\D/g, ""));

test("bars and legend count every row", async () => {
  const { page, close } = await open();
  assert.equal(await number(page.locator("#total")), N_RUNS);
  const legend = await page.locator("#legend strong").allTextContents();
  assert.equal(legend.reduce((sum, text) => sum + Number(text.replaceAll(",", "")), 0), N_RUNS);
  const sums = await page.locator("#groups .sum").allTextContents();
  assert.equal(sums.length, 6);
  assert.equal(sums.reduce((sum, text) => sum + Number(text.replaceAll(",", "")), 0), N_RUNS);
  assert.match(await page.locator("#groups button").first().getAttribute("aria-label"), /^Accounts: [\d,]+ \w+.*Open the rows$/);
  await close();
});

test("a query is completed and run by keyboard alone", async () => {
  const { page, close } = await open();
  await page.keyboard.press("Tab");
  await page.locator("#query").focus();
  await page.keyboard.type("Proj");
  const offers = page.getByRole("listbox").getByRole("option");
  await offers.first().waitFor();
  const box = page.getByRole("combobox", { name: "Query" });
  assert.equal(await box.getAttribute("aria-expanded"), "true");
  await page.keyboard.press("ArrowDown");
  const active = await box.getAttribute("aria-activedescendant");
  assert.equal(await page.locator(`#${active}`).getAttribute("aria-selected"), "true");
  await page.keyboard.press("Enter");
  assert.match(await box.inputValue(), /^Project/);
  await box.fill("Project = ");
  await page.keyboard.press("ArrowDown");
  await page.getByRole("option", { name: /Mobile/ }).waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await box.getAttribute("aria-expanded"), "false");
  await box.fill("Project = Mobile");
  await page.keyboard.press("Enter");
  await page.waitForFunction((all) => Number(document.getElementById("total").textContent.replaceAll(",", "")) < all, N_RUNS);
  assert.equal(await page.locator("#groups li").count(), 1);
  assert.match(page.url(), /q=Project/);
  await close();
});

test("mistakes are underlined, told, and mended by their fix", async () => {
  const { page, close } = await open();
  await page.locator("#query").fill("Statsu = Failed");
  await page.locator("#marks mark").waitFor();
  assert.equal(await page.locator("#marks mark").textContent(), "Statsu");
  assert.match(await page.locator("#mistakes").textContent(), /no field `Statsu`.*did you mean `Status`\?/);
  assert.equal(await page.locator("#query").getAttribute("aria-invalid"), "true");
  // What was asked before stays on the page.
  assert.equal(await number(page.locator("#total")), N_RUNS);
  if (shots) await page.screenshot({ path: `${shots}/mistake.png` });
  await page.locator("#mistakes button").click();
  await page.waitForFunction(() => document.getElementById("query").value === "Status = Failed");
  await page.waitForFunction(() => document.querySelectorAll("#marks mark").length === 0);
  await page.waitForFunction((all) => Number(document.getElementById("total").textContent.replaceAll(",", "")) < all, N_RUNS);
  await close();
});

test("text outside ASCII keeps its places", async () => {
  const { page, close } = await open();
  await page.locator("#query").fill("Name ~ 'ö😀' AND Statsu = x");
  await page.locator("#marks mark").waitFor();
  assert.equal(await page.locator("#marks mark").textContent(), "Statsu");
  await close();
});

test("a bar opens the rows behind it, as many as it says", async () => {
  const { page, close } = await open();
  const bar = page.locator("#groups li").nth(2).locator("button");
  const count = await number(bar.locator(".sum"));
  await bar.focus();
  await page.keyboard.press("Enter");
  await page.locator("#rows-table tbody tr").first().waitFor();
  assert.match(await page.locator("#rows-place").textContent(), new RegExp(`of ${count.toLocaleString("en")}$`));
  assert.equal(await page.locator("#rows-tql").textContent(), 'Project = "Mobile"');
  if (shots) await page.screenshot({ path: `${shots}/rows.png` });
  const failed = page.locator("#rows-statuses button", { hasText: "Failed" });
  const some = await number(failed.locator("strong"));
  await failed.click();
  await page.waitForFunction((text) => document.getElementById("rows-place").textContent.endsWith(text), `of ${some.toLocaleString("en")}`);
  await page.locator("#rows-on").click();
  await page.waitForFunction(() => document.getElementById("rows-place").textContent.startsWith("26–50"));
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#rows").isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement.className), "row", "the focus is back on the bar");
  await close();
});

test("the trend is walked by arrows, and opens its rows", async () => {
  const { page, close } = await open();
  const columns = page.locator("#chart .column");
  await columns.first().waitFor();
  assert.ok(await columns.count() >= 90);
  await columns.last().focus();
  await page.keyboard.press("Home");
  assert.match(await page.locator("#told").textContent(), /^2024-01-01 — [\d,]+ rows: /);
  await page.keyboard.press("ArrowRight");
  assert.match(await page.locator("#told").textContent(), /^2024-01-02/);
  await page.keyboard.press("Enter");
  await page.locator("#rows-table tbody tr").first().waitFor();
  assert.match(await page.locator("#rows-title").textContent(), /2024-01-02/);
  await page.locator("#rows-use").click();
  await page.waitForFunction(() => document.querySelectorAll("#chart .column").length === 1);
  await close();
});

test("choices stay in the address", async () => {
  const { page, close } = await open({}, "#by=RunBy&order=count&zone=Asia%2FTokyo&q=Status%20%3D%20Failed");
  assert.equal(await page.locator("#groups-title").textContent(), "By RunBy");
  const sums = (await page.locator("#groups .sum").allTextContents()).map((text) => Number(text.replaceAll(",", "")));
  assert.deepEqual(sums, [...sums].sort((a, b) => b - a));
  assert.equal(await page.locator("#query").inputValue(), "Status = Failed");
  await page.locator("#by").selectOption("Environment");
  await page.waitForFunction(() => document.getElementById("groups-title").textContent === "By Environment");
  assert.match(page.url(), /by=Environment/);
  await page.locator("#by").selectOption("CreatedAt");
  await page.locator("#by-period").selectOption("Month");
  await page.waitForFunction(() => document.querySelector("#groups .key")?.textContent === "2024-01-01");
  await close();
});

test("dark and light follow the system, and the switch", async () => {
  const { page, close } = await open({ colorScheme: "dark" });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await ground();
  await page.getByRole("button", { name: "Dark" }).click();
  assert.notEqual(await ground(), dark);
  await page.reload();
  await page.locator("#groups li").first().waitFor();
  assert.notEqual(await ground(), dark, "the switch is remembered");
  await page.getByRole("button", { name: "Dark" }).click();
  assert.equal(await ground(), dark);
  await close();
});

for (const [name, viewport] of [["desktop", { width: 1280, height: 900 }], ["phone", { width: 390, height: 844 }]]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`nothing sticks out: ${name}, ${colorScheme}`, async () => {
      const { page, close } = await open({ viewport, colorScheme });
      await page.locator("#chart .column").first().waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(wide, 0);
      if (shots) await page.screenshot({ path: `${shots}/${name}-${colorScheme}.png`, fullPage: name === "phone" });
      await close();
    });
  }
}
