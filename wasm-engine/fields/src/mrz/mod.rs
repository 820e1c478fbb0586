//! Machine-readable zones of travel documents (ICAO Doc 9303, parts 3 to 7).
//!
//! OCR writes a zone nearly right: `O` for `0`, `«` for `<<`, a filler too few. What each place may hold is known, and check digits tell
//! which reading is right; nothing else is ever changed.

mod format;

mod repair;

#[cfg(test)]
mod tests;

use std::ops::Range;

use ocr_chat_document::Page;
use ocr_chat_document::fields::{Check, Identity, TextField};

use crate::mrz::format::{Format, Place};
use crate::mrz::repair::{corrected, fitted, zone_line};
use crate::rows::{Row, joined, rows};

/// A zone among the rows of a document.
struct Found {
    /// How many check digits are wrong, and how many characters were put in or taken out.
    rank: (usize, usize),
    format: Format,
    lines: Vec<Vec<char>>,
    rows: Range<usize>,
}

/// The identity that the machine-readable zone on `pages` tells; without a zone all is `None`.
///
/// The years of dates are the nearest that make sense: a birth lies not in the future of the expiry date, which lies within 50 years
/// after 2000.
pub fn identity(pages: &[&Page]) -> Identity {
    let rows = rows(pages.iter().copied());
    let candidates: Vec<(usize, Vec<char>)> = rows
        .iter()
        .enumerate()
        .filter_map(|(position, row)| Some((position, zone_line(&row.text)?)))
        .collect();
    // Fewest wrong check digits, then fewest characters put in or taken out.
    let mut best: Option<Found> = None;
    for start in 0..candidates.len() {
        for format in [
            Format::Td3,
            Format::Td1,
            Format::Td2,
            Format::MrvA,
            Format::MrvB,
        ] {
            let Some(part) = candidates.get(start..start + format.n_lines()) else {
                continue;
            };
            let is_visa = part[0].1.first() == Some(&'V');
            if is_visa != matches!(format, Format::MrvA | Format::MrvB) {
                continue;
            }
            let lines: Option<Vec<Vec<char>>> = part
                .iter()
                .map(|(_, line)| fitted(line, format.width()))
                .collect();
            let Some(lines) = lines else { continue };
            let n_changed = part
                .iter()
                .map(|(_, line)| line.len().abs_diff(format.width()))
                .sum();
            let lines = corrected(format, lines);
            let checks = checks(format, &lines);
            let n_wrong = checks.iter().filter(|check| !check.is_right).count();
            let rank = (n_wrong, n_changed);
            if n_wrong < checks.len() && best.as_ref().is_none_or(|best| rank < best.rank) {
                best = Some(Found {
                    rank,
                    format,
                    lines,
                    rows: part[0].0..part[part.len() - 1].0 + 1,
                });
            }
        }
    }
    match best {
        Some(found) => read(found.format, &found.lines, &rows[found.rows]),
        None => Identity {
            format: None,
            mrz: None,
            document_type: None,
            issuing_state: None,
            surname: None,
            given_names: None,
            number: None,
            nationality: None,
            birth_date: None,
            sex: None,
            expiry_date: None,
            optional_data: None,
            checks: Vec::new(),
            is_valid: false,
        },
    }
}

/// The check digit of a field: weights 7, 3, 1; fillers count 0, letters from 10 (Doc 9303-3, 4.9).
fn check_digit(field: &[char]) -> u32 {
    let value = |c: &char| c.to_digit(36).unwrap_or(0);
    field
        .iter()
        .zip([7, 3, 1].into_iter().cycle())
        .map(|(c, weight)| value(c) * weight)
        .sum::<u32>()
        % 10
}

fn checks(format: Format, lines: &[Vec<char>]) -> Vec<Check> {
    let at = |(line, from, to): Place| lines[line][from..to].to_vec();
    let is = |field: &[char], digit: char, may_be_filler: bool| {
        let has_text = field.iter().any(|c| *c != '<');
        char::from_digit(check_digit(field), 10) == Some(digit)
            || (may_be_filler && digit == '<' && !has_text)
    };
    let mut checks = Vec::new();
    let mut push = |over: &str, is_right: bool| {
        checks.push(Check {
            over: over.to_owned(),
            is_right,
        });
    };
    let (number, digit) = long_number(format, lines);
    push("number", is(&number, digit, false));
    for (over, place) in [
        ("birth_date", format.birth()),
        ("expiry_date", format.expiry()),
    ] {
        push(
            over,
            is(&at(place), lines[place.0][place.2], over == "birth_date"),
        );
    }
    if format == Format::Td3 {
        push("optional_data", is(&at((1, 28, 42)), lines[1][42], true));
    }
    if let Some((parts, (line, from, _))) = format.composite() {
        let all: Vec<char> = parts.into_iter().flat_map(at).collect();
        push("composite", is(&all, lines[line][from], false));
    }
    checks
}

