//! Measures the fields of receipts: for every `NAME.fields.json` (company, date, total) in the folder TRUTH the answer
//! `NAME.json` in the folder ANSWERS, as `ocr-chat ocr --format json --detail words --out ANSWERS` writes it.
//!
//! `cargo run -p ocr-chat-fields --example receipts -- TRUTH ANSWERS`

#![expect(clippy::print_stdout, reason = "a command line's answer")]

use std::error::Error;
use std::path::Path;

use ocr_chat_document::{Answer, Page};
use ocr_chat_fields::receipt;
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let folders: Vec<String> = std::env::args().skip(1).collect();
    let [truths, answers] = folders.as_slice() else {
        return Err("say TRUTH and ANSWERS, two folders".into());
    };
    let mut names: Vec<String> = std::fs::read_dir(truths)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".fields.json").map(str::to_owned))
        .collect();
    names.sort();
    let (mut n, mut right) = (0, [0; 4]);
    for name in names {
        let truth = std::fs::read(Path::new(truths).join(format!("{name}.fields.json")))?;
        let truth: Value = serde_json::from_slice(&truth)?;
        let answer: Answer = serde_json::from_slice(&std::fs::read(
            Path::new(answers).join(format!("{name}.json")),
        )?)?;
        let pages: Vec<&Page> = answer.pages.iter().map(|page| &page.page).collect();
        let found = receipt(&pages);
        let text = |field: &Option<ocr_chat_document::fields::TextField>| {
            field
                .as_ref()
                .map(|field| field.text.clone())
                .unwrap_or_default()
        };
        let total = found
            .total
            .as_ref()
            .map(|total| format!("{:.2}", total.value))
            .unwrap_or_default();
        let results = [
            (
                "total",
                truth["total"].as_str().unwrap_or_default(),
                total,
                number as fn(&str) -> String,
            ),
            (
                "date",
                truth["date"].as_str().unwrap_or_default(),
                text(&found.date),
                folded,
            ),
            (
                "company",
                truth["company"].as_str().unwrap_or_default(),
                text(&found.company),
                folded,
            ),
            (
                "address",
                truth["address"].as_str().unwrap_or_default(),
                text(&found.address),
                folded,
            ),
        ];
        n += 1;
        for (position, (key, wanted, given, form)) in results.into_iter().enumerate() {
            if form(wanted) == form(&given) {
                right[position] += 1;
            } else {
                println!("{name} {key}: wanted {wanted:?}, found {given:?}");
            }
        }
    }
    let [total, date, company, address] = right;
    println!("of {n}: total {total}, date {date}, company {company}, address {address}");
    Ok(())
}

fn number(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_digit() || *c == '.')
        .collect()
}

/// Letters and digits alone, in lower case.
fn folded(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
