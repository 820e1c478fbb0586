//! Numbers in the cells of a table: what is plainly one, in the document's own convention.

/// Which character parts whole from fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecimalMark {
    /// `1,234.50`
    Point,
    /// `1.234,50`
    Comma,
}

/// An integer without grouping that has more digits is taken for an identifier.
const MAX_PLAIN_DIGITS: usize = 7;

/// Spreadsheets compute with 15 significant digits; what has more stays text and keeps them all.
const MAX_DIGITS: usize = 15;

/// A number and how it was printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number {
    /// The value as a decimal literal; of `12 %` it is `0.12`.
    pub(crate) value: String,
    /// The number format (ECMA-376 part 1, 18.8.31) that shows it as it was printed: grouping, decimals, per cent, negative in brackets.
    pub(crate) format: String,
}

/// The decimal mark that `texts` use: that of the numbers that can be read in one way only. `None` where there are none, or where they disagree.
pub(crate) fn decimal_mark<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<DecimalMark> {
    let (mut points, mut commas) = (0_usize, 0_usize);
    for text in texts {
        match Printed::of(text).and_then(|printed| printed.reading().evidence()) {
            Some(DecimalMark::Point) => points += 1,
            Some(DecimalMark::Comma) => commas += 1,
            None => {}
        }
    }
    match (points, commas) {
        (0, 0) => None,
        (_, 0) => Some(DecimalMark::Point),
        (0, _) => Some(DecimalMark::Comma),
        _ => None,
    }
}

/// `text` as a number in a document that writes decimals with `mark`; `None` for what is no number, and for what could be two (`1.234` in a document
/// of unknown convention), an identifier, a date, or a telephone number.
pub(crate) fn parse(text: &str, mark: Option<DecimalMark>) -> Option<Number> {
    let printed = Printed::of(text)?;
    let (whole, fraction, is_grouped) = printed.digits(mark)?;
    if whole.len() > 1 && whole.starts_with('0') {
        return None;
    }
    let is_identifier = !is_grouped && fraction.is_empty() && whole.len() > MAX_PLAIN_DIGITS;
    if is_identifier || whole.len() + fraction.len() > MAX_DIGITS {
        return None;
    }
    let mut format = if is_grouped { "#,##0" } else { "0" }.to_owned();
    if !fraction.is_empty() {
        format.push('.');
        format.push_str(&"0".repeat(fraction.len()));
    }
    let (mut whole, mut fraction) = (whole, fraction);
    if printed.is_percent {
        format.push('%');
        let padded = format!("{whole:0>3}");
        let (front, back) = padded.split_at(padded.len() - 2);
        fraction = format!("{back}{fraction}");
        whole = front.to_owned();
    }
    if printed.in_brackets {
        format = format!("{format}_);({format})");
    }
    let sign = if printed.is_negative { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(Number {
        value: format!("{sign}{whole}{point}{fraction}"),
        format,
    })
}

/// A cell's text with sign, brackets and per cent taken off.
#[derive(Debug)]
struct Printed {
    is_negative: bool,
    in_brackets: bool,
    is_percent: bool,
    /// Runs of ASCII digits, none of them empty.
    groups: Vec<String>,
    /// What stands between them, one character each.
    marks: Vec<char>,
}

/// How the marks of a number can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// No marks.
    Plain,
    /// All marks group; no fraction.
    Grouped,
    /// The last mark is this decimal mark, and nothing else makes sense.
    Decimal(DecimalMark),
    /// One mark with three digits behind it: grouping or decimal.
    Either(DecimalMark),
    /// Two or more of this mark with three digits each: grouping, or an address, or a number of an act.
    Repeated(DecimalMark),
    /// No number.
    None,
}

impl Reading {
    fn evidence(self) -> Option<DecimalMark> {
        match self {
            Self::Decimal(mark) => Some(mark),
            _ => None,
        }
    }
}

impl Printed {
    fn of(text: &str) -> Option<Self> {
        let mut rest = text.trim();
        let in_brackets = rest.starts_with('(') && rest.ends_with(')');
        if in_brackets {
            rest = rest[1..rest.len() - 1].trim();
        }
        let signed = rest.strip_prefix(['-', '\u{2212}']);
        if in_brackets && signed.is_some() {
            return None;
        }
        rest = signed.unwrap_or(rest);
        let percent = rest.strip_suffix('%');
        rest = percent.map_or(rest, str::trim_end);
        let mut groups = vec![String::new()];
        let mut marks = Vec::new();
        for c in rest.chars() {
            match c {
                '0'..='9' => groups.last_mut()?.push(c),
                '.' | ',' | '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}' => {
                    marks.push(if c == '’' { '\'' } else { c });
                    groups.push(String::new());
                }
                _ => return None,
            }
        }
        groups
            .iter()
            .all(|group| !group.is_empty())
            .then_some(Self {
                is_negative: in_brackets || signed.is_some(),
                in_brackets,
                is_percent: percent.is_some(),
                groups,
                marks,
            })
    }

