//! Amounts of money as they are printed.

use std::ops::Range;

/// A number in a text that may be an amount.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Amount {
    /// The digits with their sign, bytes of the text; without the currency.
    pub(crate) range: Range<usize>,
    /// What it says.
    pub(crate) value: f64,
    /// Whether it has two or three decimals, as prices have.
    pub(crate) has_cents: bool,
    /// ISO 4217 code of the currency beside it, with its place.
    pub(crate) currency: Option<(&'static str, Range<usize>)>,
}

/// Signs and codes of currencies; longer ones first where one begins another. Signs that several currencies share stand for the most used.
const CURRENCIES: &[(&str, &str)] = &[
    ("US$", "USD"),
    ("USD", "USD"),
    ("S$", "SGD"),
    ("SGD", "SGD"),
    ("A$", "AUD"),
    ("AUD", "AUD"),
    ("C$", "CAD"),
    ("CAD", "CAD"),
    ("HK$", "HKD"),
    ("HKD", "HKD"),
    ("NT$", "TWD"),
    ("TWD", "TWD"),
    ("R$", "BRL"),
    ("BRL", "BRL"),
    ("MX$", "MXN"),
    ("MXN", "MXN"),
    ("NZD", "NZD"),
    ("$", "USD"),
    ("€", "EUR"),
    ("EUR", "EUR"),
    ("£", "GBP"),
    ("GBP", "GBP"),
    ("CNY", "CNY"),
    ("RMB", "CNY"),
    ("JPY", "JPY"),
    ("¥", "JPY"),
    ("￥", "JPY"),
    ("円", "JPY"),
    ("元", "CNY"),
    ("₩", "KRW"),
    ("KRW", "KRW"),
    ("원", "KRW"),
    ("₹", "INR"),
    ("INR", "INR"),
    ("Rs.", "INR"),
    ("Rs", "INR"),
    ("฿", "THB"),
    ("THB", "THB"),
    ("บาท", "THB"),
    ("RM", "MYR"),
    ("MYR", "MYR"),
    ("IDR", "IDR"),
    ("Rp", "IDR"),
    ("₫", "VND"),
    ("VND", "VND"),
    ("đ", "VND"),
    ("PHP", "PHP"),
    ("₱", "PHP"),
    ("CHF", "CHF"),
    ("SFr.", "CHF"),
    ("PLN", "PLN"),
    ("zł", "PLN"),
    ("CZK", "CZK"),
    ("Kč", "CZK"),
    ("HUF", "HUF"),
    ("Ft", "HUF"),
    ("SEK", "SEK"),
    ("NOK", "NOK"),
    ("DKK", "DKK"),
    ("₽", "RUB"),
    ("руб", "RUB"),
    ("RUB", "RUB"),
    ("₴", "UAH"),
    ("грн", "UAH"),
    ("UAH", "UAH"),
    ("₺", "TRY"),
    ("TL", "TRY"),
    ("TRY", "TRY"),
    ("₪", "ILS"),
    ("ILS", "ILS"),
    ("AED", "AED"),
    ("SAR", "SAR"),
    ("ر.س", "SAR"),
    ("د.إ", "AED"),
    ("EGP", "EGP"),
    ("ZAR", "ZAR"),
    ("NGN", "NGN"),
    ("₦", "NGN"),
    ("KES", "KES"),
];

/// The decimal digit that `c` is in any script with digits of its own that readers write amounts in.
pub(crate) fn digit(c: char) -> Option<u32> {
    let zeros = ['0', '٠', '۰', '०', '০', '๐', '໐', '០', '၀', '０'];
    zeros.iter().find_map(|&zero| {
        let offset = u32::from(c).checked_sub(u32::from(zero))?;
        (offset < 10).then_some(offset)
    })
}

/// The currency that `text` names first, with its place; codes and signs that begin a longer word do not count.
pub(crate) fn currency(text: &str) -> Option<(&'static str, Range<usize>)> {
    let found = CURRENCIES.iter().filter_map(|&(sign, code)| {
        let mut from = 0;
        while let Some(at) = text[from..].find(sign) {
            let range = from + at..from + at + sign.len();
            if stands_alone(text, &range) {
                return Some((code, range));
            }
            from = range.end;
        }
        None
    });
    found.min_by_key(|(_, range)| (range.start, usize::MAX - range.end))
}

