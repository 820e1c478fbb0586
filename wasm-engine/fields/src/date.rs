//! Dates and times as they are printed.

use std::ops::Range;

use crate::amount::digit;

/// A date in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Date {
    /// Where it stands, bytes.
    pub(crate) range: Range<usize>,
    year: u32,
    month: u32,
    day: u32,
}

impl Date {
    /// `YYYY-MM-DD` (ISO 8601).
    pub(crate) fn iso(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Names of months by their first letters, as many as tell them apart; several languages.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen", "янв", "ม.ค", "มกรา", "يناير"],
    &["feb", "fev", "fév", "фев", "ก.พ", "กุมภา", "فبراير"],
    &["mar", "mär", "maa", "mrt", "мар", "มี.ค", "มีนา", "مارس"],
    &["apr", "abr", "avr", "апр", "เม.ย", "เมษา", "أبريل", "ابريل"],
    &[
        "may",
        "mai",
        "mei",
        "mag",
        "май",
        "мая",
        "พ.ค",
        "พฤษภา",
        "مايو",
    ],
    &["jun", "juin", "giu", "июн", "มิ.ย", "มิถุนา", "يونيو"],
    &["jul", "juil", "lug", "июл", "ก.ค", "กรกฎา", "يوليو"],
    &[
        "aug",
        "ago",
        "aoû",
        "aou",
        "авг",
        "ส.ค",
        "สิงหา",
        "أغسطس",
        "اغسطس",
    ],
    &["sep", "set", "сен", "ก.ย", "กันยา", "سبتمبر"],
    &[
        "oct",
        "okt",
        "ott",
        "out",
        "окт",
        "ต.ค",
        "ตุลา",
        "أكتوبر",
        "اكتوبر",
    ],
    &["nov", "ноя", "พ.ย", "พฤศจิกา", "نوفمبر"],
    &["dec", "dez", "dic", "déc", "дек", "ธ.ค", "ธันวา", "ديسمبر"],
];

#[derive(Debug, Clone)]
enum Token {
    Number { value: u32, n_digits: usize },
    Month(u32),
    Separator(char),
    Other,
}

/// The dates of `text`, from its beginning. Where day and month cannot be told apart the day stands first, unless the year does.
pub(crate) fn dates(text: &str) -> Vec<Date> {
    let tokens = tokens(text);
    let mut found: Vec<Date> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match date_at(&tokens, at) {
            Some((date, n_tokens)) => {
                found.push(date);
                at += n_tokens;
            }
            None => at += 1,
        }
    }
    found
}

fn tokens(text: &str) -> Vec<(Token, Range<usize>)> {
    let mut tokens = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some(&(start, c)) = rest.peek() {
        let take = |fits: &dyn Fn(char) -> bool| {
            let len = text[start..]
                .find(|c| !fits(c))
                .unwrap_or(text.len() - start);
            start..start + len
        };
        let (token, range) = if digit(c).is_some() {
            let range = take(&|c| digit(c).is_some());
            let digits: Vec<u32> = text[range.clone()].chars().filter_map(digit).collect();
            let value = digits.iter().take(9).fold(0, |sum, digit| sum * 10 + digit);
            (
                Token::Number {
                    value,
                    n_digits: digits.len(),
                },
                range,
            )
        } else if c.is_alphabetic() {
            // Thai short names of months have points inside.
            let is_thai = |c: char| ('\u{e00}'..='\u{e7f}').contains(&c);
            let range = if is_thai(c) {
                take(&|c| is_thai(c) || c == '.')
            } else {
                take(&char::is_alphabetic)
            };
            let word = text[range.clone()].to_lowercase();
            (
                month(&word).map_or_else(|| word_token(&word), Token::Month),
                range,
            )
        } else {
            let range = start..start + c.len_utf8();
            match c {
                _ if c.is_whitespace() => (Token::Separator(' '), range),
                '/' | '-' | '.' | ',' | '\'' | '年' | '月' | '日' => {
                    (Token::Separator(c), range)
                }
                _ => (Token::Other, range),
            }
        };
        while rest.peek().is_some_and(|(at, _)| *at < range.end) {
            rest.next();
        }
        tokens.push((token, range));
    }
    tokens
}

