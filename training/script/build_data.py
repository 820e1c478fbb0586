"""Renders N lines into OUT.npz: `python build_data.py FONTS.pickle WORDS_DIR OUT N SEED train|test`.

Images lie one after the other in one uint8 array; `index` rows are (offset, width, script, pooled, orientation, n_chars, level).
"""
import pickle
import random
import sys
import time

import numpy as np

import words
from compose import Composer
from render import sample


def main(fonts_path, words_dir, out, n, seed, split):
    n, seed, test = int(n), int(seed), split == "test"
    with open(fonts_path, "rb") as f:
        fonts = pickle.load(f)
    cached = f"{words_dir}/languages.pickle"
    try:
        with open(cached, "rb") as f:
            languages = pickle.load(f)
    except FileNotFoundError:
        languages = words.load(words_dir)
        with open(cached, "wb") as f:
            pickle.dump(languages, f)
    composer = Composer(languages, fonts)
    if seed == 0:
        for key, (n_train, held) in composer.report.items():
            print(*key, "train designs", n_train, "held out", held)
    rng = random.Random(seed)
    images, columns, rows, offset, start, failed = [], [], [], 0, time.time(), 0
    while len(rows) < n:
        # The test set has the same number of lines of each class; training follows the weights.
        wanted = composer.scripts[len(rows) % len(composer.scripts)] if test else None
        try:
            s = sample(rng, composer, test, wanted)
        except (OSError, ValueError) as error:  # a face FreeType cannot draw
            failed += 1
            if failed < 20:
                print("failed", repr(error)[:100], flush=True)
            s = None
        if s is None:
            continue
        images.append(s.image.reshape(-1))
        columns.append(s.columns)
        rows.append((offset, s.image.shape[1], s.script, s.pooled, s.orientation, s.n_chars, round(s.level * 100)))
        offset += s.image.shape[1]
        if len(rows) % 2000 == 0:
            print(len(rows), f"{len(rows) / (time.time() - start):.0f}/s", flush=True)
    np.savez(out, images=np.concatenate(images), columns=np.concatenate(columns), index=np.array(rows, np.int64))


if __name__ == "__main__":
    main(*sys.argv[1:])
