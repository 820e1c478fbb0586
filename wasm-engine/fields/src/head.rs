//! Who wrote a receipt or invoice, and where: what stands at its top.

use std::ops::Range;

use ocr_chat_document::fields::TextField;

use crate::amount::{amounts, digit};
use crate::date::{dates, time};
use crate::rows::{Row, joined};
use crate::terms::Folded;
use crate::words::{AFTER_ADDRESS, LEGAL_FORMS, NOT_A_NAME, PLACES};

/// Rows from the top among which the name stands.
const HEAD_ROWS: usize = 14;

/// Pieces of a row that stand apart, byte ranges of its text: a gap of two heights parts them.
pub(crate) fn pieces(row: &Row) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for part in row.text.split('\t') {
        let range = start..start + part.len();
        start = range.end + 1;
        let gap = pieces.last().map(|last| {
            let (left, right) = (
                row.field(last.clone(), ()).bbox,
                row.field(range.clone(), ()).bbox,
            );
            (right.x0 - left.x1).max(left.x0 - right.x1)
        });
        match (gap, pieces.last_mut()) {
            (Some(gap), Some(last)) if gap < 2 * row.height_px => last.end = range.end,
            _ => pieces.push(range),
        }
    }
    pieces
}

/// The company's name.
pub(crate) fn company(rows: &[Row]) -> Option<TextField> {
    let page = rows.first()?.page;
    let head: Vec<&Row> = rows
        .iter()
        .take(HEAD_ROWS)
        .take_while(|row| row.page == page)
        .collect();
    let mut heights: Vec<i32> = rows.iter().map(|row| row.height_px).collect();
    heights.sort_unstable();
    let median = heights[heights.len() / 2].max(1) as f32;
    // The name stands above the first price, where there is a name.
    let is_priced = |row: &&Row| amounts(&row.text).iter().any(|amount| amount.has_cents);
    let n_above = head.iter().position(is_priced).unwrap_or(head.len());
    let best = best_name(&head[..n_above], median).or_else(|| best_name(&head, median));
    let (position, piece) = best?;
    let mut parts = Vec::new();
    // A legal form alone, or what goes on after "&", belongs to the row before.
    if position > 0 && is_tail(&head[position].text[piece.clone()]) {
        let before = head[position - 1];
        if name_score(&before.text, 1.0).is_some() && !ends_name(&before.text) {
            parts.push(before.part(name_range(&before.text, 0..before.text.len())));
        }
    }
    let name = name_range(&head[position].text, piece.clone());
    let goes_on = head[position].text[name.clone()]
        .trim_end()
        .ends_with(['&', ',']);
    parts.push(head[position].part(name));
    if let Some(next) = head.get(position + 1) {
        let is_rest = goes_on || (is_tail(&next.text) && !ends_name(&head[position].text[piece]));
        if is_rest && next.text.chars().any(char::is_alphabetic) {
            parts.push(next.part(name_range(&next.text, 0..next.text.len())));
        }
    }
    joined(&parts, " ")
}

/// The piece of `head` that looks most like a name, with its row; higher rows before lower ones.
fn best_name(head: &[&Row], median_height_px: f32) -> Option<(usize, Range<usize>)> {
    let mut best: Option<(f32, usize, Range<usize>)> = None;
    for (position, row) in head.iter().enumerate() {
        for piece in pieces(row) {
            let height = row.height_px as f32 / median_height_px;
            let Some(score) = name_score(&row.text[piece.clone()], height) else {
                continue;
            };
            let score = score - position as f32 * 0.6;
            if best.as_ref().is_none_or(|(other, ..)| score > *other) {
                best = Some((score, position, piece));
            }
        }
    }
    best.map(|(_, position, piece)| (position, piece))
}

/// How much a text looks like the name of a company; `None` where it cannot be one. `height` is in medians of the page's.
fn name_score(text: &str, height: f32) -> Option<f32> {
    let folded = Folded::new(text);
    let n_letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let n_digits = text.chars().filter(|c| digit(*c).is_some()).count();
    let is_labelled = text.trim_end().trim_end_matches(':').contains(": ");
    if n_letters < 2 || n_digits > n_letters || text.contains(['@', '#']) || is_labelled {
        return None;
    }
    let has_form = ends_name(text);
    if !has_form && (folded.has(NOT_A_NAME) || !dates(text).is_empty() || time(text).is_some()) {
        return None;
    }
    if has_form
        && folded.has(&[
            "co.reg",
            "company reg",
            "www.",
            "tel:",
            "bill to",
            "invoice",
        ])
    {
        return None;
    }
    if amounts(text).iter().any(|amount| amount.has_cents) {
        return None;
    }
    let mut score = 0.0;
    if has_form {
        score += 5.0;
    }
    if is_address(text) && !has_form {
        score -= 5.0;
    }
    score += (height - 1.0).clamp(-0.5, 1.5) * 2.0;
    if n_letters < 4 {
        score -= 2.0;
    }
    if text.ends_with([',', ':']) {
        score -= 1.5;
    }
    Some(score)
}

