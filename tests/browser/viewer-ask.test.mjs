// Questions about a document: in a Worker of their own, cancelled, and answered by the server where that read it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { dropBytes, numbered, pdfOf } from "./pdf.mjs";
import { READ_TIMEOUT_MS, choose, openPage, readText, serverAndBrowser } from "./support.mjs";

const EMAIL = "grace@example.org";
const PASSWORD = "nanoseconds of wire";

const { server, browser } = await serverAndBrowser();

const WORKER = /\/chat_worker/;

test("what answers comes with the first question, in a Worker, and answers with a jump to the box", { timeout: 2 * READ_TIMEOUT_MS }, async () => {
  const { context, page, requests, errors } = await openPage(browser, server.url);
  const pages = numbered(40);
  pages[27].push("The lighthouse keeper of this harbour is called Ingrid Solberg.");
  await dropBytes(page, pdfOf(pages), "report.pdf", "application/pdf");
  await readText(page);
  const fetched = () => requests.filter(({ url }) => WORKER.test(new URL(url).pathname)).length;
  assert.equal(fetched(), 0, "nothing of it before somebody asks");
  await page.getByRole("tab", { name: "Ask" }).click();
  assert.equal(await page.getByRole("group", { name: "Questions to begin with" }).getByRole("button").count(), 3);
  await page.getByRole("textbox", { name: "Question about the document" }).fill("Who is the lighthouse keeper?");
  // The page draws while the Worker works.
  const slowest = page.evaluate(async () => {
    let [slowest, before] = [0, performance.now()];
    while (!document.querySelector(".ask-answer")) {
      await new Promise((next) => requestAnimationFrame(next));
      const now = performance.now();
      slowest = Math.max(slowest, now - before);
      before = now;
    }
    return slowest;
  });
  await page.keyboard.press("Enter");
  await page.locator(".ask-answer").waitFor();
  assert.match(await page.locator(".ask-answer").innerText(), /Ingrid Solberg/);
  assert.ok((await slowest) < 500, `a frame took ${await slowest} ms`);
  assert.ok(fetched() >= 2);
  await page.getByRole("button", { name: /^Show on page 28/ }).first().click();
  assert.equal(await page.locator(".page-number input").inputValue(), "28");
  await page.locator(".box-cited").first().waitFor();
  const n_fetched = fetched();
  await page.getByRole("textbox", { name: "Question about the document" }).fill("How many pages are there?");
  await page.keyboard.press("Enter");
  await page.locator(".ask-answer").nth(1).waitFor();
  assert.match(await page.locator(".ask-answer").nth(1).innerText(), /40/);
  assert.equal(fetched(), n_fetched, "one Worker answers all");
  assert.ok(requests.every(({ method }) => method === "GET"), "nothing is sent");
  assert.deepEqual(errors, []);
  await context.close();
});

test("a question can be cancelled, and asked again", { timeout: READ_TIMEOUT_MS }, async () => {
  const { context, page } = await openPage(browser, server.url, { serviceWorkers: "block" });
  await choose(page, "line-en.png");
  await readText(page);
  let letThrough;
  const gate = new Promise((resolve) => (letThrough = resolve));
  await context.route("**/chat_worker_bg.wasm", async (route) => {
    await gate;
    await route.continue().catch(() => {});
  });
  await page.getByRole("tab", { name: "Ask" }).click();
  const field = page.getByRole("textbox", { name: "Question about the document" });
  await field.fill("What does the fox do?");
  await page.keyboard.press("Enter");
  await page.locator(".ask-step").getByRole("button", { name: "Cancel" }).click();
  assert.equal(await page.locator(".ask-answer").innerText(), "Stopped.");
  letThrough();
  await field.fill("What jumps?");
  await page.keyboard.press("Enter");
  await page.locator(".ask-answer").nth(1).filter({ hasText: /fox/ }).waitFor();
  assert.equal(await page.locator(".ask-answer").first().innerText(), "Stopped.");
  await context.close();
});

test("the server answers signed-in visitors about what it read; strangers are told, and answered here", { timeout: 2 * READ_TIMEOUT_MS }, async () => {
  const { context, page, requests } = await openPage(browser, server.url, { serviceWorkers: "block" });
  const ask = async (question) => {
    await page.getByRole("tab", { name: "Ask" }).click();
    await page.getByRole("textbox", { name: "Question about the document" }).fill(question);
    await page.keyboard.press("Enter");
    await page.locator(".ask-answer").last().waitFor();
  };
  const read = async () => {
    await page.getByLabel("Read on the server").check();
    await choose(page, "page-en.png");
    await readText(page, "Read on the server");
  };
  const asked = () => requests.filter(({ url }) => new URL(url).pathname.startsWith("/api/v1/chat/")).length;
  await read();
  await ask("When was the letter written?");
  await page.getByText("The server answers signed-in visitors only").waitFor();
  assert.equal(asked(), 1);

  await page.goto(`${server.url}/sign-up`);
  await page.getByLabel("E-mail address").fill(EMAIL);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign up" }).click();
  const code = (await server.mailTo(EMAIL)).match(/\/verify\?code=([0-9a-f]+)/)[1];
  await page.goto(`${server.url}/verify?code=${code}`);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByRole("heading", { name: "Account", exact: true }).waitFor();
  await page.goto(server.url);
  await read();
  await ask("When was the letter written?");
  await page.getByText("Answered by the server").waitFor();
  assert.match(await page.locator(".ask-answer").innerText(), /3 March/);
  assert.equal(asked(), 2);
  await page.getByRole("button", { name: /^Show on page 1/ }).first().click();
  await page.locator(".box-cited").first().waitFor();

  // After a correction the server knows less than this page.
  await page.getByRole("tab", { name: "Text", exact: true }).click();
  await page.locator(".text-line").first().dblclick();
  await page.getByRole("textbox", { name: /^Corrected text/ }).fill("The harbour master is Ingrid Solberg.");
  await page.keyboard.press("Enter");
  await ask("Who is the harbour master?");
  await page.locator(".ask-answer").filter({ hasText: /Ingrid Solberg/ }).waitFor();
  assert.equal(asked(), 2);
  await context.close();
});
