#!/usr/bin/env python3
"""Opens every export of the golden documents in other programs and asserts the text they see.

    python3 -m venv VENV && VENV/bin/pip install -r tests/exports/requirements.txt
    apt-get install --no-install-recommends libreoffice-writer libreoffice-calc poppler-utils
    VENV/bin/python tests/exports/check.py [--keep FOLDER] [--measure N_PAGES] [--binary GOLDENS] [--allow-missing]

`cargo xtask test exports` does all of that. Readers: python-docx, openpyxl, openxml-audit (Open XML schema and semantics), LibreOffice (headless), hocr-spec, lxml, markdown-it-py, Python's
csv and json. A reader that is not installed is named, and the run fails: a check that was not made has not passed. With --allow-missing programs
may be missing (LibreOffice is large); Python's packages may not.
"""

import argparse
import csv
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unicodedata
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOLDENS = ROOT / "wasm-engine/export/tests/goldens"
FURNITURE = {"header", "footer", "page_number"}
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"
XHTML = "{http://www.w3.org/1999/xhtml}"
MODULES = {"docx": "python-docx", "openpyxl": "openpyxl", "lxml": "lxml", "markdown_it": "markdown-it-py"}
SCRIPTS = {"openxml-audit": "openxml-audit", "hocr-spec": "hocr-spec"}
# Programs of the system; both are needed to look at what LibreOffice makes of a file.
PROGRAMS = {"soffice": "LibreOffice (libreoffice-writer, libreoffice-calc)", "pdfinfo": "poppler-utils"}
FORMATS = ["txt", "md", "html", "docx", "csv", "xlsx", "json", "hocr", "alto"]
MEMORY_LIMIT_MB = 512


def program(name):
    """The path of a program: beside this Python or on the path."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name)


def missing_packages():
    names = [package for module, package in MODULES.items() if importlib.util.find_spec(module) is None]
    return names + [package for name, package in SCRIPTS.items() if program(name) is None]


def missing_programs():
    return [package for name, package in PROGRAMS.items() if program(name) is None]


def squeezed(text):
    """`text` without control characters, composed, with single spaces."""
    kept = "".join(c for c in text if c.isspace() or unicodedata.category(c) != "Cc")
    return " ".join(unicodedata.normalize("NFC", kept).split())


class Golden:
    def __init__(self, name):
        self.name = name
        self.answer = json.loads((GOLDENS / name / "answer.json").read_text())
        self.pages = self.answer["pages"]

    def blocks(self, furniture=False):
        for page in self.pages:
            for block in page["blocks"]:
                if furniture or block["kind"] not in FURNITURE:
                    yield page, block

    @staticmethod
    def is_picture(block):
        """Whether the block is shown as a picture where there are pictures; the goldens' source has none for small boxes."""
        return block["kind"] in ("figure", "formula") and block["bbox"][2] - block["bbox"][0] >= 150

    def texts(self, pictures=False, footnotes=True):
        """What a reader must find, in this order: texts behind list marks, the cells of tables. Pictures show the text in them themselves; where
        they are links to files, as in Markdown, a formula that nobody wrote is one, too."""
        for _, block in self.blocks():
            if block["kind"] == "footnote" and not footnotes:
                continue
            if "table" in block:
                yield from (squeezed(cell["text"]) for cell in block["table"]["cells"])
            elif pictures and self.is_picture(block):
                continue
            elif not pictures and block["kind"] == "formula" and "latex" not in block:
                continue
            else:
                text, marker = block["text"], block.get("marker", "")
                yield squeezed(text[len(marker):] if marker else text)

    def tables(self):
        return [block["table"] for _, block in self.blocks() if "table" in block]


class Checks:
    def __init__(self):
        self.n_passed = 0
        self.failures = []

    def that(self, what, passed, detail=""):
        if passed:
            self.n_passed += 1
        else:
            self.failures.append(f"{what}: {detail}")

    def same(self, what, found, expected):
        self.that(what, found == expected, f"found {found!r}, expected {expected!r}")

    def has_in_order(self, what, text, expected):
        text, at = plain_marks(squeezed(text)), 0
        for part in map(plain_marks, expected):
            found = text.find(part, at)
            self.that(what, found >= 0, f"{part!r} is not in {text[at:at + 200]!r}")
            if found >= 0:
                at = found + len(part)


