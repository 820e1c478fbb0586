#!/usr/bin/env python3
"""Do other readers find the text of a searchable PDF?

Draws small pages with known words in seven scripts, makes searchable PDFs of them (from a JPEG, a PNG, and PDFs with a turned page, a shifted
box, an xref stream, a broken xref and a password), and compares what pdftotext (poppler), mutool (MuPDF) and pdfium (the engine of Chromium's
viewer) read in them with what was written: every line, word by word, in logical order. `qpdf --check` must be content, and the file may grow by
15 KB a page at most. With --ocr, a page with text of its own and text in a picture is read by that program (its models are needed), and every word
must be found once. Pictures of many kinds are embedded as they are and must look the same when poppler shows them. A program that is not installed is named and counts as a failure unless --allow-missing is given.

    pip install -r tests/exports/requirements.txt; apt-get install poppler-utils mupdf-tools qpdf
    tests/exports/pdf_peers.py [--binary target/debug/examples/searchable_pdf] [--ocr target/debug/ocr-chat] [--keep DIRECTORY] [--allow-missing]
"""

import argparse
import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

MISSING = []
try:
    from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageOps, ImageStat
except ImportError:
    sys.exit("Pillow is needed to draw the pages: pip install pillow")
try:
    import pypdfium2
except ImportError:
    pypdfium2 = None
    MISSING.append("pypdfium2 (pip install pypdfium2)")

GROWTH_BYTES = 15_000
# Mean difference of grey levels between the picture sent and the page shown: poppler's smoothing makes 1.5, another side up makes 7.
MAX_DIFFERENCE = 3.0
DPI = 150
SIZE = (900, 700)

# Lines of words; a script written without spaces has one word a line, shown a character a word as the engine gives it.
PAGES = {
    "en": (["Invoice No. 2024-117 (final)", "Total: 1,234.50 EUR paid", "Ünïcödé naïve façade – “quoted”"], False, False),
    "th": (["ใบแจ้งหนี้ เลขที่ ๑๒๓", "ราคารวม ภาษีมูลค่าเพิ่ม", "กำหนดชำระ ภายใน สามสิบวัน"], False, False),
    "ar": (["فاتورة رقم قيد السداد", "المبلغ الإجمالي مع الضريبة", "شكرا لكم على التعامل معنا"], True, False),
    "he": (["חשבונית מס מקור", "סך הכל לתשלום כולל מעמ", "תודה רבה על הקנייה"], True, False),
    "hi": (["चालान संख्या और तिथि", "कुल राशि का भुगतान", "धन्यवाद फिर पधारें"], False, False),
    "zh": (["发票号码二零二四年", "合计金额壹仟贰佰元整", "谢谢惠顾𠮷祥如意"], False, True),
    "ja": (["請求書番号をご確認ください", "合計金額は千二百円です", "ありがとうございました"], False, True),
}
# Lines in two directions and with marks. Readers order their parts as each sees fit (poppler moves spaces and commas, MuPDF begins a new line, PDFium
# reads the parts of a line with Latin words from left to right), in any PDF; the words must be whole.
MIXED = {
    "ar-mixed": (["فاتورة رقم 2024 لعام", "الموقع ocr.chat الرسمي"], True, False),
    "he-mixed": (["חשבונית 117 מקור", "אתר OCR Chat הרשמי"], True, False),
    "he-marks": (["שלום עולם (נוסף) טוב", "מחיר 12.50 בלבד"], True, False),
}
FONTS = {"en": "DejaVu Sans", "th": "Noto Sans Thai", "ar": "Amiri", "he": "DejaVu Sans", "hi": "Noto Sans Devanagari",
         "zh": "AR PL UMing CN", "ja": "Noto Sans CJK JP"}


def font_for(language, size):
    name = FONTS[language[:2]]
    found = subprocess.run(["fc-match", "-f", "%{file}\t%{index}", f"{name}:lang={language[:2]}"], capture_output=True, text=True)
    path, _, index = found.stdout.partition("\t")
    return ImageFont.truetype(path, size, index=int(index or 0)) if path else ImageFont.load_default(size)


