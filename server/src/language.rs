//! The `language` parameter: which codes there are and which of them this server can read.
//!
//! A language counts as readable when every letter of its alphabet is in the dictionary of PP-OCRv6 (checked against
//! `ppocrv6-small-dict.txt`; Vietnamese, Yoruba and Igbo, for instance, have letters it lacks).

/// Why a `language` was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LanguageError {
    /// A language we know and cannot read yet.
    #[error("language {0:?} cannot be read yet; it is planned")]
    NotAvailable(String),
    /// A language that another model reads.
    #[error("language {0:?} cannot be read by the model that runs here; the small model reads it")]
    NeedsSmallModel(String),
    /// No language code.
    #[error("language {0:?} is not a language code; use auto, or a code such as en, de, ch or ja")]
    Unknown(String),
}

/// ISO 639-1 and -3 codes in Latin letters that PP-OCRv6 reads, with ISO 639-2 and the old names of PaddleOCR and
/// Tesseract behind a stroke where they differ.
const LATIN: &[&str] = &[
    "af|afr",
    "az|aze",
    "bs|bos",
    "ca|cat",
    "ceb",
    "co|cos",
    "cs|ces|cze",
    "cy|cym|wel",
    "da|dan",
    "de|deu|ger|german",
    "en|eng",
    "eo|epo",
    "es|spa",
    "et|est",
    "eu|eus|baq",
    "fi|fin",
    "fil",
    "fo|fao",
    "fr|fra|fre|french",
    "fy|fry",
    "ga|gle",
    "gd|gla",
    "gl|glg",
    "ha|hau",
    "hr|hrv",
    "ht|hat",
    "hu|hun",
    "id|ind",
    "is|isl|ice",
    "it|ita",
    "jv|jav",
    "ku|kur|kmr",
    "la|lat|latin",
    "lb|ltz",
    "lt|lit",
    "lv|lav",
    "mg|mlg",
    "mi|mri|mao",
    "ms|msa|may",
    "mt|mlt",
    "nb|nob",
    "nl|nld|dut",
    "nn|nno",
    "no|nor",
    "oc|oci",
    "pl|pol",
    "pt|por",
    "qu|que",
    "rm|roh",
    "ro|ron|rum",
    "sk|slk|slo",
    "sl|slv",
    "sm|smo",
    "so|som",
    "sq|sqi|alb",
    "su|sun",
    "sv|swe",
    "sw|swa",
    "tk|tuk",
    "tl|tgl",
    "tr|tur",
    "xh|xho",
    "zu|zul",
    "br|bre",
];

/// Chinese and Japanese, with the specification's, PaddleOCR's and Tesseract's names.
const EAST_ASIAN: &[&str] = &[
    "zh|zho|chi|ch|cmn|chinese|chinese_cht|chi_sim|chi_tra",
    "ja|jpn|japan|jp",
];

/// Languages whose letters `ppocrv6-tiny-dict.txt` lacks (comma below in Romanian, hooks in Hausa, the schwa, kana).
const NOT_TINY: &[&str] = &["az|aze", "ha|hau", "ja|jpn|japan|jp", "ro|ron|rum"];

/// Languages that are planned: read by other recognisers, which are not built yet.
const PLANNED: &[&str] = &[
    "am|amh",
    "ar|ara|arabic",
    "as|asm",
    "be|bel",
    "bg|bul",
    "bn|ben",
    "bo|bod|tib",
    "chr",
    "dv|div",
    "dz|dzo",
    "el|ell|gre",
    "fa|fas|per",
    "grc",
    "gu|guj",
    "haw",
    "he|heb|iw",
    "hi|hin|devanagari",
    "hy|hye|arm",
    "ig|ibo",
    "iu|iku",
    "ka|kat|geo",
    "kk|kaz",
    "km|khm",
    "kn|kan",
    "ko|kor|korean",
    "ky|kir",
    "lo|lao",
    "mk|mkd|mac",
    "ml|mal",
    "mn|mon",
    "mr|mar",
    "my|mya|bur",
    "ne|nep",
    "or|ori",
    "pa|pan",
    "pi|pli",
    "ps|pus",
    "ru|rus|cyrillic",
    "sa|san",
    "sd|snd",
    "si|sin",
    "sr|srp",
    "syr",
    "ta|tam",
    "te|tel",
    "tg|tgk",
    "th|tha",
    "ti|tir",
    "tt|tat",
    "ug|uig",
    "uk|ukr",
    "ur|urd",
    "uz|uzb",
    "vi|vie",
    "yi|yid",
    "yo|yor",
];

