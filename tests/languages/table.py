"""Writes docs/languages.md: the languages, what reads each, and the error rates of a measuring run.

    python tests/languages/render.py ...                                   # the pages, see there
    cargo xtask bench accuracy --manifest OUT/manifest.jsonl --out texts > measured.txt
    python tests/languages/table.py measured.txt
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parent / "../.."
HEAD = """# Languages

What reads each language and how well: character error rates (CER) of pages that `tests/languages/render.py` draws (articles 3 to 12 of the
Universal Declaration of Human Rights in Noto fonts, 900 characters a page, sans and serif where there are both), read with `language=auto`
by the small model. Below .001 is one character a page. `-` is not measured: the package has no text in it. Regenerate with `tests/languages/table.py`, which
says how.

`ppocr` is PP-OCRv6; every other name is an LSTM recogniser of Tesseract, the script's where it begins with a capital letter, else the language's own. The third
column holds in the browser with the quick model, whose PP-OCR lacks kana and some letters.

| language | code | read by | beside the tiny model | CER |
|---|---|---|---|---|
"""


def main(measured):
    rates = dict(re.findall(r"^language/(\S+)\s+\d+\s+CER (\S+)", measured, re.M))
    rows = []
    for line in (ROOT / "wasm-engine/language/languages.tsv").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        tag, _, _, _, reader, tiny, name, native, _ = line.split("\t")
        rate = rates.get(tag)
        shown = rate.lstrip("0") if rate and rate != "0.0000" else (rate and "0") or "-"
        names = name if name == native else f"{name}, {native}"
        rows.append(f"| {names} | `{tag}` | `{reader}` | {'' if tiny == '-' else f'`{tiny}`'} | {shown} |")
    (ROOT / "docs/languages.md").write_text(HEAD + "\n".join(rows) + "\n", "utf-8")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).read_text("utf-8"))