def words_of(text, without_spaces):
    return list(text) if without_spaces else text.split()


def right_to_left(words, gap):
    """The words from the right margin leftwards, neighbouring Latin words among themselves to the right."""
    placed, at, idx = [], SIZE[0] - 60, 0
    while idx < len(words):
        end = idx + 1
        while words[idx][0].isascii() and end < len(words) and words[end][0].isascii():
            end += 1
        lengths = [b - a for _, a, b in words[idx:end]]
        left = at - sum(lengths) - gap * (len(lengths) - 1)
        at = left - gap
        for (word, _, _), length in zip(words[idx:end], lengths):
            placed.append((word, left, left + length))
            left += length + gap
        idx = end
    return placed


def draw(language, lines, is_rtl, without_spaces, angle=0.0, vertical=False):
    """The page's picture and its answer."""
    picture = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(picture)
    font = font_for(language, 34)
    gap = 0 if without_spaces else 12
    told = []
    for number, text in enumerate(lines):
        top = 80 + number * 120
        words, at = [], 60.0
        for word in words_of(text, without_spaces):
            # A font that lacks a rare character would give it a width of its own.
            length = 34 if without_spaces else font.getlength(word)
            words.append((word, at, at + length))
            at += length + gap
        width = at - gap - 60
        if is_rtl:
            words = right_to_left(words, gap)
        start = SIZE[0] - 60 - width if is_rtl else 60
        height = 46

        def place(along, down):
            if vertical:
                return 800 - number * 120 - down, 60 + along - start
            cos, sin = math.cos(angle), math.sin(angle)
            return 60 + (along - 60) * cos - down * sin, top + (along - 60) * sin + down * cos

        def corners(a, b):
            return [[round(v) for v in place(*p)] for p in ((a, 0), (b, 0), (b, height), (a, height))]

        def box(points):
            return [min(p[0] for p in points), min(p[1] for p in points), max(p[0] for p in points), max(p[1] for p in points)]

        for word, a, b in words:
            x, y = place(a, 0)
            pen.text((x, y), word, fill="black", font=font)
        polygon = corners(start, start + width)
        told.append({"text": text, "bbox": box(polygon), "polygon": polygon, "confidence": 0.9,
                     "words": [{"text": w, "bbox": box(corners(a, b)), "confidence": 0.9} for w, a, b in words]})
    block = {"kind": "paragraph", "text": "\n".join(lines), "bbox": [60, 60, 840, 600], "confidence": 0.9, "lines": told}
    return picture, block


def answer(blocks_of_pages, size=SIZE, dpi=DPI, rotation=0, language="en"):
    pages = [{"text": "", "index": n, "status": "done", "width": size[0], "height": size[1], "dpi": dpi, "rotation": rotation,
              "detected_language": None, "mean_confidence": 0.9, "blocks": [block], "warnings": []} for n, block in enumerate(blocks_of_pages)]
    return {"uuid": None, "status": "done", "tier": "cpu", "language": "auto", "page_count": len(pages), "mean_confidence": 0.9, "text": "",
            "markdown": "", "pages": pages, "schema_version": 1, "detected_language": language, "engine": None, "processed_by": "device",
            "usage": {"pages": len(pages), "credits": 0}, "warnings": [], "error": None, "created_at": None, "expires_at": None}


