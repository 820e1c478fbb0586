//! Invoices.

use std::ops::Range;

use ocr_chat_document::Page;
use ocr_chat_document::fields::{Invoice, TextField};

use crate::amount::digit;
use crate::date::dates;
use crate::head::{company, pieces};
use crate::items::items;
use crate::labels::{behind, below_or_behind};
use crate::rows::{Row, rows};
use crate::sums::{Sums, currency};
use crate::terms::Folded;
use crate::words::{BUYER, DUE_DATE, INVOICE_DATE, INVOICE_NUMBER, OTHER_DATE, TAX_ID};

/// The fields of an invoice on `pages`.
pub fn invoice(pages: &[&Page]) -> Invoice {
    let rows = rows(pages.iter().copied());
    let sums = Sums::find(&rows);
    let due_date = labelled_date(&rows, DUE_DATE, &[]);
    let date = labelled_date(&rows, INVOICE_DATE, DUE_DATE)
        .or_else(|| first_date(&rows, due_date.as_ref()));
    Invoice {
        seller: company(&rows),
        buyer: below_or_behind(&rows, BUYER, |text| {
            text.chars().filter(|c| c.is_alphabetic()).count() >= 3
        }),
        number: below_or_behind(&rows, INVOICE_NUMBER, is_number)
            .as_ref()
            .map(first_word),
        currency: currency(&rows, sums.total.as_ref()),
        tax_id: below_or_behind(&rows, TAX_ID, is_number),
        iban: rows.iter().find_map(iban),
        items: items(&rows, &sums),
        subtotal: sums.field(&rows, sums.subtotal.as_ref()),
        tax: sums.field(&rows, sums.tax.as_ref()),
        total: sums.field(&rows, sums.total.as_ref()),
        date,
        due_date,
    }
}

/// Whether `text` may be the number of an invoice or a register: it has figures and no sentence.
fn is_number(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    let n_digits = first.chars().filter(|c| digit(*c).is_some()).count();
    n_digits >= 2 || (n_digits == 1 && first.len() <= 4)
}

/// A number ends at the first space, as long as what follows is no figure of it ("DE 123 456 789" is found whole by its label).
fn first_word(field: &TextField) -> TextField {
    let end = field
        .text
        .find(char::is_whitespace)
        .unwrap_or(field.text.len());
    let text = field.text[..end]
        .trim_end_matches([',', ';', '.'])
        .to_owned();
    TextField {
        value: text.clone(),
        text,
        ..field.clone()
    }
}

/// The first date beside or below one of `labels`.
fn labelled_date(rows: &[Row], labels: &[&str], not: &[&str]) -> Option<TextField> {
    let has_date = |text: &str| !dates(text).is_empty();
    let rows_with = rows.iter().enumerate().filter(|(_, row)| {
        let folded = Folded::new(&row.text);
        folded.has(labels)
    });
    rows_with
        .filter_map(|(position, row)| {
            let label = Folded::new(&row.text).find(labels)?;
            if Folded::new(&row.text[label.clone()]).has(not) {
                return None;
            }
            let field = behind(rows, position, &label, has_date)?;
            date_of(&field)
        })
        .next()
}

fn first_date(rows: &[Row], due: Option<&TextField>) -> Option<TextField> {
    rows.iter()
        .filter(|row| !Folded::new(&row.text).has(OTHER_DATE))
        .find_map(|row| {
            let date = dates(&row.text).into_iter().next()?;
            let value = date.iso();
            Some(row.field(date.range, value))
        })
        .filter(|date| due.is_none_or(|due| due.bbox != date.bbox))
}

fn date_of(field: &TextField) -> Option<TextField> {
    let date = dates(&field.text).into_iter().next()?;
    Some(TextField {
        value: date.iso(),
        text: field.text[date.range].to_owned(),
        ..field.clone()
    })
}

/// An IBAN in `row`, spaces left out of its value: two letters, two check digits, 11 to 30 letters and figures, and the remainder of 1 that
/// ISO 7064 asks for.
fn iban(row: &Row) -> Option<TextField> {
    pieces(row).into_iter().find_map(|piece| {
        let text = &row.text[piece.clone()];
        let starts = text.char_indices().filter(|(at, c)| {
            let before = text[..*at].chars().next_back();
            c.is_ascii_uppercase() && before.is_none_or(|c| !c.is_alphanumeric())
        });
        starts
            .filter_map(|(at, _)| iban_at(text, at))
            .next()
            .map(|(range, value)| {
                row.field(piece.start + range.start..piece.start + range.end, value)
            })
    })
}

fn iban_at(text: &str, start: usize) -> Option<(Range<usize>, String)> {
    let mut value = String::new();
    let mut found = None;
    for (at, c) in text[start..].char_indices() {
        match c {
            'A'..='Z' | '0'..='9' => value.push(c),
            ' ' => continue,
            _ => break,
        }
        if value.len() >= 15 && is_iban(&value) {
            found = Some((start..start + at + 1, value.clone()));
        }
        if value.len() > 34 {
            break;
        }
    }
    found
}

fn is_iban(value: &str) -> bool {
    let bytes = value.as_bytes();
    let begins =
        bytes[..2].iter().all(u8::is_ascii_uppercase) && bytes[2..4].iter().all(u8::is_ascii_digit);
    let (head, rest) = value.split_at(4);
    let remainder = rest.chars().chain(head.chars()).fold(0, |remainder, c| {
        let digit = c.to_digit(36).unwrap_or(0);
        (remainder * if digit < 10 { 10 } else { 100 } + digit) % 97
    });
    begins && remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ibans_are_known_by_their_check_digits() {
        assert!(is_iban("DE89370400440532013000"));
        assert!(!is_iban("DE89370400440532013001"));
        let (range, value) = iban_at("IBAN GB29 NWBK 6016 1331 9268 19 BIC", 5).unwrap();
        assert_eq!((range, value.as_str()), (5..32, "GB29NWBK60161331926819"));
    }
}