fn word_token(word: &str) -> Token {
    match word {
        "年" | "月" | "日" => Token::Separator(word.chars().next().unwrap_or(' ')),
        "de" | "of" | "del" | "st" | "nd" | "rd" | "th" => Token::Separator(' '),
        _ => Token::Other,
    }
}

fn month(word: &str) -> Option<u32> {
    let is_name = |names: &&[&str]| names.iter().any(|name| word.starts_with(name));
    let is_long = word.chars().count() > 10;
    let position = MONTHS.iter().position(is_name)?;
    // "marketing" begins as March does.
    let has_false_end = [
        "ket", "ine", "gin", "ble", "mal", "ked", "ria", "ust", "end", "ial", "ion", "ter", "hem",
    ];
    let is_false = has_false_end
        .iter()
        .any(|end| word.get(3..).is_some_and(|rest| rest.starts_with(end)))
        && ![
            "august",
            "october",
            "september",
            "november",
            "december",
            "dicembre",
            "octobre",
        ]
        .contains(&word);
    (!is_long && !is_false).then(|| position as u32 + 1)
}

/// The date that begins at token `at`, and how many tokens it has.
fn date_at(tokens: &[(Token, Range<usize>)], at: usize) -> Option<(Date, usize)> {
    // Three parts, each parted from the next by one to three separators.
    if !matches!(tokens[at].0, Token::Number { .. } | Token::Month(_)) {
        return None;
    }
    let mut parts = vec![at];
    let mut separators = Vec::new();
    let mut next = at + 1;
    while parts.len() < 3 {
        let mut between = String::new();
        while let Some((Token::Separator(c), _)) = tokens.get(next) {
            if between.chars().count() == 3 {
                return None;
            }
            between.push(*c);
            next += 1;
        }
        match tokens.get(next) {
            Some((Token::Number { .. } | Token::Month(_), _)) => {}
            _ => return None,
        }
        let touches_month = matches!(tokens[next].0, Token::Month(_))
            || matches!(tokens[parts[parts.len() - 1]].0, Token::Month(_));
        if between.is_empty() && !touches_month {
            return None;
        }
        separators.push(between);
        parts.push(next);
        next += 1;
    }
    let named = parts
        .iter()
        .any(|&part| matches!(tokens[part].0, Token::Month(_)));
    if !named {
        // 12 34 56 are numbers, 1.234 a price: figures need two signs of the same kind.
        let signs: Vec<&str> = separators.iter().map(|between| between.trim()).collect();
        let is_written_out = signs == ["年", "月"];
        if !is_written_out && (signs[0] != signs[1] || !["/", "-", "."].contains(&signs[0])) {
            return None;
        }
    }
    let [a, b, c] = [0, 1, 2].map(|part| &tokens[parts[part]].0);
    let (year, month, day) = match (a, b, c) {
        (
            Token::Number {
                value: day,
                n_digits: 1 | 2,
            },
            Token::Month(month),
            Token::Number { value, n_digits },
        ) => (full_year(*value, *n_digits)?, *month, *day),
        (
            Token::Month(month),
            Token::Number {
                value: day,
                n_digits: 1 | 2,
            },
            Token::Number { value, n_digits },
        ) => (full_year(*value, *n_digits)?, *month, *day),
        (
            Token::Number {
                value: year,
                n_digits: 4,
            },
            Token::Month(month),
            Token::Number {
                value: day,
                n_digits: 1 | 2,
            },
        ) => (full_year(*year, 4)?, *month, *day),
        (
            Token::Number {
                value: year,
                n_digits: 4,
            },
            Token::Number {
                value: month,
                n_digits: 1 | 2,
            },
            Token::Number {
                value: day,
                n_digits: 1 | 2,
            },
        ) => (full_year(*year, 4)?, *month, *day),
        (
            Token::Number {
                value: first,
                n_digits: 1 | 2,
            },
            Token::Number {
                value: second,
                n_digits: 1 | 2,
            },
            Token::Number { value, n_digits },
        ) => {
            let year = full_year(*value, *n_digits)?;
            if *second > 12 {
                (year, *first, *second)
            } else {
                (year, *second, *first)
            }
        }
        _ => return None,
    };
    let is_date = (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
    let range = tokens[at].1.start..tokens[next - 1].1.end;
    is_date.then_some((
        Date {
            range,
            year,
            month,
            day,
        },
        next - at,
    ))
}

/// The year of the common era that two or four digits mean; Buddhist years (Thailand) are 543 more.
fn full_year(value: u32, n_digits: usize) -> Option<u32> {
    match n_digits {
        2 if value >= 70 => Some(1900 + value),
        2 => Some(2000 + value),
        4 if (1900..2100).contains(&value) => Some(value),
        4 if (2443..2643).contains(&value) => Some(value - 543),
        _ => None,
    }
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

/// The first time of day in `text` as `HH:MM` or `HH:MM:SS`, and where it stands.
pub(crate) fn time(text: &str) -> Option<(String, Range<usize>)> {
    let tokens = tokens(text);
    let number = |at: usize| match tokens.get(at) {
        Some((
            Token::Number {
                value,
                n_digits: 1 | 2,
            },
            range,
        )) => Some((*value, range.clone())),
        _ => None,
    };
    let is_colon = |at: usize| {
        tokens
            .get(at)
            .is_some_and(|(_, range)| &text[range.clone()] == ":")
    };
    (0..tokens.len()).find_map(|at| {
        let (hour, first) = number(at)?;
        if !is_colon(at + 1) || (at > 0 && is_colon(at - 1)) {
            return None;
        }
        let (minute, second_range) = number(at + 2)?;
        if second_range.len() != 2 {
            return None;
        }
        let second = is_colon(at + 3).then(|| number(at + 4)).flatten();
        let mut end = second
            .as_ref()
            .map_or(second_range.end, |(_, range)| range.end);
        let behind = text[end..].trim_start();
        let half = behind.get(..2).map(str::to_lowercase).unwrap_or_default();
        let is_half =
            matches!(half.as_str(), "am" | "pm") && !behind[2..].starts_with(char::is_alphabetic);
        let hour = match (is_half, half.as_str()) {
            (true, "pm") if hour < 12 => hour + 12,
            (true, "am") if hour == 12 => 0,
            _ => hour,
        };
        if is_half {
            end = text.len() - behind.len() + 2;
        }
        let seconds = second.map_or_else(String::new, |(value, _)| format!(":{value:02}"));
        (hour < 24 && minute < 60)
            .then(|| (format!("{hour:02}:{minute:02}{seconds}"), first.start..end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso(text: &str) -> Vec<String> {
        dates(text).iter().map(Date::iso).collect()
    }

    #[test]
    fn dates_are_read_as_they_are_printed_in_many_countries() {
        assert_eq!(iso("DATE : 30-05-2018 13:45:46"), ["2018-05-30"]);
        assert_eq!(iso("18/03/18"), ["2018-03-18"]);
        assert_eq!(iso("04 JAN 2017"), ["2017-01-04"]);
        assert_eq!(iso("15MAY2018"), ["2018-05-15"]);
        assert_eq!(
            iso("March 3, 2024 and 2024-03-05"),
            ["2024-03-03", "2024-03-05"]
        );
        assert_eq!(iso("Datum: 3. März 2024"), ["2024-03-03"]);
        assert_eq!(iso("3 de marzo de 2024"), ["2024-03-03"]);
        assert_eq!(iso("2024年3月5日"), ["2024-03-05"]);
        assert_eq!(iso("๕ มีนาคม ๒๕๖๗"), ["2024-03-05"]);
        assert_eq!(iso("03/25/2024"), ["2024-03-25"], "the second is no month");
    }

    #[test]
    fn other_figures_are_no_dates() {
        assert_eq!(iso("1.234.567 and 12 34 56"), [] as [&str; 0]);
        assert_eq!(iso("31-02-2018"), [] as [&str; 0]);
        assert_eq!(iso("03-7726 5511"), [] as [&str; 0]);
        assert_eq!(iso("10 Marketing 2018"), [] as [&str; 0]);
    }

    #[test]
    fn times_are_of_24_hours() {
        assert_eq!(time("30-05-2018 13:45:46").unwrap().0, "13:45:46");
        assert_eq!(time("at 1:05 PM.").unwrap(), ("13:05".to_owned(), 3..10));
        assert_eq!(time("12:30am").unwrap().0, "00:30");
        assert_eq!(time("ratio 1:2"), None);
    }
}
