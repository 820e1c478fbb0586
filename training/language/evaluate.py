"""Accuracy on the test set, before the weights are packed. Usage: evaluate.py MODEL.npz TEST.tsv"""

import sys
from collections import Counter

import numpy as np

from languages import LABELS, SCRIPTS
from ngrams import SLOT_BITS, rows_of, scores
from normalise import code_points, table


class Model:
    def __init__(self, path):
        data = np.load(path)
        self.rows, self.head, self.bias = data["rows"], data["head"], data["bias"]
        self.rank = np.full(1 << SLOT_BITS, -1, np.int32)
        self.rank[data["slots"]] = np.arange(len(data["slots"]))
        self.found = np.zeros(1 << 16, np.int32)
        self.of_script = {s: [i for i, label in enumerate(LABELS) if label[4:] == s] for s in SCRIPTS}

    def scores(self, points, script):
        n = rows_of(points, table(script), self.rank, self.found)
        members = self.of_script[script]
        hidden, out = np.zeros(self.rows.shape[1], np.float32), np.zeros(len(LABELS), np.float32)
        scores(self.found, n, self.rows, self.head, self.bias, members[0], members[-1] + 1, hidden, out)
        return members, out[members[0]:members[-1] + 1]


CLOSE = [{"ind", "msa"}, {"nor", "dan"}, {"hrv", "bos", "srp"}, {"ben", "asm"}]


def close(a, b):
    return any({a[:3], b[:3]} <= group for group in CLOSE)


def main():
    model = Model(sys.argv[1])
    right, total, far, wrong, by_language = Counter(), Counter(), Counter(), Counter(), Counter()
    for line in open(sys.argv[2], encoding="utf-8"):
        label, size, variant, text = line.rstrip("\n").split("\t")
        if label not in LABELS:
            continue
        members, z = model.scores(code_points(text), label[4:])
        guess = LABELS[members[int(z.argmax())]]
        key = variant, int(size)
        for name in (key, (label[4:],) + key):
            total[name] += 1
            right[name] += guess == label
            far[name] += guess == label or close(guess, label)
        total[label, key] += 1
        by_language[label, key] += guess == label
        if guess != label:
            wrong[key, label, guess] += 1
    for key in sorted((k for k in total if len(k) == 2 and isinstance(k[1], int)), key=str):
        mean = np.mean([by_language[k] / total[k] for k in total if len(k) == 2 and k[1] == key])
        print(f"{key[0]:6} {key[1]:5} n {total[key]:5} right {right[key] / total[key]:.4f} close pairs aside {far[key] / total[key]:.4f} mean of languages {mean:.4f}")
    for key in sorted((k for k in total if len(k) == 3), key=str):
        if key[1] == "clean":
            print(f"{key[0]} {key[2]:5} {right[key] / total[key]:.4f}", end="; ")
    print()
    for key in [("clean", 1500), ("clean", 300), ("bare", 300), ("noise", 80)]:
        print(key, ", ".join(f"{a}>{b} {n}/{total[a, key]}" for (k, a, b), n in wrong.most_common() if k == key)[:1500])


if __name__ == "__main__":
    main()
