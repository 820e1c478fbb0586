//! Runs of text, each with the fonts and the language of its script.

use ocr_chat_document::{Answer, Block, Page};

use crate::script::{Class, class_of, runs};
use crate::{language, xml};

/// The document's languages, one for each way in which Word sets text, and what is written where a block says no other.
#[derive(Debug, Clone)]
pub(super) struct Languages {
    /// Of letters that are neither East Asian nor complex.
    pub(super) plain: String,
    /// Of Han, Kana and Hangul.
    pub(super) east_asian: String,
    /// Of right-to-left and complex scripts.
    pub(super) complex: String,
    /// Whether most letters of the document run from right to left.
    pub(super) is_rtl: bool,
}

impl Languages {
    /// The first language of each kind that the answer, its pages or its blocks name; scripts decide where none does.
    pub(super) fn of(answer: &Answer) -> Self {
        let pages = || answer.pages.iter().map(|page| &page.page);
        let blocks = || pages().flat_map(|page| &page.blocks);
        let tags = || {
            [&answer.detected_language]
                .into_iter()
                .chain(pages().map(|page| &page.detected_language))
                .chain(blocks().map(|block| &block.detected_language))
                .flatten()
                .filter_map(|tag| language::safe(tag))
        };
        let first = |wanted: &[Class]| {
            tags()
                .find(|tag| wanted.contains(&language::class_of(tag)))
                .map(language::with_region)
        };
        let seen = |classes: &[Class]| {
            let mut chars = blocks().flat_map(|block| block.text.chars());
            chars.find(|&c| classes.contains(&class_of(c)))
        };
        let complex = [Class::RightToLeft, Class::Complex];
        Self {
            plain: first(&[Class::Plain]).unwrap_or_else(|| "en-US".to_owned()),
            east_asian: first(&[Class::EastAsian]).unwrap_or_else(|| {
                let texts = blocks().map(|block| block.text.as_str());
                east_asian_by_script(texts).to_owned()
            }),
            complex: first(&complex)
                .unwrap_or_else(|| seen(&complex).map_or("ar-SA", language_of).to_owned()),
            is_rtl: pages().map(super::balance).sum::<i64>() > 0,
        }
    }

    /// The languages of a block: its own or its page's in their kind, the document's in the others.
    pub(super) fn of_block(&self, page: &Page, block: &Block) -> Self {
        let mut languages = self.clone();
        for tag in [&page.detected_language, &block.detected_language] {
            let Some(tag) = tag.as_deref().and_then(language::safe) else {
                continue;
            };
            let place = match language::class_of(tag) {
                Class::EastAsian => &mut languages.east_asian,
                Class::RightToLeft | Class::Complex => &mut languages.complex,
                _ => &mut languages.plain,
            };
            *place = language::with_region(tag);
        }
        languages
    }
}

/// Chinese, unless there is Kana or Hangul.
fn east_asian_by_script<'a>(texts: impl Iterator<Item = &'a str>) -> &'static str {
    for c in texts.flat_map(str::chars) {
        match u32::from(c) {
            0x3041..=0x30FF => return "ja-JP",
            0x1100..=0x11FF | 0xAC00..=0xD7AF => return "ko-KR",
            _ => {}
        }
    }
    "zh-CN"
}

/// The commonest language of a character of a right-to-left or complex script.
fn language_of(c: char) -> &'static str {
    match u32::from(c) {
        0x0590..=0x05FF | 0xFB1D..=0xFB4F => "he-IL",
        0x0900..=0x097F => "hi-IN",
        0x0980..=0x09FF => "bn-BD",
        0x0B80..=0x0BFF => "ta-IN",
        0x0C00..=0x0C7F => "te-IN",
        0x0E00..=0x0E7F => "th-TH",
        0x0E80..=0x0EFF => "lo-LA",
        0x1000..=0x109F => "my-MM",
        0x1780..=0x17FF => "km-KH",
        _ => "ar-SA",
    }
}

/// A font that Word and Windows have for the complex script of `text`.
fn complex_font(text: &str) -> &'static str {
    let first = text.chars().find(|&c| class_of(c) == Class::Complex);
    match first.map(u32::from) {
        Some(0x0E00..=0x0EFF | 0x1780..=0x17FF) => "Leelawadee UI",
        Some(0x0900..=0x0DFF) => "Nirmala UI",
        Some(0x1000..=0x109F) => "Myanmar Text",
        _ => "Arial",
    }
}

