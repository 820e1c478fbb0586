//! Receipts.

use ocr_chat_document::Page;
use ocr_chat_document::fields::{AmountField, Receipt, TextField};

use crate::date::{dates, time};
use crate::head::{address, company};
use crate::items::items;
use crate::rows::{Row, rows};
use crate::sums::{Sums, currency};
use crate::terms::Folded;
use crate::words::{DATE, OTHER_DATE};

/// The fields of a receipt on `pages`.
pub fn receipt(pages: &[&Page]) -> Receipt {
    let rows = rows(pages.iter().copied());
    let sums = Sums::find(&rows);
    let company = company(&rows);
    let address = address(&rows, company.as_ref());
    let (date, time) = date_and_time(&rows);
    Receipt {
        currency: currency(&rows, sums.total.as_ref()),
        items: items(&rows, &sums),
        subtotal: sums.field(&rows, sums.subtotal.as_ref()),
        tax: sums.field(&rows, sums.tax.as_ref()),
        total: sums.field(&rows, sums.total.as_ref()) as Option<AmountField>,
        company,
        address,
        date,
        time,
    }
}

/// The date and the time of the purchase: beside the word for it, then beside a time, then wherever one is.
fn date_and_time(rows: &[Row]) -> (Option<TextField>, Option<TextField>) {
    let dated = rows.iter().filter_map(|row| {
        let folded = Folded::new(&row.text);
        let date = dates(&row.text).into_iter().next()?;
        let mut rank = 0;
        rank += i32::from(folded.has(DATE)) * 2;
        rank += i32::from(time(&row.text).is_some());
        rank -= i32::from(folded.has(OTHER_DATE)) * 4;
        Some((rank, row, date))
    });
    // The first of equal ones.
    let best = dated.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let Some((_, row, date)) = best else {
        return (None, first_time(rows));
    };
    let beside = time(&row.text).map(|(value, range)| row.field(range, value));
    let value = date.iso();
    (
        Some(row.field(date.range, value)),
        beside.or_else(|| first_time(rows)),
    )
}

fn first_time(rows: &[Row]) -> Option<TextField> {
    rows.iter()
        .find_map(|row| time(&row.text).map(|(value, range)| row.field(range, value)))
}
