//! Marks inside of a line of Markdown.

use crate::parse::html;

/// `markdown` without its marks: emphasis, code, links and tags go, their text stays; formulas stay as they are, in `$`.
pub(super) fn plain(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut rest = markdown;
    let mut is_open = false;
    while let Some(c) = rest.chars().next() {
        if let Some((formula, length)) = formula(rest) {
            out.push('$');
            out.push_str(formula.trim());
            out.push('$');
            rest = &rest[length..];
            continue;
        }
        if let Some((text, length)) = link(rest) {
            out.push_str(&plain(text));
            rest = &rest[length..];
            continue;
        }
        let after = &rest[c.len_utf8()..];
        match c {
            '\\' if after.starts_with(|c: char| c.is_ascii_punctuation()) => {
                out.extend(after.chars().next());
                rest = &after[1..];
            }
            '*' | '~' | '`' => {
                let run = rest.len() - rest.trim_start_matches(c).len();
                // A mark touches its text; one between spaces is a sign of its own, and so is one inside of `b**4`.
                let before = out.chars().next_back();
                let behind = rest[run..].chars().next();
                let is_free = before.is_none_or(char::is_whitespace)
                    && behind.is_none_or(char::is_whitespace);
                let is_power = before.is_some_and(|c| c.is_ascii_alphanumeric())
                    && behind.is_some_and(|c| c.is_ascii_alphanumeric());
                // A star without another one is a star.
                let is_alone = c == '*' && !is_open && !near(&rest[run..]).contains('*');
                let is_sign = is_free || (is_power && c == '*') || is_alone;
                if c == '*' && !is_sign {
                    is_open = !is_open;
                }
                let is_mark = !is_sign && (c != '~' || run == 2);
                if !is_mark {
                    out.push_str(&rest[..run]);
                }
                rest = &rest[run..];
            }
            '_' => {
                let run = rest.len() - rest.trim_start_matches('_').len();
                let before = out.chars().next_back();
                let behind = rest[run..].chars().next();
                // Inside of a word it belongs to the word; a long run is a line to write on.
                let is_inside = before.is_some_and(char::is_alphanumeric)
                    && behind.is_some_and(char::is_alphanumeric);
                let is_free = before.is_none_or(char::is_whitespace)
                    && behind.is_none_or(char::is_whitespace);
                if is_inside || is_free || run > 2 {
                    out.push_str(&rest[..run]);
                }
                rest = &rest[run..];
            }
            c => {
                out.push(c);
                rest = after;
            }
        }
    }
    if out.contains(['<', '&']) {
        out = html::text_of(&html::tokens(&out));
    }
    out
}

/// How far an end is looked for, in bytes: an answer of nothing but beginnings must not take the square of its length.
const MAX_SPAN_BYTES: usize = 1_000;

/// The start of `text`.
fn near(text: &str) -> &str {
    let mut end = text.len().min(MAX_SPAN_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A formula at the start: its LaTeX and the bytes it takes. `$5 and $6` is none.
fn formula(text: &str) -> Option<(&str, usize)> {
    for (open, close) in [("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)")] {
        if let Some(inner) = text.strip_prefix(open) {
            let length = near(inner).find(close)?;
            return Some((&inner[..length], length + open.len() + close.len()));
        }
    }
    let inner = text.strip_prefix('$')?;
    let length = near(inner).find('$').filter(|length| *length > 0)?;
    let latex = &inner[..length];
    let touches = !latex.ends_with(char::is_whitespace) && !latex.contains('\n');
    let figure_behind = inner[length + 1..].starts_with(|c: char| c.is_ascii_digit());
    (touches && !figure_behind).then_some((latex, length + 2))
}

/// A link or a picture at the start: its text and the bytes it takes.
fn link(text: &str) -> Option<(&str, usize)> {
    let start = usize::from(text.starts_with('!'));
    let inner = text[start..].strip_prefix('[')?;
    let end = inner
        .find("](")
        .filter(|end| !inner[..*end].contains(['\n', '[']))?;
    let target = near(&inner[end + 2..]).find(')')?;
    Some((&inner[..end], start + 1 + end + 2 + target + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_and_text_stays() {
        for (markdown, expected) in [
            ("**Total:** *12* `x`", "Total: 12 x"),
            ("a * b and snake_case ______", "a * b and snake_case ______"),
            ("costs $5 and $6", "costs $5 and $6"),
            ("with \\(x^2\\) and $y_i$", "with $x^2$ and $y_i$"),
            ("[text](http://a) ![pic](b.png)", "text pic"),
            ("5 &lt; 6<br>x<sup>2</sup>", "5 < 6\nx2"),
            ("\\*kept\\* ~~gone~~ ~5", "*kept* gone ~5"),
            ("$", "$"),
            ("![", "!["),
        ] {
            assert_eq!(plain(markdown), expected, "{markdown}");
        }
    }
}
