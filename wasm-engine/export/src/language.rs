//! Language tags in files: which are safe to write, and which a word processor asks for.

use crate::script::Class;

/// `tag` where it has the shape of a BCP 47 tag (RFC 5646), else `None`.
pub(crate) fn safe(tag: &str) -> Option<&str> {
    let mut parts = tag.split('-');
    let primary = parts.next()?;
    let is_primary =
        (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_alphabetic());
    let are_rest = parts.all(|part| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    (is_primary && are_rest).then_some(tag)
}

/// The class of script that a language is written in.
pub(crate) fn class_of(tag: &str) -> Class {
    match primary(tag) {
        "ar" | "fa" | "he" | "iw" | "ur" | "yi" | "ps" | "sd" | "ug" | "dv" | "ckb" => {
            Class::RightToLeft
        }
        "th" | "lo" | "km" | "my" | "bo" | "dz" | "hi" | "mr" | "ne" | "sa" | "bn" | "as"
        | "pa" | "gu" | "or" | "ta" | "te" | "kn" | "ml" | "si" | "am" | "ti" => Class::Complex,
        "zh" | "ja" | "ko" | "yue" => Class::EastAsian,
        _ => Class::Plain,
    }
}

/// The tag with a region, as word processors name their languages; they know few without one.
pub(crate) fn with_region(tag: &str) -> String {
    if tag.eq_ignore_ascii_case("zh-Hant") {
        return "zh-TW".to_owned();
    }
    let regional = match primary(tag) {
        "zh" if tag.len() == 2 || tag.eq_ignore_ascii_case("zh-Hans") => "zh-CN",
        _ if tag.contains('-') => tag,
        "ar" => "ar-SA",
        "fa" => "fa-IR",
        "he" | "iw" => "he-IL",
        "ur" => "ur-PK",
        "th" => "th-TH",
        "lo" => "lo-LA",
        "km" => "km-KH",
        "my" => "my-MM",
        "hi" => "hi-IN",
        "mr" => "mr-IN",
        "ne" => "ne-NP",
        "bn" => "bn-BD",
        "ta" => "ta-IN",
        "te" => "te-IN",
        "ja" => "ja-JP",
        "ko" => "ko-KR",
        "en" => "en-US",
        "de" => "de-DE",
        "fr" => "fr-FR",
        "es" => "es-ES",
        "pt" => "pt-PT",
        "it" => "it-IT",
        "ru" => "ru-RU",
        "vi" => "vi-VN",
        _ => tag,
    };
    regional.to_owned()
}

fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn tags_are_checked_and_get_a_region() {
        assert_eq!(safe("zh-Hant"), Some("zh-Hant"));
        assert_eq!(safe("x\"y"), None);
        assert_eq!(safe(""), None);
        assert_eq!(with_region("zh-Hant"), "zh-TW");
        assert_eq!(with_region("zh"), "zh-CN");
        assert_eq!(with_region("pt-BR"), "pt-BR");
        assert_eq!(with_region("cy"), "cy");
    }
}
