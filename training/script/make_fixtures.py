"""Fixtures for the test of the Rust side: `python make_fixtures.py MODEL.onnx TEST.npz OUT_DIR`.

Picks crops of the test set that the model reads right: one of each wanted kind, the shortest of at least 100 px. Writes PNGs as
they go into the normalisation (32 rows), `expected.json`, and the raw outputs of the first crop in `logits.json`.
"""
import json
import sys
from pathlib import Path

import cv2
import numpy as np

from classes import CLASSES, ORIENTATIONS
from evaluate import open_model, prepare

# class, orientation index, light on dark
WANTED = [("Latn", 0, 0), ("Cyrl", 0, 0), ("Arab", 0, 0), ("Deva", 0, 0), ("Thai", 0, 1), ("Hang", 0, 0), ("Jpan", 1, 0), ("Hani", 3, 0), ("Viet", 0, 0),
          ("Taml", 2, 0), ("Zyyy", 0, 0), ("Hebr", 0, 0)]


def main(model, data, out):
    session, d, out = open_model(model), dict(np.load(data)), Path(out)
    out.mkdir(parents=True, exist_ok=True)
    expected = []
    rows = sorted((r for r in d["index"] if 100 <= r[1] <= 280 and r[3] and r[6] < 100 and r[5] >= 4), key=lambda r: (r[1], r[0]))
    for name, orientation, light in WANTED:
        for offset, width, label, _, turned, *_ in rows:
            if CLASSES[label] != name or turned != orientation % 2:
                continue
            image = d["images"][offset * 32 : (offset + width) * 32].reshape(32, width)
            image = image[::-1, ::-1] if orientation >= 2 else image
            image = np.ascontiguousarray(255 - image if light else image)
            result = session.run(None, {"image": prepare(image)})
            if int(result[2].argmax()) == label and int(result[3].argmax()) == orientation and int(result[4].argmax()) == light:
                file = f"{name.lower()}-{ORIENTATIONS[orientation]}{'-light' if light else ''}.png"
                cv2.imwrite(str(out / file), image)
                expected.append({"file": file, "class": name, "orientation": ORIENTATIONS[orientation], "light_on_dark": bool(light)})
                if len(expected) == 1:
                    names = ["columns", "attention", "script", "orientation", "polarity"]
                    logits = {n: {"shape": list(v.shape), "values": [round(float(x), 4) for x in v.ravel()]} for n, v in zip(names, result)}
                    (out / "logits.json").write_text(json.dumps({"file": file, **logits}) + "\n")
                break
        else:
            print("no crop for", name, orientation, light)
    (out / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    print(len(expected), "crops")


if __name__ == "__main__":
    main(*sys.argv[1:])
