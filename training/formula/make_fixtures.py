"""`python make_fixtures.py MODEL.pt FORMULAS.txt PICTURES.bin OUT N`: N held-out pictures as PNG, and what PyTorch writes of each, for the test of the loader in Rust.

`expected.tsv` has a row for each: file, the tokens' numbers as PyTorch wrote them, the sum of the canvas, the formula.
"""
import sys
from pathlib import Path

import torch
from PIL import Image

import pictures as pic
import tokens as tok
from evaluate import load
from grammar import is_held_out


def main(path, formulas_path, pictures_path, out, n):
    net, words = load(path)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with open(formulas_path, encoding="utf-8") as file:
        formulas = file.read().splitlines()
    items = [(f, p) for f, p in zip(formulas, pic.read(pictures_path)) if p is not None and is_held_out(f) and len(f.split()) < 30]
    rows = []
    for number, (formula, picture) in enumerate(items[:int(n)]):
        name = f"formula-{number}.png"
        Image.fromarray(picture).save(out / name, optimize=True)
        canvas = pic.canvas(picture, net.config.height_px, net.config.width_px)
        numbers, _ = net.write(torch.from_numpy(canvas)[None, None], tok.START, tok.END)
        numbers = numbers[0].tolist()
        numbers = numbers[:numbers.index(tok.END)] if tok.END in numbers else numbers
        rows.append("\t".join([name, " ".join(map(str, numbers)), f"{canvas.sum():.3f}", formula]))
    (out / "expected.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
