// Documents outlive the page: kept in IndexedDB until they are deleted.
import assert from "node:assert/strict";
import { test } from "node:test";

import { READ_TIMEOUT_MS, choose, openPage, readText, serverAndBrowser } from "./support.mjs";

const { server, browser } = await serverAndBrowser();

/** The number of entries in a store of the page's database. */
function nKept(page, store) {
  return page.evaluate(
    (store) =>
      new Promise((done, fail) => {
        const request = indexedDB.open("ocr-chat");
        request.onerror = () => fail(request.error);
        request.onsuccess = () => {
          const count = request.result.transaction(store).objectStore(store).count();
          count.onsuccess = () => {
            request.result.close();
            done(count.result);
          };
        };
      }),
    store,
  );
}

/** Waits until everything of `n` documents is on the disk. */
async function kept(page, n, nPages) {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await nKept(page, "documents")) === n && (await nKept(page, "pages")) === nPages) return;
    await page.waitForTimeout(100);
  }
  assert.fail(`kept: ${await nKept(page, "documents")} documents, ${await nKept(page, "pages")} pages`);
}

async function confirm(page, action) {
  await page.getByRole("dialog").getByRole("button", { name: action, exact: true }).click();
}

test("a reload brings documents back without reading again and without the network", async () => {
  const { context, page, requests, errors } = await openPage(browser, server.url);
  await choose(page, "two-pages.tiff");
  const text = await readText(page);
  await page.locator(".files .dot[data-state=done]").waitFor({ timeout: READ_TIMEOUT_MS });
  await kept(page, 1, 2);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await context.setOffline(true);
  requests.length = 0;
  await page.reload();
  // The tab comes back to its document, as it was.
  assert.equal(await readText(page), text);
  const width = await page.locator(".sheet-picture").evaluate((image) => image.decode().then(() => image.naturalWidth));
  assert.ok(width > 0, "the page's picture is shown");
  assert.ok(!requests.some(({ url }) => /worker|models/.test(url)), "nothing is read again");
  await page.getByRole("button", { name: "Next page" }).click();
  await page.getByText("Page two").first().waitFor();
  // What was brought back is a whole document: it is saved again.
  const download = page.waitForEvent("download");
  await page.locator("[data-format=txt]").click();
  const chunks = await (await (await download).createReadStream()).toArray();
  assert.match(Buffer.concat(chunks).toString("utf8"), /library[^]*\f[^]*page two/i);
  assert.deepEqual(errors, []);
  await context.close();
});

test("a document that was being read goes on with the pages that are missing", async () => {
  const { context, page } = await openPage(browser, server.url);
  await choose(page, "two-pages.tiff");
  await readText(page).catch(() => {});
  await page.locator(".files .dot[data-state=done]").waitFor({ timeout: READ_TIMEOUT_MS });
  await kept(page, 1, 2);
  // As if the page had been closed after the first page.
  await page.evaluate(
    () =>
      new Promise((done) => {
        const request = indexedDB.open("ocr-chat");
        request.onsuccess = () => {
          const changed = request.result.transaction(["documents", "pages"], "readwrite");
          const documents = changed.objectStore("documents");
          documents.getAllKeys().onsuccess = ({ target }) => {
            const [key] = target.result;
            documents.get(key).onsuccess = ({ target }) => {
              documents.put(JSON.stringify({ ...JSON.parse(target.result), status: "reading" }), key);
            };
            changed.objectStore("pages").delete([key, 1]);
            changed.objectStore("pages").get([key, 0]).onsuccess = ({ target }) => {
              changed.objectStore("pages").put(target.result.replaceAll("Library", "Lybrary").replaceAll("LIBRARY", "LYBRARY"), [key, 0]);
            };
          };
          changed.oncomplete = () => {
            request.result.close();
            done();
          };
        };
      }),
  );
  await page.reload();
  await page.locator(".files .dot[data-state=done]").waitFor({ timeout: READ_TIMEOUT_MS });
  // The first page is the kept one, the second was read anew.
  assert.match(await readText(page), /lybrary/i);
  await page.getByRole("button", { name: "Next page" }).click();
  await page.getByText("Page two").first().waitFor();
  await kept(page, 1, 2);
  await context.close();
});