    /// Whether the first `n` groups are those of one whole number: threes, or twos before a three as in India.
    fn are_groups(&self, n: usize) -> bool {
        let lengths: Vec<usize> = self.groups[..n].iter().map(String::len).collect();
        let Some((first, rest)) = lengths.split_first() else {
            return false;
        };
        let Some((last, middle)) = rest.split_last() else {
            return true;
        };
        let of_three = middle.iter().all(|&n| n == 3) && *first <= 3;
        let of_two = middle.iter().all(|&n| n == 2) && *first <= 2 && !middle.is_empty();
        *last == 3 && self.groups[0] != "0" && (of_three || of_two)
    }

    fn reading(&self) -> Reading {
        let Some((&last, before)) = self.marks.split_last() else {
            return Reading::Plain;
        };
        let decimal = match last {
            '.' => Some(DecimalMark::Point),
            ',' => Some(DecimalMark::Comma),
            _ => None,
        };
        let n = self.groups.len();
        let is_one_kind = before.iter().all(|&mark| mark == last);
        match (decimal, before) {
            (Some(mark), []) => {
                let is_either = self.groups[1].len() == 3
                    && self.groups[0].len() <= 3
                    && !self.groups[0].starts_with('0');
                if is_either {
                    Reading::Either(mark)
                } else {
                    Reading::Decimal(mark)
                }
            }
            (Some(mark), _) if is_one_kind && self.are_groups(n) => Reading::Repeated(mark),
            (Some(mark), [first, others @ ..])
                if *first != last
                    && others.iter().all(|other| other == first)
                    && self.are_groups(n - 1) =>
            {
                Reading::Decimal(mark)
            }
            // Two numbers side by side look like one grouped by spaces; a space that does not break is meant.
            (None, _) if last != ' ' && is_one_kind && self.are_groups(n) => Reading::Grouped,
            _ => Reading::None,
        }
    }

    /// Digits of the whole and of the fraction, and whether the whole is grouped.
    fn digits(&self, convention: Option<DecimalMark>) -> Option<(String, String, bool)> {
        let n = self.groups.len();
        let n_whole = match self.reading() {
            Reading::Plain => 1,
            Reading::Grouped => n,
            Reading::Decimal(_) => n - 1,
            Reading::Either(mark) if convention? == mark => n - 1,
            Reading::Either(_) => n,
            Reading::Repeated(DecimalMark::Comma) if convention != Some(DecimalMark::Comma) => n,
            Reading::Repeated(DecimalMark::Point) if convention == Some(DecimalMark::Comma) => n,
            Reading::Repeated(_) | Reading::None => return None,
        };
        Some((
            self.groups[..n_whole].concat(),
            self.groups[n_whole..].concat(),
            n_whole > 1,
        ))
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use DecimalMark::{Comma, Point};

    fn value(text: &str, mark: Option<DecimalMark>) -> Option<(String, String)> {
        parse(text, mark).map(|number| (number.value, number.format))
    }

    #[test]
    fn numbers_are_read_in_either_convention() {
        for (text, mark, expected, format) in [
            ("42", None, "42", "0"),
            ("-7", None, "-7", "0"),
            ("\u{2212}7", None, "-7", "0"),
            ("1,234.50", None, "1234.50", "#,##0.00"),
            ("1.234,50", None, "1234.50", "#,##0.00"),
            ("(12.00)", None, "-12.00", "0.00_);(0.00)"),
            ("12 %", None, "0.12", "0%"),
            ("5%", None, "0.05", "0%"),
            ("112,5 %", None, "1.125", "0.0%"),
            ("1,234", Some(Point), "1234", "#,##0"),
            ("1,234", Some(Comma), "1.234", "0.000"),
            ("1.234", Some(Comma), "1234", "#,##0"),
            ("1.234.567", Some(Comma), "1234567", "#,##0"),
            ("1,234,567", None, "1234567", "#,##0"),
            ("12,34,567.00", None, "1234567.00", "#,##0.00"),
            ("1 234,50", None, "1234.50", "#,##0.00"),
            ("1\u{a0}234", None, "1234", "#,##0"),
            ("1'234.50", None, "1234.50", "#,##0.00"),
            ("0,125", None, "0.125", "0.000"),
            ("0", None, "0", "0"),
        ] {
            assert_eq!(
                value(text, mark),
                Some((expected.to_owned(), format.to_owned())),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_not_plainly_a_number_stays_text() {
        for (text, mark) in [
            ("1,234", None),
            ("1.234", None),
            ("007", None),
            ("08.50", None),
            ("081 234 5678", None),
            ("+66 2 123 4567", None),
            ("12345678", None),
            ("123 456", None),
            ("12.05.2026", None),
            ("192.168.100.200", None),
            ("192.168.100.200", Some(Point)),
            ("1,2,3", None),
            ("12:30", None),
            ("$5", None),
            ("", None),
            ("-", None),
            ("()", None),
            ("%", None),
            (".5", None),
            ("1.", None),
            ("1e5", None),
            ("0.12345678901234567", None),
        ] {
            assert_eq!(value(text, mark), None, "{text}");
        }
    }

    #[test]
    fn the_convention_is_that_of_the_clear_numbers() {
        assert_eq!(decimal_mark(["1,234", "12.50", "x"]), Some(Point));
        assert_eq!(decimal_mark(["1.234", "12,50"]), Some(Comma));
        assert_eq!(decimal_mark(["12.50", "12,50"]), None);
        assert_eq!(decimal_mark(["1.234"]), None);
    }
}
