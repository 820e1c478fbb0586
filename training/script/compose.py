"""Text of one line: runs of (class, text), where each run is drawn with a font that has all its characters."""
import random
import re
import unicodedata
from collections import defaultdict

from classes import (BLOCKS, CASED, CLASSES, FRAKTUR, FRAKTUR_LIKE, JOINED, KANA, NASTALIQ, RTL, WEIGHTS, inside, viet_only)
from fonts import TEST_FAMILIES

NATIVE_ZERO = {"Arab": 0x660, "Aran": 0x6F0, "Deva": 0x966, "Beng": 0x9E6, "Guru": 0xA66, "Gujr": 0xAE6, "Orya": 0xB66, "Taml": 0xBE6, "Telu": 0xC66,
               "Knda": 0xCE6, "Mlym": 0xD66, "Thai": 0xE50, "Laoo": 0xED0, "Khmr": 0x17E0, "Mymr": 0x1040, "Tibt": 0xF20}
STOPS = {"Deva": "।॥", "Beng": "।", "Guru": "।", "Orya": "।", "Arab": "،؛؟", "Aran": "۔،؟", "Syrc": "܀،؟", "Thaa": "،؛؟", "Ethi": "።፣፤፥", "Armn": "։՝՞",
         "Khmr": "។៖", "Mymr": "၊။", "Tibt": "།", "Hani": "。，、；：？！", "Jpan": "。、！？", "Hebr": "־׳״", "Thai": "ฯๆ", "Laoo": "ໆ"}
BRACKETS = ["()", "[]", "“”", "«»", '""', "''", "‘’", "„“"]
CJK_BRACKETS = ["「」", "『』", "（）", "《》", "【】"]
# Letters swapped in now and then, so that languages without a dictionary here are not strange to the network.
EXTRA = {
    "Latn": [chr(c) for r in ((0xC0, 0x24F), (0x1E00, 0x1E9F)) for c in range(r[0], r[1] + 1) if chr(c) not in "×÷ơƠưƯ"] + list("ɛɔŋɖƒɣʋəɩʊẹọṣẸỌẽỹịụ") * 6,
    "Cyrl": [chr(c) for c in range(0x400, 0x530) if not 0x483 <= c <= 0x489 and unicodedata.name(chr(c), "")],
    "Arab": [chr(c) for c in range(0x671, 0x6D4)],
    "Ethi": [chr(c) for c in range(0x1200, 0x135A) if unicodedata.name(chr(c), "")],
    "Cans": [chr(c) for c in range(0x1401, 0x1676)],
    "Cher": [chr(c) for c in range(0x13A0, 0x13F5)],
    "Grek": list("ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ"),
    "Armn": [chr(c) for r in ((0x531, 0x556), (0x561, 0x587)) for c in range(r[0], r[1] + 1)],
    "Geor": [chr(c) for c in range(0x10D0, 0x10F7)],
}


def number(rng: random.Random) -> str:
    d = lambda n: "".join(rng.choice("0123456789") for _ in range(n))
    kind = rng.randrange(9)
    if kind < 3:
        return d(rng.randint(1, 6))
    return [f"{d(1)}{d(3)},{d(3)}", f"{d(2)}.{d(2)}", f"{d(2)}%", f"{d(2)}/{d(2)}/{d(4)}", f"{d(4)}-{d(2)}-{d(2)}", f"{d(2)}:{d(2)}"][kind - 3]


def symbols_line(rng: random.Random, n_words: int) -> str:
    words = []
    for _ in range(n_words):
        kind = rng.random()
        if kind < 0.7:
            word = number(rng)
        elif kind < 0.85:
            word = "".join(rng.choice("0123456789+-=×÷/.,:()%$€£¥#*&@§°<>±|~_^•–—!?\"'[]{}") for _ in range(rng.randint(1, 7)))
        else:
            word = rng.choice(["€", "$", "£", "+", "-", "#", "No", "§", "¥", "(", "±"]).replace("No", "№") + number(rng)
        words.append(word)
    return rng.choice([" ", " ", "  ", "   "]).join(words)


