// The WebAssembly build of the engine in Node.
//
//   node tests/wasm/read.mjs --model tiny FILE...         one JSON object a file
//   node tests/wasm/read.mjs --model tiny --serve         says "ready", then reads a path a line and answers an object a line
//
// An object is {"text", "seconds", "stages_ms"}. `cargo xtask wasm-node` builds the module; pictures only, PDF pages are the
// business of another Worker.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { values, positionals } = parseArgs({
  options: { model: { type: "string", default: "tiny" }, serve: { type: "boolean", default: false } },
  allowPositionals: true,
});

const { Reader } = createRequire(import.meta.url)(join(root, "target/wasm-node/ocr_chat_worker.js"));
const models = process.env.OCR_CHAT_MODELS_DIR ?? join(root, "models");
const part = (name) => readFileSync(join(models, `ppocrv6-${values.model}-${name}`));
const shared = (name) => readFileSync(join(models, name));
const reader = new Reader(
  part("det.onnx"),
  part("rec.onnx"),
  part("dict.txt").toString("utf8"),
  shared("script.onnx"),
  shared("languages.bin"),
  `ppocrv6-${values.model}`,
);

// Reads a page; the engine says which recognisers it needs, as it does to the Worker's page.
function readPage(bytes, index) {
  for (;;) {
    try {
      return readPage(bytes, index);
    } catch (error) {
      const needed = /^the recognisers (.*) are needed$/.exec(error.message ?? "");
      if (!needed) throw error;
      for (const name of needed[1].split(", ")) reader.provide(name, shared(`lstm-${name}.traineddata`));
    }
  }
}

const pageText = (page) => page.blocks.map((block) => block.text).join("\n\n");

function read(file) {
  const bytes = readFileSync(file);
  const start = performance.now();
  const texts = [];
  const stages = {};
  try {
    for (let index = 0; index < reader.n_pages(bytes); index += 1) {
      const { page, stages_ms } = JSON.parse(reader.read_timed(bytes, index));
      texts.push(pageText(page));
      for (const [stage, ms] of Object.entries(stages_ms)) stages[stage] = (stages[stage] ?? 0) + ms;
    }
  } catch (error) {
    console.error(`${file}: ${error.message ?? error}`);
  }
  return { text: texts.join("\f"), seconds: (performance.now() - start) / 1000, stages_ms: stages };
}

if (values.serve) {
  console.log("ready");
  for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(read(line)));
} else {
  for (const file of positionals) console.log(JSON.stringify(read(file)));
}
