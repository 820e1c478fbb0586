#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::block::{BlockKind, Word};
use crate::geometry::{BBox, Point};
use crate::table::{Cell, Table};

/// A line whose characters are 10 pixels wide.
fn line(y: i32, text: &str) -> Line {
    let mut x = 0;
    let words: Vec<Word> = text
        .split(' ')
        .map(|word| {
            let width = 10 * word.chars().count() as i32;
            let bbox = BBox::new(x, y, x + width, y + 10);
            x += width + 10;
            Word {
                text: word.to_owned(),
                bbox,
                confidence: 0.5,
            }
        })
        .collect();
    let bbox = BBox::new(0, y, x - 10, y + 10);
    let corner = |x, y| Point { x, y };
    Line {
        text: text.to_owned(),
        bbox,
        polygon: [
            corner(0, y),
            corner(bbox.x1, y),
            corner(bbox.x1, y + 10),
            corner(0, y + 10),
        ],
        confidence: Some(0.5),
        words,
    }
}

fn boxes(line: &Line) -> Vec<(&str, i32, i32)> {
    line.words
        .iter()
        .map(|word| (word.text.as_str(), word.bbox.x0, word.bbox.x1))
        .collect()
}

fn page(kind: BlockKind, text: &str, lines: Vec<Line>) -> Page {
    Page {
        blocks: vec![Block::new(kind, text, lines)],
        ..Page::pending(0)
    }
}

#[test]
fn a_word_for_a_word_keeps_its_box() {
    let mut read = line(0, "Tota1 12.50 EUR");
    read.correct("  Total 12.50   EUR ");
    assert_eq!(read.text, "Total 12.50 EUR");
    assert_eq!(
        boxes(&read),
        [("Total", 0, 50), ("12.50", 60, 110), ("EUR", 120, 150)]
    );
    assert_eq!(read.confidence, Some(1.0));
    assert!(read.words.iter().all(|word| word.confidence == 1.0));
}

#[test]
fn words_that_run_together_are_parted_and_parts_are_put_together() {
    let mut read = line(0, "grandtotal 12 .50");
    read.correct("grand total 12.50");
    let placed = boxes(&read);
    assert_eq!(placed[0].0, "grand");
    assert!(
        placed[0].2 <= placed[1].1 && placed[1].2 <= placed[2].1,
        "{placed:?}"
    );
    assert_eq!((placed[2].0, placed[2].2), ("12.50", 170));
}

#[test]
fn a_word_that_was_missed_takes_the_room_there_is() {
    let mut read = line(0, "Total EUR");
    read.words[1].bbox = BBox::new(160, 0, 190, 10);
    read.bbox.x1 = 190;
    read.correct("Total 12.50 EUR");
    let placed = boxes(&read);
    assert_eq!(
        (placed[0], placed[2]),
        (("Total", 0, 50), ("EUR", 160, 190))
    );
    assert_eq!((placed[1].1, placed[1].2), (50, 160));
}

#[test]
fn a_word_that_was_added_where_there_is_no_room_shares_a_neighbours() {
    let mut read = line(0, "Total EUR");
    read.correct("Total sum EUR");
    assert_eq!(
        boxes(&read),
        [("Total", 0, 28), ("sum", 33, 50), ("EUR", 60, 90)]
    );
    let mut read = line(0, "EUR");
    read.correct("12 EUR");
    assert_eq!(boxes(&read).len(), 2);
}

#[test]
fn text_from_right_to_left_is_placed_from_the_right() {
    let mut read = line(0, "السلامعليكم");
    read.correct("السلام عليكم");
    let placed = boxes(&read);
    assert!(placed[0].1 >= placed[1].2, "{placed:?}");
    assert_eq!(placed[0].2, 110);
}

#[test]
fn characters_of_scripts_without_spaces_are_words() {
    let mut read = line(0, "合 訐");
    read.text = "合訐".to_owned();
    read.correct("合計");
    assert_eq!(boxes(&read), [("合", 0, 10), ("計", 20, 30)]);
}

#[test]
fn running_text_follows_its_lines() {
    let lines = || {
        vec![
            line(0, "The har-"),
            line(20, "bour wos new."),
            line(40, "It cost much."),
        ]
    };
    let text = "The harbour wos new. It cost much.";
    let mut read = page(BlockKind::Paragraph, text, lines());
    assert!(read.correct(0, Part::Line(1), "bour was new."));
    assert_eq!(read.blocks[0].text, "The harbour was new. It cost much.");
    assert!(read.correct(0, Part::Line(2), "Its cost was much."));
    assert_eq!(
        read.blocks[0].text,
        "The harbour was new. Its cost was much."
    );
    assert!(read.correct(0, Part::Line(0), "The red har-"));
    assert_eq!(
        read.blocks[0].text,
        "The red harbour was new. Its cost was much."
    );
    assert!(read.correct(0, Part::Line(1), "bours were new."));
    assert_eq!(
        read.blocks[0].text,
        "The red harbours were new. Its cost was much."
    );
    assert_eq!(read.corrections.len(), 3);
    assert_eq!(read.read_as(0, Part::Line(1)), Some("bour wos new."));
    assert!(read.correct(0, Part::Line(1), "bour wos new."));
    assert_eq!(
        read.read_as(0, Part::Line(1)),
        None,
        "back to what was read"
    );
    assert!(!read.correct(0, Part::Line(3), "none"));
    assert!(!read.correct(1, Part::Line(0), "none"));
    assert!(!read.correct(0, Part::Cell(0), "none"));
}

