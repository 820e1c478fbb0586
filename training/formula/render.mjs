// Sets formulas with MathJax and draws them: `node render.mjs FORMULAS.txt OUT.bin EX_PX [FROM TO]`.
//
// OUT.bin holds for each formula its width and height (two little-endian 16-bit numbers) and its grey pixels, black on white, row by row; 0 and 0 where it could not be set.
import { createWriteStream, readFileSync } from "node:fs";
import { once } from "node:events";
import { mathjax } from "mathjax-full/js/mathjax.js";
import { TeX } from "mathjax-full/js/input/tex.js";
import { SVG } from "mathjax-full/js/output/svg.js";
import { liteAdaptor } from "mathjax-full/js/adaptors/liteAdaptor.js";
import { RegisterHTMLHandler } from "mathjax-full/js/handlers/html.js";
import "mathjax-full/js/input/tex/ams/AmsConfiguration.js";
import { Resvg } from "@resvg/resvg-js";

const [, , source, target, exPx, from = "0", to = "Infinity"] = process.argv;
const adaptor = liteAdaptor();
RegisterHTMLHandler(adaptor);
const page = mathjax.document("", { InputJax: new TeX({ packages: ["base", "ams"] }), OutputJax: new SVG({ fontCache: "none" }) });
const out = createWriteStream(target);

function picture(formula) {
  const container = page.convert(formula, { display: true, em: 16, ex: 8, containerWidth: 100 * 16 });
  const svg = adaptor.innerHTML(container);
  if (svg.includes("data-mjx-error") || svg.includes("merror")) return null;
  const size = /width="([\d.]+)ex" height="([\d.]+)ex"/.exec(svg);
  const width = Math.ceil(Number(size[1]) * Number(exPx));
  const drawn = new Resvg(svg.replaceAll("currentColor", "black"), { background: "white", fitTo: { mode: "width", value: Math.max(width, 1) }, font: { loadSystemFonts: false } }).render();
  const grey = Buffer.alloc(drawn.width * drawn.height);
  // Each access to `pixels` is a copy.
  const pixels = drawn.pixels;
  for (let at = 0; at < grey.length; at++) grey[at] = pixels[4 * at];
  return { width: drawn.width, height: drawn.height, grey };
}

let failed = 0;
const formulas = readFileSync(source, "utf8").split("\n").filter(Boolean).slice(Number(from), Number(to));
for (const formula of formulas) {
  let drawn = null;
  try {
    drawn = picture(formula);
  } catch {
    // Counted below.
  }
  if (!drawn || drawn.width > 4000 || drawn.height > 1000) {
    drawn = { width: 0, height: 0, grey: Buffer.alloc(0) };
    failed += 1;
  }
  const head = Buffer.alloc(4);
  head.writeUInt16LE(drawn.width, 0);
  head.writeUInt16LE(drawn.height, 2);
  out.write(head);
  if (!out.write(drawn.grey)) await once(out, "drain");
}
out.end();
await once(out, "finish");
console.log(`${formulas.length} formulas, ${failed} not set`);
