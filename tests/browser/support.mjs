// What the browser tests share: a server with a data folder of its own, and a page that notes every request.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { chromium } from "playwright-core";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const FIXTURES = join(ROOT, "tests", "fixtures");
/** Pages in several scripts; a path that `choose` takes. */
export const SCRIPT_PAGES = join(ROOT, "tests", "browser", "fixtures");

// A page is read in about 3 seconds on 2 quiet cores; CI machines are neither quiet nor quick.
export const READ_TIMEOUT_MS = 120_000;

const CHROMIUM = process.env.OCR_CHAT_CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts `ocr-chat serve` on a free port; `stop()` ends it and deletes its data. */
export async function startServer(environment = {}) {
  const binary = process.env.OCR_CHAT_BINARY ?? join(ROOT, "target", "debug", "ocr-chat");
  const dataDir = await mkdtemp(join(tmpdir(), "ocr-chat-browser-"));
  const child = spawn(binary, ["serve"], {
    cwd: ROOT,
    env: {
      ...process.env,
      OCR_CHAT_LISTEN: "127.0.0.1:0",
      OCR_CHAT_DATA_DIR: dataDir,
      OCR_CHAT_MODELS_DIR: process.env.OCR_CHAT_MODELS_DIR ?? join(ROOT, "models"),
      OCR_CHAT_WEB_DIR: process.env.OCR_CHAT_WEB_DIR ?? join(ROOT, "dist"),
      OCR_CHAT_MODEL: "tiny",
      OCR_CHAT_LOG: "warn",
      ...environment,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let url;
  for await (const line of createInterface({ input: child.stdout })) {
    url = line.match(/Listening on (http:\S+)/)?.[1];
    if (url) break;
  }
  if (!url) throw new Error(`${binary} serve ended before it listened`);
  child.stdout.resume();
  return {
    url,
    /** Runs the command line on this server's data and gives what it prints. */
    async run(...command) {
      const { stdout } = await promisify(execFile)(binary, command, { cwd: ROOT, env: { ...process.env, OCR_CHAT_DATA_DIR: dataDir } });
      return stdout;
    },
    /** The newest e-mail to `address`, once it is there: without an SMTP server messages are files. */
    async mailTo(address) {
      const outbox = join(dataDir, "outbox");
      for (let tries = 0; tries < 100; tries += 1) {
        const names = (await readdir(outbox).catch(() => [])).filter((name) => name.endsWith(".eml")).sort();
        for (const name of names.reverse()) {
          const text = await readFile(join(outbox, name), "utf8");
          // Long lines are sent as quoted-printable.
          if (text.includes(`To: ${address}`)) return text.replaceAll("=\r\n", "").replaceAll("=3D", "=");
        }
        await new Promise((done) => setTimeout(done, 100));
      }
      throw new Error(`no e-mail to ${address}`);
    },
    async stop() {
      child.kill("SIGTERM");
      await exited;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Chromium, with `flags` beside those of all tests. */
export function launch(...flags) {
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...flags] });
}

/** The server and the browser of a file of tests; both end after its last one. */
export async function serverAndBrowser(...flags) {
  const server = await startServer();
  after(() => server.stop());
  const browser = await launch(...flags);
  after(() => browser.close());
  return { server, browser };
}

/** A browser with the PDF viewer, an extension of Chromium that its old headless mode does not have and playwright switches off. */
export function launchWithViewer() {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ["--headless=new", ...FLAGS],
    ignoreDefaultArgs: ["--headless", "--headless=old", "--disable-extensions", "--disable-component-extensions-with-background-pages"],
  });
}

/** A page in a fresh profile. `requests` are all it and its Workers sent, `errors` what went wrong in it. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const requests = [];
  const errors = [];
  context.on("request", (request) =>
    requests.push({ method: request.method(), url: request.url(), body: request.postDataBuffer() }),
  );
  const page = await context.newPage();
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.goto(url);
  await page.locator("[data-choose]").first().waitFor();
  return { context, page, requests, errors };
}

/** Chooses files as a visitor does, in the file dialog. */
export async function choose(page, ...names) {
  const dialog = page.waitForEvent("filechooser");
  await page.locator("[data-choose]").first().click();
  await (await dialog).setFiles(names.map((name) => resolve(FIXTURES, name)));
}

/** Drops a file on the window. */
export async function drop(page, name, type) {
  const bytes = [...(await readFile(join(FIXTURES, name)))];
  const data = await page.evaluateHandle(
    ([bytes, name, type]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], name, { type }));
      return data;
    },
    [bytes, name, type],
  );
  await page.dispatchEvent("main", "drop", { dataTransfer: data });
}

/** Waits until the shown document is read and gives the text of the shown page. */
export async function readText(page, badge = "Read on this device") {
  await page.getByText(badge, { exact: true }).and(page.locator(".badge")).waitFor({ timeout: READ_TIMEOUT_MS });
  await page.locator(".text-line").first().waitFor();
  return page.locator(".lines").innerText();
}

export async function truth(name) {
  return readFile(join(FIXTURES, `${name}.truth.txt`), "utf8");
}

/** The text of a page in `SCRIPT_PAGES`. */
export async function pageTruth(name) {
  return readFile(join(SCRIPT_PAGES, `${name}.truth.txt`), "utf8");
}

/** Levenshtein distance between two texts over the length of the first, in code points of NFC; any white space is one space. */
export function characterErrorRate(expected, text) {
  const letters = (value) => [...value.normalize("NFC").replace(/\s+/gu, " ").trim()];
  const [wanted, got] = [letters(expected), letters(text)];
  let row = got.map((_, at) => at + 1);
  row.unshift(0);
  for (const [at, letter] of wanted.entries()) {
    const next = [at + 1];
    for (const [other, found] of got.entries()) {
      next.push(Math.min(row[other] + (letter === found ? 0 : 1), row[other + 1] + 1, next[other] + 1));
    }
    row = next;
  }
  return row[got.length] / wanted.length;
}

/** Share of the words of `expected` that are not in `text`. */
export function missingWords(expected, text) {
  const words = (value) => value.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}.,:'@$-]*/gu) ?? [];
  const have = new Set(words(text));
  const wanted = words(expected);
  return wanted.filter((word) => !have.has(word)).length / wanted.length;
}
