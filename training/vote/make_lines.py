"""Writes spoilt lines of Latin print and their truth: what `bench votes` reads.

  make_lines.py FONTS.pickle WORDS.txt OUT N SEED

FONTS.pickle is what training/script/fonts.py writes, WORDS.txt a word list of training/script/unpack_words.sh. Lines look like those of receipts, letters and forms:
words, names that no list has, labels, amounts, dates, codes; drawn, spoilt and cut as training/script does, but in their own resolution.
"""
import pickle
import random
import sys
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "script"))
from render import EM, draw_line, ink_box, spoil  # noqa: E402

LABELS = "Total Subtotal Cash Change Tax Invoice No. Date Time Tel Fax Qty Amount Price Item Code GST VAT Rounding Discount Cashier Ref Table Net Balance Due Receipt Card".split()
CONSONANTS, VOWELS = "bcdfghjklmnprstvwyz", "aeiou"


def amount(rng):
    sign = rng.choice(["", "", "", "-", "RM", "$", "$ ", "€"])
    return f"{sign}{rng.choice([rng.randrange(10), rng.randrange(100), rng.randrange(10000)])}{rng.choice('...,')}{rng.randrange(100):02d}"


def code(rng):
    letters = "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(rng.randrange(4)))
    digits = "".join(rng.choice("0123456789") for _ in range(rng.randint(2, 9)))
    return letters + rng.choice(["", "-", "/"]) + digits


def date(rng):
    day, month, year = rng.randint(1, 31), rng.randint(1, 12), rng.randint(1990, 2029)
    return rng.choice([f"{day:02d}/{month:02d}/{year}", f"{day:02d}-{month:02d}-{year % 100:02d}", f"{year}-{month:02d}-{day:02d}", f"{day % 24:02d}:{month * 4:02d}"])


def name(rng):
    word = "".join(rng.choice(CONSONANTS) + rng.choice(VOWELS) + rng.choice(["", "", rng.choice("nrstlmgk")]) for _ in range(rng.randint(1, 3)))
    return word.capitalize()


def line(rng, words):
    case = rng.choice([str, str, str, str.upper, str.upper, str.capitalize])
    parts = []
    for _ in range(rng.choice([1, 2, 2, 3, 3, 4, 5, 7])):
        kind = rng.random()
        if kind < 0.5:
            part = case(rng.choice(words))
        elif kind < 0.62:
            part = name(rng) if case is not str.upper else name(rng).upper()
        elif kind < 0.74:
            part = case(rng.choice(LABELS)) + rng.choice(["", "", ":", " :"])
        elif kind < 0.86:
            part = amount(rng)
        elif kind < 0.91:
            part = date(rng)
        elif kind < 0.96:
            part = code(rng)
        else:
            part = rng.choice(["(" + case(rng.choice(words)) + ")", f"{rng.randrange(100)}%", "@", "x", "*", "#", "&", "-", str(rng.randrange(10))])
        parts.append(part + rng.choice(["", "", "", "", "", ",", ".", "."]) if part[-1].isalpha() else part)
    return " ".join(parts)


def picture(rng, text, font):
    drawn = draw_line(rng, [("Latn", text, font)], EM)
    box = drawn and ink_box(drawn[0])
    if not box:
        return None
    ink = drawn[0]
    x0, y0, x1, y1 = box
    height = max(y1 - y0, 0.35 * EM)
    if rng.random() < 0.3:  # bleeding or thin print
        kernel = np.ones(rng.choice([(2, 2), (3, 3), (3, 1)]), np.uint8)
        ink = cv2.dilate(ink, kernel) if rng.random() < 0.5 else cv2.erode(ink, kernel)
    pad = [rng.uniform(0.05, 0.25) * height for _ in range(4)]
    top, bottom, left, right = (y0 + y1 - height) / 2 - pad[0], (y0 + y1 + height) / 2 + pad[1], x0 - pad[2], x1 + pad[3]
    scan_h = rng.uniform(12, 34)
    scale = scan_h / (bottom - top)
    stretch = rng.choice([1, 1, rng.uniform(0.75, 1.3)])
    slant = rng.choice([0, 0, 0, rng.uniform(-0.25, 0.25)])
    angle = np.deg2rad(rng.choice([0, 0, rng.uniform(-1.2, 1.2)]))
    angle = np.clip(angle, -0.2 * height / (x1 - x0), 0.2 * height / (x1 - x0))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    a = np.array([[scale * stretch, -scale * slant], [0, scale]]) @ turn
    size = (max(8, round((right - left) * scale * stretch)), round(scan_h))
    shift = np.array(size) / 2 - a @ np.array([(left + right) / 2, (top + bottom) / 2])
    if scale < 0.6:
        ink = cv2.GaussianBlur(ink, (0, 0), 0.35 / scale)
    paper = cv2.warpAffine(ink, np.concatenate([a, shift[:, None]], 1).astype(np.float32), size, flags=cv2.INTER_LINEAR, borderValue=0)
    if rng.random() < 0.3:  # dots of worn or thermal print
        holes = np.random.default_rng(rng.getrandbits(32)).random(paper.shape) < rng.uniform(0.05, 0.3)
        paper = np.where(holes, paper * 0.2, paper).astype(paper.dtype)
    image = spoil(rng, np.random.default_rng(rng.getrandbits(32)), paper.astype(np.float32) / 255, rng.choice([0.35, 1.0, 1.0]))
    return image.clip(0, 255).astype(np.uint8)


def main():
    fonts, words, out, n, seed = sys.argv[1:6]
    rng = random.Random(int(seed))
    fonts = [font for font in pickle.load(open(fonts, "rb")) if Path(font.path).exists() and font.has("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;()%+-/$#*&@")]
    designs = {}
    for font in fonts:
        designs.setdefault(font.design, []).append(font)
    words = [word for word in Path(words).read_text().split() if word.isascii() and word.isalpha() and 1 < len(word) < 15]
    out = Path(out)
    out.mkdir(exist_ok=True)
    names, n_done = sorted(designs), 0
    while n_done < int(n):
        text = line(rng, words)
        font = rng.choice(designs[rng.choice(names)])
        image = picture(rng, text, font) if font.has(text.replace(" ", "")) else None
        if image is None:
            continue
        cv2.imwrite(str(out / f"{seed}-{n_done:05d}.png"), image)
        (out / f"{seed}-{n_done:05d}.txt").write_text(text)
        n_done += 1


main()
