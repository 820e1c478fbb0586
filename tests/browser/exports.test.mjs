// Files made on the device: the Worker that writes them comes with the first one, says so when it cannot come, and stays.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { choose, openPage, readText, serverAndBrowser } from "./support.mjs";

const WORKER = /\/export_worker/;

const { server, browser } = await serverAndBrowser();

/** Asks for a file and gives its bytes. */
async function save(page, format) {
  const download = page.waitForEvent("download");
  await page.locator(`[data-format="${format}"]`).click();
  const chunks = await (await (await download).createReadStream()).toArray();
  return Buffer.concat(chunks);
}

/** Drops a picture of a line of text, encoded anew by the page as `type`. */
async function dropPicture(page, type) {
  const data = await page.evaluateHandle(async (type) => {
    const canvas = new OffscreenCanvas(640, 96);
    const context = canvas.getContext("2d");
    // A PNG with a channel of transparency has nothing behind its letters.
    if (type !== "image/png") {
      context.fillStyle = "white";
      context.fillRect(0, 0, 640, 96);
    }
    context.fillStyle = "black";
    context.font = "40px sans-serif";
    context.fillText("The quick brown fox jumps", 24, 62);
    const { data } = context.getImageData(0, 0, 640, 96);
    let blob;
    if (type === "image/bmp") {
      const file = new DataView(new ArrayBuffer(54 + 640 * 96 * 3));
      file.setUint16(0, 0x424d);
      for (const [at, value] of [[2, file.byteLength], [10, 54], [14, 40], [18, 640], [22, 96], [34, 640 * 96 * 3]]) {
        file.setUint32(at, value, true);
      }
      file.setUint16(26, 1, true);
      file.setUint16(28, 24, true);
      for (let y = 0; y < 96; y++) {
        for (let x = 0; x < 640; x++) {
          const from = (y * 640 + x) * 4;
          const to = 54 + ((95 - y) * 640 + x) * 3;
          for (let channel = 0; channel < 3; channel++) file.setUint8(to + channel, data[from + 2 - channel]);
        }
      }
      blob = new Blob([file.buffer]);
    } else {
      blob = await canvas.convertToBlob({ type, quality: 0.9 });
    }
    const transfer = new DataTransfer();
    transfer.items.add(new File([blob], `line.${type.split("/")[1]}`, { type }));
    return transfer;
  }, type);
  await page.dispatchEvent("main", "drop", { dataTransfer: data });
  await page.locator(`.document[aria-label="line.${type.split("/")[1]}"]`).waitFor();
}

test("the writer of files is fetched with the first of them, and works without a network then", async () => {
  const { context, page, requests, errors } = await openPage(browser, server.url);
  await choose(page, "line-en.png");
  await readText(page);
  for (const [format, mark] of [
    ["txt", /quick brown fox/],
    ["txt-kept", /quick brown fox/],
    ["md", /quick brown fox/],
    ["json", /"processed_by": "device"/],
    ["csv", /quick brown fox/],
  ]) {
    assert.match((await save(page, format)).toString("utf8"), mark, format);
  }
  const fetched = () => requests.filter(({ url }) => WORKER.test(new URL(url).pathname)).length;
  assert.equal(fetched(), 0, "text alone needs no Worker");
  assert.match((await save(page, "docx")).toString("latin1"), /^PK[^]*word\/document\.xml/);
  const n_requests = fetched();
  assert.ok(n_requests >= 2, "its script and its WebAssembly");
  assert.match((await save(page, "xlsx")).toString("latin1"), /^PK[^]*xl\/workbook\.xml/);
  assert.equal(fetched(), n_requests, "one Worker writes all files");
  await page.evaluate(() => navigator.serviceWorker.ready);
  await context.setOffline(true);
  await page.reload();
  await choose(page, "line-en.png");
  await readText(page);
  assert.match((await save(page, "pdf")).toString("latin1"), /^%PDF-1\.7[^]*\/Subtype\/Image[^]*%%EOF/);
  assert.deepEqual(errors, []);
  await context.close();
});

test("a writer that does not come says so, and comes when asked again", async () => {
  // Requests of the service worker cannot be held up from here.
  const { context, page } = await openPage(browser, server.url, { serviceWorkers: "block" });
  await choose(page, "line-en.png");
  await readText(page);
  const missing = page.locator('.making[data-code="exporter_missing"]');
  for (const part of ["**/export_worker_bg.wasm", "**/export_worker_loader.js"]) {
    await context.route(part, (route) => route.fulfill({ status: 404, body: "" }));
    await page.locator('[data-format="docx"]').click();
    await missing.waitFor();
    assert.match(await missing.innerText(), /TXT, MD, CSV and JSON need nothing more/);
    await context.unroute(part);
    // What needs no Worker is there all the same, and the note goes.
    assert.match((await save(page, "md")).toString("utf8"), /quick brown fox/);
    await missing.waitFor({ state: "detached" });
  }
  assert.match((await save(page, "docx")).toString("latin1"), /^PK/);
  await context.close();
});

