//! The languages that the weights tell apart.

/// As ISO 639-3 code and ISO 15924 script. The file of weights says which it has, in its own order.
#[rustfmt::skip]
pub(crate) const KNOWN: &[(&str, &str)] = &[
    ("afr", "Latn"), ("sqi", "Latn"), ("aze", "Latn"), ("eus", "Latn"), ("bos", "Latn"), ("bre", "Latn"),
    ("cat", "Latn"), ("ceb", "Latn"), ("ces", "Latn"), ("cos", "Latn"), ("cym", "Latn"), ("dan", "Latn"),
    ("deu", "Latn"), ("eng", "Latn"), ("epo", "Latn"), ("est", "Latn"), ("fao", "Latn"), ("fil", "Latn"),
    ("fin", "Latn"), ("fra", "Latn"), ("fry", "Latn"), ("gla", "Latn"), ("gle", "Latn"), ("glg", "Latn"),
    ("hat", "Latn"), ("hau", "Latn"), ("hrv", "Latn"), ("hun", "Latn"), ("ibo", "Latn"), ("ind", "Latn"),
    ("isl", "Latn"), ("ita", "Latn"), ("jav", "Latn"), ("kmr", "Latn"), ("lat", "Latn"), ("lav", "Latn"),
    ("lit", "Latn"), ("ltz", "Latn"), ("mlg", "Latn"), ("mlt", "Latn"), ("mri", "Latn"), ("msa", "Latn"),
    ("nld", "Latn"), ("nor", "Latn"), ("oci", "Latn"), ("pol", "Latn"), ("por", "Latn"), ("que", "Latn"),
    ("ron", "Latn"), ("slk", "Latn"), ("slv", "Latn"), ("som", "Latn"), ("spa", "Latn"), ("srp", "Latn"),
    ("sun", "Latn"), ("swa", "Latn"), ("swe", "Latn"), ("ton", "Latn"), ("tur", "Latn"), ("uzb", "Latn"),
    ("vie", "Latn"), ("xho", "Latn"), ("yor", "Latn"), ("zul", "Latn"),
    ("aze", "Cyrl"), ("bel", "Cyrl"), ("bul", "Cyrl"), ("kaz", "Cyrl"), ("kir", "Cyrl"), ("mkd", "Cyrl"),
    ("mon", "Cyrl"), ("rus", "Cyrl"), ("srp", "Cyrl"), ("tat", "Cyrl"), ("tgk", "Cyrl"), ("ukr", "Cyrl"),
    ("uzb", "Cyrl"),
    ("ara", "Arab"), ("fas", "Arab"), ("urd", "Arab"), ("pus", "Arab"), ("snd", "Arab"), ("uig", "Arab"),
    ("ckb", "Arab"),
    ("hin", "Deva"), ("mar", "Deva"), ("nep", "Deva"), ("san", "Deva"),
    ("heb", "Hebr"), ("yid", "Hebr"),
    ("amh", "Ethi"), ("tir", "Ethi"),
    ("ben", "Beng"), ("asm", "Beng"),
    ("bod", "Tibt"), ("dzo", "Tibt"),
    ("ell", "Grek"), ("grc", "Grek"),
];
