#!/usr/bin/env python3
"""RapidOCR as a peer of `cargo xtask bench accuracy --peer`: reads a path a line, answers {"text", "seconds"} a line.

Set up: python3 -m venv venv && venv/bin/pip install rapidocr==3.10.0 onnxruntime pymupdf
Run:    cargo xtask bench accuracy ... --peer 'venv/bin/python tests/peers/rapidocr_peer.py'

RapidOCR with its defaults (PP-OCRv6 small, onnxruntime on all cores). Lines come in the order in which it gives them.
"""
import json
import logging
import sys
import time

from rapidocr import RapidOCR


def pages(path):
    if not path.lower().endswith(".pdf"):
        return [path]
    import numpy
    import pymupdf

    with pymupdf.open(path) as pdf:
        pixmaps = [page.get_pixmap(dpi=200) for page in pdf]
    return [numpy.frombuffer(p.samples, numpy.uint8).reshape(p.height, p.width, p.n)[..., 2::-1].copy() for p in pixmaps]


def main():
    logging.disable(logging.CRITICAL)
    engine = RapidOCR()
    answers = sys.stdout
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        texts = []
        for page in pages(line.rstrip("\n")):
            result = engine(page)
            texts.append("\n".join(result.txts or ()))
        seconds = time.perf_counter() - start
        print(json.dumps({"text": "\f".join(texts), "seconds": seconds}), file=answers, flush=True)


if __name__ == "__main__":
    main()
