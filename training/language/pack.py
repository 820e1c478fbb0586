"""Quantises, calibrates and writes the weights. Usage: pack.py MODEL.npz CORPUS OUT.bin

Layout, little-endian: magic; dims, slot bits, labels, rows as u32; two f32 of calibration; labels of 8 bytes; bias f32; head f32;
bitmap of the kept slots; rows int8; three bitmaps of Han characters from U+4E00.
"""

import struct
import sys

import numpy as np

from evaluate import Model
from languages import LABELS
from ngrams import SLOT_BITS
from samples import Corpus

N_CALIBRATION = 8000


def calibrate(model, corpus):
    """Sharpness exp(a + b ln n) of the logits, by log-likelihood of damaged text that was not trained on."""
    from ngrams import rows_of
    from normalise import table
    rng = np.random.default_rng(5)
    found = np.zeros(1 << 14, np.int32)
    cases = []
    for _ in range(N_CALIBRATION):
        label = int(rng.integers(len(LABELS)))
        points = corpus.sample(label, rng, held_out=True).astype(np.uint32)
        n = rows_of(points, table(LABELS[label][4:]), model.rank, found)
        if n:
            members, z = model.scores(points, LABELS[label][4:])
            cases.append((np.log(n), z, members.index(label)))
    best = (np.inf, 0.0, 0.0)
    for a in np.arange(-1.0, 1.01, 0.1):
        for b in np.arange(-0.3, 0.31, 0.05):
            loss = 0.0
            for log_n, z, target in cases:
                scaled = z * np.exp(a + b * log_n)
                loss += np.log(np.exp(scaled - scaled.max()).sum()) + scaled.max() - scaled[target]
            best = min(best, (loss / len(cases), a, b))
    right = np.mean([z.argmax() == target for _, z, target in cases])
    print("held-out samples: accuracy %.4f, log loss %.4f, calibration a %.2f b %.2f" % ((right,) + best))
    return best[1:]


def han_bitmap(encoding, rows):
    """Characters of U+4E00 to U+9FFF that the encoding has in the given range of codes."""
    bits = np.zeros(0x9FFF - 0x4E00 + 1, np.uint8)
    for point in range(0x4E00, 0xA000):
        try:
            code = chr(point).encode(encoding)
        except UnicodeEncodeError:
            continue
        bits[point - 0x4E00] = len(code) == 2 and rows[0] <= code <= rows[1]
    print(encoding, int(bits.sum()), "Han characters")
    return np.packbits(bits, bitorder="little").tobytes()


def main():
    model, corpus = Model(sys.argv[1]), Corpus(sys.argv[2])
    slots = np.load(sys.argv[1])["slots"]
    # One step for each dimension, moved into the head; outliers beyond 99.9 % are cut.
    step = np.quantile(np.abs(model.rows), 0.999, axis=0) / 127
    rows = np.clip(np.round(model.rows / step), -127, 127).astype(np.int8)
    head = (model.head * step).astype("<f4")
    model.rows, model.head = rows.astype(np.float32), head
    a, b = calibrate(model, corpus)
    bitmap = np.zeros(1 << SLOT_BITS, np.uint8)
    bitmap[slots] = 1
    # Level 1 of GB 2312, Big5 and JIS X 0208: the common characters of each.
    han = han_bitmap("gb2312", (b"\xb0\xa1", b"\xd7\xf9")) + han_bitmap("big5", (b"\xa4\x40", b"\xc6\x7e")) + \
        han_bitmap("euc_jp", (b"\xb0\xa1", b"\xcf\xd3"))
    with open(sys.argv[3], "wb") as out:
        out.write(b"OCRLANG1" + struct.pack("<4I2f", rows.shape[1], SLOT_BITS, len(LABELS), len(rows), a, b))
        out.write("".join(LABELS).encode() + model.bias.astype("<f4").tobytes() + head.tobytes())
        out.write(np.packbits(bitmap, bitorder="little").tobytes() + rows.tobytes() + han)
        print(out.tell(), "bytes")


main()
