// Accounts, as somebody with a browser uses them: the pages that the server writes.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { FIXTURES, READ_TIMEOUT_MS, openPage, serverAndBrowser } from "./support.mjs";

const EMAIL = "ada@example.org";
const PASSWORD = "a difference engine";

const { server, browser } = await serverAndBrowser();

async function signIn(page, password = PASSWORD) {
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("E-mail address").fill(EMAIL);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("from signing up to a page that is read with the copied token", { timeout: READ_TIMEOUT_MS }, async () => {
  const { context, page, errors } = await openPage(browser, server.url);
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
  await page.getByRole("link", { name: "Account" }).click();
  assert.equal(new URL(page.url()).pathname, "/sign-in", "nobody is signed in yet");

  await page.getByRole("navigation", { name: "Account" }).getByRole("link", { name: "Sign up" }).click();
  await page.getByLabel("E-mail address").fill(EMAIL);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByRole("heading", { name: "Look into your mail" }).waitFor();

  const mail = await server.mailTo(EMAIL);
  const code = mail.match(/\/verify\?code=([0-9a-f]+)/)[1];
  await page.goto(`${server.url}/verify?code=${code}`);
  await page.getByLabel("Password").fill("somebody else's");
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByRole("alert").getByText("not valid").waitFor();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByRole("heading", { name: "Account", exact: true }).waitFor();
  await page.getByText("Your address is confirmed").waitFor();

  assert.ok(!(await page.getByText(/^ocr_/).isVisible()), "the token is not on the screen before somebody asks");
  await page.getByRole("button", { name: "Copy the token default" }).click();
  await page.getByText("Copied.", { exact: true }).waitFor({ state: "attached" });
  const token = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(token, /^ocr_[0-9a-f]{48}$/);

  const form = new FormData();
  form.append("file", new Blob([await readFile(join(FIXTURES, "page-en.png"))]), "page-en.png");
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(`${server.url}/api/v1/ocr/`, { method: "POST", headers, body: form });
  assert.equal(answer.status, 200);
  await page.reload();
  const day = page.getByRole("row", { name: new Date().toISOString().slice(0, 10) });
  assert.equal(await day.getByRole("cell").first().textContent(), "1");
  await page.getByText("4999").waitFor();

  await page.getByText("Revoke ...").click();
  await page.getByRole("button", { name: "Revoke this token" }).click();
  await page.getByText("The token is revoked.").waitFor();
  const refused = await fetch(`${server.url}/api/v1/usage/`, { headers });
  assert.equal(refused.status, 401);
  // A page with a 4xx is what the test asked for; anything else is not.
  assert.deepEqual(errors.filter((error) => !String(error).includes("400")), []);
  await context.close();
});

test("a wrong password is told, the address stays, and the page is kept nowhere", async () => {
  const { context, page } = await openPage(browser, server.url);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await signIn(page, "not this one at all");
  await page.getByRole("alert").getByText("wrong").waitFor();
  assert.equal(await page.getByLabel("E-mail address").inputValue(), EMAIL);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText(EMAIL).waitFor();
  const kept = await page.evaluate(async () => {
    const texts = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const type = (await cache.match(request)).headers.get("content-type") ?? "";
        if (type.startsWith("text/html")) texts.push(await (await cache.match(request)).text());
      }
    }
    return texts;
  });
  assert.ok(kept.length > 0, "the app itself is kept");
  assert.ok(!kept.some((text) => text.includes(EMAIL) || text.includes("Sign in")));

  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.goto(`${server.url}/account`);
  assert.equal(new URL(page.url()).pathname, "/sign-in");
  await context.close();
});

test("everything works without scripts, and on a phone", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
  const page = await context.newPage();
  await signIn(page);
  await page.getByText("Make another token").click();
  await page.getByLabel("Name").fill("scanner");
  await page.getByLabel("Credits it may spend").fill("20");
  await page.getByRole("button", { name: "Make the token" }).click();
  await page.getByText("The token is made.").waitFor();
  await page.getByText("0 of 20 credits spent").waitFor();
  const row = page.getByRole("listitem").filter({ hasText: "scanner" });
  await row.getByText("Show").click();
  assert.match(await row.locator("code").textContent(), /^ocr_/);
  for (const part of await page.locator(".card, .card *").all()) {
    const box = await part.boundingBox();
    // What is cut off by a box that scrolls may be wider.
    const scrolls = await part.evaluate((element) => element.closest(".example") !== null);
    if (box && !scrolls) assert.ok(box.x + box.width <= 361, `${await part.textContent()}: ${box.x + box.width} px`);
  }
  await page.goto(`${server.url}/prices`);
  await page.getByRole("row", { name: /An account with credits/ }).waitFor();
  await context.close();
});

test("the API can be read and tried, from this server's own files", { timeout: READ_TIMEOUT_MS }, async () => {
  const { context, page, errors, requests } = await openPage(browser, server.url);
  await page.goto(`${server.url}/api-reference`);
  const languages = page.locator(".opblock").filter({ hasText: "/api/v1/languages/" });
  await languages.getByRole("button").first().click();
  await languages.getByRole("button", { name: "Execute" }).click();
  await languages.getByText("native_name").first().waitFor();
  const hosts = new Set(requests.map(({ url }) => new URL(url)).filter(({ protocol }) => protocol.startsWith("http")).map(({ origin }) => origin));
  assert.deepEqual([...hosts], [server.url]);
  assert.deepEqual(errors, [], "the policy allows everything it does");
  await context.close();
});

test("a forgotten password is set anew, and an account is deleted", async () => {
  const { context, page } = await openPage(browser, server.url);
  await page.goto(`${server.url}/sign-in`);
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await page.getByLabel("E-mail address").fill(EMAIL);
  await page.getByRole("button", { name: "Send a code" }).click();
  await page.getByRole("heading", { name: "Look into your mail" }).waitFor();
  let code;
  for (let tries = 0; !code && tries < 50; tries += 1) {
    code = (await server.mailTo(EMAIL)).match(/\/reset-password\?code=([0-9a-f]+)/)?.[1];
    await page.waitForTimeout(100);
  }
  const other = "an analytical engine";
  await page.goto(`${server.url}/reset-password?code=${code}`);
  await page.getByLabel("New password").fill(other);
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.getByText("The password is set").waitFor();
  await signIn(page, other);
  await page.getByText("Delete ...").click();
  const form = page.locator("form[action='/account/delete']");
  await form.getByLabel("Password").fill(other);
  await form.getByRole("button").click();
  await page.getByText("is deleted").waitFor();
  await signIn(page, other);
  await page.getByRole("alert").waitFor();
  await context.close();
});

test("a form of another site does nothing", async () => {
  const { context, page } = await openPage(browser, server.url);
  const status = await page.evaluate(async (url) => {
    const body = new URLSearchParams({ email: "eve@example.org", password: "a long enough one" });
    return (await fetch(url, { method: "POST", body, redirect: "manual" })).status;
  }, `${server.url}/sign-up`);
  assert.equal(status, 202, "this site's own");
  const foreign = await fetch(`${server.url}/sign-up`, {
    method: "POST",
    headers: { Origin: "https://evil.example", "Content-Type": "application/x-www-form-urlencoded" },
    body: "email=eve2%40example.org&password=a+long+enough+one",
  });
  assert.equal(foreign.status, 403);
  await context.close();
});
