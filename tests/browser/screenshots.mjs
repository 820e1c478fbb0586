// Pictures of every page for the documentation, light and dark, phone and wide: `node tests/browser/screenshots.mjs` after `cargo xtask web` and a build of
// the server. Writes docs/images/screens/*.webp and docs/screens.md; look at them before they are committed.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { choose, launch, readText, ROOT, startServer } from "./support.mjs";

const FOLDER = join(ROOT, "docs", "images", "screens");
const LOOKS = [
  { name: "wide-light", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { name: "wide-dark", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  { name: "phone-light", colorScheme: "light", viewport: { width: 390, height: 800 } },
  { name: "phone-dark", colorScheme: "dark", viewport: { width: 390, height: 800 } },
];
// Width of a picture in the documentation, in pixels, and its quality.
const WIDTH = { 1280: 800, 390: 300 };
const QUALITY = 0.7;
const EMAIL = "ada@example.org";
const PASSWORD = "a difference engine";
const OPERATOR = "operator@example.org";

/** What is shown, in the order of the documentation: a title, and what is done to get there. */
const SCREENS = [
  ["start", "Start", (page) => page.goto("/")],
  ["start-th", "Start, in Thai", (page) => page.goto("/th")],
  ["start-ar", "Start, in Arabic", (page) => page.goto("/ar")],
  ["document", "A document that was read", read],
  ["ask", "A question about it", ask],
  ["history", "History", (page) => page.getByRole("link", { name: "History" }).first().click()],
  ["languages", "Languages", (page) => page.goto("/languages")],
  ["tools", "Tools", (page) => page.goto("/tools")],
  ["tool", "A tool", (page) => page.goto("/tools/receipt-to-json")],
  ["result", "The result of a tool", result],
  ["prices", "Prices", (page) => page.goto("/prices")],
  ["docs", "Guide to the API", (page) => page.goto("/docs")],
  ["reference", "Reference of the API", (page) => page.goto("/api-reference")],
  ["privacy", "Privacy", (page) => page.goto("/privacy")],
  ["terms", "Terms and refunds", (page) => page.goto("/terms")],
  ["status", "Status", (page) => page.goto("/status")],
  ["missing", "Nothing there", (page) => page.goto("/nothing")],
  ["sign-in", "Sign in", (page) => page.goto("/sign-in")],
  ["forgot-password", "A forgotten password", (page) => page.goto("/forgot-password")],
  ["sign-up", "Sign up", (page) => page.goto("/sign-up")],
  ["account", "Account", account],
  ["admin", "Administration", admin],
  ["admin-accounts", "Administration: accounts", (page) => page.goto("/admin/users")],
  ["admin-jobs-th", "Administration: jobs, in Thai", (page) => page.goto("/th/admin/jobs")],
];

async function read(page) {
  await page.goto("/");
  await choose(page, "page-en.png");
  await readText(page);
}

async function ask(page) {
  await page.getByRole("tab", { name: "Ask" }).click();
  await page.locator("#panel input, #panel textarea").first().fill("What does a copy cost?");
  await page.keyboard.press("Enter");
  await page.locator(".ask-citations").first().waitFor({ timeout: 60_000 });
}

async function result(page) {
  await page.goto("/tools/receipt-to-json");
  await page.locator("input[type=file]").setInputFiles(join(ROOT, "tests", "fixtures", "receipt-en.jpg"));
  await page.getByRole("button", { name: "Read it" }).click();
  await page.getByRole("heading", { name: "Download" }).waitFor({ timeout: 120_000 });
}

async function account(page) {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail address").fill(EMAIL);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "What is left" }).waitFor();
}

async function admin(page) {
  await page.context().clearCookies();
  await page.goto("/sign-in");
  await page.getByLabel("E-mail address").fill(OPERATOR);
  await page.getByLabel("Password").fill(operatorPassword);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "What is left" }).waitFor();
  await page.goto("/admin");
}

/** Somebody who can sign in. */
async function makeAccount(server, page) {
  await page.goto("/sign-up");
  await page.getByLabel("E-mail address").fill(EMAIL);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByRole("heading", { name: "Look into your mail" }).waitFor();
  const [, link] = (await server.mailTo(EMAIL)).match(/(\/verify\?code=\S+)/);
  await page.goto(link);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByRole("heading", { name: "What is left" }).waitFor();
}

/** A PNG as a smaller WEBP; the browser encodes it. */
async function shrink(page, png, width) {
  const base64 = await page.evaluate(
    async ([png, width, quality]) => {
      const picture = new Image();
      picture.src = `data:image/png;base64,${png}`;
      await picture.decode();
      const canvas = document.createElement("canvas");
      canvas.width = width;
      canvas.height = Math.round((picture.height * width) / picture.width);
      const context = canvas.getContext("2d");
      context.imageSmoothingQuality = "high";
      context.drawImage(picture, 0, 0, canvas.width, canvas.height);
      return canvas.toDataURL("image/webp", quality).split(",")[1];
    },
    [png.toString("base64"), width, QUALITY],
  );
  return Buffer.from(base64, "base64");
}

const server = await startServer();
const [, operatorPassword] = (await server.run("admin", "create", OPERATOR, "--admin")).match(/[Pp]assword:?\s+(\S+)/);
const browser = await launch();
await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });
const encoder = await (await browser.newContext()).newPage();
const first = await browser.newContext({ baseURL: server.url });
await makeAccount(server, await first.newPage());
await first.close();
for (const { name, ...look } of LOOKS) {
  const context = await browser.newContext({ ...look, baseURL: server.url });
  const page = await context.newPage();
  for (const [screen, , go] of SCREENS) {
    await go(page);
    await page.waitForLoadState("networkidle");
    // Nothing is pointed at.
    await page.mouse.move(0, 0);
    await page.waitForTimeout(500);
    const png = await page.screenshot();
    await writeFile(join(FOLDER, `${screen}-${name}.webp`), await shrink(encoder, png, WIDTH[look.viewport.width]));
  }
  await context.close();
}
await browser.close();
await server.stop();

const parts = SCREENS.map(([screen, title]) => {
  const picture = (look) => `<img alt="${title}, ${look.replace("-", ", ")}" src="images/screens/${screen}-${look}.webp" width="${look.startsWith("wide") ? 400 : 150}">`;
  return `## ${title}\n\n${LOOKS.map(({ name }) => picture(name)).join("\n")}\n`;
});
await writeFile(
  join(ROOT, "docs", "screens.md"),
  `# Every page\n\nLight and dark, wide (1,280 pixels) and on a phone (390). Made by \`node tests/browser/screenshots.mjs\`.\n\n${parts.join("\n")}`,
);
