"""Trains the identifier. Usage: train.py CORPUS OUT.npz [samples] [kept slots] [dimensions]

A linear classifier through a narrow layer (fastText's shape): the rows of a text's n-grams are summed, divided by the root of
their number, and scored against the languages of the text's script. First all 2^18 hash slots are trained; then the slots that matter
most are kept and trained on.
"""

import sys
import time

import numpy as np

from languages import LABELS, SCRIPTS
from ngrams import SLOT_BITS, train
from normalise import table
from samples import Corpus

CHUNK = 2048
RATE = 0.12


def spans():
    """(first, last, script index) of the labels of each label's script; labels of a script stand together."""
    out = np.zeros((len(LABELS), 3), np.int64)
    for i, label in enumerate(LABELS):
        same = [k for k, other in enumerate(LABELS) if other[4:] == label[4:]]
        assert same == list(range(same[0], same[-1] + 1))
        out[i] = same[0], same[-1] + 1, SCRIPTS.index(label[4:])
    return out


def main():
    folder, out = sys.argv[1:3]
    n_samples, kept, dims = (int(v) for v in (sys.argv[3:] + ["600000", "16384", "16"][len(sys.argv) - 3:]))
    rng = np.random.default_rng(20)
    corpus = Corpus(folder)
    print("corpus read", flush=True)
    kinds = np.stack([table(script) for script in SCRIPTS])
    n_slots, span = 1 << SLOT_BITS, spans()
    # A label is drawn the more often the more others share its script, to the power .2.
    sizes = (span[:, 1] - span[:, 0]).astype(float)
    chance = sizes ** 0.2
    chance /= chance.sum()

    rows = rng.normal(0, 0.05, (n_slots, dims)).astype(np.float32)
    rows_g = np.full_like(rows, 1e-2)
    head = rng.normal(0, 0.3, (len(LABELS), dims)).astype(np.float32)
    head_g = np.full_like(head, 1.0)
    bias, bias_g = np.zeros(len(LABELS), np.float32), np.ones(len(LABELS), np.float32)
    rank = np.arange(n_slots, dtype=np.int32)
    counts = np.zeros(n_slots, np.int64)

    def phase(total, first_rate, last_rate):
        started = time.time()
        for done in range(0, total, CHUNK):
            labels = rng.choice(len(LABELS), CHUNK, p=chance)
            texts = [corpus.sample(label, rng) for label in labels]
            ends = np.cumsum([len(text) for text in texts])
            rate = first_rate + (last_rate - first_rate) * done / total
            loss = train(np.concatenate(texts).astype(np.uint32), ends, labels, span, kinds, rank, rows, rows_g, head, head_g, bias, bias_g,
                         counts, np.float32(rate), np.float32(0.02))
            if done // CHUNK % 20 == 0:
                print(f"{done} loss {loss / CHUNK:.4f} {time.time() - started:.0f} s", flush=True)

    phase(int(n_samples * 0.6), RATE, RATE)
    # A slot matters as far as its row moves scores apart, and as often as it is met.
    worth = np.zeros(n_slots)
    scripts = [np.flatnonzero(span[:, 2] == s) for s in range(len(SCRIPTS))]
    for members in scripts:
        centred = head[members] - head[members].mean(0)
        worth = np.maximum(worth, ((rows @ centred.T) ** 2).mean(1))
    worth *= counts
    chosen = np.sort(np.argsort(-worth)[:kept])
    rank[:] = -1
    rank[chosen] = np.arange(kept)
    rows, rows_g, counts = rows[chosen].copy(), rows_g[chosen].copy(), np.zeros(kept, np.int64)
    print("slots kept", kept, "of", int((worth > 0).sum()), flush=True)
    phase(int(n_samples * 0.4), RATE, RATE / 20)
    np.savez(out, rows=rows, head=head, bias=bias, slots=chosen)


main()
