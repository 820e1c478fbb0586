//! The text of a part of a page.

use crate::block::{Block, Line};
use crate::geometry::BBox;
use crate::page::Page;

impl Page {
    /// The text inside `region`, in reading order: the words whose middles are in it, a line of the page a line, blocks parted by an empty line. Of a table the cells whose
    /// middles are in it, rows parted by line breaks and columns by tabs, as spreadsheets take them. Lines without words count as a whole.
    pub fn text_in(&self, region: BBox) -> String {
        let texts: Vec<String> = self
            .blocks
            .iter()
            .filter_map(|block| block.text_in(region))
            .collect();
        texts.join("\n\n")
    }
}

impl Block {
    fn text_in(&self, region: BBox) -> Option<String> {
        if let Some(text) = self.cells_in(region) {
            return Some(text);
        }
        let lines: Vec<String> = self
            .lines
            .iter()
            .filter_map(|line| line.text_in(region))
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn cells_in(&self, region: BBox) -> Option<String> {
        let cells: Vec<_> = self
            .table
            .as_ref()?
            .cells
            .iter()
            .filter(|cell| region.holds_middle_of(cell.bbox))
            .collect();
        let columns = cells.iter().map(|cell| cell.column);
        let (first, last) = (columns.clone().min()?, columns.max()?);
        let mut rows: Vec<u32> = cells.iter().map(|cell| cell.row).collect();
        rows.dedup();
        let row = |row: u32| {
            let texts: Vec<String> = (first..=last)
                .map(|column| {
                    let cell = cells
                        .iter()
                        .find(|cell| (cell.row, cell.column) == (row, column));
                    cell.map_or_else(String::new, |cell| cell.text.replace('\n', " "))
                })
                .collect();
            texts.join("\t")
        };
        Some(rows.into_iter().map(row).collect::<Vec<_>>().join("\n"))
    }
}

impl Line {
    fn text_in(&self, region: BBox) -> Option<String> {
        if self.words.is_empty() {
            let is_in = region.holds_middle_of(self.bbox) && !self.text.is_empty();
            return is_in.then(|| self.text.clone());
        }
        let mut text = String::new();
        let mut end = 0;
        for (place, word) in self.placed_words() {
            if region.holds_middle_of(word.bbox) {
                let has_space = self.text[end..place.start].contains(char::is_whitespace);
                if !text.is_empty() && has_space {
                    text.push(' ');
                }
                text.push_str(&word.text);
            }
            end = place.end;
        }
        (!text.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::block::{BlockKind, Word};
    use crate::geometry::Point;
    use crate::table::{Cell, Table};

    fn line(y: i32, words: &[(i32, &str)]) -> Line {
        let words: Vec<Word> = words
            .iter()
            .map(|&(x, text)| Word {
                text: text.to_owned(),
                bbox: BBox::new(x, y, x + 10 * text.chars().count() as i32, y + 10),
                confidence: 0.9,
            })
            .collect();
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        Line {
            text: texts.join(" "),
            bbox: BBox::union_of(words.iter().map(|word| word.bbox)).unwrap(),
            polygon: [Point { x: 0, y: 0 }; 4],
            confidence: Some(0.9),
            words,
        }
    }

    #[test]
    fn a_column_is_copied_without_its_neighbour() {
        let lines = vec![
            line(0, &[(0, "Coffee"), (200, "9.00")]),
            line(20, &[(0, "Green"), (60, "tea"), (200, "12.50")]),
        ];
        let prices = Block::new(BlockKind::Paragraph, "", lines);
        let note = Block::new(
            BlockKind::Paragraph,
            "",
            vec![line(60, &[(0, "Thank"), (60, "you")])],
        );
        let page = Page {
            blocks: vec![prices, note],
            ..Page::pending(0)
        };
        assert_eq!(page.text_in(BBox::new(190, 0, 300, 100)), "9.00\n12.50");
        assert_eq!(
            page.text_in(BBox::new(0, 0, 100, 100)),
            "Coffee\nGreen tea\n\nThank you"
        );
        assert_eq!(page.text_in(BBox::new(500, 0, 600, 100)), "");
    }

    #[test]
    fn a_part_of_a_table_is_copied_as_cells() {
        let cell = |row, column, text: &str| Cell {
            row,
            column,
            row_span: 1,
            column_span: 1,
            is_header: false,
            text: text.to_owned(),
            bbox: BBox::new(
                100 * column as i32,
                20 * row as i32,
                100 * column as i32 + 80,
                20 * row as i32 + 10,
            ),
        };
        let table = Table {
            n_rows: 2,
            n_columns: 3,
            cells: vec![
                cell(0, 0, "Tea"),
                cell(0, 2, "9"),
                cell(1, 0, "Green\ntea"),
                cell(1, 1, "2"),
                cell(1, 2, "7"),
            ],
        };
        let block = Block {
            table: Some(table),
            ..Block::new(BlockKind::Table, "", vec![])
        };
        let page = Page {
            blocks: vec![block],
            ..Page::pending(0)
        };
        assert_eq!(
            page.text_in(BBox::new(0, 0, 300, 40)),
            "Tea\t\t9\nGreen tea\t2\t7"
        );
        assert_eq!(page.text_in(BBox::new(200, 0, 300, 40)), "9\n7");
    }
}
