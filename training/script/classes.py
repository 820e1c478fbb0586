"""Classes in output order (ISO 15924 names), the languages that draw them and the blocks their letters lie in."""

CLASSES = (
    "Latn Viet Latf Cyrl Grek Armn Geor Hebr Arab Aran Syrc Thaa Ethi Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh "
    "Thai Laoo Khmr Mymr Tibt Cher Cans Hang Hani Jpan Zyyy"
).split()
INDEX = {name: i for i, name in enumerate(CLASSES)}
ORIENTATIONS = (0, 90, 180, 270)  # glyphs turned clockwise by this many degrees
IGNORE = 255  # column label: no ink, or too ambiguous to teach

# Tesseract language codes whose dictionaries supply the words of a class.
LANGUAGES = {
    "Latn": "afr aze bos bre cat ceb ces cos cym dan deu eng enm epo est eus fao fil fin fra frm fry gla gle glg hat hrv hun ind "
    "isl ita ita_old jav kmr lat lav lit ltz mlt mri msa nld nor oci pol por que ron slk slv spa spa_old sqi srp_latn sun swa "
    "swe ton tur uzb yor",
    "Viet": "vie",
    "Latf": "frk frk deu",
    "Cyrl": "aze_cyrl bel bul kaz kir mkd mon rus srp tat tgk ukr uzb_cyrl",
    "Grek": "ell ell grc",
    "Armn": "hye",
    "Geor": "kat kat kat_old",
    "Hebr": "heb heb yid",
    "Arab": "ara ara fas pus snd uig urd",
    "Aran": "urd urd urd fas",
    "Syrc": "syr",
    "Thaa": "div",
    "Ethi": "amh tir",
    "Deva": "hin mar nep san",
    "Beng": "ben asm",
    "Guru": "pan",
    "Gujr": "guj",
    "Orya": "ori",
    "Taml": "tam",
    "Telu": "tel",
    "Knda": "kan",
    "Mlym": "mal",
    "Sinh": "sin",
    "Thai": "tha",
    "Laoo": "lao",
    "Khmr": "khm",
    "Mymr": "mya",
    "Tibt": "bod bod dzo",
    "Cher": "chr",
    "Cans": "iku Canadian_Aboriginal",
    "Hang": "kor",
    "Hani": "chi_sim chi_tra",
    "Jpan": "jpn",
}
LANGUAGES = {k: v.split() for k, v in LANGUAGES.items()}

LATIN = [(0x41, 0x5A), (0x61, 0x7A), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2AF), (0x300, 0x36F), (0x1E00, 0x1EFF), (0x2BB, 0x2BC)]
BLOCKS = {
    "Latn": LATIN, "Viet": LATIN, "Latf": LATIN,
    "Cyrl": [(0x400, 0x52F), (0x300, 0x301)],
    "Grek": [(0x370, 0x3FF), (0x1F00, 0x1FFF)],
    "Armn": [(0x531, 0x58A)],
    "Geor": [(0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F)],
    "Hebr": [(0x591, 0x5F4), (0xFB1D, 0xFB4F)],
    "Arab": [(0x610, 0x6FF), (0x750, 0x77F), (0x200C, 0x200C)],
    "Aran": [(0x610, 0x6FF), (0x200C, 0x200C)],
    "Syrc": [(0x700, 0x74F), (0x300, 0x36F)],
    "Thaa": [(0x780, 0x7BF), (0x60C, 0x61F)],
    "Ethi": [(0x1200, 0x139F), (0x2D80, 0x2DDF)],
    "Deva": [(0x900, 0x97F), (0x1CD0, 0x1CFF), (0x200C, 0x200D)],
    "Beng": [(0x980, 0x9FF), (0x200C, 0x200D)],
    "Guru": [(0xA00, 0xA7F), (0x200C, 0x200D)],
    "Gujr": [(0xA80, 0xAFF), (0x200C, 0x200D)],
    "Orya": [(0xB00, 0xB7F), (0x200C, 0x200D)],
    "Taml": [(0xB80, 0xBFF), (0x200C, 0x200D)],
    "Telu": [(0xC00, 0xC7F), (0x200C, 0x200D)],
    "Knda": [(0xC80, 0xCFF), (0x200C, 0x200D)],
    "Mlym": [(0xD00, 0xD7F), (0x200C, 0x200D)],
    "Sinh": [(0xD80, 0xDFF), (0x200C, 0x200D)],
    "Thai": [(0xE01, 0xE5B)],
    "Laoo": [(0xE81, 0xEDF)],
    "Khmr": [(0x1780, 0x17F9)],
    "Mymr": [(0x1000, 0x109F)],
    "Tibt": [(0xF00, 0xFD4)],
    "Cher": [(0x13A0, 0x13FF), (0xAB70, 0xABBF)],
    "Cans": [(0x1400, 0x167F), (0x18B0, 0x18F5)],
    "Hang": [(0xAC00, 0xD7A3), (0x3131, 0x318E)],
    "Hani": [(0x4E00, 0x9FFF), (0x3400, 0x4DBF)],
    "Jpan": [(0x3041, 0x30FE), (0x4E00, 0x9FFF), (0x3005, 0x3007)],
}
KANA = [(0x3041, 0x3096), (0x30A1, 0x30FA)]
# Letters that, among the languages above, only Vietnamese uses; the other accented letters (a-circumflex, dotted o ...) it shares.
SHARED_WITH_VIET = set("ẸẹỌọẼẽỸỹỊịỤụ")

RTL = {"Hebr", "Arab", "Aran", "Syrc", "Thaa"}
JOINED = {"Thai", "Laoo", "Khmr", "Mymr", "Tibt", "Hani", "Jpan"}  # written without spaces between words
CASED = {"Latn", "Viet", "Cyrl", "Grek", "Armn"}
VERTICAL = {"Hani": 0.30, "Jpan": 0.30, "Hang": 0.15}  # share of real vertical columns
STACKED = 0.05  # share of lines of the other scripts set letter under letter
CURSIVE = {"Arab", "Aran", "Syrc"}  # never stacked
WEIGHTS = {"Latn": 4, "Viet": 2, "Cyrl": 2, "Hani": 2, "Jpan": 2, "Arab": 1.5, "Grek": 1.3, "Zyyy": 1.5, "Latf": 1.2, "Hang": 1.2}

NASTALIQ = r"nastaliq|nastaleeq|gulzar"
FRAKTUR = r"unifraktur|pirata|blankenburg|fruktur|grenze"
FRAKTUR_LIKE = FRAKTUR + r"|rocker|germania|metal mania"  # never drawn as Latn


def inside(ch: str, blocks) -> bool:
    code = ord(ch)
    return any(lo <= code <= hi for lo, hi in blocks)


def viet_only(ch: str) -> bool:
    return (0x1EA0 <= ord(ch) <= 0x1EF9 and ch not in SHARED_WITH_VIET) or ch in "ơƠưƯ"