def run(arguments, **options):
    return subprocess.run(arguments, capture_output=True, text=True, **options)


def check_docx(checks, golden, path):
    import docx

    document = docx.Document(path)
    parts, headings = [], []
    check_footnotes(checks, golden, path)
    for element in document.element.body:
        for paragraph in element.iter(f"{WORD}p"):
            parts.append("".join(text_of_run(node) for node in paragraph.iter()))
    checks.has_in_order(f"{path.name} python-docx", "\n".join(parts), golden.texts(pictures=True, footnotes=False))
    for paragraph in document.paragraphs:
        if paragraph.style.name.lower().startswith("heading"):
            headings.append((int(paragraph.style.name[-1]), squeezed(paragraph.text)))
    expected = [(b["level"], squeezed(b["text"])) for _, b in golden.blocks() if b["kind"] == "heading"]
    checks.same(f"{path.name} headings", headings, expected)
    for table, expected in zip(document.tables, golden.tables(), strict=True):
        for cell in expected["cells"]:
            # python-docx gives a merged cell at each place that it covers.
            for row in range(cell["row"], cell["row"] + cell["row_span"]):
                for column in range(cell["column"], cell["column"] + cell["column_span"]):
                    found = squeezed(table.cell(row, column).text)
                    checks.same(f"{path.name} cell {row},{column}", found, squeezed(cell["text"]))
    n_pictures = sum(1 for _, block in golden.blocks() if golden.is_picture(block))
    checks.same(f"{path.name} pictures", len(document.inline_shapes), n_pictures)
    breaks = document.element.body.findall(f".//{WORD}pageBreakBefore")
    checks.same(f"{path.name} page breaks", len(breaks), len(golden.pages) - 1)
    check_scripts(checks, path, document.element.body)


def check_footnotes(checks, golden, path):
    """The goldens refer to all their footnotes: each is one of Word's, with its mark where the text has it or counted by Word."""
    from lxml import etree

    expected = [plain_marks(squeezed(block["text"])) for _, block in golden.blocks() if block["kind"] == "footnote"]
    notes, referred = {}, []
    with zipfile.ZipFile(path) as archive:
        if "word/footnotes.xml" in archive.namelist():
            for note in etree.fromstring(archive.read("word/footnotes.xml")):
                if note.get(f"{WORD}type") is None:
                    number = note.get(f"{WORD}id") if note.find(f".//{WORD}footnoteRef") is not None else ""
                    notes[note.get(f"{WORD}id")] = plain_marks(squeezed(number + "".join(text_of_run(node) for node in note.iter())))
        for reference in etree.fromstring(archive.read("word/document.xml")).iter(f"{WORD}footnoteReference"):
            mark = plain_marks("".join(text_of_run(node) for node in reference.getparent()))
            note = notes.get(reference.get(f"{WORD}id"), "")
            checks.that(f"{path.name} mark", mark and note.startswith(mark), f"{mark!r} of {note!r}")
            referred.append(note)
    checks.same(f"{path.name} footnotes", sorted(notes.values()), sorted(expected))
    checks.same(f"{path.name} references", sorted(referred), sorted(expected))


def plain_marks(text):
    """Raised digits as plain ones: programs number footnotes in their own way."""
    return "".join(unicodedata.normalize("NFKC", c) if c in "⁰¹²³⁴⁵⁶⁷⁸⁹" else c for c in text)


def text_of_run(node):
    if node.tag == f"{WORD}footnoteReference" and node.get(f"{WORD}customMarkFollows") is None:
        # In the goldens all notes before a counted one are counted.
        return node.get(f"{WORD}id")
    return {f"{WORD}t": node.text or "", f"{WORD}br": "\n", f"{WORD}tab": "\t"}.get(node.tag, "")


