// Weak pages are offered to the server, never taken; and the results of several documents are one archive.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { READ_TIMEOUT_MS, choose, openPage, readText, serverAndBrowser } from "./support.mjs";

const { server, browser } = await serverAndBrowser();

/** Marks page `index` of the only kept document as badly read, as the engine would. */
function weaken(page, index) {
  return page.evaluate(
    (index) =>
      new Promise((done) => {
        const request = indexedDB.open("ocr-chat");
        request.onsuccess = () => {
          const changed = request.result.transaction("pages", "readwrite");
          const pages = changed.objectStore("pages");
          pages.getAllKeys().onsuccess = ({ target }) => {
            const key = target.result.find((key) => key[1] === index);
            pages.get(key).onsuccess = ({ target }) => {
              const weak = JSON.parse(target.result.replaceAll(/page two/gi, "pqge tvvo"));
              weak.warnings.push({ code: "low_confidence", message: "The text should be checked." });
              pages.put(JSON.stringify(weak), key);
            };
          };
          changed.oncomplete = () => {
            request.result.close();
            done();
          };
        };
      }),
    index,
  );
}

test("a weak page is offered to the server with its price, read there after a yes, and taken back", async () => {
  const { context, page, requests, errors } = await openPage(browser, server.url);
  await choose(page, "two-pages.tiff");
  await readText(page);
  await page.locator(".files .dot[data-state=done]").waitFor({ timeout: READ_TIMEOUT_MS });
  assert.equal(await page.locator("[data-hand-off]").count(), 0, "pages that are read well are not offered");
  await page.waitForTimeout(500);
  await weaken(page, 1);
  requests.length = 0;
  await page.reload();
  const offer = page.locator("[data-hand-off]");
  await offer.getByText("Page 2 was hard to read here.").waitFor();
  await offer.getByText("The whole file is sent to the server").waitFor();
  await offer.getByText("1 page, 1 credit", { exact: true }).waitFor();
  await offer.getByRole("radio", { name: "Premium" }).check();
  await offer.getByText("1 page, 2 credits", { exact: true }).waitFor();
  await offer.getByRole("radio", { name: "Standard" }).check();
  assert.ok(!requests.some(({ method }) => method !== "GET"), "nothing has left yet");
  const answered = page.waitForResponse((response) => response.request().method() === "POST");
  await offer.getByRole("button", { name: "Read this page on the server" }).click();
  // The server was asked for this page and for no other.
  const job = await (await answered).json();
  assert.deepEqual(job.pages.map(({ index }) => index), [1]);
  await page.getByText("Page 2 was read on the server").waitFor({ timeout: READ_TIMEOUT_MS });
  const sent = requests.filter(({ method }) => method === "POST");
  assert.equal(sent.length, 1);
  assert.ok(requests.some(({ method }) => method === "DELETE"), "nothing stays on the server");
  await page.getByText("Read on this device", { exact: true }).and(page.locator(".badge")).waitFor();
  await page.getByRole("button", { name: "Next page" }).click();
  assert.match(await readText(page, "Read on the server"), /page two/i);
  // Both readings are kept.
  await page.waitForTimeout(500);
  await page.reload();
  await page.getByText("Page 2 was read on the server").waitFor();
  await page.getByRole("button", { name: "Use this device's reading" }).click();
  await page.getByRole("button", { name: "Next page" }).click();
  assert.match(await readText(page), /pqge tvvo/i);
  assert.equal(await page.getByText("Page 2 was read on the server").count(), 0);
  assert.deepEqual(errors, []);
  await context.close();
});

test("what the server refuses is said in words, and the device's reading stands", async () => {
  const { context, page } = await openPage(browser, server.url);
  await choose(page, "two-pages.tiff");
  await page.locator(".files .dot[data-state=done]").waitFor({ timeout: READ_TIMEOUT_MS });
  await page.waitForTimeout(500);
  await weaken(page, 1);
  let status = 402;
  const codes = { 401: "sign_in_needed", 402: "credits_exhausted", 429: "too_many_requests", 503: "busy" };
  await context.route("**/api/v1/ocr/", (route) =>
    route.fulfill({ status, json: { error: `Refused with ${status}.`, code: codes[status], request_id: "r" } }),
  );
  await page.reload();
  const offer = page.locator("[data-hand-off]");
  for (status of [402, 401, 429, 503]) {
    await offer.getByRole("button", { name: "Read this page on the server" }).click();
    const refusal = offer.locator(`.note-bad[data-code=${codes[status]}]`);
    await refusal.waitFor();
    assert.ok((await refusal.innerText()).trim().length > 10);
  }
  await page.getByRole("button", { name: "Next page" }).click();
  assert.match(await readText(page), /pqge tvvo/i);
  await offer.getByRole("button", { name: "Not now" }).click();
  await offer.waitFor({ state: "detached" });
  await context.close();
});

test("the results of several documents are saved as one archive that others open", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ocr-chat-zip-"));
  const { context, page, errors } = await openPage(browser, server.url);
  await choose(page, "two-pages.tiff", "line-en.png", "line-en.png");
  await page.locator(".files .dot[data-state=done]").nth(2).waitFor({ timeout: READ_TIMEOUT_MS });
  for (const [format, names] of [
    ["txt", ["line-en (2).txt", "line-en.txt", "two-pages.txt"]],
    ["docx", ["line-en (2).docx", "line-en.docx", "two-pages.docx"]],
  ]) {
    await page.getByRole("combobox", { name: "Format of the files" }).selectOption(format);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save 3 documents as zip" }).click();
    const path = join(folder, `${format}.zip`);
    await (await download).saveAs(path);
    const script = "import json,sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(json.dumps({n: z.read(n).decode('utf-8','replace') for n in z.namelist()}))";
    const { stdout } = await promisify(execFile)("python3", ["-c", script, path], { maxBuffer: 1e8 });
    const files = JSON.parse(stdout);
    assert.deepEqual(Object.keys(files).sort(), names);
    if (format === "txt") {
      assert.match(files["two-pages.txt"], /library[^]*\f[^]*page two/i);
      assert.match(files["line-en.txt"], /quick brown fox/);
    } else {
      assert.match(files["two-pages.docx"], /^PK/);
    }
  }
  assert.deepEqual(errors, []);
  await context.close();
  await rm(folder, { recursive: true });
});
