//! Text in XML 1.0 and HTML.

/// Whether XML 1.0 allows `c` at all (production 2); what it does not allow cannot be escaped either.
pub(crate) fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..) && c != '\u{7f}'
}

/// Appends `text` as character data or as a quoted attribute value; characters that XML does not allow are left out.
pub(crate) fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\r' => {}
            _ if is_allowed(c) => out.push(c),
            _ => {}
        }
    }
}

/// `text` as [`push_escaped`] writes it.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    push_escaped(&mut out, text);
    out
}

/// `text` as an attribute value on one line: line breaks and tabs, which readers of XML turn into spaces, are spaces at once.
pub(crate) fn attribute(text: &str) -> String {
    escaped(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn what_xml_does_not_allow_is_left_out_and_the_rest_escaped() {
        assert_eq!(
            escaped("a\u{0}\u{b}\u{1b}<b> & \"c\"\t\u{ffff}𠀀"),
            "a&lt;b&gt; &amp; &quot;c&quot;\t𠀀"
        );
        assert_eq!(attribute(" two\n lines\t"), "two lines");
    }
}
