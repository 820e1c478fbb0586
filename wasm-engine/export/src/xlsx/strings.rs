//! The texts of a workbook: cells name them by their position in a part of their own.

use std::io;

use crate::package::Package;
use crate::xml;

/// Excel's limit for a cell, in UTF-16 units.
const MAX_CELL_UNITS: usize = 32_767;

/// What a cut text ends with.
const CUT: &str = " [cut: a cell holds 32,767 characters]";

/// The texts that cells have named.
#[derive(Debug, Default)]
pub(super) struct Strings {
    xml: String,
    n: usize,
}

impl Strings {
    /// The cell at `at` with `text` in a cell format. It is never run: a cell of this type is no formula, whatever it begins with.
    pub(super) fn cell(&mut self, at: &str, style: usize, text: &str) -> String {
        self.xml.push_str("<si><t xml:space=\"preserve\">");
        xml::push_escaped(&mut self.xml, &without_escapes(&cut(text)));
        self.xml.push_str("</t></si>");
        self.n += 1;
        format!(
            "<c r=\"{at}\" s=\"{style}\" t=\"s\"><v>{}</v></c>",
            self.n - 1
        )
    }

    /// Writes them into the part that was begun.
    pub(super) fn write(&self, package: &mut Package<'_>) -> io::Result<()> {
        let Self { xml, n } = self;
        package.write(&format!(
            "<sst xmlns=\"{}\" count=\"{n}\" uniqueCount=\"{n}\">",
            super::MAIN
        ))?;
        package.write(xml)?;
        package.write("</sst>")
    }
}

/// `text` within Excel's limit; where it is cut, it says so.
fn cut(text: &str) -> std::borrow::Cow<'_, str> {
    if text.len() <= MAX_CELL_UNITS || text.encode_utf16().count() <= MAX_CELL_UNITS {
        return text.into();
    }
    let mut n_units = CUT.len();
    let kept = text.char_indices().find(|(_, c)| {
        n_units += c.len_utf16();
        n_units > MAX_CELL_UNITS
    });
    let end = kept.map_or(text.len(), |(at, _)| at);
    format!("{}{CUT}", &text[..end]).into()
}

/// SpreadsheetML reads `_x0041_` as an escaped character (ECMA-376 part 1, 22.9.2.19), so a text that has this is escaped itself.
fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let is_escape = text[at..].strip_prefix("_x").is_some_and(|rest| {
            rest.len() > 4
                && rest.as_bytes()[..4].iter().all(u8::is_ascii_hexdigit)
                && rest.as_bytes()[4] == b'_'
        });
        if is_escape {
            out.push_str("_x005F_");
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn long_texts_are_cut_and_say_so() {
        let long = "𠀀".repeat(20_000);
        let kept = cut(&long);
        assert!(kept.ends_with(CUT));
        let n = kept.encode_utf16().count();
        assert!((MAX_CELL_UNITS - 1..=MAX_CELL_UNITS).contains(&n), "{n}");
        let fits = "a".repeat(MAX_CELL_UNITS);
        assert_eq!(cut(&fits), fits);
    }

    #[test]
    fn text_that_looks_escaped_is_kept() {
        assert_eq!(without_escapes("a_x0041_b_x1_"), "a_x005F_x0041_b_x1_");
    }
}
