// Memory over a long document: reads FILE in one tab and sums the resident size of that browser's renderer processes (the page with its Workers).
//   node memory.mjs FILE.pdf [CORES]
// CORES: as if the machine had so many; one OCR Worker fewer runs, two at most.
// PSS shares out what processes have in common; RSS counts it in each. Linux only (/proc). No test: it takes minutes.
import { readdir, readFile } from "node:fs/promises";
import { resolve } from "node:path";

import { launch, openPage, startServer } from "./support.mjs";

const EVERY_MS = 2_000;

const server = await startServer();
const browser = await launch();
const { page } = await openPage(browser, server.url);
const cores = Number(process.argv[3] ?? 0);
if (cores > 0) {
  await page.addInitScript((cores) => Object.defineProperty(navigator, "hardwareConcurrency", { get: () => cores }), cores);
  await page.reload();
  await page.locator("[data-choose]").first().waitFor();
}

/** Sums of this browser's renderers, in MB. The browser of this run is found by being a descendant of this process. */
async function renderers() {
  const parents = new Map();
  const commands = new Map();
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8");
      parents.set(pid, stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      commands.set(pid, await readFile(`/proc/${pid}/cmdline`, "utf8"));
    } catch {
      // Ended meanwhile.
    }
  }
  const isOurs = (pid) => pid === String(process.pid) || (parents.has(pid) && isOurs(parents.get(pid)));
  let [rss, pss] = [0, 0];
  for (const [pid, command] of commands) {
    if (!command.includes("--type=renderer") || !isOurs(pid)) continue;
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
    rss += Number(rollup.match(/^Rss:\s+(\d+)/m)?.[1] ?? 0) / 1_000;
    pss += Number(rollup.match(/^Pss:\s+(\d+)/m)?.[1] ?? 0) / 1_000;
  }
  return { rss, pss };
}

const chooser = page.waitForEvent("filechooser");
await page.locator("[data-choose]").first().click();
const started = Date.now();
await (await chooser).setFiles(resolve(process.argv[2]));
const most = { rss: 0, pss: 0 };
for (let state = ""; state !== "done" && state !== "failed"; ) {
  await page.waitForTimeout(EVERY_MS);
  const now = await renderers();
  most.rss = Math.max(most.rss, now.rss);
  most.pss = Math.max(most.pss, now.pss);
  state = await page.locator(".files .dot").first().getAttribute("data-state");
  const text = await page.locator(".file-state").first().innerText();
  console.log(`${((Date.now() - started) / 1_000).toFixed(0)} s, ${text}: RSS ${now.rss.toFixed(0)} MB, PSS ${now.pss.toFixed(0)} MB`);
}
console.log(`most: RSS ${most.rss.toFixed(0)} MB, PSS ${most.pss.toFixed(0)} MB`);
await page.reload();
await page.locator(".text-line").first().waitFor({ timeout: 60_000 });
const again = await renderers();
console.log(`opened again after a reload: RSS ${again.rss.toFixed(0)} MB, PSS ${again.pss.toFixed(0)} MB`);
await browser.close();
await server.stop();
