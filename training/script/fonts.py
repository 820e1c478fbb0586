"""Index of the installed fonts: which file draws which characters, and which families are held out of training.

`python fonts.py OUT.pickle [EXTRA_DIR]` walks /usr/share/fonts (and EXTRA_DIR), reads every cmap with fontTools
and writes a list of Font. Families that share one design under several names count as one family, or a
"held-out" family would be a family seen in training.
"""
import hashlib
import pickle
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTCollection, TTFont

N_CODEPOINTS = 0x20000
TEST_SHARE = 0.18  # share of the families held out, by hash of the name

# Same drawings under other names (metric clones, merged fonts, UI variants).
SAME_DESIGN = [
    (r"^(arimo|liberation sans)", "liberation sans"),
    (r"^(tinos|liberation serif)", "liberation serif"),
    (r"^(cousine|liberation mono)", "liberation mono"),
    (r"^(takao|ipa).*", "ipa"),
    (r"^(vl |m\+|mplus|migmix|migu|umeplus|ume plus).*", "mplus"),
    (r"^(lato|carlito).*", "lato"),
    (r"^(nimbus|texgyre|tex gyre|free(serif|sans|mono)|urw|c059|p052|z003|d050000l).*", "urw"),
    (r"^(droid|wenquanyi micro).*", "droid"),
    (r"^(noto sans|open sans|noto sans display)$", "noto sans"),
    (r"^noto (sans|serif)( mono)? cjk.*", r"noto \1 cjk"),
    (r"^(lm|latin modern|cmu|computer modern).*", "computer modern"),
    (r"^(charis|gentium|andika|doulos).*", r"\1"),
    (r"^(padauk|khmer os|ar pl|cwtex|nanum|un|lexi|linux (libertine|biolinum)|tlwg|bpg|gfs).*", None),
]
# Everyday families kept for the test, and the reference families of each script, which always train.
TEST_FAMILIES = re.compile(r"^(sarabun|kanit|mukta|mukta mahee|hind.*|heebo|frank ruhl libre|vazirmatn|baloo (tamma|chettan) 2|abhaya libre|battambang)$")
TRAIN_FAMILIES = re.compile(r"^noto (sans|serif|naskh|nastaliq|looped)(?! display)")
WEIGHTS = re.compile(
    r"\b(thin|extralight|ultralight|light|demilight|semilight|regular|book|medium|semibold|demibold|bold|extrabold|black|heavy|"
    r"extracondensed|semicondensed|condensed|cond|narrow|ui|italic|oblique|otf|ttf|compact|basic|plus|new|10|12|17|8|9)\b"
)
SKIP = re.compile(
    r"emoji|symbols?2?\b|braille|awesome|dingbat|music|math|opensymbol|standard symbols|d050000l|musix|esint|awami|adobe blank|lastresort|"
    r"unifont|barcode|signwriting|yozfont|hanazono.*b$|tibetan machine uni cut|joscelyn|isabella|gotico|z003|punk|ecolier.*lignes",
    re.I,
)


@dataclass
class Font:
    path: str
    index: int
    family: str
    design: str
    style: str
    bits: np.ndarray  # packed bit per code point
    test: bool

    def has(self, text: str) -> bool:
        bits = self.bits
        return all((c := ord(ch)) < N_CODEPOINTS and (bits[c >> 3] >> (c & 7)) & 1 for ch in text)


def design_of(family: str) -> str:
    name = WEIGHTS.sub(" ", family.lower())
    name = re.sub(r"\s+", " ", name).strip(" -") or family.lower()
    for pattern, replacement in SAME_DESIGN:
        if replacement and re.search(pattern, name):
            return re.sub(pattern, replacement, name)
    return name


def held_out(design: str) -> bool:
    if TEST_FAMILIES.match(design) or TRAIN_FAMILIES.match(design):
        return bool(TEST_FAMILIES.match(design))
    return int(hashlib.md5(design.encode()).hexdigest()[:8], 16) / 2**32 < TEST_SHARE


def faces(path: Path):
    if path.suffix.lower() in (".ttc", ".otc"):
        yield from enumerate(TTCollection(str(path), lazy=True).fonts)
    else:
        yield 0, TTFont(str(path), lazy=True)


def index_fonts(roots):
    fonts, seen = [], set()
    for root in roots:
        for path in sorted(Path(root).rglob("*")):
            if path.suffix.lower() not in (".ttf", ".otf", ".ttc", ".otc", ".woff"):
                continue
            try:
                for i, face in faces(path):
                    name = face["name"]
                    family = str(name.getDebugName(16) or name.getDebugName(1) or path.stem)
                    style = str(name.getDebugName(17) or name.getDebugName(2) or "")
                    if SKIP.search(family) or not ("glyf" in face or "CFF " in face or "CFF2" in face):
                        if "math" not in family.lower():
                            continue
                    key = (family, style, path.suffix == ".woff" and path.stem)
                    if key in seen:
                        continue
                    seen.add(key)
                    bits = np.zeros(N_CODEPOINTS, np.uint8)
                    codes = np.fromiter((c for c in face.getBestCmap() if c < N_CODEPOINTS), np.int64)
                    bits[codes] = 1
                    design = design_of(family)
                    packed = np.packbits(bits, bitorder="little")
                    fonts.append(Font(str(path), i, family, design, style, packed, held_out(design)))
            except Exception as error:  # a broken font file costs one font, not the run
                print("skipped", path.name, repr(error)[:80])
    return fonts


if __name__ == "__main__":
    import fonts  # so that the pickle names fonts.Font and not __main__.Font

    found = fonts.index_fonts(["/usr/share/fonts", *sys.argv[2:]])
    with open(sys.argv[1], "wb") as out:
        pickle.dump(found, out)
    designs = {f.design for f in found}
    print(len(found), "faces,", len(designs), "designs,", len({f.design for f in found if f.test}), "held out")
