"""Hashed n-grams of words, the forward pass and the training step, compiled by numba. `ngrams.rs` of the crate does the same."""

import numpy as np
from numba import njit

SLOT_BITS = 18
MAX_WORD = 40
WHOLE_WORD = (3, 10)


@njit(cache=True)
def _hash(points, first, last, seed):
    # 32-bit arithmetic in 64 bits: numba widens the product of two 32-bit numbers.
    low = np.uint64(0xFFFFFFFF)
    h = np.uint64(seed) * np.uint64(0x9E3779B9) & low
    for i in range(first, last):
        h = (h ^ np.uint64(points[i])) * np.uint64(0x01000193) & low
        h ^= h >> np.uint64(15)
    h = h * np.uint64(0x85EBCA6B) & low
    h ^= h >> np.uint64(13)
    h = h * np.uint64(0xC2B2AE35) & low
    return np.int64(h >> np.uint64(32 - SLOT_BITS))


@njit(cache=True)
def _word(word, length, rank, found, n):
    """Appends the rows of the n-grams of word[0..length] (with its boundaries) to found; returns the new count."""
    for size in range(1, 5):
        for first in range(0, length - size + 1):
            if size == 1 and (first == 0 or first == length - 1):
                continue
            row = rank[_hash(word, first, first + size, size)]
            if row >= 0 and n < len(found):
                found[n] = row
                n += 1
    if WHOLE_WORD[0] <= length - 2 <= WHOLE_WORD[1]:
        row = rank[_hash(word, 1, length - 1, 5)]
        if row >= 0 and n < len(found):
            found[n] = row
            n += 1
    return n


@njit(cache=True)
def rows_of(points, kinds, rank, found):
    word = np.zeros(MAX_WORD + 2, np.uint32)
    word[0] = 32
    length, n = 1, 0
    for i in range(len(points) + 1):
        kind = kinds[points[i]] if i < len(points) else 0
        if kind == 2 or (kind == 3 and length == 1):
            continue
        if kind != 0 and length <= MAX_WORD:
            word[length] = 39 if kind == 3 else points[i]
            length += 1
            continue
        if length > 1:
            if word[length - 1] == 39:
                length -= 1
            word[length] = 32
            n = _word(word, length + 1, rank, found, n)
        length = 1
        if kind == 1:
            word[1] = points[i]
            length = 2
    return n


@njit(cache=True)
def scores(found, n, rows, head, bias, first, last, hidden, out):
    hidden[:] = 0
    for i in range(n):
        for d in range(rows.shape[1]):
            hidden[d] += rows[found[i], d]
    scale = 1 / np.sqrt(n) if n > 0 else 0.0
    for d in range(rows.shape[1]):
        hidden[d] *= scale
    for c in range(first, last):
        z = bias[c]
        for d in range(rows.shape[1]):
            z += head[c, d] * hidden[d]
        out[c] = z
    return scale


@njit(cache=True, fastmath=True)
def train(points, ends, labels, spans, kinds, rank, rows, rows_g, head, head_g, bias, bias_g, counts, rate, smoothing):
    """One pass of AdaGrad, a step for each sample. Returns the summed loss."""
    found = np.zeros(1 << 14, np.int32)
    dims = rows.shape[1]
    hidden, back, out = np.zeros(dims, np.float32), np.zeros(dims, np.float32), np.zeros(len(bias), np.float32)
    loss, start = 0.0, 0
    for s in range(len(ends)):
        label = labels[s]
        first, last = spans[label, 0], spans[label, 1]
        n = rows_of(points[start:ends[s]], kinds[spans[label, 2]], rank, found)
        start = ends[s]
        if n == 0:
            continue
        scale = scores(found, n, rows, head, bias, first, last, hidden, out)
        top = out[first:last].max()
        total = 0.0
        for c in range(first, last):
            out[c] = np.exp(out[c] - top)
            total += out[c]
        loss -= np.log(out[label] / total + 1e-12)
        back[:] = 0
        even = smoothing / (last - first)
        for c in range(first, last):
            g = np.float32(out[c] / total - even)
            if c == label:
                g -= np.float32(1 - smoothing)
            bias_g[c] += g * g
            bias[c] -= rate * g / np.sqrt(bias_g[c])
            for d in range(dims):
                back[d] += g * head[c, d]
                gd = g * hidden[d]
                head_g[c, d] += gd * gd
                head[c, d] -= rate * gd / np.sqrt(head_g[c, d])
        for d in range(dims):
            back[d] *= np.float32(scale)
        for i in range(n):
            row = found[i]
            counts[row] += 1
            for d in range(dims):
                rows_g[row, d] += back[d] * back[d]
                rows[row, d] -= rate * back[d] / np.sqrt(rows_g[row, d])
    return loss
