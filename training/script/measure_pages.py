"""For information only: script of the lines of whole pages, cut by projection: `python measure_pages.py MODEL.onnx FOLDER`.

The class expected of a page is the most frequent one of the letters in its .txt. Nothing here is used for training.
"""
import sys
from collections import Counter
from pathlib import Path

import cv2
import numpy as np

from classes import BLOCKS, CLASSES, KANA, inside, viet_only
from evaluate import classify, open_model


def lines_of(grey):
    """Bands of rows with ink, each cut at its own left and right end and padded by an eighth of its height."""
    _, ink = cv2.threshold(cv2.GaussianBlur(grey, (3, 3), 0), 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    rows = ink.sum(1) > 2
    start = None
    for y in range(len(rows) + 1):
        on = y < len(rows) and rows[y]
        if on and start is None:
            start = y
        elif not on and start is not None:
            top, bottom, start = start, y, None
            if bottom - top < 12:
                continue
            xs = np.flatnonzero(ink[top:bottom].sum(0))
            pad = (bottom - top) // 8
            if len(xs) > 10:
                yield grey[max(0, top - pad) : bottom + pad, max(0, xs[0] - pad) : xs[-1] + pad]


def scale(crop):
    h, w = crop.shape
    width = max(32, round(w * 32 / h / 16) * 16)
    return cv2.resize(crop, (width, 32), interpolation=cv2.INTER_AREA if h > 32 else cv2.INTER_LINEAR)


def expected(name, text):
    if name.startswith("ml-ur"):
        return {"Aran", "Arab"}
    count = Counter(c for ch in text for c in CLASSES if c in BLOCKS and inside(ch, BLOCKS[c]) and c not in ("Viet", "Latf", "Aran", "Jpan"))
    top = count.most_common(1)[0][0]
    if top == "Latn" and sum(map(viet_only, text)) > 20:
        top = "Viet"
    if sum(inside(ch, KANA) for ch in text) > 20:
        top = "Jpan"
    return {top}


def main(model, folder):
    session = open_model(model)
    total, pages = {"png": [], "jpg": []}, {"png": [], "jpg": []}
    for path in sorted(Path(folder).glob("ml-*-dev*.*")):
        if path.suffix not in (".png", ".jpg"):
            continue
        code = path.stem.removesuffix("-deg")
        want = expected(code, path.with_name(code + ".txt").read_text(encoding="utf-8"))
        found, hits, upright = Counter(), [], []
        for crop in lines_of(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)):
            _, line, orient, _ = classify(session, scale(crop))
            name = CLASSES[int(line.argmax())]
            found[name] += 1
            hits.append(name in want)
            upright.append(orient == 0)
        kind = path.suffix[1:]
        total[kind] += hits
        pages[kind].append(bool(found) and found.most_common(1)[0][0] in want)
        if np.mean(hits) < 0.97 or np.mean(upright) < 0.97:
            print(path.name, sorted(want), dict(found.most_common(5)), f"upright {np.mean(upright):.2f}")
    for kind in total:
        print(kind, f"lines {100 * np.mean(total[kind]):.2f} % of {len(total[kind])}, pages {sum(pages[kind])} of {len(pages[kind])}")


if __name__ == "__main__":
    main(*sys.argv[1:])
