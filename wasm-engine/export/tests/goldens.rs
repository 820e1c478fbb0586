//! Every export of every golden document, compared byte for byte; packages part by part.
//!
//! A change that is meant is written by `cargo run -p ocr-chat-export --example goldens -- update` and reviewed as a diff.

// Goldens are files, and the browser has none; the unit tests run there too.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "clippy knows tests, not their helpers")]

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ocr_chat_document::{Answer, Block, Page};
use ocr_chat_export::{ExportFormat, ExportOptions, markdown_map};

fn stored(name: &str) -> Answer {
    let path = support::folder().join(name).join("answer.json");
    let json =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&json).unwrap()
}

fn names() -> Vec<&'static str> {
    let answers = support::answers::answers();
    answers.into_iter().map(|(name, _)| name).collect()
}

fn files_below(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            files_below(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name);
        }
    }
}

#[test]
fn exports_are_those_of_the_goldens() {
    let mut differing = Vec::new();
    for name in names() {
        for (file, bytes) in support::files(&stored(name)) {
            let path = support::folder().join(name).join(&file);
            if fs::read(&path).ok().as_deref() != Some(&bytes) {
                differing.push(format!("{name}/{file}"));
            }
        }
    }
    assert_eq!(differing, [""; 0], "missing or different");
}

#[test]
fn no_golden_is_an_orphan() {
    let mut expected = BTreeSet::new();
    for name in names() {
        expected.insert(format!("{name}/answer.json"));
        let files = support::files(&stored(name));
        expected.extend(files.into_keys().map(|file| format!("{name}/{file}")));
    }
    let mut found = BTreeSet::new();
    files_below(&support::folder(), "", &mut found);
    let orphans: Vec<&String> = found.difference(&expected).collect();
    assert_eq!(orphans, [""; 0]);
}

#[test]
fn the_stored_answers_are_those_that_the_builder_makes() {
    for (name, answer) in support::answers::answers() {
        assert_eq!(stored(name), answer, "{name}");
    }
}

#[test]
fn an_export_is_the_same_each_time() {
    let answer = stored("figures");
    for format in ExportFormat::ALL {
        {
            let once = support::exported(&answer, format, &ExportOptions::default());
            let again = support::exported(&answer, format, &ExportOptions::default());
            assert!(once == again, "{}", format.name());
        }
    }
}

/// `text` without control characters and with single spaces.
fn squeezed(text: &str) -> String {
    let is_space = |c: char| c.is_whitespace();
    let text: String = text
        .chars()
        .filter(|&c| is_space(c) || !c.is_control())
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The texts of a block that the map should have: its own, or those of its cells.
fn texts_of(block: &Block) -> Vec<String> {
    let texts = match &block.table {
        Some(table) => table.cells.iter().map(|cell| cell.text.as_str()).collect(),
        None => vec![block.text_without_marker()],
    };
    texts
        .into_iter()
        .map(squeezed)
        .filter(|text| !text.is_empty())
        .collect()
}

#[test]
fn every_span_of_the_map_says_what_was_read_and_all_of_it_is_covered() {
    for name in names() {
        let pages: Vec<Page> = stored(name)
            .pages
            .into_iter()
            .map(|page| page.page)
            .collect();
        let map = markdown_map(&pages);
        assert_eq!(map.markdown, stored(name).markdown, "{name}");
        let chars: Vec<char> = map.markdown.chars().collect();
        let mut end = 0;
        let mut spans = map.spans.iter().peekable();
        for page in &pages {
            for (block_idx, block) in page.blocks.iter().enumerate() {
                if block.kind.is_furniture() {
                    continue;
                }
                let mut found = Vec::new();
                while let Some(span) =
                    spans.next_if(|span| (span.page, span.block) == (page.index, block_idx))
                {
                    assert!(
                        span.start >= end && span.end > span.start,
                        "{name}: {span:?}"
                    );
                    end = span.end;
                    let markdown: String = chars[span.start..span.end].iter().collect();
                    let text = squeezed(&span.plain_text(&markdown));
                    // A mark that Markdown has no list for stays in the text.
                    let marker = block.marker.as_deref().unwrap_or_default();
                    let text = if squeezed(&block.text) == text {
                        text.strip_prefix(marker).unwrap_or(&text).trim().to_owned()
                    } else {
                        text
                    };
                    if let Some(cell) = span.cell {
                        let cell = &block.table.as_ref().unwrap().cells[cell];
                        assert_eq!(span.bbox, cell.bbox);
                        assert_eq!(text, squeezed(&cell.text));
                    } else {
                        assert_eq!(span.bbox, block.bbox);
                    }
                    found.push(text);
                }
                assert_eq!(found, texts_of(block), "{name}: {block:?}");
            }
        }
        assert!(spans.next().is_none(), "{name}");
    }
}
