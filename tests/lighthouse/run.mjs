// Lighthouse on phone settings against a server of its own, an odd number of runs each, and the median told. It reports and does not fail.
import { readFile } from "node:fs/promises";

import { launch as launchChrome } from "chrome-launcher";
import lighthouse from "lighthouse";

import { startServer } from "../browser/support.mjs";

const RUNS = Number(process.env.OCR_CHAT_LIGHTHOUSE_RUNS ?? 3);
const PATHS = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ["/", "/th", "/tools", "/prices", "/docs"];
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];

const server = await startServer();
const chrome = await launchChrome({
  chromePath: process.env.OCR_CHAT_CHROMIUM ?? "/usr/bin/chromium",
  chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
});
const { version } = JSON.parse(await readFile(new URL("./node_modules/lighthouse/package.json", import.meta.url)));
console.log(`Lighthouse ${version}, its phone settings (slow 4G and a quarter of the processor, simulated), median of ${RUNS}`);
try {
  for (const path of PATHS) {
    const results = [];
    for (let run = 0; run < RUNS; run += 1) {
      const { lhr } = await lighthouse(server.url + path, { port: chrome.port, onlyCategories: CATEGORIES, logLevel: "error" });
      results.push(lhr);
    }
    results.sort((a, b) => a.categories.performance.score - b.categories.performance.score);
    const lhr = results[RUNS >> 1];
    const scores = CATEGORIES.map((name) => `${name} ${Math.round(lhr.categories[name].score * 100)}`);
    const metrics = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift"];
    console.log(`${path}  ${scores.join("  ")}  (${metrics.map((name) => lhr.audits[name].displayValue).join(", ")})`);
    for (const audit of Object.values(lhr.audits)) {
      const counts = CATEGORIES.slice(1).some((name) => lhr.categories[name].auditRefs.some(({ id, weight }) => id === audit.id && weight > 0));
      if (counts && audit.score !== null && audit.score < 0.9) console.log(`    ${audit.id}: ${audit.title}`);
    }
  }
} finally {
  chrome.kill();
  await server.stop();
}
