// Writes NAME.br and NAME.gz beside each file of a folder that shrinks by them; the server sends them as they are. Levels that are too slow for a
// server at work: here they are paid once, when the app is built.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const WORTH_IT = /\.(wasm|js|css|svg|webmanifest)$/;
const folder = process.argv[2];

const names = await readdir(folder, { recursive: true });
await Promise.all(
  names.filter((name) => WORTH_IT.test(name)).map(async (name) => {
    const bytes = await readFile(join(folder, name));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    const [br, gz] = await Promise.all([promisify(brotliCompress)(bytes, { params }), promisify(gzip)(bytes, { level: 9 })]);
    await Promise.all([writeFile(join(folder, `${name}.br`), br), writeFile(join(folder, `${name}.gz`), gz)]);
  }),
);
