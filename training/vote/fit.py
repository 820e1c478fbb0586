"""Fits the votes of the premium pipeline: logistic regression of which reading is right at a place where two differ.

  fit.py TRAIN.tsv TEST.tsv

Both are what `bench votes` prints. Prints the weights for `wasm-engine/engine/src/premium/vote.rs`, and for the test set the edits that would be saved
by votes from several probabilities on, by the confidence of the first reading, and by taking the surer side without calibration.
"""
import sys

import numpy as np

WEAK = 0.98  # lines below this confidence have a vote, as in weak.rs
L2 = 1.0


def load(path):
    rows = [line.rstrip("\n").split("\t") for line in open(path)]
    table = np.array([[float(value) for value in row[1:]] for row in rows])
    return table[table[:, 1] < WEAK]


def fit(x, gain):
    """Newton's method; each place weighs as many edits as it decides."""
    y, weight = (gain > 0).astype(float), np.abs(gain)
    beta = np.zeros(x.shape[1])
    penalty = L2 * np.eye(x.shape[1])
    penalty[0, 0] = 0
    for _ in range(50):
        p = 1 / (1 + np.exp(-(x @ beta)))
        gradient = x.T @ (weight * (y - p)) - penalty @ beta
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + penalty
        step = np.linalg.solve(hessian, gradient)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    return beta


train, test = load(sys.argv[1]), load(sys.argv[2])
beta = fit(train[:, 2:], train[:, 0])
print("const WEIGHTS: [f32; N_FEATURES] = [\n    " + ", ".join(f"{b:.3f}" for b in beta) + ",\n];")
for name, rows in (("train", train), ("test", test)):
    gain, p = rows[:, 0], 1 / (1 + np.exp(-(rows[:, 2:] @ beta)))
    print(f"{name}: {len(rows)} places, {int((gain > 0).sum())} read better by the second, {int((gain < 0).sum())} by the first; at best {int(gain[gain > 0].sum())} edits less")
    print("  all of the second", int(gain.sum()), "; the surer side as it is", int(gain[rows[:, 4] > rows[:, 3]].sum()))
    for least in (0.4, 0.5, 0.6, 0.7, 0.8):
        print(f"  from {least}: {int(gain[p >= least].sum())} edits less, {int((p >= least).sum())} places taken")
