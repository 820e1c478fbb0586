"""`python evaluate.py MODEL.pt FORMULAS.txt PICTURES.bin [N]`: exact match and edit distance of tokens on held-out formulas, clean and degraded.

The edit distance is summed over all formulas and divided by the sum of their tokens.
"""
import sys

import numpy as np
import torch

import pictures as pic
import tokens as tok
from config import BY_NAME
from grammar import is_held_out
from model import FormulaNet


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def load(path):
    saved = torch.load(path, map_location="cpu")
    net = FormulaNet(BY_NAME[saved["config"]], len(saved["tokens"]))
    net.load_state_dict(saved["state"])
    return net.eval(), saved["tokens"]


def main(path, formulas_path, pictures_path, n=500):
    net, words = load(path)
    config = net.config
    with open(formulas_path, encoding="utf-8") as file:
        formulas = file.read().splitlines()
    items = [(formula, picture) for formula, picture in zip(formulas, pic.read(pictures_path)) if picture is not None and is_held_out(formula)]
    items = items[:int(n)]
    for name in ["clean", "degraded"]:
        random = np.random.default_rng(99)
        n_exact = n_edits = n_tokens = n_valid = 0
        for start in range(0, len(items), 32):
            group = items[start:start + 32]
            grey = [picture if name == "clean" else pic.degraded(picture, random) for _, picture in group]
            canvases = np.stack([pic.canvas(picture, config.height_px, config.width_px) for picture in grey])
            numbers, _ = net.write(torch.from_numpy(canvases)[:, None], tok.START, tok.END)
            for (formula, _), row in zip(group, numbers.tolist()):
                written = tok.decode(row, words)
                n_exact += written == formula
                n_edits += distance(written.split(), formula.split())
                n_tokens += len(formula.split())
                n_valid += written.count("{") == written.count("}")
        print(f"{name}: {len(items)} held-out formulas, exact {n_exact / len(items):.4f}, edit distance {n_edits / n_tokens:.4f} of tokens, braces balanced {n_valid / len(items):.4f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