test("a file that is being made can be cancelled", async () => {
  const { context, page } = await openPage(browser, server.url, { serviceWorkers: "block" });
  await choose(page, "line-en.png");
  await readText(page);
  let letThrough;
  const gate = new Promise((resolve) => (letThrough = resolve));
  await context.route("**/export_worker_bg.wasm", async (route) => {
    await gate;
    await route.continue().catch(() => {});
  });
  let n_downloads = 0;
  page.on("download", () => n_downloads++);
  await page.locator('[data-format="docx"]').click();
  await page.locator("[data-exporting]").waitFor();
  assert.ok(await page.locator('[data-format="xlsx"]').isDisabled(), "one file at a time");
  assert.ok(await page.locator('[data-format="txt"]').isEnabled());
  await page.locator(".making").getByRole("button", { name: "Cancel" }).click();
  await page.locator("[data-exporting]").waitFor({ state: "detached" });
  letThrough();
  assert.match((await save(page, "xlsx")).toString("latin1"), /^PK[^]*xl\/workbook\.xml/);
  assert.equal(n_downloads, 1, "the cancelled file does not come");
  await context.close();
});

for (const type of ["image/bmp", "image/webp", "image/png"]) {
  test(`a searchable PDF of ${type === "image/png" ? "a PNG with transparency" : type} shows its picture`, async (t) => {
    const { context, page, errors } = await openPage(browser, server.url);
    await dropPicture(page, type);
    assert.match(await readText(page), /quick brown fox/);
    const file = await save(page, "pdf");
    assert.match(file.toString("latin1"), /\/Subtype\/Image\/Width 640\/Height 96/);
    assert.doesNotMatch(file.toString("latin1"), /\/BaseFont\/Helvetica/, "no words in place of the picture");
    const folder = await mkdtemp(join(tmpdir(), "ocr-chat-export-"));
    await writeFile(join(folder, "line.pdf"), file);
    // Another reader, where there is one.
    const read = await promisify(execFile)("pdftotext", [join(folder, "line.pdf"), "-"]).catch((error) => error);
    await rm(folder, { recursive: true });
    if (read.code === "ENOENT") t.diagnostic("pdftotext is not installed");
    else assert.match(read.stdout, /quick brown fox/);
    assert.deepEqual(errors, []);
    await context.close();
  });
}

/** A page that brings its text along, with a drawing and a picture of text, as Chromium prints it. */
async function printed() {
  const context = await browser.newContext();
  const page = await context.newPage();
  const sentence = "The harbour master writes down every ship that comes in, where it is from and what it carries. ";
  await page.setContent(`<body style="font: 15px/1.5 'DejaVu Sans', sans-serif; width: 640px">
    <h1>Yearly report</h1><p>${sentence.repeat(4)}</p><canvas width="900" height="420" style="width: 450px"></canvas>
    <p>${sentence.repeat(3)}</p><canvas width="1100" height="90" style="width: 550px"></canvas></body>`);
  await page.evaluate(() => {
    const [drawing, words] = [...document.querySelectorAll("canvas")].map((canvas) => canvas.getContext("2d"));
    drawing.fillStyle = "#b4d0c8";
    drawing.fillRect(0, 0, 900, 420);
    for (const [x, y, radius, colour] of [[200, 210, 150, "#1f6f5c"], [430, 190, 120, "#d9822b"], [680, 230, 160, "#43508f"]]) {
      drawing.fillStyle = colour;
      drawing.beginPath();
      drawing.arc(x, y, radius, 0, 7);
      drawing.fill();
    }
    words.fillStyle = "black";
    words.font = "44px sans-serif";
    words.fillText("Lighthouse keepers wanted for winter", 10, 60);
  });
  const file = await page.pdf({ format: "A4" });
  await context.close();
  return file;
}

test("files of a PDF have its figures, and text under the pictures of words", async (t) => {
  const { context, page, errors } = await openPage(browser, server.url);
  const data = await page.evaluateHandle((bytes) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], "report.pdf", { type: "application/pdf" }));
    return transfer;
  }, [...(await printed())]);
  await page.dispatchEvent("main", "drop", { dataTransfer: data });
  assert.match(await readText(page), /harbour master[^]*Lighthouse keepers/);
  assert.match((await save(page, "docx")).toString("latin1"), /word\/media\/page-1-figure-1\.png/);
  assert.match((await save(page, "html")).toString("utf8"), /<img src="data:image\/png;base64,[^"]{2000}/);
  const file = await save(page, "pdf");
  const folder = await mkdtemp(join(tmpdir(), "ocr-chat-export-"));
  await writeFile(join(folder, "report.pdf"), file);
  const read = await promisify(execFile)("pdftotext", [join(folder, "report.pdf"), "-"]).catch((error) => error);
  await rm(folder, { recursive: true });
  if (read.code === "ENOENT") t.diagnostic("pdftotext is not installed");
  else {
    assert.match(read.stdout, /Lighthouse keepers wanted/);
    assert.equal(read.stdout.match(/Yearly report/g).length, 1, "its own text is not said twice");
  }
  assert.deepEqual(errors, []);
  await context.close();
});
