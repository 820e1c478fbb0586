//! Text that stays text in GitHub Flavored Markdown.

/// `line` with the characters escaped that would be read as markup, at the start of a line too. White space at both ends goes.
pub(super) fn line(line: &str) -> String {
    let trimmed = line.trim();
    let mut out = String::with_capacity(trimmed.len() + 8);
    if starts_a_block(trimmed) {
        out.push('\\');
        let mut chars = trimmed.chars();
        out.extend(chars.next());
        push_inline(&mut out, chars.as_str());
        return out;
    }
    let ordered = trimmed
        .find(|c: char| !c.is_ascii_digit())
        .filter(|&end| end > 0 && end <= 9)
        .filter(|&end| {
            let mut rest = trimmed[end..].chars();
            matches!(rest.next(), Some('.' | ')')) && rest.next().is_none_or(char::is_whitespace)
        });
    if let Some(end) = ordered {
        out.push_str(&trimmed[..end]);
        out.push('\\');
        out.push_str(&trimmed[end..=end]);
        push_inline(&mut out, &trimmed[end + 1..]);
    } else {
        push_inline(&mut out, trimmed);
    }
    out
}

/// `text` inside of a line or a table's cell.
pub(super) fn inline(text: &str) -> String {
    let trimmed = text.trim();
    let mut out = String::with_capacity(trimmed.len() + 8);
    push_inline(&mut out, trimmed);
    out
}

/// Control characters, which no renderer of Markdown shows, are left out.
fn push_inline(out: &mut String, text: &str) {
    for (at, c) in text.char_indices() {
        if !crate::xml::is_allowed(c) {
            continue;
        }
        let is_markup = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' => true,
            '&' => is_entity(&text[at + 1..]),
            _ => false,
        };
        if is_markup {
            out.push('\\');
        }
        out.push(c);
    }
}

/// Whether what stands behind a `&` would make it a character reference.
fn is_entity(rest: &str) -> bool {
    rest.find(';').is_some_and(|end| {
        end > 0
            && rest[..end]
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'#')
    })
}

/// Whether the line's first character would open a heading, list, quote, rule or fence.
fn starts_a_block(line: &str) -> bool {
    line.starts_with(['>', '~'])
        || line.starts_with('#')
            && line
                .trim_start_matches('#')
                .chars()
                .next()
                .is_none_or(char::is_whitespace)
        || ["-", "+", "="].iter().any(|mark| {
            line.strip_prefix(mark).is_some_and(|rest| {
                rest.chars()
                    .next()
                    .is_none_or(|c| c.is_whitespace() || matches!(c, '-' | '='))
            })
        })
}

/// Escapes the `#`s at the end of a heading, which would be taken for its closing sequence.
pub(super) fn heading(text: &str) -> String {
    let mut out = line(text);
    if out.ends_with('#') && !out.ends_with("\\#") {
        out.pop();
        out.push_str("\\#");
    }
    out
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn text_that_looks_like_markup_stays_text() {
        for (text, expected) in [
            ("a*b_c", "a\\*b\\_c"),
            ("# 12", "\\# 12"),
            ("#12", "#12"),
            ("- item", "\\- item"),
            ("1. item", "1\\. item"),
            ("1.", "1\\."),
            ("12)\titem", "12\\)\titem"),
            ("-12.50", "-12.50"),
            ("---", "\\---"),
            ("> quote", "\\> quote"),
            ("2.50", "2.50"),
            ("<b>", "\\<b\\>"),
            ("#", "\\#"),
            ("AT&T &amp; Co; R&D", "AT&T \\&amp; Co; R&D"),
            ("~~gone~~", "\\~\\~gone\\~\\~"),
            ("| a | b |", "\\| a \\| b \\|"),
        ] {
            assert_eq!(line(text), expected, "{text}");
        }
        assert_eq!(heading("C #"), "C \\#");
        assert_eq!(heading("C"), "C");
    }
}
