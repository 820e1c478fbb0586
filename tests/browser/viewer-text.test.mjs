// The text of a document: words to check, corrections and what is made of them, search, tables.
import assert from "node:assert/strict";
import { test } from "node:test";

import { dropBytes, numbered, pdfOf } from "./pdf.mjs";
import { READ_TIMEOUT_MS, choose, openPage, readText, serverAndBrowser } from "./support.mjs";

const { server, browser } = await serverAndBrowser();

async function save(page, format) {
  const download = page.waitForEvent("download");
  await page.locator(`[data-format="${format}"]`).click();
  const chunks = await (await (await download).createReadStream()).toArray();
  return Buffer.concat(chunks).toString("utf8");
}

/** The number of the line that says `text`. */
async function lineOf(page, text) {
  const texts = await page.locator(".text-line").evaluateAll((lines) => lines.map((line) => line.textContent));
  return texts.findIndex((line) => text.test(line));
}

test("what was read wrong is found, corrected in place, and right in every file", async () => {
  const { context, page, errors } = await openPage(browser, server.url);
  await choose(page, "receipt-en.jpg");
  await readText(page);
  const count = page.locator(".checks-count");
  const n_before = Number.parseInt(await count.innerText(), 10);
  assert.ok(n_before >= 1, "the receipt has a word that the reader is not sure of");
  const doubtful = await page.locator(".doubtful").allInnerTexts();
  assert.equal(doubtful.length, n_before);
  const style = await page.locator(".doubtful").first().evaluate((word) => getComputedStyle(word).textDecorationLine);
  assert.equal(style, "underline", "not by colour alone");
  for (let n = 0; n < n_before; n += 1) {
    await page.getByRole("button", { name: "Next word to check" }).click();
    const line = page.locator(".text-line-active");
    assert.ok((await line.innerText()).includes(doubtful[n]), `${n}: ${await line.innerText()}`);
    await page.locator(".box-cited").waitFor();
  }
  await page.getByLabel("Mark them").uncheck();
  assert.equal(await page.locator(".doubtful").count(), 0);
  await page.getByLabel("Mark them").check();

  // By keyboard: from a line's button with F2; Escape leaves it as it was.
  const at = await lineOf(page, /live oil/);
  const line = page.locator(".text-line").nth(at);
  const was = await line.innerText();
  const field = page.getByRole("textbox", { name: /^Corrected text/ });
  await line.getByRole("button", { name: /^Correct the line/ }).focus();
  await page.keyboard.press("F2");
  assert.equal(await field.inputValue(), was);
  await field.fill("something else");
  await page.keyboard.press("Escape");
  assert.equal(await line.innerText(), was);
  await page.waitForFunction(() => document.activeElement?.classList.contains("line-edit"));

  await page.keyboard.press("F2");
  await field.fill("Olive oil 750 ml (cold pressed)");
  await page.keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: "Corrected." }).waitFor();
  assert.equal(await line.innerText(), "Olive oil 750 ml (cold pressed)");
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label")?.includes("read as"));
  assert.ok(await line.evaluate((line) => line.classList.contains("text-line-corrected")));
  for (const format of ["txt", "md", "csv", "json", "html", "hocr", "alto"]) {
    const file = await save(page, format);
    assert.match(file, /pressed/, format);
    assert.doesNotMatch(format === "json" ? file.replace(/"read": .*/g, "") : file, /500/, format);
  }
  const { pages } = JSON.parse(await save(page, "json"));
  assert.equal(pages[0].corrections[0].read, was);
  const corrected = pages[0].blocks.flatMap((block) => block.lines).find(({ text }) => text.startsWith("Olive"));
  assert.deepEqual(corrected.words.map(({ text }) => text), corrected.text.split(" "));
  for (const { bbox: [x0, , x1] } of corrected.words) assert.ok(x0 >= corrected.bbox[0] - 2 && x1 <= corrected.bbox[2] + 2 && x0 < x1);

  // What is asked is asked of the correction.
  await page.getByRole("tab", { name: "Ask" }).click();
  await page.getByRole("textbox", { name: "Question about the document" }).fill("How much is the cold pressed olive oil?");
  await page.keyboard.press("Enter");
  await page.locator(".ask-answer").waitFor();
  assert.match(await page.locator(".ask-answer").innerText(), /cold pressed/);

  await page.getByRole("tab", { name: "Text", exact: true }).click();
  await page.getByRole("button", { name: "Undo correction" }).click();
  assert.equal(await line.innerText(), was);
  assert.match(await save(page, "txt"), /500 ml/);
  assert.equal(await page.getByRole("button", { name: "Undo correction" }).count(), 0);

  // A line that is right is confirmed: there is less to check.
  await line.dblclick();
  await page.keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: "Confirmed" }).waitFor();
  const n_after = (await count.count()) === 0 ? 0 : Number.parseInt(await count.innerText(), 10);
  assert.ok(n_after < n_before);
  assert.deepEqual(errors, []);
  await context.close();
});

