"""`python train.py CONFIG FORMULAS.txt PICTURES.bin TOKENS.txt OUT.pt MINUTES [SEED]`: trains on the formulas that are not held out."""
import sys
import time

import numpy as np
import torch

import pictures as pic
import tokens as tok
from config import BY_NAME
from grammar import is_held_out
from model import FormulaNet


def batches(items, config, random):
    """Batches without end, formulas of like length together so that little is padding."""
    while True:
        random.shuffle(items)
        for start in range(0, len(items), config.batch * 16):
            near = sorted(items[start:start + config.batch * 16], key=lambda item: len(item[1]))
            groups = [near[at:at + config.batch] for at in range(0, len(near), config.batch)]
            random.shuffle(groups)
            for group in groups:
                grey = [pic.degraded(picture, random) if random.random() < .9 else picture for picture, _ in group]
                canvases = np.stack([pic.canvas(picture, config.height_px, config.width_px) for picture in grey])
                longest = max(len(numbers) for _, numbers in group)
                padded = np.full((len(group), longest), tok.PAD)
                for row, (_, numbers) in zip(padded, group):
                    row[:len(numbers)] = numbers
                yield torch.from_numpy(canvases)[:, None], torch.from_numpy(padded)


def main(name, formulas_path, pictures_path, tokens_path, out, minutes, seed=1):
    config, words = BY_NAME[name], tok.read(tokens_path)
    random = np.random.default_rng(int(seed))
    torch.manual_seed(int(seed))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with open(formulas_path, encoding="utf-8") as file:
        formulas = file.read().splitlines()
    items = [(picture, tok.encode(formula, words)) for formula, picture in zip(formulas, pic.read(pictures_path))
             if picture is not None and not is_held_out(formula)]
    items = [item for item in items if len(item[1]) <= config.max_tokens]
    net = FormulaNet(config, len(words)).to(device)
    n_weights = sum(weights.numel() for weights in net.parameters())
    print(f"{len(items)} formulas, {len(words)} tokens, {n_weights} weights, {device}", flush=True)
    optimiser = torch.optim.AdamW(net.parameters(), lr=config.learning_rate, weight_decay=.01)
    started, length_s, step, mean = time.monotonic(), float(minutes) * 60, 0, None
    for canvases, numbers in batches(items, config, random):
        done = (time.monotonic() - started) / length_s
        if done >= 1:
            break
        # Warm-up over 200 steps, then down a cosine to a hundredth.
        rate = config.learning_rate * min(1, (step + 1) / 200) * (.01 + .99 * (1 + np.cos(np.pi * done)) / 2)
        for group in optimiser.param_groups:
            group["lr"] = rate
        canvases, numbers = canvases.to(device), numbers.to(device)
        logits = net(canvases, numbers[:, :-1])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), numbers[:, 1:].flatten(), ignore_index=tok.PAD, label_smoothing=.05)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        mean = loss.item() if mean is None else .98 * mean + .02 * loss.item()
        step += 1
        if step % 100 == 0:
            print(f"step {step}  loss {mean:.3f}  {time.monotonic() - started:.0f} s", flush=True)
    torch.save({"config": name, "tokens": words, "state": net.state_dict(), "steps": step}, out)
    print(f"{step} steps, loss {mean:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