#[test]
fn fields_keep_their_tab_and_lists_their_marker() {
    let mut read = page(
        BlockKind::KeyValue,
        "Invoice No\t1Z3",
        vec![line(0, "Invoice No 1Z3")],
    );
    read.correct(0, Part::Line(0), "Invoice No 123");
    assert_eq!(read.blocks[0].text, "Invoice No\t123");
    read.correct(0, Part::Line(0), "Invoice Number 123");
    assert_eq!(read.blocks[0].text, "Invoice Number\t123");
    let mut item = page(BlockKind::ListItem, "1. milk", vec![line(0, "1. milk")]);
    item.blocks[0].marker = Some("1.".to_owned());
    item.correct(0, Part::Line(0), "1. oat milk");
    assert_eq!(item.blocks[0].text_without_marker(), "oat milk");
    item.correct(0, Part::Line(0), "2. oat milk");
    assert_eq!(
        (
            item.blocks[0].text.as_str(),
            item.blocks[0].marker.as_deref()
        ),
        ("2. oat milk", None)
    );
}

#[test]
fn a_line_can_be_taken_away_and_come_back() {
    let lines = vec![line(0, "One"), line(20, ".,;"), line(40, "Two")];
    let mut read = page(BlockKind::Paragraph, "One\n.,;\nTwo", lines);
    read.correct(0, Part::Line(1), " ");
    assert_eq!(read.blocks[0].text, "One\nTwo");
    assert_eq!(read.blocks[0].lines[1].words.len(), 0);
    assert_eq!(
        read.blocks[0].confidence,
        Some(0.5),
        "an empty line counts nothing"
    );
    assert_eq!(read.read_as(0, Part::Line(1)), Some(".,;"));
}

#[test]
fn text_that_does_not_follow_its_lines_takes_theirs() {
    let mut read = page(
        BlockKind::Paragraph,
        "A model said this",
        vec![line(0, "One"), line(20, "Two")],
    );
    read.correct(0, Part::Line(1), "Three");
    assert_eq!(read.blocks[0].text, "One\nThree");
}

fn table() -> Page {
    let lines = vec![
        line(0, "Item Price"),
        line(20, "Coffee 9.O0"),
        line(40, "beans"),
    ];
    let cell = |row, column, text: &str, bbox| Cell {
        row,
        column,
        row_span: 1,
        column_span: 1,
        is_header: row == 0,
        text: text.to_owned(),
        bbox,
    };
    let cells = vec![
        cell(0, 0, "Item", BBox::new(0, 0, 40, 10)),
        cell(0, 1, "Price", BBox::new(50, 0, 100, 10)),
        cell(1, 0, "Coffee\nbeans", BBox::new(0, 20, 60, 50)),
        cell(1, 1, "9.O0", BBox::new(70, 20, 110, 30)),
    ];
    let table = Table {
        n_rows: 2,
        n_columns: 2,
        cells,
    };
    let block = Block::new(BlockKind::Table, table.text(), lines);
    Page {
        blocks: vec![Block {
            table: Some(table),
            ..block
        }],
        ..Page::pending(0)
    }
}

#[test]
fn cells_follow_their_lines() {
    let mut read = table();
    read.correct(0, Part::Line(1), "Coffee 9.00");
    let cells = &read.blocks[0].table.as_ref().unwrap().cells;
    assert_eq!(
        (cells[2].text.as_str(), cells[3].text.as_str()),
        ("Coffee\nbeans", "9.00")
    );
    assert_eq!(read.blocks[0].text, "Item\tPrice\nCoffee beans\t9.00");
}

#[test]
fn lines_follow_their_cells() {
    let mut read = table();
    read.correct(0, Part::Cell(3), "9.00");
    read.correct(0, Part::Cell(2), "Toffee\nbeams");
    let block = &read.blocks[0];
    assert_eq!(block.lines[1].text, "Toffee 9.00");
    assert_eq!(block.lines[2].text, "beams");
    assert_eq!(block.text, "Item\tPrice\nToffee beams\t9.00");
    assert_eq!(read.read_as(0, Part::Cell(3)), Some("9.O0"));
    // Not as many lines as before: the words are parted.
    read.correct(0, Part::Cell(2), "Toffee beams");
    assert_eq!(read.blocks[0].lines[2].text, "beams");
}

#[test]
fn a_correction_survives_the_trip() {
    let mut read = table();
    read.correct(0, Part::Cell(3), "9.00");
    let json = serde_json::to_value(&read).unwrap();
    assert_eq!(
        json["corrections"],
        serde_json::json!([{"block": 0, "cell": 3, "read": "9.O0"}])
    );
    assert_eq!(serde_json::from_value::<Page>(json).unwrap(), read);
    let untouched = serde_json::to_value(table()).unwrap();
    assert!(untouched.get("corrections").is_none());
}
