// The picture of a page: zoom, pan, thumbnails of long documents, copying a region; with the mouse, fingers and keys.
import assert from "node:assert/strict";
import { test } from "node:test";

import { dropBytes, numbered, pdfOf } from "./pdf.mjs";
import { READ_TIMEOUT_MS, choose, openPage, readText, serverAndBrowser } from "./support.mjs";

const { server, browser } = await serverAndBrowser();

const width = (page) => page.locator(".sheet-picture").evaluate((image) => image.getBoundingClientRect().width);

/** Where a point of the page (in shares of it) is in the window. */
async function at(page, x, y) {
  const box = await page.locator(".sheet-picture").boundingBox();
  return [box.x + x * box.width, box.y + y * box.height];
}

test("the picture is zoomed and moved with buttons, keys, wheel and mouse", async () => {
  const { context, page, errors } = await openPage(browser, server.url);
  await choose(page, "receipt-en.jpg");
  await readText(page);
  const whole = await width(page);
  const stage = page.locator(".stage");
  const fits = () => stage.evaluate((frame) => frame.scrollWidth <= frame.clientWidth && frame.scrollHeight <= frame.clientHeight);
  assert.ok(await fits(), "the whole page at first");
  await page.getByRole("button", { name: "Zoom in (+)" }).click();
  assert.ok(Math.abs((await width(page)) / whole - 1.25) < 0.01);
  await page.locator(".box").first().focus();
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  assert.ok((await width(page)) / whole > 1.9);
  await page.keyboard.press("0");
  assert.ok(Math.abs((await width(page)) - whole) < 1);
  await page.getByRole("button", { name: "Fit the width" }).click();
  assert.equal(await page.getByRole("button", { name: "Fit the width" }).getAttribute("aria-pressed"), "true");
  assert.ok((await width(page)) > whole);
  assert.ok(await stage.evaluate((frame) => frame.scrollWidth <= frame.clientWidth));
  await page.keyboard.press("0");

  // The wheel with Ctrl zooms around the pointer: what is under it stays there, and the window's own zoom is left alone.
  const [x, y] = await at(page, 0.5, 0.7);
  await page.mouse.move(x, y);
  await page.keyboard.down("Control");
  for (let n = 0; n < 4; n += 1) await page.mouse.wheel(0, -100);
  await page.keyboard.up("Control");
  await page.waitForFunction((least) => document.querySelector(".sheet-picture").getBoundingClientRect().width > least, whole * 2);
  await page.waitForTimeout(100);
  const [after_x, after_y] = await at(page, 0.5, 0.7);
  assert.ok(Math.hypot(after_x - x, after_y - y) < 4, `${after_x - x}, ${after_y - y}`);
  assert.equal(await page.evaluate(() => window.devicePixelRatio), 1);

  const before = await stage.evaluate((frame) => [frame.scrollLeft, frame.scrollTop]);
  await page.mouse.down();
  await page.mouse.move(x - 60, y - 80, { steps: 4 });
  await page.mouse.up();
  const moved = await stage.evaluate((frame) => [frame.scrollLeft, frame.scrollTop]);
  assert.ok(Math.abs(moved[0] - before[0] - 60) <= 2 && Math.abs(moved[1] - before[1] - 80) <= 2, `${before} ${moved}`);
  // A click without a drag still finds the line.
  await page.keyboard.press("0");
  await page.locator(".box").nth(2).click();
  assert.equal(await page.locator(".text-line-active").getAttribute("data-line"), "2");
  assert.deepEqual(errors, []);
  await context.close();
});

test("two fingers zoom", async () => {
  const { context, page, errors } = await openPage(browser, server.url, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await choose(page, "receipt-en.jpg");
  await readText(page);
  const whole = await width(page);
  await page.locator(".sheet").scrollIntoViewIfNeeded();
  const [x, y] = await at(page, 0.5, 0.4);
  const client = await context.newCDPSession(page);
  const touch = (type, distance) =>
    client.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: distance === null ? [] : [{ x: x - distance, y, id: 1 }, { x: x + distance, y, id: 2 }],
    });
  await touch("touchStart", 30);
  for (const distance of [40, 50, 60]) await touch("touchMove", distance);
  await touch("touchEnd", null);
  await page.waitForFunction((least) => document.querySelector(".sheet-picture").getBoundingClientRect().width > least, whole * 1.6);
  assert.equal(await page.evaluate(() => window.visualViewport.scale), 1, "the page's zoom, not the window's");
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
  assert.deepEqual(errors, []);
  await context.close();
});

