"""Trains the whole of ScriptNet: `python train.py TRUNK.onnx OUT.pt STEPS START.pt TRAIN.npz...` with a fixed seed.

The number of steps fixes the schedule; START.pt holds weights to go on from (`train_head.py` makes the first). MINUTES in the environment shortens the
schedule where the machine is too slow for all steps: the rate then falls with the time gone by. One step is about 16 k pixel columns of lines of equal width, so that nothing is padded.
"""
import math
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

from classes import IGNORE, INDEX
from model import ScriptNet, normalise

SEED, LR, LR_TRUNK, WINDOW, COLUMNS_A_STEP = 7, 1e-3, 4e-4, 256, 12_288
P_FLIP, P_FLIP_TURNED, P_INVERT = 0.2, 0.4, 0.12
# The caller turns a crop that is said to be upside down or light on dark and asks again, so the class matters most on crops as
# they should be; with full weight on the others the small network learns each letter four times over.
WEIGHT_TO_TURN = 0.15
SMOOTHING, EMA, WEIGHT_DECAY = 0.03, 0.998, 0.02


class Lines:
    def __init__(self, paths):
        self.parts = [dict(np.load(p)) for p in paths]
        rows = [np.concatenate([np.full((len(p["index"]), 1), i), p["index"][:, :6]], 1) for i, p in enumerate(self.parts)]
        self.index = np.concatenate(rows)
        self.width = np.minimum(self.index[:, 2], WINDOW)

    def get(self, row, rng):
        part, offset, width = row[:3]
        data = self.parts[part]
        image = data["images"][offset * 32 : (offset + width) * 32].reshape(32, width)
        columns = data["columns"][offset // 8 : (offset + width) // 8]
        if width > WINDOW:  # keep a window that has ink
            start = 16 * rng.integers(0, (width - WINDOW) // 16 + 1)
            image, columns = image[:, start : start + WINDOW], columns[start // 8 : (start + WINDOW) // 8]
        return image, columns

    def batches(self, rng, columns=COLUMNS_A_STEP):
        """One epoch of index arrays: equal widths within a batch, batches in random order."""
        order = rng.permutation(len(self.index))
        batches = []
        for width in np.unique(self.width):
            rows = order[self.width[order] == width]
            size = max(8, columns // int(width))
            batches += [rows[i : i + size] for i in range(0, len(rows), size) if len(rows[i : i + size]) > 4]
        rng.shuffle(batches)
        return batches

    def batch(self, rows, rng):
        lose_their_mark = {INDEX["Jpan"], INDEX["Viet"]}
        images, columns, script, pooled, orientation, polarity = [], [], [], [], [], []
        for row in self.index[rows]:
            image, column = self.get(row, rng)
            turned, invert = int(row[5]), rng.random() < P_INVERT
            flip = rng.random() < (P_FLIP_TURNED if turned else P_FLIP)
            if flip:
                image, column = image[::-1, ::-1], column[::-1]
            if invert:
                image = 255 - image
            images.append(image)
            columns.append(column)
            seen = set(column.tolist()) - {IGNORE}
            script.append(row[3])
            # A window of a Japanese or Vietnamese line may have lost its kana or accents.
            pooled.append(bool(row[4]) and row[3] in seen and not (row[2] > WINDOW and row[3] in lose_their_mark))
            orientation.append(turned + 2 * flip)
            polarity.append(int(invert))
        x = torch.from_numpy(np.stack(images)).unsqueeze(1)
        if rng.random() < 0.3:
            x = (x.float() / 255) ** math.exp(rng.uniform(-0.6, 0.6)) * 255
        long = lambda v: torch.from_numpy(np.array(v)).long()
        return normalise(x), long(np.stack(columns)), long(script), torch.tensor(pooled), long(orientation), long(polarity)


def loss_of(out, columns, script, pooled, orientation, polarity):
    col, attention, line, orient, polar = out
    blank = columns == IGNORE
    target = columns.masked_fill(blank, -100)
    weight = torch.where((orientation < 2) & (polarity == 0), 1.0, WEIGHT_TO_TURN)
    loss_columns = F.cross_entropy(col, target, ignore_index=-100, label_smoothing=SMOOTHING, reduction="none")
    loss_columns = (loss_columns * weight[:, None]).sum() / (weight[:, None] * ~blank).sum().clamp_min(1)
    loss_line = F.cross_entropy(line, script, reduction="none", label_smoothing=SMOOTHING)
    weight = weight * pooled
    loss_line = (loss_line * weight).sum() / weight.sum().clamp_min(1)
    loss_orient = F.cross_entropy(orient, orientation, label_smoothing=0.02)
    loss_polar = F.cross_entropy(polar, polarity)
    loss_blank = (attention * blank).sum(1).mean()
    return loss_line + 0.6 * loss_columns + 0.4 * loss_orient + 0.2 * loss_polar + 0.3 * loss_blank


def main(trunk, out, steps, first, *paths):
    steps, minutes = int(steps), float(os.environ.get("MINUTES", "inf"))
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    if world > 1:
        torch.distributed.init_process_group("gloo", rank=rank, world_size=world)
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED + rank)
    lines = Lines([p for p in paths if os.path.exists(p)])
    net = ScriptNet(trunk).to(memory_format=torch.channels_last)
    net.load_state_dict(torch.load(first))
    groups = [{"params": list(net.trunk.parameters()), "lr": LR_TRUNK}, {"params": list(net.head.parameters()), "lr": LR}]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=WEIGHT_DECAY, fused=True)
    rates = [LR_TRUNK, LR]
    average = {k: v.clone().float() for k, v in net.state_dict().items()}
    print(len(lines.index), "lines,", sum(p.numel() for p in net.parameters()), "parameters", flush=True)
    queue, start, hits, seen, total = [], time.time(), 0, 0, 0.0
    for step in range(steps):
        gone = torch.tensor(max(step / steps, (time.time() - start) / 60 / minutes))
        if world > 1:
            torch.distributed.broadcast(gone, 0)
        gone = gone.item()
        if gone >= 1:
            break
        if not queue:
            present = [p for p in paths if os.path.exists(p)]
            if len(present) > len(lines.parts):  # a file still being rendered when the run began
                lines = Lines(present)
                print(len(lines.index), "lines", flush=True)
            queue = lines.batches(rng)
        x, *labels = lines.batch(queue.pop(), rng)
        factor = min(1, (step + 1) / 200) * (0.5 + 0.5 * math.cos(math.pi * gone))
        for group, rate in zip(optimiser.param_groups, rates):
            group["lr"] = rate * factor
        result = net(x.contiguous(memory_format=torch.channels_last))
        loss = loss_of(result, *labels)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        if world > 1:
            flat = torch.cat([p.grad.reshape(-1) for p in net.parameters()])
            torch.distributed.all_reduce(flat)
            for p, g in zip(net.parameters(), (flat / world).split([p.numel() for p in net.parameters()])):
                p.grad = g.view_as(p)
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        if step % 4 == 0:
            beta = min(EMA**4, (step + 1) / (step + 10))
            for k, v in net.state_dict().items():
                if v.dtype.is_floating_point:
                    average[k].mul_(beta).add_(v, alpha=1 - beta)
        counted = labels[2] & (labels[3] < 2) & (labels[4] == 0)
        hits += int(((result[2].argmax(1) == labels[1]) & counted).sum())
        seen += int(counted.sum())
        total += float(loss)
        if (step + 1) % 200 == 0 and rank == 0:
            print(f"{time.strftime('%H:%M')} step {step + 1} loss {total / 200:.3f} script {hits / seen:.4f} {(time.time() - start) / (step + 1) * 1000:.0f} ms/step", flush=True)
            hits, seen, total = 0, 0, 0.0
            torch.save({k: v.to(net.state_dict()[k].dtype) for k, v in average.items()}, out)
    if rank == 0:
        torch.save({k: v.to(net.state_dict()[k].dtype) for k, v in average.items()}, out)
    print("stopped after step", step, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