class Composer:
    def __init__(self, languages, fonts):
        self.languages = languages
        self.fonts = {}  # (class, language code, test) -> {design: [Font]}
        self.report = {}
        for script, langs in languages.items():
            for lang in dict.fromkeys(langs):
                able = [f for f in fonts if self.suits(script, f) and f.has(self.core(script, lang))]
                self.split(script, lang.code, able)
        able = [f for f in fonts if f.has("0123456789.,:;()%+-/$€#*&@!?=") and not re.search(FRAKTUR_LIKE, f.family.lower())]
        self.split("Zyyy", "", able)
        self.scripts = [c for c in CLASSES if c == "Zyyy" or languages[c]]
        self.weights = [WEIGHTS.get(c, 1) for c in self.scripts]

    @staticmethod
    def core(script, lang):
        """Letters a font must have to be tried at all; `font` checks each text besides."""
        if script == "Cher":
            return lang.core.upper()[:40]  # the small letters of Unicode 8 are in few fonts
        return "abcdefghijklmnopqrstuvwxyz" if script == "Latf" else lang.core[: 250 if script in ("Hani", "Jpan", "Hang") else 40]

    @staticmethod
    def suits(script, font):
        name = font.family.lower()
        if name.startswith(("tw-kai", "tw-sung")):  # cover every block but shape only Chinese
            return script == "Hani"
        if script == "Latf":
            return bool(re.search(FRAKTUR, name))
        if script in ("Latn", "Viet"):
            return not re.search(FRAKTUR_LIKE, name)
        if script == "Aran":
            return bool(re.search(NASTALIQ, name))
        if script == "Arab":
            return not re.search(NASTALIQ, name)
        return True

    def split(self, script, code, able):
        designs = defaultdict(list)
        for f in able:
            designs[f.design].append(f)
        names = sorted(designs)
        test = {n for n in names if designs[n][0].test}
        if len(names) > 1 and not test:  # hold out the family that covers least, keep the main ones
            test = {min(names, key=lambda n: (len(designs[n]), n))}
        if len(names) > 1 and len(names) - len(test) < max(1, len(names) // 2):
            test = set(sorted(test)[: max(1, len(names) // 3)])
        if len(names) < 8:  # a script with few families keeps all but one for training
            test = {n for n in test if TEST_FAMILIES.match(n)} or set(sorted(test)[:1])
        if script == "Syrc":  # its three styles differ like scripts; every family trains, the test has other words only
            test = set()
        train = [n for n in names if n not in test] or names
        self.fonts[script, code, False] = {n: designs[n] for n in train}
        self.fonts[script, code, True] = {n: designs[n] for n in sorted(test)} or {n: designs[n] for n in names}
        self.report[script, code] = (len(train), sorted(test))

    def font(self, rng, script, code, test, text):
        designs = self.fonts[script, code, test]
        names = list(designs)
        for _ in range(8):
            font = rng.choice(designs[rng.choice(names)])
            if font.has(text.replace(" ", "").replace("\u200c", "").replace("\u200d", "")):
                return font
        return None

    def word(self, rng, lang, test):
        script = lang.script
        word = lang.word(rng, test)
        if script in EXTRA and rng.random() < (0.25 if script in ("Cans", "Cher", "Ethi") else 0.07):
            letters = list(word)
            for _ in range(rng.randint(1, 2)):
                letters[rng.randrange(len(letters))] = rng.choice(EXTRA[script])
            word = "".join(letters)
        if script in ("Hani", "Hang") and rng.random() < 0.25:  # any character as likely as any other
            word = "".join(rng.choice(lang.letters[test]) for _ in range(rng.randint(1, 4)))
        return word

    def text(self, rng, lang, test, n_words):
        script = lang.script
        joined = script in JOINED
        case = rng.random()
        pieces = []
        for _ in range(n_words):
            word = self.word(rng, lang, test)
            if script == "Latf" and len(word) > 2 and word.isupper():
                word = word.capitalize()  # Fraktur is never set in capitals
            if script in CASED or script == "Latf":
                if script != "Latf" and case < 0.12:
                    word = word.upper()
                elif case < 0.6:
                    word = word.lower() if rng.random() < 0.85 else word.capitalize()
                elif case < 0.75:
                    word = word.capitalize()
            if rng.random() < 0.10:
                stop = rng.choice(STOPS.get(script, ".,;:!?") + (".,;:!?-" if script not in ("Hani", "Jpan", "Tibt") else ""))
                word += stop
            if rng.random() < 0.03:
                pair = rng.choice(CJK_BRACKETS if script in ("Hani", "Jpan") else BRACKETS)
                word = pair[0] + word + pair[1]
            if rng.random() < 0.05 and n_words > 1:
                digits = number(rng)
                if script in NATIVE_ZERO and rng.random() < 0.5:
                    digits = "".join(chr(NATIVE_ZERO[script] + int(c)) if c.isdigit() else c for c in digits)
                word = digits if not joined else word + digits
            pieces.append(word)
        if script == "Tibt":
            return "་".join(pieces) + rng.choice(["", "་", "།", " །"])
        if joined:
            gap = 0.0 if script in ("Hani", "Jpan") else 0.15 if script in ("Thai", "Laoo", "Khmr") else 0.35
            return "".join(p + (" " if rng.random() < gap else "") for p in pieces).strip()
        return " ".join(pieces)

    def run(self, rng, script, test, n_words):
        """(class, text, font) or None where no font of the split has the characters."""
        for _ in range(6):
            if script == "Zyyy":
                text = symbols_line(rng, n_words)
                font = self.font(rng, "Zyyy", "", test, text)
                if font:
                    return "Zyyy", text, font
                continue
            lang = rng.choice(self.languages[script])
            text = self.text(rng, lang, test, n_words)
            actual = self.class_of(script, text)
            if actual is None:
                continue
            font = self.font(rng, script, lang.code, test, text)
            if font:
                return actual, text, font
        return None

    @staticmethod
    def class_of(script, text):
        """The class by what the text shows: no kana is Hani, no Vietnamese letter is Latn; None where it is ambiguous."""
        if not any(inside(c, BLOCKS[script]) for c in text):
            return None
        if script == "Jpan" and not any(inside(c, KANA) for c in text):
            return "Hani"
        if script == "Viet":
            if any(viet_only(c) for c in text):
                return "Viet"
            return "Latn" if text.isascii() else None  # only letters it shares with French or Portuguese: either
        return script

    def line(self, rng, test, script=None):
        script = script or rng.choices(self.scripts, self.weights)[0]
        length = rng.random()
        n_words = 1 if length < 0.22 else rng.randint(2, 3) if length < 0.45 else rng.randint(3, 9)
        if script in ("Hani", "Jpan", "Tibt", "Hang"):
            n_words = 1 if length < 0.12 else rng.randint(2, 14)
        main = self.run(rng, script, test, n_words)
        if main is None:
            return None
        runs = [main]
        if rng.random() < 0.14 and script != "Zyyy":
            for _ in range(rng.randint(1, 2)):
                kind = rng.random()
                other = "Latn" if kind < 0.6 else "Zyyy" if kind < 0.85 else rng.choice(self.scripts)
                extra = self.run(rng, other, test, rng.randint(1, 3)) if other != script else None
                if extra is None:
                    continue
                code = main[2]
                text = extra[1].replace(" ", "")
                if other in ("Latn", "Zyyy") and rng.random() < 0.5 and script != "Latf" and code.has(text):
                    extra = (extra[0], extra[1], code)
                runs.append(extra)
                if rng.random() < 0.5:
                    more = self.run(rng, script, test, rng.randint(1, 3))
                    if more and more[0] == main[0]:
                        runs.append((more[0], more[1], main[2] if main[2].has(more[1].replace(" ", "")) else more[2]))
            if script in RTL:
                runs.reverse()
        return script, runs