test("the document is searched, page after page", async () => {
  const { context, page, errors } = await openPage(browser, server.url);
  await dropBytes(page, pdfOf(numbered(6)), "report.pdf", "application/pdf");
  await readText(page);
  await page.keyboard.press("/");
  const field = page.getByRole("searchbox", { name: "Find in the document" });
  assert.ok(await field.evaluate((field) => field === document.activeElement));
  await page.keyboard.type("CHAPTER");
  const count = page.locator(".find-count");
  await page.waitForFunction(() => document.querySelector(".find-count").textContent === "1 of 6");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  assert.equal(await count.innerText(), "3 of 6");
  assert.equal(await page.locator(".page-number input").inputValue(), "3");
  assert.equal(await page.locator("mark.found-here").innerText(), "Chapter");
  const [found, cited] = await Promise.all([page.locator(".box-found").count(), page.locator(".box-cited").count()]);
  assert.deepEqual([found, cited], [1, 1], "on the picture, too");
  // The box is around the word, not around the line.
  const [word, line] = await Promise.all([
    page.locator(".box-cited").boundingBox(),
    page.locator('.box[data-line="0"]').boundingBox(),
  ]);
  assert.ok(word.width < line.width * 0.95 && word.width > line.width * 0.5, `${word.width} of ${line.width}`);
  await page.keyboard.press("Shift+Enter");
  assert.equal(await count.innerText(), "2 of 6");
  await field.fill("line 12 OF page 6");
  await page.keyboard.press("Enter");
  assert.equal(await count.innerText(), "1 of 1");
  assert.equal(await page.locator(".page-number input").inputValue(), "6");
  await field.fill("no such words");
  await page.keyboard.press("Enter");
  assert.equal(await count.innerText(), "Not found");
  await page.keyboard.press("Escape");
  assert.equal(await field.inputValue(), "");
  // From within the document Ctrl+F comes here.
  await page.locator(".box").first().focus();
  await page.keyboard.press("Control+f");
  assert.ok(await field.evaluate((field) => field === document.activeElement));
  assert.deepEqual(errors, []);
  await context.close();
});

