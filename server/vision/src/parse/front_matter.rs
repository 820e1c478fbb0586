//! olmOCR's answers: YAML of five keys between `---`, then Markdown (arXiv 2502.18443; `olmocr/prompts/prompts.py`).

use crate::parse::{Parsed, markdown};

/// Reads an answer of olmOCR. The YAML is flat, so a line is a key and a value; of the keys, `primary_language` is taken.
pub(super) fn parse(answer: &str) -> Parsed {
    let trimmed = answer.trim_start();
    let Some(rest) = trimmed.strip_prefix("---") else {
        return Parsed {
            is_damaged: true,
            ..markdown::parse(answer)
        };
    };
    let (matter, body, is_whole) = match rest.split_once("\n---") {
        Some((matter, body)) => (matter, body, true),
        None => (rest, "", false),
    };
    let value = |wanted: &str| {
        matter.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            let value = value.trim().trim_matches(['"', '\'']);
            (key.trim() == wanted).then_some(value)
        })
    };
    let language = value("primary_language").filter(|language| {
        (2..=8).contains(&language.len())
            && !matches!(*language, "null" | "None")
            && language
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-')
    });
    let mut parsed = markdown::parse(body);
    parsed.language = language.map(str::to_owned);
    parsed.is_damaged |= !is_whole;
    parsed
}
