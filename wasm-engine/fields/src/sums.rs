//! The sums of receipts and invoices: total, subtotal, tax.

use ocr_chat_document::fields::{AmountField, TextField};

use crate::amount::{Amount, amounts, currency as currency_in};
use crate::rows::Row;
use crate::terms::Folded;
use crate::words::{
    CASH, CHANGE, GRAND_TOTAL, NOT_THE_TOTAL, ROUNDING, SUBTOTAL, TAX, TAX_TABLE, TOTAL, WEAK_TOTAL,
};

/// An amount at its place.
#[derive(Debug, Clone)]
pub(crate) struct Sum {
    /// Which row.
    pub(crate) row: usize,
    /// Where in its text, and what.
    pub(crate) amount: Amount,
}

/// The sums of a document.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    pub(crate) subtotal: Option<Sum>,
    pub(crate) tax: Option<Sum>,
    pub(crate) total: Option<Sum>,
    /// The rows that name sums, from the top.
    pub(crate) rows: Vec<usize>,
}

/// How sums are told from each other, in points; a larger sum of points wins. Chosen by reason, and checked on receipts of one country
/// only: an amount under a clear name beats any other evidence but the money given less the change.
mod points {
    pub(super) const GRAND_TOTAL: i32 = 6;
    pub(super) const TOTAL: i32 = 4;
    pub(super) const WEAK_TOTAL: i32 = 1;
    pub(super) const OTHER_NAME: i32 = -5;
    pub(super) const IN_TAX_TABLE: i32 = -4;
    pub(super) const SEVERAL_AMOUNTS: i32 = -1;
    pub(super) const EQUALS_CASH_LESS_CHANGE: i32 = 4;
    pub(super) const EQUALS_ROUNDED: i32 = 3;
    pub(super) const REPEATED: i32 = 1;
    pub(super) const NO_CENTS: i32 = -2;
    pub(super) const ZERO: i32 = -8;
    pub(super) const TAX_NAMED: i32 = -3;
}

impl Sums {
    /// Finds the sums among `rows`.
    pub(crate) fn find(rows: &[Row]) -> Self {
        let folded: Vec<Folded> = rows.iter().map(|row| Folded::new(&row.text)).collect();
        let numbers: Vec<Vec<Amount>> = rows.iter().map(|row| amounts(&row.text)).collect();
        let has_cents = numbers.iter().flatten().any(|amount| amount.has_cents);
        let named = |terms: &[&str], not: &[&str]| -> Vec<Sum> {
            (0..rows.len())
                .filter(|&row| folded[row].has(terms) && !folded[row].has(not))
                .filter_map(|row| amount_of(rows, &numbers, &folded, row, terms))
                .collect()
        };
        let money = |sum: &Sum| sum.amount.has_cents || !has_cents;
        let cash = named(CASH, CHANGE).into_iter().find(money);
        let change = named(CHANGE, &[]).into_iter().find(money);
        let rounding = named(ROUNDING, TOTAL);
        let paid = match (&cash, &change) {
            (Some(cash), Some(change)) if cash.amount.value > change.amount.value => {
                Some(cash.amount.value - change.amount.value.abs())
            }
            _ => None,
        };
        let tax_table = folded.iter().position(|row| row.has(TAX_TABLE));
        let mut candidates: Vec<(i32, Sum)> = Vec::new();
        for row in 0..rows.len() {
            let (terms, base) = if folded[row].has(GRAND_TOTAL) {
                (GRAND_TOTAL, points::GRAND_TOTAL)
            } else if folded[row].has(TOTAL) {
                (TOTAL, points::TOTAL)
            } else if folded[row].has(WEAK_TOTAL) {
                (WEAK_TOTAL, points::WEAK_TOTAL)
            } else {
                continue;
            };
            let Some(sum) = amount_of(rows, &numbers, &folded, row, terms) else {
                continue;
            };
            let mut score = base;
            let is_inclusive = folded[row].has(&[
                "incl",
                "inclusive",
                "with gst",
                "with tax",
                "w/gst",
                "after tax",
            ]);
            let is_subtotal = folded[row].has(SUBTOTAL) && !is_inclusive;
            if is_subtotal || (base < points::GRAND_TOTAL && folded[row].has(NOT_THE_TOTAL)) {
                score += points::OTHER_NAME;
            }
            if base < points::GRAND_TOTAL && folded[row].has(TAX) && !is_inclusive {
                score += points::TAX_NAMED;
            }
            if tax_table.is_some_and(|table| row > table && row < table + 8) {
                score += points::IN_TAX_TABLE;
            }
            if numbers[row]
                .iter()
                .filter(|amount| amount.has_cents)
                .count()
                > 1
            {
                score += points::SEVERAL_AMOUNTS;
            }
            candidates.push((score, sum));
        }
        // What was given less what came back is what was to be paid, whatever it is called.
        if let Some(paid) = paid {
            let is_named = |row: usize| folded[row].has(CASH) || folded[row].has(CHANGE);
            let equal = (0..rows.len())
                .filter(|&row| !is_named(row))
                .find_map(|row| {
                    let amount = numbers[row]
                        .iter()
                        .rfind(|amount| is_same(amount.value, paid))?;
                    Some(Sum {
                        row,
                        amount: amount.clone(),
                    })
                });
            candidates.extend(equal.map(|sum| (0, sum)));
        }
        let values: Vec<f64> = candidates.iter().map(|(_, sum)| sum.amount.value).collect();
        for (score, sum) in &mut candidates {
            let value = sum.amount.value;
            if paid.is_some_and(|paid| is_same(paid, value)) {
                *score += points::EQUALS_CASH_LESS_CHANGE;
            }
            let is_rounded = |rounding: &Sum| {
                let by = rounding.amount.value;
                by.abs() < 1.0
                    && !is_same(by, 0.0)
                    && values
                        .iter()
                        .any(|other| is_same(other + by, value) || is_same(other - by.abs(), value))
            };
            if rounding.iter().any(is_rounded) {
                *score += points::EQUALS_ROUNDED;
            }
            if values
                .iter()
                .filter(|other| is_same(**other, value))
                .count()
                > 1
            {
                *score += points::REPEATED;
            }
            if has_cents && !sum.amount.has_cents {
                *score += points::NO_CENTS;
            }
            if value <= 0.0 {
                *score += points::ZERO;
            }
        }
        // The first of equal ones, unless a later one is larger: sums grow by tax on their way down.
        let best = candidates.iter().cloned().reduce(|best, next| {
            let is_better =
                next.0 > best.0 || (next.0 == best.0 && next.1.amount.value > best.1.amount.value);
            if is_better { next } else { best }
        });
        let total = best
            .filter(|(score, _)| *score > -3)
            .map(|(_, sum)| sum)
            .or_else(|| largest(&numbers, &folded));
        let below = |sum: &Sum| {
            total
                .as_ref()
                .is_none_or(|total| sum.amount.value <= total.amount.value + 0.005)
        };
        let subtotal = named(SUBTOTAL, NOT_THE_TOTAL)
            .into_iter()
            .filter(money)
            .find(below);
        let tax = named(
            TAX,
            &[
                "excl",
                "incl",
                "invoice",
                "total amt",
                "reg",
                "id no",
                "no.",
            ],
        )
        .into_iter()
        .filter(money)
        .filter(|sum| {
            total
                .as_ref()
                .is_none_or(|total| sum.amount.value < total.amount.value)
        })
        .find(|sum| tax_table.is_none_or(|table| sum.row < table));
        let is_sum = |row: usize| {
            let is_named = [GRAND_TOTAL, TOTAL, SUBTOTAL]
                .iter()
                .any(|terms| folded[row].has(terms));
            let is_total = total.as_ref().is_some_and(|total| total.row == row);
            let amount = || amount_of(rows, &numbers, &folded, row, TOTAL);
            is_total || (is_named && amount().is_some_and(|sum| money(&sum)))
        };
        Self {
            rows: (0..rows.len()).filter(|&row| is_sum(row)).collect(),
            subtotal,
            tax,
            total,
        }
    }

