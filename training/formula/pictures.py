"""Pictures of formulas as the network sees them.

`canvas` is the contract with `wasm-engine/engine/src/formula/network.rs`, which does the same in Rust: the ink cut out, scaled to fit (never enlarged more than twice), put at the
top left of a canvas, ink positive. `degraded` makes of a clean picture one that was printed, scanned or photographed.
"""
import io
import struct

import numpy as np
from PIL import Image, ImageFilter

MAX_ENLARGED = 2.0
# A pixel is ink when it is this much darker or lighter than the ground, of 255.
INK_CONTRAST = 48


def read(path):
    """The pictures of render.mjs; None where one was not set."""
    with open(path, "rb") as file:
        data = file.read()
    at, out = 0, []
    while at < len(data):
        width, height = struct.unpack_from("<HH", data, at)
        at += 4
        pixels = np.frombuffer(data, np.uint8, width * height, at).reshape(height, width)
        at += width * height
        out.append(pixels if width else None)
    return out


def ground(grey):
    """The middle of the most frequent of 32 ranges of grey."""
    counts = np.bincount((grey // 8).ravel(), minlength=32)
    # The last of equals, as in Rust.
    return int(31 - np.argmax(counts[::-1])) * 8 + 4


def canvas(grey, height_px, width_px):
    """float32 [height_px, width_px], 0 where there is none, about 1 where there is full ink."""
    out = np.zeros((height_px, width_px), np.float32)
    base = ground(grey)
    difference = np.abs(grey.astype(np.int16) - base)
    rows, columns = np.flatnonzero((difference > INK_CONTRAST).any(1)), np.flatnonzero((difference > INK_CONTRAST).any(0))
    if not len(rows):
        return out
    part = difference[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1].astype(np.float32)
    h, w = part.shape
    scale = min(height_px / h, width_px / w, MAX_ENLARGED)
    new_h, new_w = max(1, min(height_px, int(h * scale + .5))), max(1, min(width_px, int(w * scale + .5)))
    strongest = max(float(part.max()), 1.0)
    out[:new_h, :new_w] = area(part, new_h, new_w) / strongest
    return out


def area(part, new_h, new_w):
    """Mean over the area that each new pixel covers; for enlarging the same as the nearest, with shares at the borders."""
    return weights(part.shape[0], new_h) @ part @ weights(part.shape[1], new_w).T


def weights(n, new_n):
    """[new_n, n]: the share of each old pixel in each new one."""
    edges = np.arange(new_n + 1) * (n / new_n)
    old = np.arange(n)
    overlap = np.minimum(edges[1:, None], old[None] + 1) - np.maximum(edges[:-1, None], old[None])
    return (np.clip(overlap, 0, None) / (n / new_n)).astype(np.float32)


def degraded(grey, random):
    """`grey` as a scan or a photograph would have it; `random` is a numpy Generator."""
    margin = int(random.integers(2, 16))
    picture = Image.fromarray(np.pad(grey, margin, constant_values=255))
    scale = random.uniform(.5, 1.1)
    picture = picture.resize((max(8, int(picture.width * scale)), max(8, int(picture.height * scale))), Image.Resampling.BILINEAR)
    if random.random() < .4:
        picture = picture.rotate(random.normal(0, .8), Image.Resampling.BILINEAR, fillcolor=255)
    if random.random() < .3:
        picture = picture.filter(ImageFilter.MinFilter(3) if random.random() < .6 else ImageFilter.MaxFilter(3))
    if random.random() < .5:
        picture = picture.filter(ImageFilter.GaussianBlur(random.uniform(.3, 1.2)))
    pixels = np.asarray(picture, np.float32)
    paper, ink = random.uniform(190, 255), random.uniform(0, 90)
    pixels = ink + (paper - ink) * pixels / 255 + random.normal(0, random.uniform(0, 8), pixels.shape)
    if random.random() < .03:
        pixels = 255 - pixels
    pixels = np.clip(pixels, 0, 255).astype(np.uint8)
    if random.random() < .4:
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=int(random.integers(30, 90)))
        pixels = np.asarray(Image.open(file))
    return pixels