test("the history finds documents by name and by their words, and deletes them in every tab", async () => {
  const { context, page, errors } = await openPage(browser, server.url);
  await choose(page, "line-en.png", "page-en.pdf", "damaged.png");
  await page.locator(".files .dot[data-state=done]").nth(1).waitFor({ timeout: READ_TIMEOUT_MS });
  await page.locator(".files .dot[data-state=failed]").waitFor({ timeout: READ_TIMEOUT_MS });
  await kept(page, 3, 2);
  const other = await context.newPage();
  await other.goto(`${server.url}/history`);
  await other.getByRole("heading", { name: "History" }).waitFor();
  const rows = other.locator(".history-row");
  await rows.nth(2).waitFor();
  assert.match(await other.locator(".history-usage").innerText(), /[KM]B of .*[MG]B used/);
  const find = other.getByRole("searchbox", { name: "Find a document" });
  await find.fill("BROWN   fox");
  await other.locator(".history-snippet").waitFor();
  assert.equal(await rows.count(), 1);
  assert.match(await rows.innerText(), /line-en\.png[^]*quick brown fox/);
  await find.fill("page-EN");
  await other.waitForFunction(() => document.querySelector(".history-row")?.dataset.name === "page-en.pdf");
  await find.fill("no such words");
  await other.getByText("No document with these words.").waitFor();
  await find.fill("");
  await other.getByRole("combobox", { name: "Order" }).selectOption("name");
  assert.deepEqual(await rows.evaluateAll((rows) => rows.map((row) => row.dataset.name)), ["damaged.png", "line-en.png", "page-en.pdf"]);
  // One that failed is still failed after the visit, and can be tried again.
  await rows.nth(0).getByRole("button", { name: "damaged.png", exact: true }).click();
  await other.locator('.failure[data-code="damaged_file"]').getByRole("button", { name: "Try again" }).waitFor();
  await other.goBack();
  await other.getByRole("button", { name: "Delete line-en.png" }).click();
  await confirm(other, "Cancel");
  assert.equal(await rows.count(), 3, "nothing is deleted without a yes");
  await other.getByRole("button", { name: "Delete line-en.png" }).click();
  await confirm(other, "Delete");
  await rows.nth(2).waitFor({ state: "detached" });
  // The first tab follows.
  await page.locator(".files").getByText("line-en.png").waitFor({ state: "detached" });
  await other.getByRole("button", { name: "Delete all" }).click();
  await confirm(other, "Delete");
  await other.getByText("Nothing here yet").waitFor();
  await page.getByRole("button", { name: "Choose files" }).waitFor();
  for (const store of ["documents", "files", "pages", "pictures", "texts"]) assert.equal(await nKept(page, store), 0, store);
  assert.deepEqual(errors, []);
  await context.close();
});

test("who wants nothing kept has nothing kept, and a device can be cleared", async () => {
  const { context, page } = await openPage(browser, server.url);
  await page.goto(`${server.url}/history`);
  await page.getByRole("checkbox", { name: "Keep documents on this device" }).uncheck();
  await page.getByRole("link", { name: "OCR.chat, start page" }).click();
  await choose(page, "line-en.png");
  await readText(page);
  assert.equal(await nKept(page, "documents"), 0);
  await page.goto(`${server.url}/history`);
  await page.getByText("Nothing here yet").waitFor();
  await page.getByRole("checkbox", { name: "Keep documents on this device" }).check();
  await page.getByRole("link", { name: "OCR.chat, start page" }).click();
  await choose(page, "line-en.png");
  await readText(page);
  await kept(page, 1, 1);
  await page.goto(`${server.url}/history`);
  await page.getByRole("button", { name: "Clear this device" }).click();
  await confirm(page, "Clear this device");
  await page.waitForURL(`${server.url}/`);
  await page.getByRole("button", { name: "Choose files" }).waitFor();
  assert.equal(await nKept(page, "documents"), 0);
  assert.deepEqual(await page.evaluate(() => caches.has("ocr-chat-models")), false);
  await context.close();
});

