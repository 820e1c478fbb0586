// Reads line images (PGM, 8 bit) with the WebAssembly build of `wasm_lines.rs`; prints the texts, then `cpu_ms` of one round over
// all lines on stderr, like the example `lines` and tests/peers/tesseract_lines.cpp.
//
//   node wasm_lines.mjs [--rounds N] MODULE.wasm MODEL.traineddata LINE.pgm...
import { readFileSync } from "node:fs";

const args = process.argv.slice(2);
let rounds = 1;
if (args[0] === "--rounds") {
  rounds = Number(args[1]);
  args.splice(0, 2);
}
const [modulePath, modelPath, ...paths] = args;
const { instance } = await WebAssembly.instantiate(readFileSync(modulePath), {});
const { memory, allocate, load, read, text } = instance.exports;

function put(bytes) {
  const at = allocate(bytes.length);
  new Uint8Array(memory.buffer).set(bytes, at);
  return at;
}

function pgm(path) {
  const file = readFileSync(path);
  const header = /^P5\s+(\d+)\s+(\d+)\s+\d+\s/.exec(file.subarray(0, 64).toString("latin1"));
  const pixels = file.subarray(header[0].length);
  return { at: put(pixels), width: Number(header[1]), height: Number(header[2]) };
}

const model = readFileSync(modelPath);
const loadStart = process.cpuUsage();
const reader = load(put(model), model.length);
const loaded = process.cpuUsage(loadStart);
if (reader === 0) throw new Error("the model cannot be read");
const lines = paths.map(pgm);
const times = [];
// The first round is for the compiler's second tier; its texts are printed.
for (let round = 0; round <= rounds; round++) {
  const start = process.cpuUsage();
  for (const line of lines) {
    const length = read(reader, line.at, line.width, line.height);
    if (round === 0) {
      console.log(new TextDecoder().decode(new Uint8Array(memory.buffer, text(reader), length)));
    }
  }
  const used = process.cpuUsage(start);
  if (round > 0) times.push((used.user + used.system) / 1e3);
}
times.sort((a, b) => a - b);
console.error(`load_ms ${((loaded.user + loaded.system) / 1e3).toFixed(1)} memory_mb ${(memory.buffer.byteLength / 2 ** 20).toFixed(1)}`);
console.error(`cpu_ms ${times[Math.floor(times.length / 2)].toFixed(3)}`);
