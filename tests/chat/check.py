#!/usr/bin/env python3
"""Checks the documents and questions of this folder against what README.md says of them, and prints how many there are of each.

  check.py

What it cannot see is whether a question makes sense, and whether a near miss is truly not in its document: read those.
Ends with exit status 1 and one line for each fault where there is one.
"""
import json
import pathlib
import re
import sys
import unicodedata
from collections import Counter

HERE = pathlib.Path(__file__).resolve().parent
CLASSES = {"prose": 30, "table": 30, "unanswerable": 40}
KINDS = ("off-topic", "absent-name", "near-miss")
LANGUAGES = {"en": 4, "de": 1, "fr": 1, "es": 1, "th": 1, "ar": 1, "zh": 1, "ja": 1}
N_DOCUMENTS, N_PAGES, N_TABLES, N_FIELDS, N_QUESTIONS = 12, (10, 14), 3, 6, 6
# The length of a page: words where the script has spaces, characters (white space left out) where it has none.
WORDS = (90, 200)
CHARACTERS = {"zh": (200, 450), "ja": (250, 550), "th": (450, 1100)}
FILE_BYTES = 60_000

PAGE = re.compile(r"<!-- page (\d+) -->")
RULE_ROW = re.compile(r"\|(\s*:?-+:?\s*\|)+")
ANSWERABLE_KEYS = {"id", "document", "class", "question", "pages", "answer"}
OPTIONAL_KEYS = {"kind", "missing", "also_on"}

faults = []


def fault(where, what):
    faults.append(f"{where}: {what}")


class Page:
    """The text of a page, what stands in table cells and field values, and the text outside of both."""

    def __init__(self, lines, where):
        self.text = "\n".join(lines)
        self.cells, self.fields, self.n_tables = [], [], 0
        prose = []
        columns = 0
        for line in lines:
            if line.startswith("|"):
                row = [cell.strip() for cell in line.strip().strip("|").split("|")]
                if not columns:
                    columns = len(row)
                if len(row) != columns:
                    fault(where, f"a row of {len(row)} cells in a table of {columns}: {line}")
                if RULE_ROW.fullmatch(line.strip()):
                    self.n_tables += 1
                else:
                    self.cells += row
                continue
            columns = 0
            if "\t" in line:
                label, value = line.split("\t", 1)
                if not label.endswith(":") or not value.strip() or "\t" in value:
                    fault(where, f"a field that is not `Label:<tab>Value`: {line!r}")
                self.fields.append(value.strip())
            else:
                prose.append(line)
        self.prose = "\n".join(prose)


def read(path):
    """-> (language, {page number: Page})"""
    where = path.stem
    if path.stat().st_size > FILE_BYTES:
        fault(where, f"larger than {FILE_BYTES} bytes")
    content = path.read_text(encoding="utf-8")
    if content != unicodedata.normalize("NFC", content):
        fault(where, "is not in Unicode's form NFC")
    lines = content.splitlines()
    head = re.fullmatch(r"title: \S.*\nlanguage: ([a-z]{2})\n", "\n".join(lines[:3]))
    if not head:
        fault(where, "does not begin with title, language and an empty line")
        return "", {}
    pages, starts = {}, [n for n, line in enumerate(lines) if PAGE.fullmatch(line)]
    for number, (start, end) in enumerate(zip(starts, starts[1:] + [len(lines)]), 1):
        if int(PAGE.fullmatch(lines[start])[1]) != number:
            fault(where, f"page {number} is numbered otherwise")
        pages[number] = Page(lines[start + 1 : end], f"{where}, page {number}")
    return head[1], pages


def check_document(name, language, pages):
    if not N_PAGES[0] <= len(pages) <= N_PAGES[1]:
        fault(name, f"{len(pages)} pages")
    for number, page in pages.items():
        text = re.sub(r"[|#]|\|?-{3,}", " ", page.text)
        if language in CHARACTERS:
            size, limits = len("".join(text.split())), CHARACTERS[language]
        else:
            size, limits = len(re.findall(r"\w\S*", text)), WORDS
        if not limits[0] <= size <= limits[1]:
            fault(name, f"page {number} has {size} words or characters, not {limits[0]} to {limits[1]}")
    n_tables = sum(page.n_tables for page in pages.values())
    n_fields = sum(len(page.fields) for page in pages.values())
    if n_tables < N_TABLES or n_fields < N_FIELDS:
        fault(name, f"{n_tables} tables and {n_fields} fields")
    return n_tables, n_fields


