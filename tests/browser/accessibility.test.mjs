// Every page, in light and dark, on a phone and wide, in each language of the interface: no serious finding of axe (WCAG 2.2 AA).
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";

import { choose, readText, serverAndBrowser } from "./support.mjs";

const PUBLIC = ["/", "/languages", "/history", "/tools", "/tools/translate", "/prices", "/docs", "/api-reference", "/privacy", "/terms", "/status", "/nothing"];
const ACCOUNT = ["/sign-in", "/sign-up", "/forgot-password", "/reset-password", "/verify"];
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const LOOKS = [
  { colorScheme: "light", viewport: { width: 1280, height: 860 } },
  { colorScheme: "dark", viewport: { width: 390, height: 844 } },
];

const { server, browser } = await serverAndBrowser();
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The findings on what a page shows now that are serious or worse, as text. */
async function findings(page) {
  await page.evaluate(axe);
  // What Swagger UI draws within the reference has colours of its own, which are not ours to change.
  const { violations } = await page.evaluate((rules) => window.axe.run({ exclude: ["#reference"] }, { runOnly: rules }), RULES);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

/** A page that axe may be put into, which the pages' own policy forbids. */
async function open(look) {
  const context = await browser.newContext({ ...look, bypassCSP: true, serviceWorkers: "block" });
  return { context, page: await context.newPage() };
}

for (const look of LOOKS) {
  test(`pages in ${look.colorScheme}, ${look.viewport.width} pixels wide`, async () => {
    const { context, page } = await open(look);
    const found = [];
    for (const path of [...PUBLIC, ...ACCOUNT, "/th", "/th/prices", "/ar", "/ar/docs", "/ar/languages"]) {
      await page.goto(server.url + path, { waitUntil: "networkidle" });
      found.push(...(await findings(page)).map((finding) => `${path} ${finding}`));
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (overflow > 0) found.push(`${path} is ${overflow} pixels wider than the window`);
    }
    assert.deepEqual(found, []);
    await context.close();
  });
}

test("a document that was read, in every tab", async () => {
  for (const look of LOOKS) {
    const { context, page } = await open(look);
    await page.goto(server.url);
    await choose(page, "page-en.png");
    await readText(page);
    const found = [];
    for (const tab of await page.getByRole("tab").all()) {
      await tab.click();
      const name = await tab.innerText();
      found.push(...(await findings(page)).map((finding) => `${name} ${finding}`));
    }
    assert.deepEqual(found, [], look.colorScheme);
    await context.close();
  }
});