/// A font that Word and Windows have for an East Asian language.
pub(super) fn east_asian_font(tag: &str) -> &'static str {
    match tag.get(..2) {
        Some("ja") => "Yu Mincho",
        Some("ko") => "Malgun Gothic",
        _ if matches!(tag, "zh-TW" | "zh-HK") => "Microsoft JhengHei",
        _ => "Microsoft YaHei",
    }
}

/// How runs look beside their script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Look {
    pub(super) is_bold: bool,
    pub(super) is_italic: bool,
}

/// Appends the runs of `text`; line breaks and tabs are kept. `languages` are those of the block, `document` those that the styles name already.
pub(super) fn push_runs(
    out: &mut String,
    text: &str,
    look: Look,
    languages: &Languages,
    document: &Languages,
) {
    for run in runs(text) {
        out.push_str("<w:r>");
        let mut fonts = String::new();
        let mut marks = String::new();
        let mut lang = String::new();
        match run.class {
            Class::RightToLeft => {
                marks.push_str("<w:rtl/>");
                push_language(&mut lang, "bidi", &languages.complex, &document.complex);
            }
            Class::Complex => {
                fonts = format!("<w:rFonts w:cs=\"{}\"/>", complex_font(run.text));
                marks.push_str("<w:cs/>");
                push_language(&mut lang, "bidi", &languages.complex, &document.complex);
            }
            Class::EastAsian => {
                fonts = if languages.east_asian == document.east_asian {
                    "<w:rFonts w:hint=\"eastAsia\"/>".to_owned()
                } else {
                    format!(
                        "<w:rFonts w:hint=\"eastAsia\" w:eastAsia=\"{}\"/>",
                        east_asian_font(&languages.east_asian)
                    )
                };
                push_language(
                    &mut lang,
                    "eastAsia",
                    &languages.east_asian,
                    &document.east_asian,
                );
            }
            Class::Plain | Class::Neutral => {
                push_language(&mut lang, "val", &languages.plain, &document.plain);
            }
        }
        let bold = if look.is_bold { "<w:b/><w:bCs/>" } else { "" };
        let italic = if look.is_italic { "<w:i/><w:iCs/>" } else { "" };
        let properties = format!("{fonts}{bold}{italic}{marks}{lang}");
        if !properties.is_empty() {
            out.push_str(&format!("<w:rPr>{properties}</w:rPr>"));
        }
        push_text(out, run.text);
        out.push_str("</w:r>");
    }
}

fn push_language(out: &mut String, attribute: &str, tag: &str, document: &str) {
    if tag != document {
        out.push_str(&format!("<w:lang w:{attribute}=\"{tag}\"/>"));
    }
}

fn push_text(out: &mut String, text: &str) {
    let mut start = 0;
    let mut push = |from: usize, to: usize, mark: &str| {
        if from < to {
            out.push_str("<w:t xml:space=\"preserve\">");
            xml::push_escaped(out, &text[from..to]);
            out.push_str("</w:t>");
        }
        out.push_str(mark);
    };
    for (at, c) in text.char_indices() {
        let mark = match c {
            '\n' => "<w:br/>",
            '\t' => "<w:tab/>",
            _ => continue,
        };
        push(start, at, mark);
        start = at + 1;
    }
    push(start, text.len(), "");
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn languages() -> Languages {
        Languages {
            plain: "en-US".into(),
            east_asian: "zh-CN".into(),
            complex: "ar-SA".into(),
            is_rtl: false,
        }
    }

    fn written(text: &str, block: &Languages) -> String {
        let mut out = String::new();
        push_runs(&mut out, text, Look::default(), block, &languages());
        out
    }

    #[test]
    fn runs_carry_what_their_script_needs() {
        let mut block = languages();
        assert_eq!(
            written("a <\tb\nc", &block),
            "<w:r><w:t xml:space=\"preserve\">a &lt;</w:t><w:tab/><w:t xml:space=\"preserve\">b</w:t>\
             <w:br/><w:t xml:space=\"preserve\">c</w:t></w:r>"
        );
        assert_eq!(
            written("مرحبا", &block),
            "<w:r><w:rPr><w:rtl/></w:rPr><w:t xml:space=\"preserve\">مرحبا</w:t></w:r>"
        );
        block.complex = "th-TH".into();
        assert_eq!(
            written("ไทย", &block),
            "<w:r><w:rPr><w:rFonts w:cs=\"Leelawadee UI\"/><w:cs/><w:lang w:bidi=\"th-TH\"/></w:rPr>\
             <w:t xml:space=\"preserve\">ไทย</w:t></w:r>"
        );
        block.east_asian = "ja-JP".into();
        assert!(
            written("合計", &block)
                .contains("w:eastAsia=\"Yu Mincho\"/><w:lang w:eastAsia=\"ja-JP\"/>")
        );
    }
}
