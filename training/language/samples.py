"""Training samples: text of one language, damaged as recognised text is."""

import json
import unicodedata

import numpy as np

from languages import LABELS
from normalise import code_points

SOURCE_WEIGHTS = {"running": 0.45, "interface": 0.2, "catalogue": 0.15, "names": 0.04, "words": 0.16}
HELD_OUT = 0.05  # of each source, for calibration
DROP = 0x300  # any character that `normalise` drops
LENGTHS = (15, 700)  # characters

# Letters that decomposition leaves alone, as a recogniser that lacks them reads them.
PLAIN = dict(zip("đłøıħŋɓɗƙðþəßæœƴʋ", "dloihnbdkdpebaoyv"))
# What engines commonly mistake, both ways.
CONFUSED = ["li", "l1", "i1", "o0", "ce", "nm", "nu", "uv", "ao", "ft", "hb", "rt", "vy", "gq", "il", "s5", "b6", "ij", "tl",
            "аэ", "ие", "шщ", "нп", "ьъ", "гт", "лп", "ціц", "بت", "تن", "رز", "دذ", "حخ", "فق", "יו", "דר", "הח", "νυ", "ορ"]


def _tables():
    bare, less = np.arange(0x10000, dtype=np.uint32), np.arange(0x10000, dtype=np.uint32)
    for point in list(range(0xC0, 0x530)) + list(range(0x620, 0x6D4)) + list(range(0x1E00, 0x2000)):
        ch = chr(point)
        parts = unicodedata.normalize("NFD", ch)
        if len(parts) > 1 and all(unicodedata.combining(mark) for mark in parts[1:]):
            bare[point] = ord(parts[0])
            once = unicodedata.normalize("NFC", parts[:-1])
            less[point] = ord(once) if len(once) == 1 else ord(parts[0])
        elif ch in PLAIN:
            bare[point] = less[point] = ord(PLAIN[ch])
    confused = np.arange(0x10000, dtype=np.uint32)
    confused = np.stack([confused, confused, confused])
    for pair in CONFUSED:
        for k, (a, b) in enumerate([(pair[0], pair[1]), (pair[1], pair[0])]):
            confused[k if confused[k][ord(a)] == ord(a) else 2][ord(a)] = ord(b)
    return bare, less, confused


BARE, LESS, CONFUSIONS = _tables()


def strip(points, rng):
    """Loses accents: all of them, or a share, or (Vietnamese) the upper of two."""
    share = 1.0 if rng.random() < 0.4 else rng.random()
    target = LESS if rng.random() < 0.3 else BARE
    return np.where(rng.random(len(points)) < share, target[points], points)


def damage(points, rng, rate):
    """Replaces `rate` of the characters by look-alikes, letters of the same text, blanks or nothing; drops blanks too."""
    hit = np.flatnonzero(rng.random(len(points)) < rate)
    points = points.copy()
    for i in hit:
        kind = rng.random()
        if points[i] == 32 or kind < 0.15:
            points[i] = DROP
        elif kind < 0.6:
            points[i] = CONFUSIONS[rng.integers(3)][points[i]]
        elif kind < 0.85:
            points[i] = points[rng.integers(len(points))]
        else:
            points[i] = 32
    return points


class Corpus:
    def __init__(self, folder, labels=LABELS):
        self.texts = []
        for label in labels:
            kinds = json.load(open(f"{folder}/{label}.json"))
            sources, weights = [], []
            for kind, texts in kinds.items():
                size = sum(map(len, texts))
                if size < 500:
                    continue
                # A source of a few kilobytes, drawn as often as others, would be learned by heart.
                weights.append(SOURCE_WEIGHTS[kind] * min(1.0, (size / 30_000) ** 0.5))
                encoded = [code_points(text + " ") for text in texts]
                split = max(int(len(encoded) * HELD_OUT), 1)
                sources.append((encoded[split:], encoded[:split]))
            self.texts.append((sources, np.array(weights) / sum(weights)))

    def sample(self, label_index, rng, held_out=False, clean=False):
        sources, weights = self.texts[label_index]
        length = int(np.exp(rng.uniform(*np.log(LENGTHS))))
        parts, total = [], 0
        source = rng.choice(len(sources), p=weights)
        while total < length:
            if rng.random() < 0.3:
                source = rng.choice(len(sources), p=weights)
            segments = sources[source][1 if held_out else 0]
            part = segments[rng.integers(len(segments))]
            parts.append(part)
            total += len(part)
        points = np.concatenate(parts)
        first = rng.integers(max(len(points) - length, 0) + 1)
        points = points[first:first + length]
        if clean:
            return points
        if rng.random() < 0.4:
            points = strip(points, rng)
        if rng.random() < 0.45:
            points = damage(points, rng, rng.uniform(0, 0.08))
        return points
