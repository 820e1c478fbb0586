"""Tesseract as a peer of `cargo xtask bench accuracy`: told each page's language, one page at a time.

    apt-get install tesseract-ocr tesseract-ocr-all
    cargo xtask bench accuracy --manifest M --out OUT --ask given --peer 'python tests/peers/tesseract_peer.py M'

Says "ready", then reads a path a line and answers {"text", "seconds"} a line; seconds include the start of the program.
"""

import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).parent / "../.."


def languages(manifest):
    """Tesseract's name of the language of each file of the manifest."""
    names = {}
    for line in (ROOT / "wasm-engine/language/languages.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            tag, _, tesseract, *_ = line.split("\t")
            names[tag] = tesseract
    found = {}
    for line in manifest.read_text("utf-8").splitlines():
        item = json.loads(line)
        tag = {"zh": "zh-Hans", "no": "nb"}.get(item["language"], item["language"])
        found[(manifest.parent / item["file"]).resolve()] = names.get(tag, "eng")
    return found


def main(manifest):
    of_file = languages(manifest)
    print("ready", flush=True)
    for line in sys.stdin:
        path = pathlib.Path(line.strip())
        start = time.perf_counter()
        command = ["tesseract", str(path), "-", "-l", of_file.get(path.resolve(), "eng"), *sys.argv[2:]]
        text = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        print(json.dumps({"text": text, "seconds": time.perf_counter() - start}), flush=True)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