def stored_pictures(work):
    """Files whose compression is kept, the picture as it should be shown, and the rotation that the engine tells."""
    picture = draw("en", *PAGES["en"])[0]
    black = picture.convert("L").point(lambda value: 255 if value > 128 else 0).convert("1")
    grey = picture.convert("L")
    for name, stored, options in (
        ("group4.tif", black, {"compression": "group4"}),
        ("lzw.tif", grey, {"compression": "tiff_lzw"}),
        ("deflate.tif", grey, {"compression": "tiff_adobe_deflate"}),
        ("one-bit.png", black, {}),
        ("palette.png", picture.quantize(16), {}),
        ("cmyk.jpg", picture.convert("CMYK"), {"quality": 95}),
        ("progressive.jpg", picture, {"quality": 90, "progressive": True}),
    ):
        if name.endswith(".tif"):
            options["strip_size"] = 1 << 30
        stored.save(work / name, **options)
        yield work / name, stored.convert("RGB"), 0
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[274] = orientation
        path = work / f"exif-{orientation}.jpg"
        picture.save(path, quality=95, exif=exif)
        yield path, ImageOps.exif_transpose(Image.open(path)), {3: 180, 5: 90, 6: 90, 7: 270, 8: 270}.get(orientation, 0)


def plain_pdf(jpeg, size, rotate=0, box=(0, 0)):
    """A page with a JPEG on it, written by hand: /Rotate, and a media box that does not begin at the origin."""
    width, height = size
    stored = (height, width) if rotate % 180 else size
    w, h = stored[0] * 72 / DPI, stored[1] * 72 / DPI
    x, y = box
    picture = Image.open(jpeg)
    turned = picture.rotate(rotate, expand=True) if rotate else picture
    turned.save(jpeg.with_suffix(".turned.jpg"), quality=80)
    data = jpeg.with_suffix(".turned.jpg").read_bytes()
    # Leaves its state changed and one q open, as careless writers do.
    content = f"q 0.5 0 0 0.5 7 7 cm Q q {w} 0 0 {h} {x} {y} cm /Im Do".encode()
    objects = [b"<</Type/Catalog/Pages 2 0 R>>",
               f"<</Type/Pages/Count 1/Kids[3 0 R]/Rotate {rotate}/MediaBox[{x} {y} {x + w} {y + h}]/Resources 6 0 R>>".encode(),
               b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
               b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
               b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode/Length %d>>stream\n%s\nendstream"
               % (turned.width, turned.height, len(data), data),
               b"<</XObject<</Im 5 0 R>>>>"]
    return pdf_file(objects)


def pdf_file(objects):
    out, positions = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        positions.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % p for p in positions)
    return out + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


# A page with text of its own and a picture with text in it, which is recognised; no word occurs twice.
OWN_LINES = ["This letter accompanies the drawing of our new harbour", "and explains which parts will be built before winter.",
             "Please return one signed copy within fourteen days."]
SEEN_LINES = ["Northern breakwater", "Lighthouse with fuel station"]


