//! The documents and questions by which chat is measured (`tests/chat`).

use std::path::{Path, PathBuf};

use ocr_chat_document::{BBox, Block, BlockKind, Cell, Line, Page, PageStatus, Point, Table};
use serde::Deserialize;

/// Width of the pages in pixels, and height of a line on them.
const WIDTH_PX: i32 = 1_000;
const LINE_PX: i32 = 30;

/// Characters of a line of running text.
const LINE_CHARS: usize = 80;

/// A question with its truth.
#[derive(Debug, Clone, Deserialize)]
pub struct Question {
    /// Its name.
    pub id: String,
    /// The document that it is about.
    pub document: String,
    /// `prose`, `table` or `unanswerable`.
    pub class: String,
    /// What is asked.
    pub question: String,
    /// The pages that answer it, from 1; none where none does.
    pub pages: Vec<u32>,
    /// Texts of which a right answer has one.
    pub answer: Vec<String>,
}

/// The folder of documents and questions.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("chat")
}

/// All questions.
///
/// # Errors
/// When the file is not there or no JSON.
pub fn questions() -> std::io::Result<Vec<Question>> {
    let text = std::fs::read_to_string(folder().join("questions.jsonl"))?;
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).map_err(std::io::Error::other))
        .collect()
}

/// The language of the document called `name`, an ISO 639-1 code.
///
/// # Errors
/// When the file is not there or does not say.
pub fn language(name: &str) -> std::io::Result<String> {
    let text = std::fs::read_to_string(folder().join("documents").join(format!("{name}.md")))?;
    let said = text
        .lines()
        .find_map(|line| line.strip_prefix("language: "));
    said.map(str::to_owned)
        .ok_or_else(|| std::io::Error::other(format!("{name} has no language")))
}

/// The pages of the document called `name`, set as lines of running text below each other.
///
/// # Errors
/// When the file is not there.
pub fn document(name: &str) -> std::io::Result<Vec<Page>> {
    let text = std::fs::read_to_string(folder().join("documents").join(format!("{name}.md")))?;
    let (_, body) = text.split_once("\n\n").unwrap_or(("", &text));
    let mut pages: Vec<Page> = Vec::new();
    let mut y = 0;
    let mut rows: Vec<&str> = Vec::new();
    for line in body.lines().chain([""]) {
        if !line.starts_with('|') && !rows.is_empty() {
            if let Some(page) = pages.last_mut() {
                page.blocks.push(table(&rows, &mut y));
            }
            rows.clear();
        }
        if line.starts_with("<!-- page ") {
            let index = pages.len() as u32;
            pages.push(Page {
                status: PageStatus::Done,
                width: WIDTH_PX as u32,
                height: 1_400,
                ..Page::pending(index)
            });
            y = 0;
        } else if line.starts_with('|') {
            rows.push(line);
        } else if !line.trim().is_empty()
            && let Some(page) = pages.last_mut()
        {
            page.blocks.push(block(line, &mut y));
        }
    }
    Ok(pages)
}

fn block(line: &str, y: &mut i32) -> Block {
    let n_hashes = line.chars().take_while(|c| *c == '#').count();
    if n_hashes > 0 {
        return Block {
            level: u8::try_from(n_hashes).ok(),
            ..set(BlockKind::Heading, line.trim_start_matches('#').trim(), y)
        };
    }
    if let Some((label, value)) = line.split_once('\t') {
        let text = format!("{}\t{}", label.trim(), value.trim());
        return set(BlockKind::KeyValue, &text, y);
    }
    let marker = line.split_once(' ').map(|(marker, _)| marker);
    let is_item = |marker: &&str| {
        *marker == "-"
            || marker.trim_end_matches('.').parse::<u32>().is_ok() && marker.ends_with('.')
    };
    match marker.filter(is_item) {
        Some(marker) => Block {
            marker: Some(marker.to_owned()),
            level: Some(1),
            ..set(BlockKind::ListItem, line, y)
        },
        None => set(BlockKind::Paragraph, line, y),
    }
}

/// A block of `text` in lines of [`LINE_CHARS`] characters from `y` down.
fn set(kind: BlockKind, text: &str, y: &mut i32) -> Block {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_inclusive([' ', '\t']) {
        let n = lines.last().map_or(0, |line| line.chars().count());
        if n > 0 && n + word.chars().count() > LINE_CHARS {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
        }
    }
    let lines = lines.iter().map(|line| {
        let text = line.trim().replace('\t', " ");
        let bbox = bbox(0, *y, text.chars().count());
        *y += LINE_PX;
        Line {
            polygon: [
                (bbox.x0, bbox.y0),
                (bbox.x1, bbox.y0),
                (bbox.x1, bbox.y1),
                (bbox.x0, bbox.y1),
            ]
            .map(|(x, y)| Point { x, y }),
            text,
            bbox,
            confidence: Some(0.95),
            words: Vec::new(),
        }
    });
    Block::new(kind, text, lines.collect())
}

fn bbox(x: i32, y: i32, n_chars: usize) -> BBox {
    BBox::new(x, y, x + n_chars as i32 * 11, y + LINE_PX - 6)
}

fn table(rows: &[&str], y: &mut i32) -> Block {
    let cells_of = |row: &str| -> Vec<String> {
        row.trim()
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    let is_rule = |row: &&&str| !row.chars().all(|c| "|-: ".contains(c));
    let rows: Vec<Vec<String>> = rows
        .iter()
        .filter(is_rule)
        .map(|row| cells_of(row))
        .collect();
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = WIDTH_PX / n_columns.max(1) as i32;
    let top = *y;
    let cells = rows.iter().enumerate().flat_map(|(row, cells)| {
        cells.iter().enumerate().map(move |(column, text)| Cell {
            row: row as u32,
            column: column as u32,
            row_span: 1,
            column_span: 1,
            is_header: row == 0,
            text: text.clone(),
            bbox: bbox(
                column as i32 * width,
                top + row as i32 * LINE_PX,
                text.chars().count(),
            ),
        })
    });
    let table = Table {
        n_rows: rows.len() as u32,
        n_columns: n_columns as u32,
        cells: cells.collect(),
    };
    *y += LINE_PX * rows.len() as i32;
    Block {
        bbox: BBox::new(0, top, WIDTH_PX, *y),
        table: Some(table.clone()),
        ..Block::new(BlockKind::Table, table.text(), Vec::new())
    }
}