/// Whether what stands at `range` is no part of a longer word. Signs that are no letters always are their own.
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let sign = &text[range.clone()];
    let begins_with_letter = sign.starts_with(char::is_alphabetic);
    let ends_with_letter = sign.ends_with(char::is_alphabetic);
    let before = text[..range.start].chars().next_back();
    let after = text[range.end..].chars().next();
    let goes_on_before = begins_with_letter && before.is_some_and(char::is_alphabetic);
    let goes_on_behind = ends_with_letter && after.is_some_and(char::is_alphabetic);
    !goes_on_before && !goes_on_behind
}

/// The numbers of `text` that can be amounts, from its beginning. Dates, times, percentages and telephone numbers are left out.
pub(crate) fn amounts(text: &str) -> Vec<Amount> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let end_of = |position: usize| chars.get(position).map_or(text.len(), |(at, _)| *at);
    let mut found = Vec::new();
    let mut position = 0;
    while position < chars.len() {
        if digit(chars[position].1).is_none() {
            position += 1;
            continue;
        }
        let (end, number) = number(&chars, position);
        let range = chars[position].0..end_of(end);
        let start = position;
        position = end;
        let before = start.checked_sub(1).map(|at| chars[at].1);
        let after = chars.get(end).map(|(_, c)| *c);
        if let Some((value, has_cents)) = number
            && fits(text, &range, before, after)
        {
            let (range, is_negative) = with_sign(text, range);
            found.push(Amount {
                currency: beside(text, &range),
                value: if is_negative { -value } else { value },
                has_cents,
                range,
            });
        }
    }
    found
}

/// The number that begins at `start`: where it ends, and its value with whether it has cents; `None` when it is no amount.
fn number(chars: &[(usize, char)], start: usize) -> (usize, Option<(f64, bool)>) {
    let is_digit = |at: usize| chars.get(at).is_some_and(|(_, c)| digit(*c).is_some());
    let run = |from: usize| (from..).take_while(|&at| is_digit(at)).count();
    let mut groups = vec![(None, run(start))];
    let mut at = start + groups[0].1;
    let mut digits: Vec<u32> = (start..at).filter_map(|at| digit(chars[at].1)).collect();
    while let Some(&(_, separator)) = chars.get(at) {
        // "12. 00" and "12 .00": OCR puts a space at the point.
        let (separator, from) = match separator {
            '.' | ',' | '\'' | '’' | '٫' | '٬' if is_digit(at + 1) => (separator, at + 1),
            '.' if chars.get(at + 1).is_some_and(|(_, c)| *c == ' ') && run(at + 2) == 2 => {
                ('.', at + 2)
            }
            ' ' if chars.get(at + 1).is_some_and(|(_, c)| *c == '.') && run(at + 2) == 2 => {
                ('.', at + 2)
            }
            ' ' | '\u{a0}' | '\u{202f}'
                if run(at + 1) == 3
                    && groups.iter().skip(1).all(|(_, n)| *n == 3)
                    && groups[0].1 <= 3 =>
            {
                (' ', at + 1)
            }
            _ => break,
        };
        let n = run(from);
        // A point or comma after a group that is no group of three ends the number.
        groups.push((Some(separator), n));
        digits.extend((from..from + n).filter_map(|at| digit(chars[at].1)));
        at = from + n;
        if n != 3 {
            break;
        }
    }
    // A group of three behind a lone space is two numbers more often than one.
    let n_digits = digits.len();
    let all = digits
        .iter()
        .fold(0.0, |sum, digit| sum * 10.0 + f64::from(*digit));
    let last = groups[groups.len() - 1];
    let value = match last {
        _ if n_digits > 13 => None,
        (None, n) => (n <= 9).then_some((all, false)),
        (Some(_), n @ (1 | 2)) => Some((all / 10_f64.powi(n as i32), n == 2)),
        (Some(separator), 3) => {
            // Groups parted otherwise before it: three decimals.
            let is_decimal = groups[1..groups.len() - 1]
                .iter()
                .any(|(other, _)| *other != Some(separator));
            Some(if is_decimal {
                (all / 1_000.0, true)
            } else {
                (all, false)
            })
        }
        _ => None,
    };
    (at, value)
}

