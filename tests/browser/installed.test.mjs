// The app as one of the device's own: files that are shared with it, its manifest, newer versions.
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { choose, FIXTURES, openPage, readText, ROOT, serverAndBrowser, startServer } from "./support.mjs";

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

test("files that the device opens with the app are read", async () => {
  const context = await browser.newContext();
  // What an installed app gets from the browser; one that is not installed has an empty queue.
  const picture = (await readFile(join(FIXTURES, "line-en.png"))).toString("base64");
  await context.addInitScript((picture) => {
    const bytes = Uint8Array.from(atob(picture), (character) => character.charCodeAt(0));
    const handle = { getFile: async () => new File([bytes], "opened.png", { type: "image/png" }) };
    Object.defineProperty(window, "launchQueue", { value: { setConsumer: (consumer) => consumer({ files: [handle] }) } });
  }, picture);
  const page = await context.newPage();
  await page.goto(server.url);
  await page.locator(".files").getByText("opened.png").waitFor();
  assert.match(await readText(page), /quick brown fox/);
  await context.close();
});

test("a newer version is offered where a document is looked at, and taken at once where nothing is going on", async () => {
  const webDir = await mkdtemp(join(tmpdir(), "ocr-chat-newer-"));
  await cp(process.env.OCR_CHAT_WEB_DIR ?? join(ROOT, "dist"), webDir, { recursive: true });
  const serviceWorker = join(webDir, "sw.js");
  // What is changed below is to be served.
  await Promise.all(["br", "gz"].map((coding) => rm(`${serviceWorker}.${coding}`, { force: true })));
  const server = await startServer({ OCR_CHAT_WEB_DIR: webDir });
  /** Puts a newer version on the server and has `page`, which is marked as the old one, look for it. */
  const publish = async (page, version) => {
    await page.waitForFunction(() => navigator.serviceWorker.controller);
    const script = await readFile(serviceWorker, "utf8");
    const newer = script.replace(/const VERSION = "[^"]*"/, `const VERSION = "${version}"`);
    assert.notEqual(newer, script);
    await writeFile(serviceWorker, newer);
    await page.evaluate(() => {
      // Gone when the page is loaded anew.
      window.isTheOldPage = true;
      return navigator.serviceWorker.getRegistration().then((registration) => registration.update());
    });
  };
  const isNew = (page) => page.waitForFunction(() => !window.isTheOldPage && document.readyState === "complete");
  const { context, page, errors } = await openPage(browser, server.url);
  await choose(page, "line-en.png");
  await readText(page);
  await publish(page, "next");
  const news = page.locator('[data-news="version"]');
  await news.waitFor();
  assert.equal(await page.evaluate(() => window.isTheOldPage), true, "what is looked at stays");
  await news.getByRole("button", { name: "Reload" }).click();
  await isNew(page);
  assert.deepEqual(errors, []);
  await context.close();
  const idle = await openPage(browser, server.url);
  await publish(idle.page, "after-next");
  await isNew(idle.page);
  assert.deepEqual(idle.errors, []);
  await idle.context.close();
  await server.stop();
  await rm(webDir, { recursive: true });
});
