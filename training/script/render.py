"""Draws a composed line, spoils it as scanners, cameras and screens do, and cuts it as a text detector would.

Output of `sample`: grey crop, uint8 [32, W] with W a multiple of 16, dark on light, glyphs upright (orientation 0) or
turned by 90 degrees clockwise; the other two orientations and light-on-dark are made from these by flips.
"""
import random
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from classes import CURSIVE, IGNORE, INDEX, RTL, STACKED, VERTICAL

HEIGHT, STRIDE, MAX_WIDTH = 32, 8, 640
EM = 44  # pixels of the em when drawn, before the scan resolution is simulated


@dataclass
class Sample:
    image: np.ndarray  # uint8 [32, W]
    columns: np.ndarray  # uint8 [W / 8], class index or IGNORE
    script: int
    pooled: bool  # whether the line has one class at all (not a mix near half and half)
    orientation: int  # 0, or 1 for glyphs turned clockwise by 90
    n_chars: int
    level: float  # 0 clean, 0.35 ordinary scan, 1 bad scan or photograph


@lru_cache(maxsize=2500)
def face(path, index, size):
    font = ImageFont.truetype(path, size, index=index, layout_engine=ImageFont.Layout.RAQM)
    return font


def clusters(text):
    out = []
    for ch in text:
        if out and (unicodedata.category(ch) in ("Mn", "Mc", "Me") or ch in "\u200c\u200d"):
            out[-1] += ch
        elif ch != " ":
            out.append(ch)
    return out


def draw_line(rng, runs, em):
    """Ink 0..255 of the runs beside each other on one base line, and [(x0, x1, class)]."""
    parts, x = [], em
    for cls, text, font in runs:
        f = face(font.path, font.index, em)
        width = f.getlength(text)
        if width < 2 or width > em * 60:
            return None
        parts.append((x, width, cls, text, f))
        x += width + em * rng.uniform(0.15, 0.5)
    width = int(x + em)
    if width > em * 45:
        return None
    image = Image.new("L", (width, em * 4), 0)
    draw = ImageDraw.Draw(image)
    for x0, _, _, text, f in parts:
        draw.text((x0, em * 2.4), text, fill=255, font=f, anchor="ls")
    return np.asarray(image), [(x0, x0 + w, cls) for x0, w, cls, _, _ in parts]


def draw_vertical(rng, run, em, stacked):
    """A column turned clockwise to lie along the width: its top is at the right end."""
    cls, text, font = run
    f = face(font.path, font.index, em)
    text = text.replace(" ", "")[:28]
    if stacked:
        cells = clusters(text)[:14]
        step = em * rng.uniform(0.85, 1.25)
        image = Image.new("L", (em * 4, int(step * (len(cells) + 3))), 0)
        draw = ImageDraw.Draw(image)
        for i, cell in enumerate(cells):
            draw.text((em * 2, em * 1.4 + i * step), cell, fill=255, font=f, anchor="ms")
    else:
        image = Image.new("L", (em * 4, em * (len(text) + 4)), 0)
        ImageDraw.Draw(image).text((em * 2, em), text, fill=255, font=f, anchor="mt", direction="ttb")
    ink = np.ascontiguousarray(np.rot90(np.asarray(image), -1))
    return ink, [(0, ink.shape[1], cls)]


def ink_box(ink):
    ys, xs = np.flatnonzero(ink.max(1) > 60), np.flatnonzero(ink.max(0) > 60)
    if len(ys) < 2 or len(xs) < 2:
        return None
    return xs[0], ys[0], xs[-1] + 1, ys[-1] + 1