test("of 300 pages the strip holds only what is in view, and scrolls smoothly", { timeout: 4 * READ_TIMEOUT_MS }, async (t) => {
  const { context, page, errors } = await openPage(browser, server.url);
  await dropBytes(page, pdfOf(numbered(300)), "long.pdf", "application/pdf");
  const strip = page.getByRole("group", { name: "Thumbnails of the pages" });
  await strip.waitFor({ timeout: READ_TIMEOUT_MS });
  // Whatever is read already; nothing of this waits for all.
  await page.locator(".thumb-picture").nth(3).waitFor({ timeout: READ_TIMEOUT_MS });
  const n_drawn = () => page.locator(".thumb").count();
  assert.ok((await n_drawn()) < 20, `${await n_drawn()} thumbnails`);
  const first = strip.locator("button[aria-current=page]");
  await first.focus();
  for (const [key, number] of [["ArrowDown", 2], ["End", 300], ["PageUp", null], ["Home", 1], ["ArrowDown", 2]]) {
    await page.keyboard.press(key);
    const current = strip.locator("button[aria-current=page]");
    if (number) assert.equal(await current.getAttribute("aria-label"), `Page ${number}`);
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-current") === "page");
    const is_seen = await current.evaluate((thumb) => {
      const [own, frame] = [thumb.getBoundingClientRect(), thumb.closest(".thumbs").getBoundingClientRect()];
      return own.top >= frame.top - 1 && own.bottom <= frame.bottom + 1;
    });
    assert.ok(is_seen, key);
  }
  assert.equal(await page.locator(".page-number input").inputValue(), "2");
  await page.locator(".page-number input").fill("150");
  await page.keyboard.press("Enter");
  assert.equal(await strip.locator("button[aria-current=page]").getAttribute("aria-label"), "Page 150");
  await page.getByRole("button", { name: "Cancel" }).click().catch(() => {});
  const frames = await strip.evaluate(async (strip) => {
    strip.scrollTop = 0;
    const times = [];
    let before = performance.now();
    for (let n = 0; n < 240; n += 1) {
      await new Promise((next) => requestAnimationFrame(next));
      const now = performance.now();
      times.push(now - before);
      before = now;
      strip.scrollTop += 150;
    }
    return times.sort((a, b) => a - b);
  });
  const [middle, late] = [frames[120], frames[228]];
  t.diagnostic(`scrolling 300 thumbnails: frames of ${middle.toFixed(1)} ms at the median, ${late.toFixed(1)} ms at the 95th percentile`);
  assert.ok(late < 100, `frames of ${late} ms`);
  assert.ok((await n_drawn()) < 20);
  assert.deepEqual(errors, []);
  await context.close();
});

test("a region is copied by dragging, lines by keyboard", async () => {
  const { context, page, errors } = await openPage(browser, server.url);
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
  await choose(page, "receipt-en.jpg");
  await readText(page);
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole("button", { name: "Copy a region" }).click();
  // The column of prices.
  const boxes = await page.locator(".box").evaluateAll((boxes) =>
    boxes.map((box) => ({ text: box.getAttribute("aria-label"), rect: box.getBoundingClientRect().toJSON() })),
  );
  const prices = boxes.filter(({ text }) => /^\d+\.\d\d$/.test(text)).slice(0, 5).map(({ rect }) => rect);
  const edge = { left: Math.min(...prices.map((r) => r.left)), right: Math.max(...prices.map((r) => r.right)), top: prices[0].top, bottom: prices[4].bottom };
  await page.mouse.move(edge.left - 4, edge.top - 2);
  await page.mouse.down();
  await page.mouse.move(edge.right + 4, edge.bottom + 2, { steps: 5 });
  await page.locator(".box-picked").waitFor();
  await page.mouse.up();
  await page.getByRole("status").filter({ hasText: "5 lines copied" }).waitFor();
  assert.deepEqual((await copied()).split(/\n+/), ["2.40", "3.15", "7.90", "6.75", "1.99"]);
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("button", { name: "Copy a region" }).getAttribute("aria-pressed"), "false");

  await page.locator(".box").first().focus();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  await page.getByRole("status").filter({ hasText: "3 lines chosen" }).waitFor();
  assert.equal(await page.locator(".box-chosen").count(), 3);
  await page.keyboard.press("Control+c");
  await page.getByRole("status").filter({ hasText: "3 lines copied" }).waitFor();
  assert.match(await copied(), /^CORNER +GROCERY\n27 Mill Lane\nTel\. 555-0188$/);
  assert.deepEqual(errors, []);
  await context.close();
});
