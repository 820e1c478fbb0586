"""Trains the head on what `features.py` kept: `python train_head.py TRUNK.onnx OUT.pt MINUTES FEATURES...`. The trunk stands still.

The rate falls with the time gone by. Writes the weights of the whole network, which `train.py` can go on from.
"""
import math
import pickle
import sys
import time

import numpy as np
import torch

from model import ScriptNet
from train import WEIGHT_DECAY, loss_of

SEED, LR = 1, 3e-3


def load(paths):
    for path in paths:
        with open(path, "rb") as file:
            while True:
                try:
                    yield pickle.load(file)
                except EOFError:
                    break


def main(trunk, out, minutes, *paths):
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    net = ScriptNet(trunk)
    head = net.head.to(memory_format=torch.channels_last)
    batches = list(load(paths))
    optimiser = torch.optim.AdamW(head.parameters(), lr=LR, betas=(0.9, 0.98), weight_decay=WEIGHT_DECAY)
    print(sum(p.numel() for p in head.parameters()), "parameters,", sum(len(f) for f, _ in batches), "lines", flush=True)
    start, step, hits, seen, gone = time.time(), 0, 0, 0, 0.0
    while gone < 1:
        for idx in rng.permutation(len(batches)):
            gone = (time.time() - start) / 60 / float(minutes)
            if gone >= 1:
                break
            for group in optimiser.param_groups:
                group["lr"] = LR * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * gone))
            features, labels = batches[idx]
            labels = [torch.from_numpy(label) for label in labels]
            result = head(torch.from_numpy(features).float().contiguous(memory_format=torch.channels_last))
            loss = loss_of(result, *labels)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(head.parameters(), 2.0)
            optimiser.step()
            step += 1
            _, script, pooled, orientation, polarity = labels
            counted = pooled & (orientation < 2) & (polarity == 0)
            hits += int(((result[2].argmax(1) == script) & counted).sum())
            seen += int(counted.sum())
            if step % 1000 == 0:
                print(step, f"{time.time() - start:.0f} s, right on {hits / seen:.4f}", flush=True)
                hits = seen = 0
    torch.save(net.state_dict(), out)


if __name__ == "__main__":
    main(*sys.argv[1:])