/// Checks the `language` of a request for an engine of these models; an empty one means `auto`.
///
/// Script and region subtags of BCP 47 are accepted (`pt-BR`, `zh-Hant`, `sr-Latn`); the answer repeats what was asked.
///
/// # Errors
/// [`LanguageError`] tells languages that cannot be read yet from what is no language code.
pub fn check(asked: &str, models: &[String]) -> Result<String, LanguageError> {
    let language = readable(asked)?;
    let lower = language.to_ascii_lowercase();
    let primary = lower.split(['-', '_']).next().unwrap_or_default();
    let is_tiny = models.iter().any(|model| model == "ppocrv6-tiny");
    if is_tiny && is_listed(NOT_TINY, primary) {
        return Err(LanguageError::NeedsSmallModel(language));
    }
    Ok(language)
}

fn readable(asked: &str) -> Result<String, LanguageError> {
    let asked = asked.trim();
    if asked.is_empty() || asked.eq_ignore_ascii_case("auto") {
        return Ok("auto".to_owned());
    }
    let unknown = || LanguageError::Unknown(asked.chars().take(40).collect());
    if asked.len() > 35 || !asked.is_ascii() {
        return Err(unknown());
    }
    let lower = asked.to_ascii_lowercase();
    if is_listed(EAST_ASIAN, &lower) || is_listed(LATIN, &lower) {
        return Ok(asked.to_owned());
    }
    let mut subtags = lower.split(['-', '_']);
    let primary = subtags.next().unwrap_or_default();
    let subtags: Vec<&str> = subtags.collect();
    if !subtags
        .iter()
        .all(|tag| (2..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric()))
    {
        return Err(unknown());
    }
    let script = subtags
        .iter()
        .find(|tag| tag.len() == 4 && tag.bytes().all(|b| b.is_ascii_alphabetic()));
    let is_known = [LATIN, EAST_ASIAN, PLANNED]
        .into_iter()
        .any(|list| is_listed(list, primary));
    if !is_known {
        return Err(unknown());
    }
    let is_readable = match script.copied() {
        None => !is_listed(PLANNED, primary),
        // Serbian and Uzbek have a Latin spelling that can be read; Vietnamese and Yoruba are Latin and cannot.
        Some("latn") => is_listed(LATIN, primary) || matches!(primary, "sr" | "srp" | "uz" | "uzb"),
        Some("hans" | "hant" | "jpan" | "hira" | "kana") => is_listed(EAST_ASIAN, primary),
        Some(_) => false,
    };
    if is_readable {
        Ok(asked.to_owned())
    } else {
        Err(LanguageError::NotAvailable(asked.to_owned()))
    }
}

fn is_listed(list: &[&str], code: &str) -> bool {
    list.iter()
        .any(|names| names.split('|').any(|name| name == code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pp_ocr_reads_is_taken_by_every_kind_of_code() {
        for code in [
            "en",
            "EN",
            "eng",
            "de",
            "ger",
            "pt-BR",
            "zh",
            "ch",
            "zh-Hant",
            "zh-TW",
            "chi_sim",
            "chinese_cht",
            "ja",
            "japan",
            "sr-Latn",
            "es-419",
        ] {
            assert_eq!(readable(code).as_deref(), Ok(code));
        }
        assert_eq!(readable("").as_deref(), Ok("auto"));
        assert_eq!(readable("AUTO").as_deref(), Ok("auto"));
    }

    #[test]
    fn languages_of_later_models_are_told_from_nonsense() {
        for code in [
            "ar", "th", "ru", "vi", "ko", "sr", "sr-Cyrl", "az-Arab", "hin", "el-GR",
        ] {
            assert_eq!(
                readable(code),
                Err(LanguageError::NotAvailable(code.into()))
            );
        }
        for code in [
            "klingon",
            "xx",
            "e",
            "en-",
            "en--US",
            "en_\u{e4}",
            "auto;drop",
            "../en",
        ] {
            assert!(
                matches!(readable(code), Err(LanguageError::Unknown(_))),
                "{code}"
            );
        }
    }

    #[test]
    fn the_tiny_model_refuses_what_it_has_no_letters_for() {
        let models = |name: &str| vec![name.to_owned()];
        for code in ["ja", "ro-RO", "jpn"] {
            let refused = LanguageError::NeedsSmallModel(code.into());
            assert_eq!(check(code, &models("ppocrv6-tiny")), Err(refused));
            assert!(check(code, &models("ppocrv6-small")).is_ok());
        }
        assert!(check("de", &models("ppocrv6-tiny")).is_ok());
    }

    #[test]
    fn no_code_stands_twice() {
        let mut seen = std::collections::HashSet::new();
        for name in [LATIN, EAST_ASIAN, PLANNED]
            .concat()
            .iter()
            .flat_map(|names| names.split('|'))
        {
            assert!(seen.insert(name), "{name}");
        }
    }
}