def check_scripts(checks, path, body):
    """Every run of Arabic or Hebrew is rtl in a bidi paragraph where it is the most of it; Thai and Devanagari are complex scripts."""
    for run_element in body.iter(f"{WORD}r"):
        text = "".join(text_of_run(node) for node in run_element)
        properties = run_element.find(f"{WORD}rPr")
        marks = {child.tag.removeprefix(WORD) for child in properties} if properties is not None else set()
        bidi = {unicodedata.bidirectional(c) for c in text}
        if bidi & {"R", "AL"}:
            checks.that(f"{path.name} rtl", "rtl" in marks, text)
        if re.search("[\u0900-\u097f\u0e00-\u0e7f]", text):
            checks.that(f"{path.name} cs", "cs" in marks, text)
    for paragraph in body.iter(f"{WORD}p"):
        text = "".join(text_of_run(node) for node in paragraph.iter())
        # Paragraphs without letters go with their document or table.
        letters = [unicodedata.bidirectional(c) for c in text if c.isalpha()]
        n_rtl = sum(1 for kind in letters if kind in {"R", "AL"})
        is_bidi = paragraph.find(f"{WORD}pPr/{WORD}bidi") is not None
        if letters and n_rtl * 2 != len(letters):
            checks.same(f"{path.name} bidi {text[:20]!r}", is_bidi, n_rtl * 2 > len(letters))


def check_xlsx(checks, golden, path):
    import openpyxl

    workbook = openpyxl.load_workbook(path)
    *sheets, text_sheet = workbook.worksheets
    checks.same(f"{path.name} last sheet", text_sheet.title, "Text")
    for sheet, table in zip(sheets, golden.tables(), strict=True):
        what = f"{path.name} {sheet.title}"
        for cell in table["cells"]:
            value = sheet.cell(cell["row"] + 1, cell["column"] + 1).value
            if isinstance(value, str):
                checks.same(what, squeezed(value), squeezed(cell["text"]))
            else:
                checks.that(what, value is not None and re.search(r"\d", cell["text"]), f"{value!r} for {cell['text']!r}")
        merged = {(r.min_row, r.min_col, r.max_row, r.max_col) for r in sheet.merged_cells.ranges}
        expected = {
            (c["row"] + 1, c["column"] + 1, c["row"] + c["row_span"], c["column"] + c["column_span"])
            for c in table["cells"]
            if c["row_span"] > 1 or c["column_span"] > 1
        }
        checks.same(f"{what} merged", merged, expected)
        is_rtl = golden.name in {"arabic", "hebrew"}
        checks.same(f"{what} direction", bool(sheet.sheet_view.rightToLeft), is_rtl)
        has_header = all(c["is_header"] for c in table["cells"] if c["row"] == 0)
        checks.same(f"{what} frozen", sheet.freeze_panes is not None, has_header)
    rows = [row for row in text_sheet.iter_rows(min_row=2, values_only=True) if row[1] != "failed"]
    expected = [(page["index"] + 1, squeezed(block["text"])) for page, block in golden.blocks(furniture=True)]
    checks.same(f"{path.name} Text", [(row[0], squeezed(row[2] or "")) for row in rows], expected)


def check_numbers(checks, folder):
    """The German invoice: numbers in its convention are numbers, identifiers are not."""
    import openpyxl

    sheet = openpyxl.load_workbook(folder / "tables.xlsx").worksheets[0]
    found = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    expected = [
        ["Kaffee | Tee", "0017", 2, 1234.5],
        ["Rabatt", "0018", 1, -12],
        ["Anteil", None, None, 0.125],
        ["Lager", None, 1234, -7.25],
    ]
    checks.same("tables.xlsx numbers", found, expected)
    checks.same("tables.xlsx per cent", sheet["D4"].number_format, "0.0%")


def check_open_xml(checks, path):
    result = run([program("openxml-audit"), "--output", "json", "--max-errors", "0", str(path)])
    checks.that(f"{path.name} openxml-audit", result.returncode == 0, result.stdout[-2000:] + result.stderr[-500:])
    with zipfile.ZipFile(path) as archive:
        checks.same(f"{path.name} zip", archive.testzip(), None)
        dates = {info.date_time for info in archive.infolist()}
        checks.same(f"{path.name} dates", dates, {(1980, 1, 1, 0, 0, 0)})


