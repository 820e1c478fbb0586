//! Content streams without their invisible text.

/// Text rendering mode in which nothing is painted (ISO 32000-1, table 106).
const INVISIBLE: f64 = 3.0;

/// `content` without the operators that show text in the invisible mode; `None` where there are none, or where the stream cannot be followed.
///
/// Nothing else is touched: positions, fonts and states stay. Text that was shown behind invisible text on the same line, without a position of its
/// own, would move; recognisers write none.
pub(super) fn without_invisible_text(content: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(content.len());
    let mut tokens = Tokens { content, at: 0 };
    let mut mode = 0.0;
    let mut saved = Vec::new();
    // Where the operands of the next operator begin, and what of the content is copied so far.
    let (mut first_operand, mut copied) = (None, 0);
    let mut number = None;
    while let Some((token, start)) = tokens.next()? {
        let Token::Operator(name) = token else {
            first_operand.get_or_insert(start);
            number = match token {
                Token::Number(value) => Some(value),
                _ => None,
            };
            continue;
        };
        let instruction_start = first_operand.take().unwrap_or(start);
        match name {
            b"q" => saved.push(mode),
            b"Q" => mode = saved.pop().unwrap_or(mode),
            b"Tr" => mode = number.unwrap_or(mode),
            b"BI" => tokens.skip_inline_image()?,
            b"Tj" | b"TJ" | b"'" | b"\"" if mode == INVISIBLE => {
                kept.extend_from_slice(&content[copied..instruction_start]);
                // Showing on the next line also goes there.
                kept.extend_from_slice(if name.starts_with(b"T") { b"" } else { b"T* " });
                copied = tokens.at;
            }
            _ => {}
        }
    }
    if copied == 0 {
        return None;
    }
    kept.extend_from_slice(&content[copied..]);
    Some(kept)
}

enum Token<'a> {
    Operator(&'a [u8]),
    Number(f64),
    /// Strings, names, brackets, and the words that are values.
    Other,
}

/// The tokens of a content stream (ISO 32000-1, 7.2 and 7.8.2).
struct Tokens<'a> {
    content: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    /// The next token and where it starts; `Some(None)` at the end, `None` for a string that does not end.
    fn next(&mut self) -> Option<Option<(Token<'a>, usize)>> {
        while let Some(&byte) = self.content.get(self.at) {
            if byte == b'%' {
                while !matches!(self.content.get(self.at), None | Some(b'\n' | b'\r')) {
                    self.at += 1;
                }
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
        let start = self.at;
        let Some(&byte) = self.content.get(start) else {
            return Some(None);
        };
        self.at += 1;
        let token = match byte {
            b'(' => {
                self.skip_string()?;
                Token::Other
            }
            b'<' if self.content.get(self.at) != Some(&b'<') => {
                let length = self.content[self.at..].iter().position(|&b| b == b'>')?;
                self.at += length + 1;
                Token::Other
            }
            b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b')' => Token::Other,
            _ => {
                while self
                    .content
                    .get(self.at)
                    .is_some_and(|&b| !is_space(b) && !b"()<>[]{}/%".contains(&b))
                {
                    self.at += 1;
                }
                let word = &self.content[start..self.at];
                let number = std::str::from_utf8(word)
                    .ok()
                    .and_then(|word| word.parse().ok());
                match (byte, number) {
                    (b'0'..=b'9' | b'+' | b'-' | b'.', Some(value)) => Token::Number(value),
                    (b'0'..=b'9' | b'+' | b'-' | b'.' | b'/', _) => Token::Other,
                    _ if matches!(word, b"true" | b"false" | b"null") => Token::Other,
                    _ => Token::Operator(word),
                }
            }
        };
        Some(Some((token, start)))
    }

    fn skip_string(&mut self) -> Option<()> {
        let mut depth = 1;
        while depth > 0 {
            match self.content.get(self.at)? {
                b'\\' => self.at += 1,
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
        Some(())
    }

    /// Behind the `EI` of an inline image, whose data is binary.
    fn skip_inline_image(&mut self) -> Option<()> {
        let end = self.content[self.at..].windows(4).position(|window| {
            is_space(window[0]) && &window[1..3] == b"EI" && is_space(window[3])
        })?;
        self.at += end + 3;
        Some(())
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b'\x0c' | 0)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn cleaned(content: &str) -> Option<String> {
        without_invisible_text(content.as_bytes()).map(|kept| String::from_utf8(kept).unwrap())
    }

    #[test]
    fn only_text_that_nothing_paints_is_taken_away() {
        assert_eq!(
            cleaned("q /Im Do Q BT 3 Tr 9 9 Td (a\\)(b) Tj) Tj [(c)-3<64>]TJ 0 Tr (seen) Tj ET")
                .unwrap(),
            "q /Im Do Q BT 3 Tr 9 9 Td   0 Tr (seen) Tj ET"
        );
        assert_eq!(cleaned("BT 3 Tr (a) ' ET").unwrap(), "BT 3 Tr T*  ET");
        assert_eq!(cleaned("BT (seen) Tj ET"), None);
    }

    #[test]
    fn states_are_saved_and_restored() {
        assert_eq!(
            cleaned("q 3 Tr BT (a) Tj ET Q BT (seen) Tj ET").unwrap(),
            "q 3 Tr BT  ET Q BT (seen) Tj ET"
        );
    }

    #[test]
    fn comments_and_inline_images_are_passed_over() {
        let content = "3 Tr % (a) Tj\nBI /W 1 ID (( 3 Tr EI q BT (b) Tj ET";
        assert_eq!(
            cleaned(content).unwrap(),
            "3 Tr % (a) Tj\nBI /W 1 ID (( 3 Tr EI q BT  ET"
        );
        assert_eq!(cleaned("BT 3 Tr (never ends Tj"), None);
    }
}
