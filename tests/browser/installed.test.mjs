// The app as one of the device's own: files that are shared with it, its manifest, newer versions.
import assert from "node:assert/strict";
import { test } from "node:test";

import { openPage, readText, serverAndBrowser } from "./support.mjs";

const { server, browser } = await serverAndBrowser();

test("files that another app shares are read, and never leave the device", async () => {
  const { context, page, requests, errors } = await openPage(browser, server.url);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  const fixture = new URL("../fixtures/line-en.png", import.meta.url);
  await page.evaluate(() => {
    const form = document.createElement("form");
    form.action = "/share";
    form.method = "post";
    form.enctype = "multipart/form-data";
    form.innerHTML = '<input type="file" name="files" id="shared">';
    document.body.append(form);
  });
  await page.locator("#shared").setInputFiles(fixture.pathname);
  requests.length = 0;
  await page.locator("#shared").evaluate((input) => input.form.submit());
  await page.locator(".files").getByText("line-en.png").waitFor();
  assert.match(await readText(page), /quick brown fox/);
  assert.equal(await page.evaluate(() => caches.has("ocr-chat-shared")), false, "taken once");
  // Nothing of it reached the server: the worker answered the form itself.
  assert.equal(new URL(page.url()).pathname, "/");
  assert.deepEqual(errors, []);
  await context.close();
});

test("the manifest makes the app installable", async () => {
  const { context, page } = await openPage(browser, server.url);
  const manifest = await (await page.request.get(`${server.url}/manifest.webmanifest`)).json();
  for (const { src, sizes, type } of manifest.icons) {
    const answer = await page.request.get(server.url + src);
    assert.equal(answer.headers()["content-type"], type, src);
    if (type !== "image/png") continue;
    const size = await page.evaluate(async (src) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      return `${image.naturalWidth}x${image.naturalHeight}`;
    }, src);
    assert.equal(size, sizes);
  }
  // The browser's offer becomes a button, once the app is there.
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.evaluate(() => {
    const offer = new Event("beforeinstallprompt", { cancelable: true });
    offer.prompt = () => (window.wasAsked = true);
    window.dispatchEvent(offer);
  });
  await page.getByRole("button", { name: "Install" }).click();
  assert.equal(await page.evaluate(() => window.wasAsked), true);
  await page.getByRole("button", { name: "Install" }).waitFor({ state: "detached" });
  await context.close();
});