def spoil(rng, nrng, paper, level):
    """`paper` is ink coverage 0..1 at scan resolution; returns grey 0..255. level 0 is a clean digital page."""
    h, w = paper.shape
    em_px = 0.8 * h
    if level == 0:
        dark, light = rng.choice([(0, 255), (0, 255), (0, 255), (40, 255), (90, 250), (20, 230), (60, 200)])
        return light + (dark - light) * paper
    if rng.random() < 0.75:
        paper = cv2.GaussianBlur(paper, (0, 0), min(rng.uniform(0.3, 0.6 + 0.5 * level), 0.045 * em_px))
    if rng.random() < 0.35:  # ink fades and floods in patches
        patches = nrng.random((max(2, h // 10), max(2, w // 14)), np.float32)
        paper = paper * (1 - rng.uniform(0.2, 0.7) * cv2.resize(patches, (w, h), interpolation=cv2.INTER_CUBIC).clip(0, 1))
    light = rng.uniform(150, 255)
    dark = rng.uniform(0, light - rng.choice([60, 90, 120, 140]))
    image = light + (dark - light) * paper
    if rng.random() < 0.4:  # uneven light
        ramp = np.linspace(-1, 1, w, dtype=np.float32)[None] * rng.uniform(-25, 25) + np.linspace(-1, 1, h, dtype=np.float32)[:, None] * rng.uniform(-12, 12)
        image = image + ramp
    if rng.random() < 0.2:  # paper structure, print-through
        patches = nrng.normal(0, rng.uniform(3, 14), (max(2, h // 4), max(2, w // 4))).astype(np.float32)
        image = image + cv2.resize(patches, (w, h), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.6:
        image = image + nrng.normal(0, min(rng.uniform(1, 5 + 9 * level), 0.12 * (light - dark)), (h, w)).astype(np.float32)
    if rng.random() < 0.08:
        speck = nrng.random((h, w)) < rng.uniform(0.002, 0.02)
        image = np.where(speck, rng.choice([dark, light]), image)
    if rng.random() < 0.10:  # fax, bilevel scan
        mid = (light + dark) / 2 + rng.uniform(-0.2, 0.2) * (light - dark)
        image = np.where(image > mid, 255.0, 0.0)
    if rng.random() < 0.5:
        ok, code = cv2.imencode(".jpg", image.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, rng.randint(22, 90)])
        image = cv2.imdecode(code, cv2.IMREAD_GRAYSCALE).astype(np.float32)
    return image


def sample(rng, composer, test, script=None):
    line = composer.line(rng, test, script)
    if line is None:
        return None
    wanted, runs = line
    nrng = np.random.default_rng(rng.getrandbits(32))
    level = rng.choices([0, 0.35, 1.0], [0.32, 0.38, 0.30])[0]
    small = rng.random() < 0.12
    em = rng.randint(13, 26) if small else EM  # small: drawn at its final size, as a screen does
    vertical = rng.random() < VERTICAL.get(wanted, 0)
    stacked = wanted not in VERTICAL and wanted not in CURSIVE and rng.random() < STACKED
    turned = (vertical or stacked) and len(runs[0][1]) >= (2 if stacked else 1)
    if turned:
        runs = runs[:1]
    drawn = draw_vertical(rng, runs[0], em, stacked) if turned else draw_line(rng, runs, em)
    if drawn is None:
        return None
    ink, spans = drawn
    box = ink_box(ink)
    if box is None:
        return None
    x0, y0, x1, y1 = box
    if ink[y0:y1, x0:x1].mean() < 6:  # a face without glyphs for what its cmap names
        return None
    spans = [(max(a, x0), min(b, x1), c) for a, b, c in spans]

    # Rectangle of the detector: the ink's, padded by 0-25 %, now and then too tight or the font's full line.
    height = max(y1 - y0, 0.35 * em)
    mid = (y0 + y1) / 2
    pad = lambda: rng.uniform(-0.08, 0.0) if rng.random() < 0.1 else rng.uniform(0.0, 0.25)
    top, bottom = mid - height / 2 - pad() * height, mid + height / 2 + pad() * height
    if not turned and rng.random() < 0.12:
        top, bottom = min(top, 2.4 * em - 0.95 * em), max(bottom, 2.4 * em + 0.28 * em)
    left, right = x0 - rng.uniform(-0.03, 0.5) * height, x1 + rng.uniform(-0.03, 0.5) * height

    extra = np.zeros_like(ink)
    if rng.random() < 0.25:  # parts of neighbouring lines
        for side in (-1, 1):
            if rng.random() < 0.7:
                shift = int(side * rng.uniform(0.95, 1.5) * max(height, 0.8 * em))
                moved = np.roll(np.roll(ink, rng.randrange(ink.shape[1]), 1), shift, 0)
                if shift > 0:
                    moved[:shift] = 0
                else:
                    moved[shift:] = 0
                extra = np.maximum(extra, moved)
    if rng.random() < 0.06:  # underline
        y, t = int(min(y1 + rng.uniform(0, 0.1) * em, ink.shape[0] - 4)), max(1, int(em * rng.uniform(0.03, 0.08)))
        extra[y : y + t, int(x0) : int(x1)] = 255
    if rng.random() < 0.05:  # table rules
        for y in rng.sample([int(top + 2), int(bottom - 3)], rng.randint(1, 2)):
            extra[max(y, 0) : max(y, 0) + max(1, em // 20)] = 255
    if rng.random() < 0.05:
        for x in rng.sample([int(left + 2), int(right - 4)], rng.randint(1, 2)):
            extra[:, max(x, 0) : max(x, 0) + max(1, em // 20)] = 255
    if not small and rng.random() < 0.12:  # bleeding or thin print
        kernel = np.ones((2, 2), np.uint8) if rng.random() < 0.6 else np.ones((3, 3), np.uint8)
        ink = cv2.dilate(ink, kernel) if rng.random() < 0.65 or kernel.size > 4 else cv2.erode(ink, kernel)

    # To the scan's resolution, by one affine map: crop, stretch, slant and slight turn.
    crop_h = bottom - top
    scan_h = min(max(crop_h * (1 if small else rng.uniform(14, 44) / EM if level else rng.uniform(18, 44) / EM), 12), 90)
    scale = scan_h / crop_h
    stretch = 1 if rng.random() < 0.5 else rng.uniform(0.78, 1.28)
    slant = rng.uniform(-0.3, 0.3) if rng.random() < 0.12 else 0.0
    angle = np.deg2rad(rng.uniform(-3, 3)) if level and rng.random() < 0.35 else 0.0
    angle = np.clip(angle, -0.25 * height / (x1 - x0), 0.25 * height / (x1 - x0))  # a long line turned is cut in a taller box
    cx, cy = (left + right) / 2, (top + bottom) / 2
    a = np.array([[scale * stretch, -scale * slant], [0, scale]]) @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    scan_w = max(8, (right - left) * scale * stretch)
    shift = np.array([scan_w / 2, scan_h / 2]) - a @ np.array([cx, cy])
    m = np.concatenate([a, shift[:, None]], 1).astype(np.float32)
    size = (int(round(scan_w)), int(round(scan_h)))
    if scale < 0.6:  # an area filter before the point sampling of the map
        ink_s, extra_s = (cv2.GaussianBlur(i, (0, 0), 0.35 / scale) for i in (ink, extra))
    else:
        ink_s, extra_s = ink, extra
    warp = lambda i: cv2.warpAffine(i, m, size, flags=cv2.INTER_LINEAR, borderValue=0)
    own = warp(ink_s)
    both = np.maximum(own, warp(extra_s)) if extra.any() else own
    image = spoil(rng, nrng, both.astype(np.float32) / 255, level).clip(0, 255).astype(np.uint8)

    width = int(np.clip(round(size[0] * HEIGHT / size[1] / 16) * 16, 32, 4096))
    resize = rng.choice([cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC])
    resize = cv2.INTER_AREA if size[1] > HEIGHT and resize != cv2.INTER_LINEAR else resize
    image = cv2.resize(image, (width, HEIGHT), interpolation=resize)
    ratio = width / size[0]

    ink_col = cv2.resize(own, (width, HEIGHT), interpolation=cv2.INTER_AREA).max(0).reshape(-1, STRIDE).max(1) > 70
    columns = np.full(width // STRIDE, IGNORE, np.uint8)
    share = {}
    for sx0, sx1, cls in spans:
        t0, t1 = ((m @ np.array([sx, cy, 1]))[0] * ratio / STRIDE for sx in (sx0, sx1))
        first, last = int(round(max(t0, 0))), int(round(min(t1, len(columns))))
        columns[first : max(last, first + 1)] = INDEX[cls]
        share[cls] = share.get(cls, 0) + (t1 - t0)
    columns[~ink_col] = IGNORE
    letters = {k: v for k, v in share.items() if k != "Zyyy"} or share
    top_class = max(letters, key=letters.get)
    pooled = letters[top_class] >= 0.62 * sum(letters.values())
    if width > MAX_WIDTH:  # a window of a long line keeps the classes of its columns
        start = rng.randrange((width - MAX_WIDTH) // 16 + 1) * 16
        image = image[:, start : start + MAX_WIDTH]
        columns = columns[start // STRIDE : (start + MAX_WIDTH) // STRIDE]
        pooled = pooled and len(share) == 1
    n_chars = sum(len(t.replace(" ", "")) for _, t, _ in runs)
    return Sample(np.ascontiguousarray(image), columns, INDEX[top_class], pooled, int(turned), n_chars, level)