    /// `sum` as a field.
    pub(crate) fn field(&self, rows: &[Row], sum: Option<&Sum>) -> Option<AmountField> {
        let Sum { row, amount } = sum?;
        Some(rows[*row].field(amount.range.clone(), amount.value))
    }
}

/// The amount that row `row` gives under one of `terms`: the last behind the term, else the last before it, else that of a row of
/// its own right below.
fn amount_of(
    rows: &[Row],
    numbers: &[Vec<Amount>],
    folded: &[Folded],
    row: usize,
    terms: &[&str],
) -> Option<Sum> {
    let named = folded[row].find(terms);
    let start = named.map_or(0, |range| range.end);
    let usable = |amount: &&Amount| {
        amount.has_cents || amount.currency.is_some() || is_bare(&rows[row].text, amount)
    };
    let last = |from: usize| {
        let behind = || {
            numbers[row]
                .iter()
                .filter(|amount| amount.range.start >= from)
                .filter(usable)
        };
        behind()
            .rfind(|amount| amount.has_cents)
            .or_else(|| behind().next_back())
    };
    if let Some(amount) = last(start).or_else(|| last(0)) {
        return Some(Sum {
            row,
            amount: amount.clone(),
        });
    }
    // The figure stands a little lower, or the label is a line of its own.
    let next = row + 1;
    let below = rows
        .get(next)
        .filter(|below| below.page == rows[row].page)?;
    let is_near = below.bbox.y0 - rows[row].bbox.y1 < 2 * rows[row].height_px;
    let letters = below.text.chars().filter(|c| c.is_alphabetic()).count();
    let amount = numbers[next].iter().rfind(|amount| amount.has_cents)?;
    (is_near && letters <= 3).then(|| Sum {
        row: next,
        amount: amount.clone(),
    })
}

/// Whether an amount without cents stands free, as in "TOTAL 1,080": not the "2" of "2 items".
fn is_bare(text: &str, amount: &Amount) -> bool {
    let behind = text[amount.range.end..].trim_start();
    !behind.starts_with(|c: char| c.is_alphabetic()) && amount.range.len() >= 2
}

/// The largest amount with cents that no word keeps from being one: where nothing is named a total.
fn largest(numbers: &[Vec<Amount>], folded: &[Folded]) -> Option<Sum> {
    (0..numbers.len())
        .filter(|&row| !folded[row].has(NOT_THE_TOTAL) && !folded[row].has(CHANGE))
        .flat_map(|row| {
            let amounts = numbers[row].iter().filter(|amount| amount.has_cents);
            amounts.map(move |amount| Sum {
                row,
                amount: amount.clone(),
            })
        })
        .max_by(|a, b| a.amount.value.total_cmp(&b.amount.value))
}

/// Whether two amounts are the same to half a cent.
pub(crate) fn is_same(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.005
}

/// The currency: beside the total, otherwise the first that is named.
pub(crate) fn currency(rows: &[Row], total: Option<&Sum>) -> Option<TextField> {
    let beside = total.and_then(|sum| {
        let (code, range) = sum.amount.currency.clone()?;
        Some(rows[sum.row].field(range, code.to_owned()))
    });
    beside.or_else(|| {
        rows.iter().find_map(|row| {
            let (code, range) = currency_in(&row.text)?;
            Some(row.field(range, code.to_owned()))
        })
    })
}
