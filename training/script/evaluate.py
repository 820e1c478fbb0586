"""Figures of the held-out lines: `python evaluate.py MODEL.onnx TEST.npz`. Runs the ONNX file, one line at a time."""
import sys
import time
from collections import Counter

import numpy as np
import onnxruntime

from classes import CLASSES, IGNORE, INDEX

N_MIN_CHARS = 3
LEVELS = {0: "clean", 35: "scan", 100: "bad scan"}


def prepare(image):
    """The normalisation of the README, in numpy."""
    x = image.astype(np.float32)
    return ((x.mean() - x) / max(x.std(), 8.0))[None, None]


def open_model(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def classify(session, image):
    """Columns and script logits, orientation index, polarity index, as the README has the caller do: a crop said to be light on
    dark or upside down is put right and read again, and the answer of the second reading to the class counts."""
    columns, _, line, orient, polar = session.run(None, {"image": prepare(image)})
    orient, polar = int(orient.argmax()), int(polar.argmax())
    if polar or orient >= 2:
        image = 255 - image if polar else image
        image = image[::-1, ::-1] if orient >= 2 else image
        columns, _, line, *_ = session.run(None, {"image": prepare(image)})
    return columns[0], line[0], orient, polar


def percent(hits):
    return f"{100 * np.mean(hits):.2f} % of {len(hits)}" if len(hits) else "-"


def main(model, data, limit=10**9):
    session = open_model(model)
    d = dict(np.load(data))
    rng = np.random.default_rng(5)
    script, by_class, by_length, by_level, columns_ok = [], {c: [] for c in CLASSES}, {}, {}, []
    orient, orient_by, polar, flipped_script, wrong = [], {k: [] for k in range(4)}, [], [], Counter()
    turned_script, orient_wrong, orient_class, ms, width_sum = [], Counter(), {c: [] for c in CLASSES}, 0.0, 0
    for offset, width, label, pooled, turned, n_chars, level in d["index"][: int(limit)]:
        image = d["images"][offset * 32 : (offset + width) * 32].reshape(32, width)
        columns = d["columns"][offset // 8 : (offset + width) // 8]
        invert, flip = rng.random() < 0.25, rng.random() < (0.5 if turned else 0.25)
        shown = 255 - image if invert else image
        start = time.perf_counter()
        cols, line, o, p = classify(session, shown)
        ms += time.perf_counter() - start
        width_sum += width
        if n_chars >= N_MIN_CHARS:
            orient.append(o == turned)
            orient_by[turned].append(orient[-1])
            orient_class[CLASSES[label]].append(orient[-1])
            if not orient[-1]:
                orient_wrong[CLASSES[label], turned, o] += 1
            polar.append(p == int(invert))
        if pooled:
            hit = int(line.argmax()) == label
            if turned:
                turned_script.append(hit)
            else:
                key = "1" if n_chars == 1 else "2" if n_chars == 2 else "3-5" if n_chars < 6 else "6-10" if n_chars < 11 else "11-20" if n_chars < 21 else "21+"
                by_length.setdefault(key, []).append(hit)
                if n_chars >= N_MIN_CHARS:
                    script.append(hit)
                    by_level.setdefault(LEVELS[int(level)], []).append(hit)
                    by_class[CLASSES[label]].append(hit)
                    if not hit:
                        wrong[CLASSES[label], CLASSES[int(line.argmax())]] += 1
        known = columns != IGNORE
        if not turned and n_chars >= N_MIN_CHARS:
            columns_ok += list(cols.argmax(0)[known] == columns[known])
        if flip:
            _, line, o, p = classify(session, shown[::-1, ::-1])
            if n_chars >= N_MIN_CHARS:
                want = 2 + turned
                orient.append(o == want)
                orient_by[want].append(orient[-1])
                orient_class[CLASSES[label]].append(orient[-1])
                if not orient[-1]:
                    orient_wrong[CLASSES[label], int(want), o] += 1
                if pooled and not turned:
                    flipped_script.append(int(line.argmax()) == label)
    print("script, upright lines of 3 characters and more:", percent(script))
    print("script, upside down:", percent(flipped_script), "; turned by 90 or 270:", percent(turned_script))
    print("columns with ink, upright:", percent(columns_ok))
    print("orientation:", percent(orient), {k: percent(v) for k, v in zip((0, 90, 180, 270), (orient_by[0], orient_by[1], orient_by[2], orient_by[3]))})
    print("polarity:", percent(polar))
    print(f"time: {1000 * ms / len(d['index'][: int(limit)]):.2f} ms a line, mean width {width_sum / len(d['index'][: int(limit)]):.0f} px, one thread")
    print("by degradation:", {k: percent(by_level[k]) for k in LEVELS.values() if k in by_level})
    print("by characters:", {k: percent(by_length[k]) for k in ("1", "2", "3-5", "6-10", "11-20", "21+") if k in by_length})
    for c in CLASSES:
        print(f"{c} {percent(by_class[c])}; orientation {percent(orient_class[c])}")
    print("confusions (is, read as):", wrong.most_common(25))
    print("orientation confusions:", orient_wrong.most_common(15))


if __name__ == "__main__":
    main(*sys.argv[1:])
