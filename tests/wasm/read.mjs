// Reads pictures with the WebAssembly build of the engine, in Node.
//
//   node tests/wasm/read.mjs MODEL FILE...          one JSON Page a line; milliseconds on standard error
//   node tests/wasm/read.mjs --serve --model MODEL  prints "ready", then reads a path a line and answers one JSON a line:
//                                                   { text, seconds, stages_ms }, or { text: "", seconds, error }
//
// MODEL is `tiny`, `small` or a name of models.toml. `cargo xtask wasm-node` builds the engine this loads, and
// OCR_CHAT_WASM_NODE names another folder to load it from.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const ENGINE_DIR = process.env.OCR_CHAT_WASM_NODE ?? join(ROOT, "target", "wasm-node");
const MODELS_DIR = process.env.OCR_CHAT_MODELS_DIR ?? join(ROOT, "models");

function load(model) {
  const { Reader } = createRequire(import.meta.url)(join(ENGINE_DIR, "ocr_chat_worker.js"));
  const name = model.startsWith("ppocr") ? model : `ppocrv6-${model}`;
  const file = (suffix) => readFileSync(join(MODELS_DIR, `${name}-${suffix}`));
  return new Reader(file("det.onnx"), file("rec.onnx"), file("dict.txt").toString("utf8"), name);
}

function usage() {
  console.error("usage: read.mjs MODEL FILE... | read.mjs --serve --model MODEL");
  process.exit(2);
}

async function serve(model) {
  const reader = load(model);
  process.stdout.write("ready\n");
  for await (const path of createInterface({ input: process.stdin })) {
    if (!path.trim()) continue;
    const start = performance.now();
    let answer;
    try {
      const { text, stages_ms } = JSON.parse(reader.read_timed(readFileSync(path)));
      answer = { text, stages_ms };
    } catch (error) {
      answer = { text: "", error: String(error.message ?? error) };
    }
    const seconds = (performance.now() - start) / 1000;
    process.stdout.write(`${JSON.stringify({ ...answer, seconds })}\n`);
  }
}

function readAll(model, files) {
  const reader = load(model);
  for (const path of files) {
    const bytes = readFileSync(path);
    const n_pages = reader.n_pages(bytes);
    for (let index = 0; index < n_pages; index += 1) {
      const start = performance.now();
      process.stdout.write(`${reader.read(bytes, index)}\n`);
      console.error(`${path} page ${index + 1}: ${(performance.now() - start).toFixed(0)} ms`);
    }
  }
}

const words = process.argv.slice(2);
if (words[0] === "--serve") {
  if (words[1] !== "--model" || words.length !== 3) usage();
  await serve(words[2]);
} else if (words.length >= 2 && !words[0].startsWith("-")) {
  readAll(words[0], words.slice(1));
} else {
  usage();
}
