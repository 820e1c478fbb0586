//! Finding the words that name a field, as OCR writes them.

use std::ops::Range;

/// A text prepared for [`Folded::find`]: without white space and case, letters and digits that look alike made one.
#[derive(Debug)]
pub(crate) struct Folded {
    chars: Vec<char>,
    /// Where each of `chars` stands in the text, bytes.
    ranges: Vec<Range<usize>>,
}

impl Folded {
    pub(crate) fn new(text: &str) -> Self {
        let mut folded = Self {
            chars: Vec::new(),
            ranges: Vec::new(),
        };
        for (start, c) in text.char_indices() {
            if c.is_whitespace() {
                continue;
            }
            folded.chars.push(fold(c));
            folded.ranges.push(start..start + c.len_utf8());
        }
        folded
    }

    /// Where the first of `terms` that the text has stands, bytes. Terms of three letters and fewer must stand alone.
    pub(crate) fn find(&self, terms: &[&str]) -> Option<Range<usize>> {
        terms.iter().find_map(|term| self.find_one(term))
    }

    pub(crate) fn has(&self, terms: &[&str]) -> bool {
        self.find(terms).is_some()
    }

    fn find_one(&self, term: &str) -> Option<Range<usize>> {
        let term: Vec<char> = term
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(fold)
            .collect();
        if term.is_empty() {
            return None;
        }
        let is_short = term.len() <= 3 && term.iter().all(char::is_ascii);
        let n = self.chars.len();
        (0..n.saturating_sub(term.len() - 1)).find_map(|at| {
            let end = at + term.len();
            if self.chars[at..end] != term[..] {
                return None;
            }
            // Where a letter goes before without a gap, another word ends so.
            let joins = |a: usize, b: usize| {
                self.ranges[a].end == self.ranges[b].start
                    && self.chars[a].is_alphabetic()
                    && self.chars[b].is_alphabetic()
            };
            let starts_inside = at > 0 && term[0].is_ascii() && joins(at - 1, at);
            let ends_inside = end < n && joins(end - 1, end);
            if starts_inside || (is_short && ends_inside) {
                return None;
            }
            Some(self.ranges[at].start..self.ranges[end - 1].end)
        })
    }
}

/// A character as all that look like it.
fn fold(c: char) -> char {
    match c.to_lowercase().next().unwrap_or(c) {
        '0' => 'o',
        '1' | '|' | '!' | 'i' | 'í' | 'ì' | 'î' | 'ï' | 'ı' => 'l',
        '5' => 's',
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        'ß' => 'b',
        '：' => ':',
        '’' => '\'',
        '–' | '—' | '‐' | '‑' | '−' => '-',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_as_they_are_misread_and_spaced() {
        let place = |text: &str, terms: &[&str]| {
            Folded::new(text)
                .find(terms)
                .map(|range| text[range].to_owned())
        };
        assert_eq!(
            place("GRAND T0TAL : 12.00", &["grand total"]).unwrap(),
            "GRAND T0TAL"
        );
        assert_eq!(place("TOTALRM53.60", &["total"]).unwrap(), "TOTAL");
        assert_eq!(
            place("SUBTOTAL 5.00", &["total"]),
            None,
            "it is the end of another word"
        );
        assert_eq!(place("TAXI FARE", &["tax"]), None);
        assert_eq!(place("รวมทั้งสิ้น 20", &["รวม"]).unwrap(), "รวม");
        assert_eq!(place("Fällig am", &["fallig"]).unwrap(), "Fällig");
    }
}
