// Photos: taken, turned and cropped before they are read.
import assert from "node:assert/strict";
import { test } from "node:test";

import { FIXTURES, READ_TIMEOUT_MS, choose, missingWords, openPage, readText, serverAndBrowser, truth } from "./support.mjs";

// A camera that shows a moving test picture.
const { server, browser } = await serverAndBrowser("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream");

test("a photo from a phone is turned and cropped by pointer and keyboard, and then read", async () => {
  const { context, page, errors } = await openPage(browser, server.url);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.locator("input[data-camera]").setInputFiles(`${FIXTURES}/page-en.png`);
  const dialog = page.getByRole("dialog", { name: "Turn and crop" });
  await dialog.waitFor();
  const size = () => dialog.locator("canvas").evaluate((canvas) => [canvas.width, canvas.height]);
  const upright = await size();
  await dialog.getByRole("button", { name: "Turn right" }).click();
  await page.waitForFunction(([width]) => document.querySelector(".crop-picture").height === width, upright);
  await dialog.getByRole("button", { name: "Turn left" }).click();
  await page.waitForFunction(([width]) => document.querySelector(".crop-picture").width === width, upright);
  // The lower half goes, by pointer; a little more by keyboard.
  const frame = await dialog.locator("canvas").boundingBox();
  const corner = dialog.getByRole("button", { name: "Bottom right corner" });
  await corner.hover();
  await page.mouse.down();
  await page.mouse.move(frame.x + frame.width, frame.y + frame.height * 0.6, { steps: 4 });
  await page.mouse.up();
  await corner.focus();
  for (let n = 0; n < 2; n += 1) await page.keyboard.press("Shift+ArrowUp");
  const bottom = await page.locator(".crop-part").evaluate((part) => parseFloat(part.style.height));
  assert.ok(Math.abs(bottom - 50) < 2, `${bottom} % are left`);
  await dialog.getByRole("button", { name: "Read", exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
  const text = await readText(page);
  const whole = await truth("page-en");
  assert.match(text, /Harbour Street Library/i);
  assert.ok(missingWords(whole, text) > 0.2, "the lower half was cut off");
  const height = await page.locator(".sheet-picture").evaluate((image) => image.decode().then(() => image.naturalHeight / image.naturalWidth));
  assert.ok(height < (upright[1] / upright[0]) * 0.6, "the picture that is read is the cropped one");
  assert.deepEqual(errors, []);
  await context.close();
});

test("a picture in the list is turned and takes the place of the old one", async () => {
  const { context, page } = await openPage(browser, server.url);
  await choose(page, "line-en.png");
  await readText(page);
  await page.getByRole("button", { name: "Turn and crop line-en.png" }).click();
  const dialog = page.getByRole("dialog", { name: "Turn and crop" });
  await dialog.getByRole("button", { name: "Turn right" }).click();
  await dialog.getByRole("button", { name: "Turn right" }).click();
  await dialog.getByRole("button", { name: "Read", exact: true }).click();
  await page.locator(".files .dot[data-state=done]").waitFor({ timeout: READ_TIMEOUT_MS });
  assert.equal(await page.locator(".file").count(), 1);
  await context.close();
});

test("a computer's camera takes a photo, and is off afterwards", async () => {
  const { context, page } = await openPage(browser, server.url);
  await page.evaluate(() => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => (window.stream = await ask(wanted));
    return navigator.serviceWorker.ready;
  });
  await page.getByRole("button", { name: "Take a photo" }).click();
  await page.waitForFunction(() => document.querySelector(".photo-video")?.videoWidth > 0);
  await page.getByRole("button", { name: "Take it" }).click();
  const dialog = page.getByRole("dialog", { name: "Turn and crop" });
  await dialog.waitFor();
  assert.deepEqual(await page.evaluate(() => window.stream.getTracks().map((track) => track.readyState)), ["ended"]);
  assert.ok((await dialog.locator("canvas").evaluate((canvas) => canvas.width)) > 100);
  await dialog.getByRole("button", { name: "Use it as it is" }).click();
  await page.locator(".files").getByText("photo.jpg").waitFor();
  await context.close();
});

test("a HEIC photo that the browser cannot decode says what to do", async () => {
  const { context, page } = await openPage(browser, server.url);
  await page.evaluate(() => navigator.serviceWorker.ready);
  const dialog = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose files" }).click();
  const bytes = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypheic\0\0\0\0heicmif1"), Buffer.alloc(64)]);
  await (await dialog).setFiles({ name: "IMG_0001.HEIC", mimeType: "image/heic", buffer: bytes });
  await page.locator('.failure[data-code="unsupported_type"]').waitFor({ timeout: READ_TIMEOUT_MS });
  await context.close();
});
