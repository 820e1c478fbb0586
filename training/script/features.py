"""What the trunk says of training lines, kept so that the head can be trained alone: `python features.py TRUNK.onnx OUT.npz SEED TRAIN.npz...`.

One pass: each line gives one window, upside down and light on dark by chance, as `train.Lines` draws them. 2000 lines a second on two cores, about
9 kB a line.
"""
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime

from train import Lines
from trunk import OFFSET, SCALE

COLUMNS_A_BATCH = 8192


def main(trunk, out, seed, *paths):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(trunk, options, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(int(seed))
    lines = Lines(paths)

    def features(batch):
        x, *labels = batch
        x = np.repeat(x.numpy() * SCALE + OFFSET, 3, 1).astype(np.float32)
        return session.run(None, {"x": x})[0].astype(np.float16), [label.numpy() for label in labels]

    batches = lines.batches(rng, COLUMNS_A_BATCH)
    with ThreadPoolExecutor(2) as pool, open(out, "wb") as file:
        for start in range(0, len(batches), 64):
            drawn = [lines.batch(rows, rng) for rows in batches[start : start + 64]]
            for result in pool.map(features, drawn):
                pickle.dump(result, file, 4)
    print(len(lines.index), "lines")


if __name__ == "__main__":
    main(*sys.argv[1:])