def mixed_pdf(jpeg):
    picture = Image.new("RGB", (900, 300), "white")
    pen = ImageDraw.Draw(picture)
    for row, line in enumerate(SEEN_LINES):
        pen.text((60, 50 + row * 110), line, fill="black", font=font_for("en", 52))
    picture.save(jpeg, quality=90)
    data = jpeg.read_bytes()
    shown = " ".join(f"1 0 0 1 72 {700 - row * 20} Tm ({line}) Tj" for row, line in enumerate(OWN_LINES))
    content = f"BT /F1 12 Tf {shown} ET q 432 0 0 144 72 420 cm /Im Do Q".encode()
    return pdf_file([b"<</Type/Catalog/Pages 2 0 R>>",
                     b"<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 595 842]>>",
                     b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 6 0 R>>/XObject<</Im 5 0 R>>>>>>",
                     b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
                     b"<</Type/XObject/Subtype/Image/Width 900/Height 300/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"
                     b"/Length %d>>stream\n%s\nendstream" % (len(data), data),
                     b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"])


def check_mixed(work, ocr, programs):
    """Every word once: those of the page as its own, those of the picture laid under it. What is wrong, in words."""
    source = work / "mixed.pdf"
    source.write_bytes(mixed_pdf(work / "mixed.jpg"))
    out = work / "mixed-out"
    subprocess.run([ocr, "ocr", source, "--format", "pdf", "--model", "tiny", "--language", "en", "--out", out], check=True)
    problems = []
    for program, run in {**programs, "before": None}.items():
        text = normal(pdftotext(source) if run is None else run(out / "mixed.pdf"))
        for line in OWN_LINES + SEEN_LINES:
            for word in line.split():
                wanted = 0 if run is None and line in SEEN_LINES else 1
                found = len(re.findall(rf"(?<!\w){re.escape(word)}(?!\w)", text))
                if found != wanted:
                    problems.append(f"{program} has {word!r} {found} times, not {wanted}")
    return problems


def pdftotext(path):
    return subprocess.run(["pdftotext", "-enc", "UTF-8", path, "-"], capture_output=True).stdout.decode()


def mutool(path):
    return subprocess.run(["mutool", "draw", "-q", "-F", "txt", path], capture_output=True).stdout.decode()


def pdfium(path):
    document = pypdfium2.PdfDocument(path)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def readers():
    found = {}
    for name, run, package in (("pdftotext", pdftotext, "poppler-utils"), ("mutool", mutool, "mupdf-tools")):
        if shutil.which(name):
            found[name] = run
        else:
            MISSING.append(f"{name} ({package})")
    if pypdfium2:
        found["pdfium"] = pdfium
    if not shutil.which("qpdf"):
        MISSING.append("qpdf (qpdf)")
    return found


def normal(text):
    """Without the marks of direction that readers put around lines, with any white space as one space."""
    kept = "".join(c for c in unicodedata.normalize("NFC", text) if c not in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    return " ".join(kept.split())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = Path(__file__).resolve().parents[2]
    parser.add_argument("--binary", type=Path, default=root / "target/debug/examples/searchable_pdf")
    parser.add_argument("--ocr", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--allow-missing", action="store_true")
    options = parser.parse_args()
    if not options.binary.exists():
        sys.exit(f"{options.binary} is not there: cargo build -p ocr-chat-export --example searchable_pdf")
    work = options.keep or Path(tempfile.mkdtemp())
    work.mkdir(parents=True, exist_ok=True)
    programs = readers()
    failures = 0

    def check(name, told, original, lines, *arguments, n_pages=1, by_word=False):
        nonlocal failures
        (work / f"{name}.json").write_text(json.dumps(told))
        out = work / f"{name}.out.pdf"
        command = [options.binary, work / f"{name}.json", out, *([original] if original else []), *arguments]
        subprocess.run(command, check=True)
        problems = []
        for program, run in programs.items():
            text = run(out)
            read = [normal(line) for line in text.splitlines()]
            if by_word:
                joined = "".join(read).replace(" ", "")
                # Brackets turn round where a reader thinks that the letters did.
                missing = [word for line in lines for word in line.split() if word.strip("()") not in joined]
            else:
                missing = [line for line in lines if normal(line) not in read]
            for line in missing:
                problems.append(f"{program} does not read {line!r} but {read}")
        if shutil.which("qpdf"):
            result = subprocess.run(["qpdf", "--check", out], capture_output=True, text=True)
            if result.returncode:
                problems.append("qpdf: " + (result.stdout + result.stderr).strip())
        growth = out.stat().st_size - (original.stat().st_size if original else 0)
        if growth > GROWTH_BYTES * n_pages:
            problems.append(f"the file grew by {growth} bytes")
        print(f"{name:14} +{growth:6} bytes  {'ok' if not problems else 'FAILED'}")
        for problem in problems:
            print("   ", problem)
        failures += bool(problems)

    for language, (lines, is_rtl, without_spaces) in {**PAGES, **MIXED}.items():
        picture, block = draw(language, lines, is_rtl, without_spaces)
        jpeg = work / f"{language}.jpg"
        picture.save(jpeg, quality=80)
        check(language, answer([block], language=language[:2]), jpeg, lines, by_word=language in MIXED)
        (work / f"{language}.pdf").write_bytes(plain_pdf(jpeg, SIZE, 90, (30, -50)))
        check(f"{language}-pdf", answer([block]), work / f"{language}.pdf", lines, by_word=language in MIXED)

    lines, is_rtl, without_spaces = PAGES["en"]
    picture, block = draw("en", lines, is_rtl, without_spaces)
    png = work / "en.png"
    picture.save(png)
    check("en-png", answer([block]), png, lines)
    check("en-nothing", answer([block]), None, lines)
    picture, slanted = draw("en", lines, is_rtl, without_spaces, angle=0.04)
    picture.save(work / "slanted.jpg")
    check("en-slanted", answer([slanted]), work / "slanted.jpg", lines)
    for language in ("zh", "ja"):
        picture, column = draw(language, PAGES[language][0], False, True, vertical=True)
        picture.save(work / f"{language}-vertical.jpg")
        check(f"{language}-vertical", answer([column]), work / f"{language}-vertical.jpg", PAGES[language][0])

    # PDFs that cannot simply be appended to, or whose cross-reference is a stream.
    plain = work / "en.pdf"
    if shutil.which("qpdf"):
        streams = work / "streams.pdf"
        subprocess.run(["qpdf", "--object-streams=generate", plain, streams], check=True)
        check("xref-stream", answer([block]), streams, lines)
        locked = work / "locked.pdf"
        subprocess.run(["qpdf", "--encrypt", "secret", "owner", "256", "--", plain, locked], check=True)
        check("locked", answer([block]), locked, lines, "--password", "secret")
        restricted = work / "restricted.pdf"
        subprocess.run(["qpdf", "--allow-weak-crypto", "--encrypt", "", "owner", "128", "--", streams, restricted], check=True)
        check("restricted", answer([block]), restricted, lines)
        sheaf = work / "sheaf.pdf"
        subprocess.run(["qpdf", "--empty", "--pages", plain, plain, plain, "--", sheaf], check=True)
        check("three-pages", answer([block] * 3), sheaf, lines, n_pages=3)
    broken = work / "broken.pdf"
    broken.write_bytes(plain.read_bytes().replace(b"startxref\n", b"startxref\n1"))
    check("broken-xref", answer([block]), broken, lines)
    turned = work / "sideways.pdf"
    sideways = work / "sideways.jpg"
    draw("en", lines, False, False)[0].rotate(90, expand=True).save(sideways, quality=80)
    turned.write_bytes(plain_pdf(sideways, (SIZE[1], SIZE[0])))
    check("engine-turned", answer([block], rotation=90), turned, lines)

    if options.ocr:
        problems = check_mixed(work, options.ocr, programs)
        print(f"{'own-and-seen':14} every word once {'ok' if not problems else 'FAILED'}")
        for problem in problems:
            print("   ", problem)
        failures += bool(problems)

    if shutil.which("pdftoppm"):
        for name, upright, rotation in stored_pictures(work):
            told = work / "picture.json"
            told.write_text(json.dumps(answer([block], size=upright.size, rotation=rotation, dpi=72)))
            subprocess.run([options.binary, told, work / "picture.pdf", name], check=True)
            subprocess.run(["pdftoppm", "-r", "72", "-png", "-singlefile", work / "picture.pdf", work / "picture"], check=True)
            shown = Image.open(work / "picture.png").convert("RGB")
            difference = 255.0
            if shown.size == upright.size:
                difference = ImageStat.Stat(ImageChops.difference(shown, upright.convert("RGB")).convert("L")).mean[0]
            is_same = difference < MAX_DIFFERENCE
            print(f"{name.name:14} differs by {difference:.1f} {'ok' if is_same else 'FAILED'}")
            failures += not is_same

    for name in MISSING:
        print(f"not installed, not checked: {name}")
    if MISSING and not options.allow_missing:
        failures += 1
    if not options.keep:
        shutil.rmtree(work)
    return min(failures, 1)


if __name__ == "__main__":
    sys.exit(main())
