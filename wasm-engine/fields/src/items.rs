//! The items of receipts and invoices: rows with a price between the head and the sums.

use std::ops::Range;

use ocr_chat_document::fields::{Field, Item};

use crate::amount::{Amount, amounts};
use crate::date::{dates, time};
use crate::rows::Row;
use crate::sums::{Sums, is_same};
use crate::terms::Folded;
use crate::words::{COLUMN_HEADS, NOT_AN_ITEM};

/// Units behind or before a quantity.
const TIMES: [char; 4] = ['x', 'X', '×', '@'];

/// The items between the row that names their columns, where there is one, and the first sum below it.
pub(crate) fn items(rows: &[Row], sums: &Sums) -> Vec<Item> {
    let names_columns = |row: usize| {
        let folded = Folded::new(&rows[row].text);
        let n_names = COLUMN_HEADS
            .iter()
            .filter(|name| folded.has(&[name]))
            .count();
        n_names >= 2
            && !amounts(&rows[row].text)
                .iter()
                .any(|amount| amount.has_cents)
    };
    let start = (0..rows.len())
        .find(|&row| names_columns(row))
        .map_or(0, |row| row + 1);
    let end = sums
        .rows
        .iter()
        .copied()
        .find(|&row| row >= start)
        .unwrap_or(rows.len());
    let mut items: Vec<Item> = Vec::new();
    // A description whose figures stand in the row below.
    let mut waiting: Option<&Row> = None;
    for row in &rows[start..end] {
        if dates(&row.text).is_empty()
            && time(&row.text).is_none()
            && !Folded::new(&row.text).has(NOT_AN_ITEM)
        {
            match item(row, waiting) {
                Some(item) => {
                    items.push(item);
                    waiting = None;
                }
                None => waiting = has_words(&row.text).then_some(row),
            }
        } else {
            waiting = None;
        }
    }
    items
}

fn has_words(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).count() >= 3
}

/// The item of a row with at least one amount with cents; its description may stand in the row before.
fn item(row: &Row, before: Option<&Row>) -> Option<Item> {
    let numbers = amounts(&row.text);
    let prices: Vec<&Amount> = numbers.iter().filter(|amount| amount.has_cents).collect();
    let last = *prices.last()?;
    let first = numbers.first()?;
    // Words stand before the figures, rarely behind the first of them ("2 COFFEE 8.00").
    let words = longest_words(&row.text, &numbers)?;
    let own = has_words(&row.text[words.clone()]);
    let description = match (own, before) {
        (true, _) => row.part(words),
        (false, Some(before)) => before.text_field(),
        (false, None) => return None,
    };
    let counts = |amount: &&Amount| {
        let behind = row.text[amount.range.end..].trim_start();
        let ahead = row.text[..amount.range.start].trim_end();
        !amount.has_cents
            && !is_measure(behind)
            && amount.value >= 1.0
            && amount.value < 10_000.0
            && (behind.starts_with(TIMES)
                || ahead.ends_with(TIMES)
                || amount.range == first.range
                || amount.range.start > 0 && ahead.ends_with('\t'))
    };
    let unit = prices.len().checked_sub(2).map(|at| prices[at]);
    let fits = |quantity: f64, unit: f64| is_same(quantity * unit, last.value);
    let count = numbers
        .iter()
        .filter(|amount| !amount.has_cents || is_same(amount.value.fract(), 0.0))
        .find(|amount| {
            amount.range != last.range
                && unit.is_some_and(|unit| {
                    unit.range != amount.range && fits(amount.value, unit.value)
                })
        });
    let count = count.or_else(|| numbers.iter().find(counts));
    let number = |amount: &Amount| -> Field<f64> { row.field(amount.range.clone(), amount.value) };
    let unit_price = match (unit, count) {
        (Some(unit), Some(count)) if fits(count.value, unit.value) => Some(number(unit)),
        (Some(unit), None) if is_same(unit.value, last.value) => Some(number(unit)),
        _ => None,
    };
    Some(Item {
        description,
        quantity: count.map(number),
        unit_price,
        amount: Some(number(last)),
    })
}

/// Whether what stands behind a number measures one piece: "500 ml" is no 500 of them.
fn is_measure(behind: &str) -> bool {
    const UNITS: [&str; 16] = [
        "ml", "cl", "l", "g", "gr", "kg", "mg", "oz", "lb", "cm", "mm", "m", "w", "v", "inch",
        "ltr",
    ];
    let unit: String = behind
        .chars()
        .take_while(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect();
    UNITS.contains(&unit.as_str())
}

/// The longest stretch of `text` between its numbers.
fn longest_words(text: &str, numbers: &[Amount]) -> Option<Range<usize>> {
    let mut starts = vec![0];
    starts.extend(numbers.iter().map(|number| number.range.end));
    let mut ends: Vec<usize> = numbers.iter().map(|number| number.range.start).collect();
    ends.push(text.len());
    let stretches = starts
        .into_iter()
        .zip(ends)
        .filter(|(start, end)| start < end);
    let n_letters = |(start, end): &(usize, usize)| {
        text[*start..*end]
            .chars()
            .filter(|c| c.is_alphabetic())
            .count()
    };
    let (start, end) = stretches.max_by_key(n_letters)?;
    let words = &text[start..end];
    let is_edge = |c: char| c.is_whitespace() || "xX×@:*-".contains(c) && words.chars().count() < 4;
    let trimmed = words.trim_matches(is_edge);
    let offset = words.len() - words.trim_start_matches(is_edge).len();
    Some(start + offset..start + offset + trimmed.len())
}
