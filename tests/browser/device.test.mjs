// Reading on the device: what a visitor sees, and that nothing leaves.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { dropBytes, numbered, pdfOf } from "./pdf.mjs";
import { FIXTURES, READ_TIMEOUT_MS, choose, drop, missingWords, openPage, readText, serverAndBrowser, truth } from "./support.mjs";

const { server, browser } = await serverAndBrowser();

function assertNothingLeft(requests) {
  assert.ok(requests.length > 5, "requests are recorded");
  for (const { method, url, body } of requests) {
    if (url.startsWith("blob:") || url.startsWith("data:")) continue;
    assert.equal(new URL(url).origin, server.url, `a request went to ${url}`);
    assert.equal(method, "GET", `${method} ${url}`);
    assert.equal(body, null, `${url} carries a body`);
  }
}

test("a chosen picture is read, and nothing is uploaded", async () => {
  const { context, page, requests, errors } = await openPage(browser, server.url);
  await choose(page, "page-en.png");
  const text = await readText(page);
  assert.match(text, /Thank you for your letter of 3 March/);
  assert.ok(missingWords(await truth("page-en"), text) < 0.05, text);
  // Box and text are linked both ways, and the boxes can be reached by keyboard.
  await page.locator(".text-line").nth(3).hover();
  assert.equal(await page.locator(".box-active").getAttribute("data-line"), "3");
  await page.locator(".box").nth(5).hover();
  assert.equal(await page.locator(".text-line-active").getAttribute("data-line"), "5");
  await page.locator(".box").nth(5).focus();
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.locator(".box:focus").getAttribute("data-line"), "6");
  await page.getByRole("tab", { name: "JSON" }).click();
  assert.equal(JSON.parse(await page.locator(".source").innerText()).blocks[0].kind, "paragraph");
  assertNothingLeft(requests);
  assert.deepEqual(errors, []);
  await context.close();
});

test("a question is answered on the device, with a jump to where the answer stands", async () => {
  const { context, page, requests, errors } = await openPage(browser, server.url);
  await drop(page, "two-pages.tiff", "image/tiff");
  await readText(page);
  await page.waitForFunction(() => document.querySelector(".badge")?.textContent === "Read on this device", null, { timeout: READ_TIMEOUT_MS });
  await page.getByRole("tab", { name: "Ask" }).click();
  const question = page.getByRole("textbox", { name: "Question about the document" });
  await question.fill("What is page two?");
  await page.keyboard.press("Enter");
  const answer = page.locator(".ask-answer").first();
  await answer.waitFor();
  assert.match(await answer.innerText(), /two.*\(p\. 2\)/i);
  await page.getByRole("button", { name: /^Show on page 2/ }).first().click();
  await page.locator(".box-cited").first().waitFor();
  assert.equal(await page.locator(".page-number input").inputValue(), "2", "the page that is shown is the second");
  await question.fill("Who won the football match in Peru?");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await page.locator(".ask-answer").nth(1).waitFor();
  assert.match(await page.locator(".ask-answer").nth(1).innerText(), /not found in the document/);
  assertNothingLeft(requests);
  assert.deepEqual(errors, []);
  await context.close();
});

test("a dropped TIFF shows both pages and is saved in every format", async () => {
  const { context, page, errors } = await openPage(browser, server.url);
  await drop(page, "two-pages.tiff", "image/tiff");
  const [first, second] = (await truth("two-pages")).split("\f");
  assert.ok(missingWords(first, await readText(page)) < 0.1);
  await page.getByRole("button", { name: "Next page" }).click();
  await page.getByText("Page two").first().waitFor();
  assert.ok(missingWords(second, await readText(page)) < 0.1);
  const width = await page.locator(".sheet-picture").evaluate((image) => image.decode().then(() => image.naturalWidth));
  assert.ok(width > 0, "the page's picture is shown");
  for (const [format, mark] of [
    ["txt", /library[^]*\f[^]*page two/i],
    ["md", /\n\n---\n\n/],
    ["json", /"processed_by": "device"/],
    ["csv", /^page,block,line/],
    ["html", /^<!DOCTYPE html>[^]*library/i],
    ["docx", /^PK/],
    ["xlsx", /^PK/],
    ["pdf", /^%PDF-1\.7[^]*%%EOF/],
    ["hocr", /ocr_page/],
    ["alto", /<alto/],
  ]) {
    const download = page.waitForEvent("download");
    await page.locator(`[data-format=${format}]`).click();
    const saved = await download;
    assert.equal(saved.suggestedFilename(), `two-pages.${format === "alto" ? "xml" : format}`);
    const chunks = await (await saved.createReadStream()).toArray();
    assert.match(Buffer.concat(chunks).toString("utf8"), mark);
  }
  assert.deepEqual(errors, []);
  await context.close();
});