def convert(folder, suffix, target, names):
    """What LibreOffice makes of the files, in a folder of its own."""
    out = folder / f"libreoffice-{suffix}-{target.split(':')[0]}"
    profile = (folder / "profile").as_uri()
    files = [str(folder / f"{name}.{suffix}") for name in names]
    command = [program("soffice"), f"-env:UserInstallation={profile}", "--headless", "--convert-to", target]
    result = run([*command, "--outdir", str(out), *files], timeout=540)
    return out, result.stderr


def check_libreoffice(checks, folder, goldens):
    names = [golden.name for golden in goldens]
    texts, complaints = convert(folder, "docx", "txt:Text (encoded):UTF8", names)
    checks.that("LibreOffice docx", "rror" not in complaints, complaints)
    pdfs, _ = convert(folder, "docx", "pdf", names)
    # All sheets, as they are shown.
    csvs, complaints = convert(folder, "xlsx", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1", names)
    checks.that("LibreOffice xlsx", "rror" not in complaints, complaints)
    for golden in goldens:
        text = (texts / f"{golden.name}.txt").read_text(encoding="utf-8-sig")
        checks.has_in_order(f"{golden.name}.docx LibreOffice", text, golden.texts(pictures=True, footnotes=False))
        # Plain text leaves footnotes out; on the sheet they stand at the foot.
        printed = plain_marks(squeezed(run([program("pdftotext"), str(pdfs / f"{golden.name}.pdf"), "-"]).stdout))
        for _, block in golden.blocks():
            if block["kind"] == "footnote":
                checks.same(f"{golden.name}.docx LibreOffice footnote", printed.count(plain_marks(squeezed(block["text"]))), 1)
        info = run([program("pdfinfo"), str(pdfs / f"{golden.name}.pdf")]).stdout
        n_pages = int(re.search(r"Pages:\s+(\d+)", info)[1])
        # The page of random marks is longer than any sheet.
        if golden.name != "escapes":
            checks.same(f"{golden.name}.docx pages", n_pages, len(golden.pages))
        width, height = map(float, re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", info).groups())
        is_a4 = abs(width - 595.4) < 1 and abs(height - 841.7) < 1
        checks.that(f"{golden.name}.docx sheet", is_a4, f"{width} x {height}")
        with open(csvs / f"{golden.name}-Text.csv", encoding="utf-8", newline="") as file:
            rows = [squeezed(row[2]) for row in csv.reader(file)][1:]
        expected = [squeezed(block["text"]) for _, block in golden.blocks(furniture=True)]
        found = [row for row in rows if row != "The page could not be read."]
        checks.same(f"{golden.name}.xlsx LibreOffice", found, expected)


def check_hocr(checks, golden, path):
    from lxml import etree

    result = run([program("hocr-spec"), str(path)])
    errors = [line for line in (result.stdout + result.stderr).splitlines() if "[ERROR]" in line]
    checks.same(f"{path.name} hocr-spec", errors, [])
    root = etree.parse(path).getroot()
    found = [squeezed("".join(line.itertext())) for line in root.iter(f"{XHTML}span") if line.get("class") == "ocr_line"]
    checks.same(f"{path.name} lines", found, lines_of(golden))
    words = [word for word in root.iter(f"{XHTML}span") if word.get("class") == "ocrx_word"]
    for word in words:
        x0, y0, x1, y1, confidence = map(int, re.fullmatch(r"bbox (\d+) (\d+) (\d+) (\d+); x_wconf (\d+)", word.get("title")).groups())
        checks.that(f"{path.name} word", x0 < x1 and y0 < y1 and confidence <= 100, word.get("title"))


def lines_of(golden):
    return [squeezed(line["text"]) for _, block in golden.blocks(furniture=True) for line in block["lines"]]


# What may stand in what, in this order, by the schema of ALTO 4.4; the schema itself is not in any package.
ALTO_CHILDREN = {
    "alto": "Description Tags Layout",
    "Description": "MeasurementUnit Processing",
    "Layout": "Page+",
    "Page": "PrintSpace",
    "PrintSpace": "(TextBlock|Illustration|ComposedBlock)*",
    "ComposedBlock": "(TextBlock|Illustration|ComposedBlock)*",
    "TextBlock": "TextLine*",
    "TextLine": "(String SP?)+",
}


def check_alto(checks, golden, path):
    from lxml import etree

    root = etree.parse(path).getroot()
    for element in root.iter():
        name = element.tag.removeprefix(ALTO)
        if name in ALTO_CHILDREN:
            children = "".join(f"{child.tag.removeprefix(ALTO)} " for child in element)
            pattern = re.sub(r"(\w+)([+*?]?) ?", r"(?:\1 )\2", ALTO_CHILDREN[name])
            checks.that(f"{path.name} {name}", re.fullmatch(pattern, children), children[:200])
    ids = [element.get("ID") for element in root.iter() if element.get("ID")]
    checks.same(f"{path.name} ids", len(ids), len(set(ids)))
    references = {ref for element in root.iter() for ref in (element.get("TAGREFS") or "").split()}
    checks.that(f"{path.name} references", references <= set(ids), references - set(ids))
    found = []
    for line in root.iter(f"{ALTO}TextLine"):
        found.append(squeezed("".join(child.get("CONTENT", " ") for child in line)))
    checks.same(f"{path.name} lines", found, lines_of(golden))
    for string in root.iter(f"{ALTO}String"):
        checks.that(f"{path.name} WC", 0 <= float(string.get("WC")) <= 1, string.get("WC"))


def check_html(checks, golden, path):
    from lxml import html

    root = html.parse(str(path)).getroot()
    checks.same(f"{path.name} lang", root.get("lang"), golden.answer["detected_language"])
    checks.same(f"{path.name} dir", root.get("dir"), "rtl" if golden.name in {"arabic", "hebrew"} else "ltr")
    checks.same(f"{path.name} scripts", root.findall(".//script"), [])
    outside = [e for e in root.iter() for name in ("src", "href") if not (e.get(name) or "data:").startswith("data:")]
    checks.same(f"{path.name} self-contained", outside, [])
    checks.that(f"{path.name} alt", all(image.get("alt") for image in root.iter("img")))
    headers = list(root.iter("th"))
    checks.that(f"{path.name} scope", all(header.get("scope") for header in headers))
    body = "\n".join(root.body.itertext())
    # A caption below a table comes behind it in the text, too.
    checks.has_in_order(f"{path.name} text", body, golden.texts(pictures=True))
    sections = [section.get("id") for section in root.iter("section")]
    checks.same(f"{path.name} pages", sections, [f"page-{page['index'] + 1}" for page in golden.pages])


def check_markdown(checks, golden, path):
    import markdown_it
    from lxml import html

    renderer = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"])
    rendered = html.fromstring(f"<div>{renderer.render(path.read_text())}</div>")
    text = "\n".join(rendered.itertext())
    checks.has_in_order(f"{path.name} text", text, golden.texts())
    headings = [(int(e.tag[1]), squeezed(e.text_content())) for e in rendered.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    expected = [(b["level"], squeezed(b["text"])) for _, b in golden.blocks() if b["kind"] == "heading"]
    checks.same(f"{path.name} headings", headings, expected)
    checks.same(f"{path.name} tables", len(list(rendered.iter("table"))), len(golden.tables()))
    items = [b for _, b in golden.blocks() if b["kind"] == "list_item"]
    checks.same(f"{path.name} items", len(list(rendered.iter("li"))), len(items))
    checks.same(f"{path.name} rules", len(list(rendered.iter("hr"))), len(golden.pages) - 1)


def check_markdown_lists(checks, folder):
    """Numbers as the page has them, after rendering."""
    import markdown_it
    from lxml import html

    rendered = html.fromstring(f"<div>{markdown_it.MarkdownIt().render((folder / 'lists.md').read_text())}</div>")
    starts = [(int(e.get("start", 1)), len(e.findall("li"))) for e in rendered.iter("ol")]
    checks.same("lists.md ordered lists", starts, [(1, 3), (1, 1), (5, 1)])


def check_csv(checks, golden, path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    tables = golden.tables()
    if not tables:
        checks.same(f"{path.name} head", rows[0][:4], ["page", "block", "line", "kind"])
        checks.same(f"{path.name} lines", [squeezed(row[9]) for row in rows[1:]], lines_of(golden))
        return
    expected = []
    for table in tables:
        grid = [[""] * table["n_columns"] for _ in range(table["n_rows"])]
        for cell in table["cells"]:
            grid[cell["row"]][cell["column"]] = cell["text"]
        expected += ([[]] if expected else []) + grid
    checks.same(f"{path.name} rows", [len(row) for row in rows], [len(row) for row in expected])
    for cell, text in ((c, t) for row, texts in zip(rows, expected) for c, t in zip(row, texts)):
        # A formula stands behind an apostrophe.
        checks.that(f"{path.name} cell", cell == text or cell == f"'{text}" and text[0] in "=@+-", f"{cell!r} for {text!r}")
    dangerous = [cell for row in rows for cell in row if re.match(r"[=@]|[+-][^\d]", cell)]
    checks.same(f"{path.name} formulas", dangerous, [])


def built():
    build = ["cargo", "build", "--quiet", "--release", "-p", "ocr-chat-export", "--example", "goldens"]
    subprocess.run(build, check=True, cwd=ROOT)
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/examples/goldens"


def export_goldens(folder, example):
    subprocess.run([*example, "write", str(folder)], check=True, cwd=ROOT)


def measure(example, n_pages, folder):
    """Time and peak memory of each export of a long document, the document itself included."""
    print(f"{n_pages} pages, 3,000 characters with words, a table and a picture of 200 kB each")
    failures = []
    for format_name in FORMATS:
        path = folder / f"long.{format_name}"
        start = time.monotonic()
        result = run([*example, "synthetic", str(n_pages), format_name, str(path)], cwd=ROOT)
        seconds = time.monotonic() - start
        peak_mb = int(result.stdout or 0) / 1024
        print(f"{format_name:5} {seconds:6.2f} s  {peak_mb:6.0f} MB peak  {path.stat().st_size / 1e6:7.2f} MB file")
        if result.returncode != 0 or not 0 < peak_mb <= MEMORY_LIMIT_MB:
            failures.append(f"{format_name}: {result.stderr} {peak_mb:.0f} MB, allowed {MEMORY_LIMIT_MB}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="folder for the exports, kept")
    parser.add_argument("--measure", type=int, metavar="N_PAGES", help="also measure exports of a document of this many pages")
    parser.add_argument("--binary", type=Path, help="the example `goldens` of ocr-chat-export; built here, for release, where it is not given")
    parser.add_argument("--allow-missing", action="store_true", help="leave out the checks of programs that are not installed")
    arguments = parser.parse_args()
    without = missing_programs()
    absent = missing_packages() + ([] if arguments.allow_missing else without)
    if absent:
        sys.exit("Not installed, so nothing was checked: " + ", ".join(absent) + ". See the head of this file.")
    example = [str(arguments.binary or built())]
    checks = Checks()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        export_goldens(folder, example)
        goldens = [Golden(path.name) for path in sorted(GOLDENS.iterdir())]
        for golden in goldens:
            for suffix, check in {
                "docx": check_docx,
                "xlsx": check_xlsx,
                "hocr": check_hocr,
                "alto": check_alto,
                "html": check_html,
                "md": check_markdown,
                "csv": check_csv,
            }.items():
                check(checks, golden, folder / f"{golden.name}.{suffix}")
            for suffix in ("docx", "xlsx"):
                check_open_xml(checks, folder / f"{golden.name}.{suffix}")
            text = (folder / f"{golden.name}.txt").read_text()
            checks.same(f"{golden.name}.txt", text.rstrip("\n"), golden.answer["text"].rstrip("\n"))
            exported = json.loads((folder / f"{golden.name}.json").read_text())
            checks.same(f"{golden.name}.json", exported, golden.answer)
        check_numbers(checks, folder)
        check_markdown_lists(checks, folder)
        if without:
            print("Not installed, so LibreOffice checked nothing: " + ", ".join(without))
        else:
            check_libreoffice(checks, folder, goldens)
        if arguments.measure:
            checks.failures += measure(example, arguments.measure, folder)
    for failure in checks.failures:
        print(failure)
    print(f"{checks.n_passed} passed, {len(checks.failures)} failed")
    sys.exit(1 if checks.failures else 0)


if __name__ == "__main__":
    main()
