// Reading on the server, and servers that cannot help.
import assert from "node:assert/strict";
import { test } from "node:test";

import { READ_TIMEOUT_MS, choose, missingWords, openPage, readText, serverAndBrowser, truth } from "./support.mjs";

const { server, browser } = await serverAndBrowser();

test("the switch sends the file to the server, and the choice is kept", async () => {
  const { context, page, requests } = await openPage(browser, server.url);
  await page.getByLabel("Read on the server").check();
  await page.getByText("Your file is uploaded").waitFor();
  await choose(page, "page-en.png");
  const text = await readText(page, "Read on the server");
  assert.ok(missingWords(await truth("page-en"), text) < 0.05, text);
  await page.locator(".sheet-picture").waitFor();
  const posts = requests.filter(({ method }) => method === "POST");
  assert.deepEqual(
    posts.map(({ url }) => new URL(url).pathname),
    ["/api/v1/ocr/"],
  );
  assert.ok(!requests.some(({ url }) => url.includes("/models/")), "no model is fetched for it");
  await page.reload();
  // The page that the server writes knows nothing of the choice; the app does.
  await page.locator("label", { hasText: "Read on the server" }).locator("input:checked").waitFor({ state: "attached" });
  await context.close();
});

test("the server's refusal is shown by its code", async () => {
  const { context, page } = await openPage(browser, server.url);
  await page.getByLabel("Read on the server").check();
  await choose(page, "damaged.png");
  await page.locator('.failure[data-code="damaged_file"]').waitFor({ timeout: READ_TIMEOUT_MS });
  await context.close();
});

test("models that are missing on the server, and no network, are told apart", async () => {
  const { context, page } = await openPage(browser, server.url);
  await context.route("**/models/**", (route) => route.fulfill({ status: 404, body: "" }));
  await choose(page, "line-en.png");
  await page.locator('.failure[data-code="models_missing"]').waitFor({ timeout: READ_TIMEOUT_MS });
  await context.unroute("**/models/**");
  await context.route("**/models/**", async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body[body.length >> 1] ^= 1;
    await route.fulfill({ response, body });
  });
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator('.failure[data-code="models_damaged"]').waitFor({ timeout: READ_TIMEOUT_MS });
  await context.unroute("**/models/**");
  await context.setOffline(true);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator('.failure[data-code="offline"]').waitFor({ timeout: READ_TIMEOUT_MS });
  await context.setOffline(false);
  await page.getByRole("button", { name: "Try again" }).click();
  assert.match(await readText(page), /quick brown fox/);
  await context.close();
});
