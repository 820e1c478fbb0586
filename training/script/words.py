"""Word lists per language from Tesseract's dictionaries, split into training and test words by hash."""
import hashlib
import random
import re
from collections import Counter, defaultdict
from pathlib import Path

from classes import BLOCKS, LANGUAGES

MAX_WORDS = 30_000  # per language, a random sample of longer lists
MAX_SCANNED = 90_000
TEST_WORDS = 0.15


def is_test(word: str) -> bool:
    return int(hashlib.md5(word.encode()).hexdigest()[:6], 16) / 2**24 < TEST_WORDS


class Language:
    """Words of one language in one class, with an index from letter to words so that rare letters can be drawn."""

    def __init__(self, script: str, code: str, words, seed: int):
        self.script, self.code = script, code
        words = sorted(set(words))
        rng = random.Random(f"{seed}{script}{code}")
        if len(words) > MAX_WORDS:
            # Keep words of rare letters: those would fall out of a plain sample.
            count = Counter(ch for w in words for ch in set(w))
            rare = [w for w in words if min(count[c] for c in w) < 60]
            words = sorted(set(rng.sample(words, MAX_WORDS)) | set(rare[:MAX_WORDS]))
        self.words = {False: [], True: []}
        for w in words:
            self.words[is_test(w)].append(w)
        self.by_letter = {t: defaultdict(list) for t in (False, True)}
        count = Counter()
        for test, part in self.words.items():
            for w in part:
                for ch in set(w.lower()):
                    self.by_letter[test][ch].append(w)
                    count[ch] += 1
        self.letters = {t: sorted(self.by_letter[t]) for t in (False, True)}
        total, run, self.core = sum(count.values()), 0, ""
        for ch, n in count.most_common(400):
            if ch in "\u200c\u200d":
                continue
            self.core += ch
            run += n
            if run > 0.96 * total:
                break

    def word(self, rng: random.Random, test: bool) -> str:
        if rng.random() < 0.3:
            return rng.choice(self.by_letter[test][rng.choice(self.letters[test])])
        return rng.choice(self.words[test])


def load(folder: str, seed: int = 1):
    languages = defaultdict(list)
    cache = {}
    for script, codes in LANGUAGES.items():
        blocks = BLOCKS[script]
        for code in codes:
            if (script, code) not in cache:
                letters = "".join(f"{chr(lo)}-{chr(hi)}" for lo, hi in blocks)
                ok = re.compile(rf"(?=.*[{letters}])[{letters}'\-]{{1,18}}").fullmatch
                strip = str.maketrans("", "", "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
                text = Path(folder, f"{code}.txt").read_text(encoding="utf-8", errors="ignore").translate(strip)
                words = text.split()
                if len(words) > MAX_SCANNED:
                    words = random.Random(f"{seed}{code}").sample(words, MAX_SCANNED)
                words = [w for w in words if ok(w)]
                if len(words) < 50:
                    print("few words:", script, code, len(words))
                    continue
                cache[script, code] = Language(script, code, words, seed)
            languages[script].append(cache[script, code])
    return languages


if __name__ == "__main__":
    import sys

    for script, langs in load(sys.argv[1]).items():
        print(script, [(l.code, len(l.words[False]), len(l.words[True]), len(l.core)) for l in langs][:4])