/// Whether `text` has a legal form as a word of its own.
pub(crate) fn ends_name(text: &str) -> bool {
    let lower = text.to_lowercase();
    LEGAL_FORMS.iter().any(|form| {
        let mut from = 0;
        while let Some(at) = lower[from..].find(form) {
            let (start, end) = (from + at, from + at + form.len());
            // "1.2 kg" is no Kommanditgesellschaft.
            let word_before = lower[..start].split_whitespace().next_back();
            let is_weight = word_before.is_some_and(|word| word.ends_with(|c| digit(c).is_some()));
            let is_free = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            if !form.is_ascii()
                || (!is_weight
                    && is_free(lower[..start].chars().next_back())
                    && is_free(lower[end..].chars().next()))
            {
                return true;
            }
            from = start + form.chars().next().map_or(1, char::len_utf8);
        }
        false
    })
}

/// Whether `text` only goes on with a name: a legal form and what stands in brackets, or what begins with "&".
fn is_tail(text: &str) -> bool {
    let is_rest = |word: &&str| !ends_name(word) && !word.starts_with('(');
    let words = text
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphabetic));
    text.trim_start().starts_with('&') || (ends_name(text) && words.filter(is_rest).count() <= 1)
}

/// The name in `range`, without a number of a register behind it.
fn name_range(text: &str, range: Range<usize>) -> Range<usize> {
    let name = &text[range.clone()];
    let last_word = name
        .trim_end()
        .rfind(char::is_whitespace)
        .map_or(0, |at| at + 1);
    let n_digits = |text: &str| text.chars().filter(|c| digit(*c).is_some()).count();
    let name = if last_word > 3 && n_digits(&name[last_word..]) >= 5 {
        &name[..last_word]
    } else {
        name
    };
    let end = name
        .rfind('(')
        .filter(|&at| at > 3 && n_digits(&name[at..]) >= 4)
        .unwrap_or(name.len());
    let trimmed = name[..end].trim_end_matches([' ', '\t', '-', '*', '.', ':']);
    // The point of an abbreviation is the name's.
    let end = if name[trimmed.len()..].starts_with('.') {
        trimmed.len() + 1
    } else {
        trimmed.len()
    };
    let start = name.len() - name.trim_start_matches([' ', '*', '-', '=', '~']).len();
    range.start + start.min(end)..range.start + end
}

/// Whether `text` looks like a line of a postal address.
pub(crate) fn is_address(text: &str) -> bool {
    let folded = Folded::new(text);
    if folded.has(&[
        "tel",
        "fax",
        "gst",
        "invoice",
        "@",
        "www",
        "reg",
        "co. no",
        "company no",
        "mobile",
        "whatsapp",
    ]) || !dates(text).is_empty()
    {
        return false;
    }
    let n_letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let has_number = text
        .split(|c: char| !c.is_ascii_digit())
        .any(|digits| !digits.is_empty());
    let n_commas = text.matches([',', '，']).count();
    let names_place = folded.has(PLACES);
    n_letters >= 3
        && (names_place && (has_number || n_commas > 0)
            || has_postcode(text) && n_letters >= 4
            || n_commas >= 2
            || (names_place && n_letters > 8))
}

/// Whether `text` has a number that may be a postal code.
fn has_postcode(text: &str) -> bool {
    let is_code =
        |word: &str| matches!(word.len(), 4..=6) && word.chars().all(|c| c.is_ascii_digit());
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .any(is_code)
}

/// The address below the company's name.
pub(crate) fn address(rows: &[Row], company: Option<&TextField>) -> Option<TextField> {
    let page = rows.first()?.page;
    let start = company.map_or(0, |company| {
        rows.iter()
            .position(|row| row.bbox.y0 >= company.bbox.y1 - row.height_px / 2)
            .unwrap_or(0)
    });
    let mut parts: Vec<TextField> = Vec::new();
    let mut n_others = 0;
    for row in rows
        .iter()
        .skip(start)
        .take(HEAD_ROWS)
        .take_while(|row| row.page == page)
    {
        let piece = pieces(row)
            .into_iter()
            .find(|piece| is_address(&row.text[piece.clone()]));
        match piece {
            Some(piece) if parts.len() < 6 => {
                n_others = 0;
                parts.push(row.part(piece));
            }
            // What stands between rows of an address and looks like none: a name of a town alone.
            _ if !parts.is_empty() => {
                let is_end = Folded::new(&row.text).has(AFTER_ADDRESS)
                    || row.text.chars().filter(|c| digit(*c).is_some()).count() > 6;
                let is_short = row.text.split_whitespace().count() <= 3
                    && !Folded::new(&row.text).has(NOT_A_NAME)
                    && !row.text.contains(':');
                let goes_on = parts
                    .last()
                    .is_some_and(|last| last.text.ends_with(',') || has_postcode(&last.text));
                let is_town = goes_on && is_short && !is_end && n_others == 0;
                n_others += 1;
                if !is_town {
                    break;
                }
                parts.push(row.text_field());
            }
            _ => {
                n_others += 1;
                if n_others > 4 {
                    break;
                }
            }
        }
    }
    joined(&parts, " ")
}