test("a PDF, a turned photo and a receipt are read side by side", async () => {
  const { context, page, requests, errors } = await openPage(browser, server.url);
  await choose(page, "page-en.pdf", "exif-6.jpg", "receipt-en.jpg");
  const files = page.getByRole("navigation", { name: "Files" });
  await files.getByText("done").nth(2).waitFor({ timeout: READ_TIMEOUT_MS });
  for (const [file, name, allowed] of [
    ["page-en.pdf", "page-en-pdf", 0],
    ["exif-6.jpg", "exif-6", 0.1],
    ["receipt-en.jpg", "receipt-en", 0.2],
  ]) {
    await files.getByRole("button", { name: file }).first().click();
    const text = await readText(page);
    assert.ok(missingWords(await truth(name), text) <= allowed, `${file}: ${text}`);
    // The PDF has text of its own, which agrees with its picture and is not recognised again.
    assert.equal(await page.locator('.note[data-code="text_layer_used"]').count(), file.endsWith(".pdf") ? 1 : 0, file);
  }
  assertNothingLeft(requests);
  assert.deepEqual(errors, []);
  await context.close();
});

test("what cannot be read says why, by its kind", async () => {
  const { context, page } = await openPage(browser, server.url);
  await choose(page, "damaged.png");
  await page.locator('.failure[data-code="damaged_file"]').waitFor({ timeout: READ_TIMEOUT_MS });
  await choose(page, "make_fixtures.py");
  await page.locator('.failure[data-code="unsupported_type"]').waitFor();
  await page.getByText("Choose a PNG, JPEG, WEBP, GIF, BMP, TIFF or PDF file.").waitFor();
  await page.locator(".failure").getByRole("button", { name: "Remove" }).click();
  await page.locator('.failure[data-code="damaged_file"]').waitFor();
  await context.close();
});

test("reading can be cancelled and taken up again", async () => {
  const { context, page } = await openPage(browser, server.url);
  // The model never comes until it is let through: the document is surely still being read.
  let letThrough;
  const gate = new Promise((resolve) => (letThrough = resolve));
  await context.route("**/models/**", async (route) => {
    await gate;
    await route.continue().catch(() => {});
  });
  await choose(page, "line-en.png");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.locator('.failure[data-code="cancelled"]').waitFor();
  letThrough();
  await page.getByRole("button", { name: "Try again" }).click();
  assert.match(await readText(page), /quick brown fox/);
  await context.close();
});

test("a pasted picture is read without a single request, once the page and a reader are there", async () => {
  const { context, page, requests, errors } = await openPage(browser, server.url);
  await choose(page, "line-en.png");
  await readText(page);
  await context.setOffline(true);
  requests.length = 0;
  const picture = (await readFile(join(FIXTURES, "page-en.png"))).toString("base64");
  await page.evaluate((picture) => {
    const bytes = Uint8Array.from(atob(picture), (character) => character.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], "pasted.png", { type: "image/png" }));
    window.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
  }, picture);
  await page.locator(".files").getByText("pasted.png").waitFor();
  assert.match(await readText(page), /Harbour Street Library/);
  assert.deepEqual(requests.filter(({ url }) => !url.startsWith("blob:")), []);
  assert.deepEqual(errors, []);
  await context.close();
});

test("a PDF of 20 pages is read to its end", { timeout: 2 * READ_TIMEOUT_MS }, async () => {
  const { context, page, requests, errors } = await openPage(browser, server.url);
  await dropBytes(page, pdfOf(numbered(20)), "twenty.pdf", "application/pdf");
  const number = page.locator(".page-number input");
  await number.waitFor({ timeout: READ_TIMEOUT_MS });
  await page.locator(".files .dot[data-state=done]").waitFor({ timeout: READ_TIMEOUT_MS });
  for (const n of [20, 1, 13]) {
    await number.fill(String(n));
    await number.press("Enter");
    await page.locator(".lines").getByText(`Line 12 of page ${n}:`).waitFor();
  }
  assertNothingLeft(requests);
  assert.deepEqual(errors, []);
  await context.close();
});

test("a reload without a network still reads", async () => {
  const { context, page, errors } = await openPage(browser, server.url);
  await choose(page, "line-en.png");
  await readText(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await context.setOffline(true);
  await page.reload();
  await choose(page, "page-en.png");
  assert.match(await readText(page), /Harbour Street Library/);
  assert.deepEqual(errors, []);
  await context.close();
});
