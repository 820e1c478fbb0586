//! As much of HTML as models write, read so that nothing in it is an error: an unknown tag is skipped, one that is not closed ends
//! with what it stands in.

/// A piece of HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Text, entities resolved.
    Text(String),
    /// `<name attributes>`; `<br/>`, too.
    Open {
        name: String,
        attributes: Vec<(String, String)>,
    },
    /// `</name>`.
    Close(String),
}

impl Token {
    /// The value of an attribute of an opening tag.
    pub(super) fn attribute(&self, wanted: &str) -> Option<&str> {
        match self {
            Self::Open { attributes, .. } => attributes
                .iter()
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.as_str()),
            _ => None,
        }
    }
}

/// Takes `html` apart.
pub(super) fn tokens(html: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut text = String::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
        } else if let Some((token, length)) = tag(rest) {
            flush(&mut text, &mut tokens);
            tokens.push(token);
            rest = &rest[length..];
        } else {
            text.push('<');
            rest = &rest[1..];
        }
    }
    text.push_str(rest);
    flush(&mut text, &mut tokens);
    tokens
}

fn flush(text: &mut String, tokens: &mut Vec<Token>) {
    if !text.is_empty() {
        tokens.push(Token::Text(unescape(text)));
        text.clear();
    }
}

/// Longest tag that is looked at, in characters: a `<` in running text must not swallow a page.
const MAX_TAG_CHARS: usize = 1_024;

/// The tag at the start of `html` and its length in bytes; `None` where the `<` begins none.
fn tag(html: &str) -> Option<(Token, usize)> {
    let inner = html.strip_prefix('<')?;
    let (is_close, name_and_rest) = match inner.strip_prefix('/') {
        Some(rest) => (true, rest),
        None => (false, inner),
    };
    if !name_and_rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let name_bytes = name_and_rest
        .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-'))
        .unwrap_or(name_and_rest.len());
    let name = name_and_rest[..name_bytes].to_ascii_lowercase();
    // The end: the first `>` that stands in no quotes.
    let after_name = html.len() - name_and_rest.len() + name_bytes;
    let mut quote = None;
    let mut end = None;
    for (at, c) in html[after_name..].char_indices().take(MAX_TAG_CHARS) {
        match (quote, c) {
            (None, '>') => {
                end = Some(after_name + at);
                break;
            }
            // Another one begins: this was none.
            (None, '<') => return None,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    let end = end?;
    let token = if is_close {
        Token::Close(name)
    } else {
        Token::Open {
            name,
            attributes: attributes(&html[after_name..end]),
        }
    };
    Some((token, end + 1))
}

fn attributes(text: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    let mut rest = text.trim_matches(|c: char| c.is_whitespace() || c == '/');
    while !rest.is_empty() {
        let name_bytes = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        let name = rest[..name_bytes].to_ascii_lowercase();
        rest = rest[name_bytes..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            (value, rest) = match quote {
                Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
            };
            rest = rest.trim_start();
        } else if name_bytes == 0 {
            // Cannot be, but an endless loop would be worse than a lost character.
            let mut chars = rest.chars();
            chars.next();
            rest = chars.as_str();
        }
        if !name.is_empty() {
            attributes.push((name, unescape(value)));
        }
    }
    attributes
}

/// Resolves the entities that models write; others stay as they are.
pub(super) fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        // The longest that is resolved has 8 characters.
        let end = rest.char_indices().take(10).find(|(_, c)| *c == ';');
        let resolved = end.and_then(|(end, _)| Some((entity(&rest[1..end])?, end + 1)));
        if let Some((c, length)) = resolved {
            out.push(c);
            rest = &rest[length..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| !c.is_control());
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "times" => '×',
        "deg" => '°',
        "euro" => '€',
        "pound" => '£',
        "copy" => '©',
        _ => return None,
    })
}

/// The text of `tokens`: white space runs are one space, `<br>` and ends of paragraphs are line ends, formulas stand in `$`.
pub(super) fn text_of(tokens: &[Token]) -> String {
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Text(piece) => {
                for c in piece.chars() {
                    if !c.is_whitespace() {
                        text.push(c);
                    } else if !text.is_empty() && !text.ends_with([' ', '\n']) {
                        text.push(' ');
                    }
                }
            }
            Token::Open { name, attributes } => match name.as_str() {
                "br" => end_line(&mut text),
                "math" => text.push('$'),
                "input" => {
                    let is_checked = attributes.iter().any(|(name, _)| name == "checked");
                    text.push_str(if is_checked { "☑ " } else { "☐ " });
                }
                "li" | "p" | "div" | "tr" => end_line(&mut text),
                _ => {}
            },
            Token::Close(name) => match name.as_str() {
                "math" => text.push('$'),
                "p" | "div" | "li" | "tr" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                    end_line(&mut text);
                }
                "td" | "th" => text.push('\t'),
                _ => {}
            },
        }
    }
    text.trim().to_owned()
}

fn end_line(text: &mut String) {
    while text.ends_with(' ') {
        text.pop();
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_text_and_what_only_looks_like_a_tag() {
        let tokens = tokens(
            "a < b <b class='x>y' data-n=3>c&amp;d</B><!-- no --> 3<4 &unknown; &#x41;<br/>",
        );
        assert_eq!(tokens[0], Token::Text("a < b ".into()));
        assert_eq!(tokens[1].attribute("class"), Some("x>y"));
        assert_eq!(tokens[1].attribute("data-n"), Some("3"));
        assert_eq!(tokens[2], Token::Text("c&d".into()));
        assert_eq!(tokens[3], Token::Close("b".into()));
        assert_eq!(tokens[4], Token::Text(" 3<4 &unknown; A".into()));
    }

    #[test]
    fn text_keeps_its_lines() {
        let html = "<p>One <b>two</b><br>three</p>\n<p><math>x^2</math> <input type=\"checkbox\" checked/> paid</p>";
        assert_eq!(text_of(&tokens(html)), "One two\nthree\n$x^2$ ☑ paid");
    }
}