/** An answer of the server with a table, for the picture `line-en.png`. */
function answerWithTable() {
  const word = (text, x, y) => ({ text, bbox: [x, y, x + 9 * text.length, y + 12], confidence: 0.99 });
  const line = (...words) => {
    const [x0, y0] = words[0].bbox;
    const [, , x1, y1] = words.at(-1).bbox;
    const bbox = [x0, y0, x1, y1];
    return { text: words.map(({ text }) => text).join(" "), bbox, polygon: [[x0, y0], [x1, y0], [x1, y1], [x0, y1]], confidence: 0.99, words };
  };
  const cell = (row, column, text, bbox, more = {}) => ({ row, column, row_span: 1, column_span: 1, is_header: row === 0, text, bbox, ...more });
  const lines = [line(word("Item", 10, 10), word("Price", 200, 10)), line(word("Coffee", 10, 30), word("9.O0", 200, 30)), line(word("Together", 10, 50))];
  const cells = [
    cell(0, 0, "Item", [10, 10, 46, 22]),
    cell(0, 1, "Price", [200, 10, 245, 22]),
    cell(1, 0, "Coffee", [10, 30, 64, 42]),
    cell(1, 1, "9.O0", [200, 30, 236, 42]),
    cell(2, 0, "Together", [10, 50, 82, 62], { column_span: 2 }),
  ];
  const block = { kind: "table", text: "Item\tPrice\nCoffee\t9.O0\nTogether", bbox: [10, 10, 245, 62], confidence: 0.99, lines, table: { n_rows: 3, n_columns: 2, cells } };
  const page = { text: block.text, index: 0, status: "done", width: 640, height: 96, dpi: null, rotation: 0, detected_language: "en", mean_confidence: 0.99, blocks: [block], warnings: [] };
  return {
    uuid: "0123456789abcdef0123456789abcdef", status: "done", tier: "cpu", language: "auto", page_count: 1, mean_confidence: 0.99, text: page.text, markdown: "", pages: [page],
    schema_version: 1, detected_language: "en", engine: null, processed_by: "server", usage: { pages: 1, credits: 1 }, warnings: [], tool: null, fields: null, error: null, created_at: null, expires_at: null,
  };
}

test("tables are tables: copied for spreadsheets and as Markdown, corrected cell by cell, also what the server read", { timeout: READ_TIMEOUT_MS }, async () => {
  const { context, page, errors } = await openPage(browser, server.url, { serviceWorkers: "block" });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
  await context.route("**/api/v1/ocr/", (route) => route.fulfill({ json: answerWithTable() }));
  await page.getByLabel("Read on the server").check();
  await choose(page, "line-en.png");
  await readText(page, "Read on the server");
  await page.getByRole("tab", { name: "Tables" }).click();
  const table = page.getByRole("table", { name: "Table 1" });
  assert.equal(await table.getByRole("columnheader").count(), 2);
  assert.equal(await table.getByRole("cell", { name: "Together" }).getAttribute("colspan"), "2");
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole("button", { name: "Copy for spreadsheets" }).click();
  await page.getByText("Copied", { exact: true }).waitFor();
  assert.equal(await copied(), "Item\tPrice\nCoffee\t9.O0\nTogether\t");
  await table.getByText("9.O0").dblclick();
  await page.getByRole("textbox", { name: /^Corrected text/ }).fill("9.00");
  await page.keyboard.press("Enter");
  await table.getByText("9.00").waitFor();
  await page.getByRole("button", { name: "Copy as Markdown" }).click();
  await page.getByText("Copied", { exact: true }).waitFor();
  // Cells that span are HTML in Markdown.
  assert.match(await copied(), /<td>Coffee<\/td><td>9\.00<\/td>/);
  await page.getByRole("button", { name: "Show in the picture" }).click();
  await page.locator(".box-cited").waitFor();
  for (const format of ["txt", "md", "csv", "json"]) {
    const file = await save(page, format);
    assert.match(file, /9\.00/, format);
    assert.doesNotMatch(file.replace(/"read": .*/g, ""), /9\.O0/, format);
  }
  await page.getByRole("tab", { name: "Text", exact: true }).click();
  assert.equal(await page.locator(".text-line").nth(1).innerText(), "Coffee 9.00");
  assert.deepEqual(errors, []);
  await context.close();
});

test("the viewer speaks Thai and runs from right to left in Arabic", async () => {
  for (const [path, tab, direction] of [["/th", "ถาม", "ltr"], ["/ar", "اسأل", "rtl"]]) {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    await page.goto(`${server.url}${path}`);
    await page.locator("[data-choose]").first().waitFor();
    await dropBytes(page, pdfOf(numbered(2)), "report.pdf", "application/pdf");
    await page.getByRole("tab", { name: tab, exact: true }).waitFor({ timeout: READ_TIMEOUT_MS });
    await page.locator(".text-line").first().waitFor({ timeout: READ_TIMEOUT_MS });
    assert.equal(await page.evaluate(() => document.documentElement.dir || "ltr"), direction);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390, `${path} is wider than the phone`);
    await context.close();
  }
});