def stands_in(answer, text):
    """Whether `answer` stands in `text` and is not a part of a longer word or number ("600" is not in "2.600" nor in "600,50")."""
    before = r"(?<![0-9])(?<![0-9][.,])" if answer[0].isdigit() else ""
    after = r"(?![.,]?[0-9])" if answer[-1].isdigit() else ""
    # Scripts without spaces have no word boundary to hold on to.
    if re.match(r"[A-Za-zÀ-ɏء-ي]", answer[0]):
        before = r"(?<!\w)"
    if re.match(r"[A-Za-zÀ-ɏء-ي]", answer[-1]):
        after = r"(?!\w)"
    return re.search(before + re.escape(answer) + after, text) is not None


def check_question(question, pages):
    where = question["id"]
    unknown = set(question) - ANSWERABLE_KEYS - OPTIONAL_KEYS
    if unknown:
        fault(where, f"unknown keys {sorted(unknown)}")
    if question["class"] == "unanswerable":
        check_unanswerable(question, pages)
        return
    if "kind" in question or "missing" in question:
        fault(where, "answerable, and has a kind of unanswerable ones")
    if not question["pages"] or not question["answer"]:
        fault(where, "has no pages or no answer")
    if any(number not in pages for number in question["pages"]):
        fault(where, f"names a page that is not there: {question['pages']}")
        return
    found = set()
    for answer in question["answer"]:
        on = {number for number, page in pages.items() if stands_in(answer, page.text)}
        if not on & set(question["pages"]):
            fault(where, f"{answer!r} stands on none of its pages")
        found |= on
        for number in on & set(question["pages"]):
            page = pages[number]
            as_cell = answer in page.cells or answer in page.fields
            if question["class"] == "table" and not as_cell:
                fault(where, f"{answer!r} is no cell and no field of page {number}")
            if question["class"] == "prose" and not stands_in(answer, page.prose):
                fault(where, f"{answer!r} is not in the prose of page {number}")
    useless = set(question["pages"]) - found
    if useless:
        fault(where, f"no answer stands on pages {sorted(useless)}")
    # A page that has the same string is either an answer, too, or named as one that the question rules out.
    elsewhere = sorted(found - set(question["pages"]))
    if elsewhere != question.get("also_on", []):
        fault(where, f"an answer stands on pages {elsewhere}, too")


def check_unanswerable(question, pages):
    where = question["id"]
    if question["pages"] or question["answer"] or "also_on" in question:
        fault(where, "unanswerable, and has pages or an answer")
    kind = question.get("kind")
    if kind not in KINDS:
        fault(where, f"has no kind of {', '.join(KINDS)}")
    missing = question.get("missing", "")
    if (kind == "near-miss") == bool(missing):
        fault(where, "`missing` belongs to every kind but near-miss")
    if missing and missing not in question["question"]:
        fault(where, f"{missing!r} is not in the question")
    if missing and any(stands_in(missing.lower(), page.text.lower()) for page in pages.values()):
        fault(where, f"{missing!r} is in the document")


def main():
    documents = {path.stem: read(path) for path in sorted((HERE / "documents").glob("*.md"))}
    languages = Counter(language for language, _ in documents.values())
    if len(documents) < N_DOCUMENTS or any(languages[code] < least for code, least in LANGUAGES.items()):
        fault("documents", f"{len(documents)} in {dict(languages)}")
    lines = (HERE / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line) for line in lines]
    for key in ("id", "question"):
        for value, n in Counter(question[key] for question in questions).items():
            if n > 1:
                fault(value, f"the same {key} {n} times")
    classes, kinds, cells, each = Counter(), Counter(), Counter(), Counter()
    for question in questions:
        if question["document"] not in documents or question["class"] not in CLASSES:
            fault(question["id"], "unknown document or class")
            continue
        language, pages = documents[question["document"]]
        check_question(question, pages)
        classes[question["class"]] += 1
        kinds[question.get("kind")] += 1
        cells[language, question["class"]] += 1
        each[question["document"]] += 1
    if classes != CLASSES:
        fault("questions", f"{dict(classes)}, not {CLASSES}")
    for kind in KINDS:
        if not 12 <= kinds[kind] <= 15:
            fault("questions", f"{kinds[kind]} of {kind}, not a third")

    print(f"{'document':32} lang pages tables fields questions")
    for name, (language, pages) in documents.items():
        n_tables, n_fields = check_document(name, language, pages)
        print(f"{name:32} {language:4} {len(pages):5} {n_tables:6} {n_fields:6} {each[name]:9}")
        if each[name] < N_QUESTIONS:
            fault(name, f"{each[name]} questions")
    print(f"\n{'language':10}" + "".join(f"{name:>14}" for name in CLASSES))
    for language in sorted(languages):
        print(f"{language:10}" + "".join(f"{cells[language, name]:14}" for name in CLASSES))
        if not all(cells[language, name] for name in CLASSES):
            fault(language, "lacks a class")
    print(f"{'all':10}" + "".join(f"{classes[name]:14}" for name in CLASSES))
    print("unanswerable: " + ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS))
    print("\n".join(["", *faults]) if faults else "\nno faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