/// Whether what stands around a number leaves it an amount.
fn fits(text: &str, range: &Range<usize>, before: Option<char>, after: Option<char>) -> bool {
    let rest = text[range.end..].trim_start();
    if rest.starts_with('%')
        || matches!(after, Some('/' | ':'))
        || matches!(before, Some('/' | ':' | '#' | '*'))
    {
        // A colon before a number introduces it, as in "TOTAL:12.00", where no digit stands before the colon.
        let before_colon = text[..range.start]
            .trim_end_matches(':')
            .chars()
            .next_back();
        let is_introduced = before == Some(':') && before_colon.is_none_or(|c| digit(c).is_none());
        if !is_introduced || rest.starts_with('%') || matches!(after, Some('/' | ':')) {
            return false;
        }
    }
    if after == Some('-') && rest[1..].starts_with(|c: char| c.is_alphanumeric()) {
        return false;
    }
    let is_unit = |c: char| c.is_alphabetic();
    if after.is_some_and(is_unit) && currency_at_start(&text[range.end..]).is_none() {
        return false;
    }
    match before {
        Some('-') => text[..range.start - 1]
            .chars()
            .next_back()
            .is_none_or(|c| digit(c).is_none() && !c.is_alphabetic()),
        Some(c) if c.is_alphabetic() => beside(text, range).is_some(),
        _ => true,
    }
}

fn currency_at_start(text: &str) -> Option<&'static str> {
    let found = CURRENCIES.iter().find(|(sign, _)| text.starts_with(sign));
    found.map(|(_, code)| *code)
}

/// The currency that stands right before or behind `range`.
fn beside(text: &str, range: &Range<usize>) -> Option<(&'static str, Range<usize>)> {
    let before = text[..range.start].trim_end_matches([' ', '-', '(', ':']);
    let behind = text[range.end..].trim_start_matches([' ', '-', ')']);
    let start = text.len() - behind.len();
    CURRENCIES.iter().find_map(|&(sign, code)| {
        if before.ends_with(sign) {
            let place = before.len() - sign.len()..before.len();
            // "TOTALRM12.00" is read so, too: letters before a code of two count only where they are capitals.
            return Some((code, place));
        }
        let place = start..start + sign.len();
        (behind.starts_with(sign) && stands_alone(text, &place)).then_some((code, place))
    })
}

/// The range with a sign before it or behind it, as on some receipts ("5.00-"), and whether the amount is negative.
fn with_sign(text: &str, range: Range<usize>) -> (Range<usize>, bool) {
    if text[..range.start].ends_with(['-', '−']) {
        let sign = text[..range.start]
            .chars()
            .next_back()
            .map_or(0, char::len_utf8);
        return (range.start - sign..range.end, true);
    }
    let is_in_brackets = text[..range.start].ends_with('(') && text[range.end..].starts_with(')');
    if is_in_brackets {
        return (range, true);
    }
    if text[range.end..].starts_with('-') {
        return (range.start..range.end + 1, true);
    }
    (range, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<f64> {
        amounts(text)
            .into_iter()
            .map(|amount| amount.value)
            .collect()
    }

    #[test]
    fn amounts_are_read_as_they_are_printed_in_many_countries() {
        assert_eq!(values("TOTAL: 1,234.56"), [1234.56]);
        assert_eq!(values("Summe 1.234,56 EUR"), [1234.56]);
        assert_eq!(values("Total 1 234,50 €"), [1234.5]);
        assert_eq!(values("CHF 1'234.50"), [1234.5]);
        assert_eq!(values("合計 ￥1,080"), [1080.0]);
        assert_eq!(values("รวม ๑๒๓.๕๐ บาท"), [123.5]);
        assert_eq!(values("RM53.60"), [53.6]);
        assert_eq!(values("TOTALRM53.60"), [53.6]);
        assert_eq!(values("12. 00"), [12.0]);
        assert_eq!(values("-5.00 (3.00) 2.00-"), [-5.0, -3.0, -2.0]);
        assert_eq!(values("TOTAL:12.00"), [12.0]);
    }

    #[test]
    fn dates_times_shares_and_codes_are_no_amounts() {
        assert_eq!(values("30/05/2018 13:45"), [] as [f64; 0]);
        assert_eq!(values("GST 6% A12345"), [] as [f64; 0]);
        assert_eq!(values("1120908-M"), [] as [f64; 0]);
        assert_eq!(values("000670224384"), [] as [f64; 0]);
    }

    #[test]
    fn the_currency_beside_an_amount_is_named() {
        let of = |text: &str| amounts(text)[0].currency.clone().map(|(code, _)| code);
        assert_eq!(of("RM 12.00"), Some("MYR"));
        assert_eq!(of("12,00 €"), Some("EUR"));
        assert_eq!(of("S$5.00"), Some("SGD"));
        assert_eq!(of("5.00"), None);
        assert_eq!(
            currency("FROM THE TERMS"),
            None,
            "no code stands alone there"
        );
    }
}
