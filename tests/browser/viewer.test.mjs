// Searchable PDFs in Chromium's own viewer: all of it selected and copied gives the text, in every script.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { launchWithViewer, ROOT } from "./support.mjs";

const WRITER = process.env.OCR_CHAT_PDF_WRITER ?? join(ROOT, "target", "debug", "examples", "searchable_pdf");
const WIDTH_PX = 900;
const HEIGHT_PX = 700;
const DPI = 150;
// The viewer has no event for a selection that is ready to be copied; both take milliseconds, and machines differ.
const PATIENCE_MS = 30_000;

// Lines of a page; of scripts written without spaces a character is a word, as the engine gives it.
const PAGES = {
  Latin: { lines: ["Invoice No. 2024-117 (final)", "Total: 1,234.50 EUR paid", "Ünïcödé naïve façade – “quoted”"] },
  Thai: { lines: ["ใบแจ้งหนี้ เลขที่ ๑๒๓", "ราคารวม ภาษีมูลค่าเพิ่ม", "กำหนดชำระ ภายใน สามสิบวัน"] },
  Arabic: { lines: ["فاتورة رقم قيد السداد", "المبلغ الإجمالي مع الضريبة", "شكرا لكم على التعامل معنا"], isRtl: true },
  Hebrew: { lines: ["חשבונית מס מקור", "סך הכל לתשלום כולל מעמ", "תודה רבה על הקנייה"], isRtl: true },
  Hindi: { lines: ["चालान संख्या और तिथि", "कुल राशि का भुगतान", "धन्यवाद फिर पधारें"] },
  Chinese: { lines: ["发票号码二零二四年", "合计金额壹仟贰佰元整", "谢谢惠顾𠮷祥如意"], isSpaceless: true },
  Japanese: { lines: ["請求書番号をご確認ください", "合計金額は千二百円です", "ありがとうございました"], isSpaceless: true },
};

let folder;
let server;
let url;
let browser;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "ocr-chat-viewer-"));
  await writeFile(join(folder, "original.pdf"), sheet());
  server = createServer(async (request, response) => {
    const name = request.url.slice(1);
    if (name === "empty") return response.setHeader("content-type", "text/html").end("<title>empty</title>");
    if (!PAGES[name]) return response.writeHead(404).end();
    response.setHeader("content-type", "application/pdf").end(await readFile(join(folder, `${name}.pdf`)));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${server.address().port}`;
  browser = await launchWithViewer();
});

after(async () => {
  await browser?.close();
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A PDF of one page with a grey square on it. */
function sheet() {
  const [width, height] = [(WIDTH_PX * 72) / DPI, (HEIGHT_PX * 72) / DPI];
  const content = "0.8 g 20 20 60 60 re f";
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    `<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 ${width} ${height}]>>`,
    "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<>>>>",
    `<</Length ${content.length}>>stream\n${content}\nendstream`,
  ];
  let file = "%PDF-1.4\n";
  const positions = objects.map((object, at) => {
    const position = file.length;
    file += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(position).padStart(10, "0")} 00000 n \n`;
  });
  const table = `xref\n0 5\n0000000000 65535 f \n${positions.join("")}`;
  return `${file}${table}trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n${file.length}\n%%EOF\n`;
}

/** The answer for a page of `lines`, each word in a box of its own. */
function answerOf({ lines, isRtl = false, isSpaceless = false }) {
  const [letterPx, gapPx, heightPx, marginPx] = [18, isSpaceless ? 0 : 12, 40, 60];
  const told = lines.map((text, row) => {
    const top = 80 + row * 120;
    let at = marginPx;
    const words = (isSpaceless ? [...text] : text.split(" ")).map((word) => {
      const width = (isSpaceless ? 2 : [...word].length) * letterPx;
      const left = isRtl ? WIDTH_PX - at - width : at;
      at += width + gapPx;
      return { text: word, bbox: [left, top, left + width, top + heightPx], confidence: 0.9 };
    });
    const [x0, x1] = [Math.min(...words.map(({ bbox }) => bbox[0])), Math.max(...words.map(({ bbox }) => bbox[2]))];
    const polygon = [[x0, top], [x1, top], [x1, top + heightPx], [x0, top + heightPx]];
    return { text, bbox: [x0, top, x1, top + heightPx], polygon, confidence: 0.9, words };
  });
  const block = { kind: "paragraph", text: lines.join("\n"), bbox: [0, 60, WIDTH_PX, 600], confidence: 0.9, lines: told };
  const page = {
    text: "", index: 0, status: "done", width: WIDTH_PX, height: HEIGHT_PX, dpi: DPI, rotation: 0, detected_language: null,
    mean_confidence: 0.9, blocks: [block], warnings: [],
  };
  return {
    uuid: null, status: "done", tier: "cpu", language: "auto", page_count: 1, mean_confidence: 0.9, text: "", markdown: "", pages: [page],
    schema_version: 1, detected_language: null, engine: null, processed_by: "device", usage: { pages: 1, credits: 0 }, warnings: [],
    error: null, created_at: null, expires_at: null,
  };
}

/** What the clipboard holds after everything in the viewer was selected and copied. */
async function copyOfViewer(context, name) {
  const page = await context.newPage();
  await page.goto(`${url}/${name}`);
  const reader = await context.newPage();
  await reader.goto(`${url}/empty`);
  const nothing = `nothing was copied of ${name}`;
  await reader.evaluate((text) => navigator.clipboard.writeText(text), nothing);
  const until = Date.now() + PATIENCE_MS;
  let copied = nothing;
  while (copied === nothing && Date.now() < until) {
    await page.bringToFront();
    // Into the page, so that the keys are the viewer's.
    await page.mouse.click(450, 500);
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.press("ControlOrMeta+c");
    await page.waitForTimeout(300);
    await reader.bringToFront();
    copied = await reader.evaluate(() => navigator.clipboard.readText());
  }
  await page.close();
  await reader.close();
  return copied;
}

for (const [script, page] of Object.entries(PAGES)) {
  test(`a copy of ${script} from the viewer is the text`, async () => {
    await writeFile(join(folder, "answer.json"), JSON.stringify(answerOf(page)));
    const files = ["answer.json", `${script}.pdf`, "original.pdf"].map((name) => join(folder, name));
    await promisify(execFile)(WRITER, files);
    const context = await browser.newContext({ viewport: { width: 900, height: 900 } });
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: url });
    const copied = await copyOfViewer(context, script);
    assert.deepEqual(copied.normalize("NFC").split(/\r?\n/), page.lines.map((line) => line.normalize("NFC")));
    await context.close();
  });
}
