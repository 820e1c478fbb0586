// The site around the app: languages of the interface, navigation, what the server writes before scripts run, requests.
import assert from "node:assert/strict";
import { test } from "node:test";

import { choose, openPage, readText, serverAndBrowser } from "./support.mjs";

const { server, browser } = await serverAndBrowser();

test("the start page says what it is before any script runs", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(server.url);
  assert.equal(await page.locator("h1").innerText(), "Images and PDFs to text");
  assert.ok(await page.getByText("Private by default").isVisible());
  await page.goto(`${server.url}/th/`);
  assert.equal(await page.locator("html").getAttribute("lang"), "th");
  assert.equal(await page.locator("h1").innerText(), "แปลงรูปภาพและ PDF เป็นข้อความ");
  await context.close();
});

test("nothing moves when the app takes its place", async () => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  for (const path of ["/", "/ar"]) {
    await page.goto(server.url + path, { waitUntil: "networkidle" });
    await page.locator("button.button-main").waitFor();
    await page.waitForTimeout(300);
    const shift = await page.evaluate(() => window.shift);
    // 0.1 is what the Web Vitals call good.
    assert.ok(shift < 0.05, `${path}: ${shift}`);
  }
  await context.close();
});

test("a file that is chosen before the app has started is read", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  // The app's WebAssembly comes late.
  let go;
  const late = new Promise((resolve) => (go = resolve));
  await page.route(/ocr-chat-app.*\.wasm$/, async (route) => {
    await late;
    await route.continue();
  });
  await page.goto(server.url, { waitUntil: "commit" });
  const dialog = page.waitForEvent("filechooser");
  await page.locator("label[for=early-files]").click();
  await (await dialog).setFiles("tests/fixtures/page-en.png");
  go();
  assert.match(await readText(page), /Thank you for your letter/);
  await context.close();
});

test("the interface in Thai: reading, tabs and progress have no English left", async () => {
  const { context, page, errors } = await openPage(browser, `${server.url}/th`);
  assert.equal(await page.title(), "OCR.chat: แปลงรูปภาพและ PDF เป็นข้อความบนอุปกรณ์ของคุณ");
  await choose(page, "page-en.png");
  await readText(page, "อ่านบนเครื่องนี้");
  const chrome = await page.evaluate(() => {
    const texts = [];
    const skip = ".text-line, .source, .file-name, .document-name, option, code, pre, [lang=en]";
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const { parentElement: parent, textContent } = walk.currentNode;
      if (parent.closest(`script, style, noscript, ${skip}`)) continue;
      if (textContent.trim()) texts.push(textContent.trim());
    }
    for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
      if (element.closest(`.boxes, ${skip}`)) continue;
      for (const name of ["aria-label", "title", "placeholder"]) {
        const value = element.getAttribute(name);
        if (value) texts.push(value);
      }
    }
    return texts;
  });
  // Names of formats and products are the same in every language, and so are the names of the languages that are read.
  const known = /^(OCR\.chat\.?|API|Markdown|JSON|English|English.*|ไทย|العربية|[A-Z]{2,5}|[\d.,\s/%KMGB()+-]+|page-en\.png.*)$/;
  const english = chrome.filter((text) => /[A-Za-z]{3,}/.test(text) && !/[\u0e00-\u0e7f]/.test(text) && !known.test(text));
  assert.deepEqual(english, []);
  assert.deepEqual(errors, []);
  await context.close();
});

test("Arabic runs from the right, and boxes and text stay linked", async () => {
  const { context, page } = await openPage(browser, `${server.url}/ar`);
  assert.equal(await page.locator("html").getAttribute("dir"), "rtl");
  await choose(page, "page-en.png");
  await readText(page, "قُرئ على هذا الجهاز");
  const picture = await page.locator(".pane-picture").boundingBox();
  const text = await page.locator(".pane-text").boundingBox();
  assert.ok(picture.x > text.x, "the picture stands on the right");
  await page.locator(".box").nth(5).hover();
  assert.equal(await page.locator(".text-line-active").getAttribute("data-line"), "5");
  await context.close();
});

test("views change without loading a page, and Back comes back", async () => {
  const { context, page, requests } = await openPage(browser, server.url);
  await choose(page, "page-en.png");
  await readText(page);
  const before = requests.filter(({ url }) => new URL(url).pathname === "/").length;
  await page.getByRole("link", { name: "Languages" }).first().click();
  await page.getByRole("heading", { name: "Languages" }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/languages");
  assert.equal(await page.locator("a[data-view='/languages']").first().getAttribute("aria-current"), "page");
  await page.goBack();
  await page.locator(".text-line").first().waitFor();
  assert.equal(requests.filter(({ url }) => new URL(url).pathname === "/").length, before);
  await context.close();
});
