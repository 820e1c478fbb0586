//! The codes by which a language can be asked for.

use crate::{Language, PpOcrSize, Reader, Script, all};

/// Longest code that is looked at, in bytes; RFC 5646 (4.4.1) names 35 as a length every implementation should hold.
const MAX_CODE_BYTES: usize = 35;

/// No code of a language that is read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "language {0:?} is not known; use auto, or a code of the list at /api/v1/languages/, such as en, ch, ja, ar or th"
)]
pub struct UnknownLanguage(pub String);

/// A language that was asked for, in the script that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The language.
    pub language: &'static Language,
    /// The script: the language's own unless the code names another, as `az-Arab` does.
    pub script: Script,
}

impl Choice {
    /// What reads the language in this script.
    pub fn reader(&self, size: PpOcrSize) -> Reader {
        if self.script == self.language.script {
            self.language.reader_beside(size)
        } else {
            self.script
                .readers(size)
                .first()
                .copied()
                .unwrap_or(Reader::PpOcr)
        }
    }
}

/// The language of a code: ISO 639-1, -2 or -3, BCP 47 (further subtags narrow nothing but the script), Tesseract's and PaddleOCR's
/// names, in any case, with `-` or `_`. `None` for `auto` or nothing.
///
/// # Errors
/// [`UnknownLanguage`] for anything else.
pub fn choose(code: &str) -> Result<Option<Choice>, UnknownLanguage> {
    let code = code.trim();
    if code.is_empty() || code.eq_ignore_ascii_case("auto") {
        return Ok(None);
    }
    let unknown = || UnknownLanguage(code.chars().take(40).collect());
    if code.len() > MAX_CODE_BYTES || !code.is_ascii() {
        return Err(unknown());
    }
    let in_own_script = |language: &'static Language| Choice {
        language,
        script: language.script,
    };
    // Tesseract's and PaddleOCR's names have an underscore of their own: first as written, then as a tag.
    let tag = code.replace('_', "-");
    if let Some(language) = exact(code).or_else(|| exact(&tag)) {
        return Ok(Some(in_own_script(language)));
    }
    let mut subtags = tag.split('-');
    let primary = subtags.next().unwrap_or_default();
    let subtags: Vec<&str> = subtags.collect();
    let is_subtag =
        |tag: &&str| (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric());
    if !subtags.iter().all(is_subtag) {
        return Err(unknown());
    }
    let script_code = subtags
        .iter()
        .find(|tag| tag.len() == 4 && tag.bytes().all(|b| b.is_ascii_alphabetic()));
    // A region may imply a script (`zh-TW`), which stands in the table; one that does not narrows nothing.
    for region in &subtags {
        if let Some(language) = exact(&format!("{primary}-{region}")) {
            return Ok(Some(in_own_script(language)));
        }
    }
    let language = exact(primary).ok_or_else(unknown)?;
    match script_code {
        None => Ok(Some(in_own_script(language))),
        Some(script) => {
            let script = script_named(script).ok_or_else(unknown)?;
            Ok(Some(Choice { language, script }))
        }
    }
}

/// A script by its code, or by one that stands for it in tags: kana for Japanese, Nastaliq for Arabic, Fraktur for Latin.
fn script_named(code: &str) -> Option<Script> {
    match code.to_ascii_lowercase().as_str() {
        "hira" | "kana" | "hrkt" => Some(Script::Jpan),
        "hani" => Some(Script::Hans),
        "kore" => Some(Script::Hang),
        "aran" => Some(Script::Arab),
        "latf" | "latg" => Some(Script::Latn),
        _ => Script::from_code(code),
    }
}

fn exact(code: &str) -> Option<&'static Language> {
    let is_same = |name: &str| name.eq_ignore_ascii_case(code);
    let by_name = all().iter().find(|language| {
        is_same(language.tag)
            || language.tesseract.is_some_and(is_same)
            || language.aliases.iter().any(|alias| is_same(alias))
    });
    // Several scripts of a language share its ISO 639-3 code; the plain tag is the usual one.
    by_name.or_else(|| {
        all()
            .iter()
            .filter(|language| is_same(language.iso639_3))
            .min_by_key(|language| language.tag.len())
    })
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn tag(code: &str) -> &'static str {
        choose(code).unwrap().unwrap().language.tag
    }

    #[test]
    fn a_language_goes_by_all_its_codes() {
        for (code, expected) in [
            ("en", "en"),
            ("EN", "en"),
            ("eng", "en"),
            ("en-US", "en"),
            ("ger", "de"),
            ("german", "de"),
            ("pt-BR", "pt"),
            ("es-419", "es"),
            ("ch", "zh-Hans"),
            ("zh", "zh-Hans"),
            ("chi_sim", "zh-Hans"),
            ("zho", "zh-Hans"),
            ("zh-TW", "zh-Hant"),
            ("zh-hant-hk", "zh-Hant"),
            ("chinese_cht", "zh-Hant"),
            ("ja", "ja"),
            ("japan", "ja"),
            ("ar", "ar"),
            ("ar-EG", "ar"),
            ("tha", "th"),
            ("sr", "sr"),
            ("srp", "sr"),
            ("sr-Latn-RS", "sr-Latn"),
            ("srp_latn", "sr-Latn"),
            ("uzb_cyrl", "uz-Cyrl"),
            ("aze", "az"),
            ("no", "nb"),
            ("nn", "nb"),
            ("iw", "he"),
            ("swh", "sw"),
            ("kur", "kmr"),
            ("ckb", "ckb"),
        ] {
            assert_eq!(tag(code), expected, "{code}");
        }
        assert_eq!(choose(""), Ok(None));
        assert_eq!(choose(" AUTO "), Ok(None));
    }

    #[test]
    fn what_is_no_code_is_refused_by_its_name() {
        for code in [
            "klingon",
            "xx",
            "e",
            "en-",
            "en--US",
            "en_\u{e4}",
            "auto;drop",
            "../en",
            "en-Zzzz",
            "-",
            "th-\u{0}",
        ] {
            let error = choose(code).unwrap_err();
            assert_eq!(error, UnknownLanguage(code.to_owned()));
            assert!(error.to_string().contains("/api/v1/languages/"));
        }
        assert!(choose(&"a".repeat(5000)).is_err());
    }

    #[test]
    fn a_code_may_ask_for_another_script() {
        let persian_in_cyrillic = choose("fa-Cyrl").unwrap().unwrap();
        assert_eq!(persian_in_cyrillic.script, Script::Cyrl);
        assert_eq!(
            persian_in_cyrillic.reader(PpOcrSize::Full),
            Reader::Lstm("Cyrillic")
        );
        assert_eq!(
            choose("ja-Hira").unwrap().unwrap().reader(PpOcrSize::Full),
            Reader::PpOcr
        );
    }
}
