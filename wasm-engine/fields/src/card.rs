//! Business cards.

use std::ops::Range;

use ocr_chat_document::Page;
use ocr_chat_document::fields::{BusinessCard, TextField};

use crate::amount::digit;
use crate::head::{ends_name, is_address, pieces};
use crate::rows::{Row, joined, rows};
use crate::terms::Folded;
use crate::words::{FAX, PHONE, TITLES};

/// The fields of a business card on `pages`.
pub fn business_card(pages: &[&Page]) -> BusinessCard {
    let rows = rows(pages.iter().copied());
    let mut card = BusinessCard::default();
    let mut addresses = Vec::new();
    let mut others: Vec<(&Row, Range<usize>)> = Vec::new();
    for row in &rows {
        for piece in pieces(row) {
            let text = &row.text[piece.clone()];
            let n_contacts = contacts(row, &piece, &mut card);
            if n_contacts > 0 {
                continue;
            }
            if is_address(text) && !ends_name(text) {
                addresses.push(row.part(piece));
            } else if text.chars().filter(|c| c.is_alphabetic()).count() >= 2 {
                others.push((row, piece));
            }
        }
    }
    card.address = joined(&addresses, " ");
    let takes = |fits: &dyn Fn(&str) -> bool, others: &mut Vec<(&Row, Range<usize>)>| {
        let position = others
            .iter()
            .position(|(row, piece)| fits(&row.text[piece.clone()]))?;
        let (row, piece) = others.remove(position);
        Some(row.part(piece))
    };
    card.company = takes(&|text| ends_name(text), &mut others);
    card.title = takes(&|text| Folded::new(text).has(TITLES), &mut others);
    let person = name(&others, &card);
    card.name = person.map(|position| {
        let (row, piece) = others.remove(position);
        row.part(piece)
    });
    if card.company.is_none() {
        // The name of the firm is the name of its site, or what is printed largest.
        let sites = domains(&card);
        let is_of_site = |text: &str| {
            let letters: String = text
                .chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect();
            letters.len() >= 3
                && sites
                    .iter()
                    .any(|site| site.contains(&letters) || letters.contains(site.as_str()))
        };
        card.company = takes(&is_of_site, &mut others);
    }
    card
}

/// Takes telephone numbers, e-mail and web addresses out of a piece; how many there were.
fn contacts(row: &Row, piece: &Range<usize>, card: &mut BusinessCard) -> usize {
    let text = &row.text[piece.clone()];
    let mut n_found = 0;
    let mut start = 0;
    for word in text.split_whitespace() {
        let at = start + text[start..].find(word).unwrap_or(0);
        start = at + word.len();
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let offset = at + word.find(bare).unwrap_or(0);
        let range = piece.start + offset..piece.start + offset + bare.len();
        let field = row.part(range);
        if let Some((user, host)) = bare.split_once('@') {
            if !user.is_empty() && host.contains('.') {
                n_found += 1;
                card.emails.push(TextField {
                    value: bare.to_lowercase(),
                    ..field
                });
            }
        } else if is_site(bare) {
            n_found += 1;
            card.websites.push(TextField {
                value: bare.to_lowercase(),
                ..field
            });
        }
    }
    if n_found == 0 {
        for range in phones(text) {
            let value: String = text[range.clone()]
                .chars()
                .filter(|c| *c == '+' || c.is_ascii_digit())
                .collect();
            let field = TextField {
                value,
                ..row.part(piece.start + range.start..piece.start + range.end)
            };
            let is_fax = Folded::new(&text[..range.start]).has(FAX)
                && !Folded::new(&text[..range.start]).has(PHONE);
            n_found += 1;
            if is_fax {
                card.faxes.push(field);
            } else {
                card.phones.push(field);
            }
        }
    }
    n_found
}

fn is_site(word: &str) -> bool {
    let lower = word.to_lowercase();
    let host = lower
        .trim_start_matches("https://")
        .trim_start_matches("http://");
    let host = host.split('/').next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let is_label =
        |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    let last = labels.last().copied().unwrap_or_default();
    let ends = [
        "com", "org", "net", "io", "info", "biz", "edu", "gov", "dev", "app", "co",
    ];
    let is_known =
        ends.contains(&last) || (last.len() == 2 && last.chars().all(|c| c.is_ascii_alphabetic()));
    labels.len() >= 2
        && labels.iter().all(is_label)
        && (lower.starts_with("www.")
            || (is_known && labels[0].chars().any(char::is_alphabetic) && labels[0].len() > 2))
}

/// Telephone numbers: 7 to 15 digits (E.164) with what is written between them.
fn phones(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut run: Option<Range<usize>> = None;
    let mut close = |run: Option<Range<usize>>| {
        let Some(run) = run else { return };
        let n_digits = text[run.clone()]
            .chars()
            .filter(char::is_ascii_digit)
            .count();
        if (7..=15).contains(&n_digits) {
            found.push(run);
        }
    };
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let starts = c == '+' || c == '(' || digit(c).is_some();
        match &mut run {
            Some(range) if digit(c).is_some() => range.end = end,
            Some(range) if " -.()/\u{a0}".contains(c) && at - range.end < 2 => {}
            Some(_) => {
                close(run.take());
                run = starts.then_some(at..end);
            }
            None => run = starts.then_some(at..end),
        }
    }
    close(run);
    found
}

/// Names of the sites and mail hosts on the card, without their endings.
fn domains(card: &BusinessCard) -> Vec<String> {
    let hosts = card
        .emails
        .iter()
        .filter_map(|mail| mail.value.split_once('@').map(|(_, host)| host));
    let sites = card
        .websites
        .iter()
        .map(|site| site.value.trim_start_matches("www."));
    hosts
        .chain(sites)
        .filter_map(|host| host.split('.').next())
        .filter(|name| {
            name.len() >= 3
                && !["gmail", "yahoo", "hotmail", "outlook", "icloud", "mail"].contains(name)
        })
        .map(str::to_owned)
        .collect()
}

/// Which of `others` is the name of a person: two to four words without figures; the one whose words are in the mail address, otherwise the largest.
fn name(others: &[(&Row, Range<usize>)], card: &BusinessCard) -> Option<usize> {
    let users: Vec<&str> = card
        .emails
        .iter()
        .filter_map(|mail| mail.value.split('@').next())
        .collect();
    let sites = domains(card);
    let rank = |position: usize| {
        let (row, piece) = &others[position];
        let text = &row.text[piece.clone()];
        let words: Vec<&str> = text.split_whitespace().collect();
        let is_spaced = text.is_ascii() || text.chars().any(|c| c.is_uppercase());
        let fits = !text
            .chars()
            .any(|c| digit(c).is_some() || ":/@&".contains(c))
            && if is_spaced {
                (2..=4).contains(&words.len())
            } else {
                text.chars().count() <= 12
            };
        let in_mail = words.iter().filter(|word| {
            let word = word.to_lowercase();
            word.len() >= 3 && users.iter().any(|user| user.contains(&word))
        });
        let letters: String = text
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        let is_firm = sites.iter().any(|site| letters.contains(site.as_str()));
        fits.then(|| {
            (
                in_mail.count() as i32 * 1_000 - i32::from(is_firm) * 500 + row.height_px,
                usize::MAX - position,
            )
        })
    };
    (0..others.len())
        .filter_map(|position| Some((rank(position)?, position)))
        .max()
        .map(|(_, position)| position)
}