/// The document's number and its check digit. On cards a number longer than nine characters goes on in the optional data, and a filler stands in
/// the place of the digit (Doc 9303-5, 4.2.2).
fn long_number(format: Format, lines: &[Vec<char>]) -> (Vec<char>, char) {
    let (line, from, to) = format.number();
    let number = lines[line][from..to].to_vec();
    let digit = lines[line][to];
    let optional = match format {
        Format::Td1 => &lines[0][15..30],
        Format::Td2 => &lines[1][28..35],
        _ => return (number, digit),
    };
    let rest: Vec<char> = optional.iter().copied().take_while(|c| *c != '<').collect();
    match rest.split_last() {
        Some((digit_behind, more)) if digit == '<' && !number.contains(&'<') => {
            ([number.as_slice(), more].concat(), *digit_behind)
        }
        _ => (number, digit),
    }
}

fn read(format: Format, lines: &[Vec<char>], rows: &[Row]) -> Identity {
    let texts: Vec<TextField> = rows.iter().map(Row::text_field).collect();
    let whole = joined(&texts, "\n");
    let field = |value: String, line: usize| -> Option<TextField> {
        let row = rows.get(line)?;
        (!value.is_empty()).then(|| TextField {
            value,
            ..row.text_field()
        })
    };
    let text = |(line, from, to): Place| {
        let text: String = lines[line][from..to].iter().collect();
        field(text.trim_matches('<').replace('<', " "), line)
    };
    let (names_line, names_from, names_to) = format.names();
    let names: String = lines[names_line][names_from..names_to].iter().collect();
    let (surname, given) = names.split_once("<<").unwrap_or((&names, ""));
    let spaced = |name: &str| {
        name.split('<')
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let (number, _) = long_number(format, lines);
    let (birth, expiry) = (format.birth(), format.expiry());
    let expiry_text: String = lines[expiry.0][expiry.1..expiry.2].iter().collect();
    let birth_text: String = lines[birth.0][birth.1..birth.2].iter().collect();
    let expiry_year =
        year(&expiry_text).map(|year| if year < 70 { 2000 + year } else { 1900 + year });
    let birth_year = year(&birth_text).map(|year| match expiry_year {
        Some(expiry_year) if 2000 + year > expiry_year => 1900 + year,
        None if year > 30 => 1900 + year,
        _ => 2000 + year,
    });
    let sex = match lines[format.sex().0][format.sex().1] {
        'M' => "M",
        'F' => "F",
        _ => "X",
    };
    let optional: Vec<String> = format
        .optional()
        .into_iter()
        .map(|(line, from, to)| {
            lines[line][from..to]
                .iter()
                .collect::<String>()
                .trim_matches('<')
                .to_owned()
        })
        .filter(|part| !part.is_empty())
        .collect();
    let checks = checks(format, lines);
    let zone: Vec<String> = lines.iter().map(|line| line.iter().collect()).collect();
    Identity {
        format: Some(format.name().to_owned()),
        mrz: whole.map(|whole| TextField {
            value: zone.join("\n"),
            ..whole
        }),
        document_type: text((0, 0, 2)),
        issuing_state: text((0, 2, 5)),
        surname: field(spaced(surname), names_line),
        given_names: field(spaced(given), names_line),
        number: field(
            number.iter().filter(|c| **c != '<').collect(),
            format.number().0,
        ),
        nationality: text(format.nationality()),
        birth_date: field(date(&birth_text, birth_year), birth.0),
        sex: field(sex.to_owned(), format.sex().0),
        expiry_date: field(date(&expiry_text, expiry_year), expiry.0),
        optional_data: field(optional.join(" "), format.optional()[0].0),
        is_valid: checks.iter().all(|check| check.is_right),
        checks,
    }
}

fn year(yymmdd: &str) -> Option<u32> {
    yymmdd.get(..2)?.parse().ok()
}

/// `YYMMDD` as `YYYY-MM-DD`; parts that are fillers are `XX`. Empty when nothing is known.
fn date(yymmdd: &str, year: Option<u32>) -> String {
    let part = |from: usize| match yymmdd.get(from..from + 2) {
        Some(digits) if digits.chars().all(|c| c.is_ascii_digit()) => digits.to_owned(),
        _ => "XX".to_owned(),
    };
    match year {
        Some(year) => format!("{year:04}-{}-{}", part(2), part(4)),
        None => String::new(),
    }
}