test("a database of the first version is brought up, with its documents", async () => {
  const { context, page } = await openPage(browser, server.url);
  // As version 1 wrote it.
  await page.evaluate(async () => {
    await new Promise((done) => (indexedDB.deleteDatabase("ocr-chat").onsuccess = done));
    await new Promise((done) => {
      const request = indexedDB.open("ocr-chat", 1);
      request.onupgradeneeded = () => {
        for (const name of ["documents", "files", "pages"]) request.result.createObjectStore(name);
      };
      request.onsuccess = () => {
        const filled = request.result.transaction(["documents", "files", "pages"], "readwrite");
        const record = { name: "old.png", size_bytes: 3, added_ms: 1e12, place: "device", model: "tiny", language: "auto", status: "done", n_pages: 1 };
        filled.objectStore("documents").put(JSON.stringify(record), "k1");
        filled.objectStore("files").put(new File(["abc"], "old.png"), "k1");
        const line = { text: "from the first version", bbox: [0, 0, 9, 9], polygon: [[0, 0], [9, 0], [9, 9], [0, 9]], confidence: 0.9, words: [] };
        const block = { kind: "paragraph", text: line.text, bbox: [0, 0, 9, 9], confidence: 0.9, lines: [line] };
        const page = { index: 0, status: "done", width: 10, height: 10, dpi: null, rotation: 0, detected_language: "en", mean_confidence: 0.9, blocks: [block], warnings: [] };
        filled.objectStore("pages").put(JSON.stringify(page), ["k1", 0]);
        filled.oncomplete = () => {
          request.result.close();
          done();
        };
      };
    });
  });
  await page.reload();
  await page.locator(".files").getByText("old.png").click();
  await page.getByText("from the first version").first().waitFor();
  assert.equal(await nKept(page, "pictures"), 0, "the new stores are there");
  await context.close();
});

test("without IndexedDB a page reads as ever, and says that nothing is kept", async () => {
  const context = await browser.newContext();
  await context.addInitScript(() => Object.defineProperty(window, "indexedDB", { value: undefined }));
  const page = await context.newPage();
  await page.goto(server.url);
  await choose(page, "line-en.png");
  assert.match(await readText(page), /quick brown fox/);
  await page.locator('.note[data-code="not_kept"]').waitFor();
  await context.close();
});

test("on a full disk a document stays for this visit, and says so", async () => {
  const context = await browser.newContext();
  await context.addInitScript(() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value, key) {
      if (this.name === "pictures") throw new DOMException("full", "QuotaExceededError");
      return put.call(this, value, key);
    };
  });
  const page = await context.newPage();
  await page.goto(server.url);
  await choose(page, "line-en.png");
  assert.match(await readText(page), /quick brown fox/);
  await page.locator('.note[data-code="no_room"]').getByRole("button", { name: "Delete old documents" }).click();
  await page.getByText("this visit only").waitFor();
  await page.getByRole("button", { name: "line-en.png", exact: true }).click();
  assert.match(await readText(page), /quick brown fox/);
  assert.equal(await nKept(page, "documents"), 0, "nothing is left of it");
  await context.close();
});

test("a tab with an older app gives way to a newer database", async () => {
  const { context, page } = await openPage(browser, server.url);
  await page.waitForTimeout(300);
  const version = await page.evaluate(
    () =>
      new Promise((done, fail) => {
        const request = indexedDB.open("ocr-chat", 99);
        request.onblocked = () => fail(new Error("blocked"));
        request.onsuccess = () => {
          request.result.close();
          done(request.result.version);
        };
      }),
  );
  assert.equal(version, 99);
  await choose(page, "line-en.png");
  assert.match(await readText(page), /quick brown fox/);
  await context.close();
});
