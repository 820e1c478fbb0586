//! Answers for the goldens, laid out like pages: every block gets lines and words with boxes.

use ocr_chat_document::{BBox, Block, BlockKind, Cell, Line, Page, PageStatus, Point, Table, Word};
use unicode_width::UnicodeWidthStr;

/// Pixels an inch of the pages.
pub(crate) const DPI: f32 = 100.0;

/// An A4 page at that resolution.
pub(crate) const WIDTH: i32 = 827;
pub(crate) const HEIGHT: i32 = 1169;

const MARGIN: i32 = 80;

/// A page that is filled from top to bottom.
pub(crate) struct PageBuilder {
    page: Page,
    y: i32,
    is_rtl: bool,
}

impl PageBuilder {
    pub(crate) fn new(index: u32, language: &str) -> Self {
        Self {
            page: Page {
                status: PageStatus::Done,
                width: WIDTH as u32,
                height: HEIGHT as u32,
                dpi: Some(DPI),
                detected_language: Some(language.to_owned()),
                ..Page::pending(index)
            },
            y: MARGIN,
            is_rtl: matches!(language, "ar" | "he"),
        }
    }

    pub(crate) fn done(mut self) -> Page {
        self.page.mean_confidence = self.page.compute_mean_confidence();
        self.page
    }

    /// A block of `kind` whose text is `text`, its lines those of `lines` or, where there are none, of the text.
    fn put(mut self, kind: BlockKind, text: &str, lines: &[&str], indent: i32) -> Self {
        let lines: Vec<&str> = if lines.is_empty() {
            text.lines().collect()
        } else {
            lines.to_vec()
        };
        let height = if kind == BlockKind::Heading { 28 } else { 16 };
        let mut built = Vec::new();
        for text in lines {
            built.push(line(text, MARGIN + indent, self.y, height, self.is_rtl));
            self.y += height * 3 / 2;
        }
        self.y += 16;
        self.page.blocks.push(Block::new(kind, text, built));
        self
    }

    fn last(&mut self) -> &mut Block {
        self.page.blocks.last_mut().unwrap()
    }

    pub(crate) fn block(self, kind: BlockKind, text: &str) -> Self {
        self.put(kind, text, &[], 0)
    }

    pub(crate) fn heading(self, level: u8, text: &str) -> Self {
        let mut page = self.block(BlockKind::Heading, text);
        page.last().level = Some(level);
        page
    }

    pub(crate) fn paragraph(self, text: &str) -> Self {
        self.block(BlockKind::Paragraph, text)
    }

    /// A paragraph whose lines were joined.
    pub(crate) fn flowed(self, text: &str, lines: &[&str]) -> Self {
        self.put(BlockKind::Paragraph, text, lines, 0)
    }

    pub(crate) fn item(self, level: u8, marker: &str, text: &str) -> Self {
        let text = format!("{marker} {text}");
        let mut page = self.put(BlockKind::ListItem, &text, &[], i32::from(level) * 24);
        let block = page.last();
        block.level = Some(level);
        block.marker = Some(marker.to_owned());
        page
    }

    pub(crate) fn field(self, label: &str, value: &str) -> Self {
        let line = format!("{label} {value}");
        self.put(
            BlockKind::KeyValue,
            &format!("{label}\t{value}"),
            &[line.trim()],
            0,
        )
    }

    pub(crate) fn figure(mut self, width: i32, height: i32, text: &str) -> Self {
        let bbox = BBox::new(MARGIN, self.y, MARGIN + width, self.y + height);
        let lines = if text.is_empty() {
            vec![]
        } else {
            vec![line(text, MARGIN + 20, self.y + 20, 16, self.is_rtl)]
        };
        self.page.blocks.push(Block {
            bbox,
            ..Block::new(BlockKind::Figure, text, lines)
        });
        self.y += height + 16;
        self
    }

    /// A formula in a box of its own, whose lines are those of `text`, as a model wrote it where it did.
    pub(crate) fn formula(self, width: i32, height: i32, text: &str, latex: Option<&str>) -> Self {
        let top = self.y;
        let mut page = self.put(BlockKind::Formula, text, &[], 40);
        let block = page.last();
        block.bbox = BBox::new(MARGIN + 30, top, MARGIN + 30 + width, top + height);
        if let Some(latex) = latex {
            block.set_latex(latex);
        }
        page.y = top + height + 16;
        page
    }

    /// A table of rows; the first `n_header_rows` are headers. A cell's text may begin with `>` for each further column and `v` for each further row
    /// that it covers, ended by a space: `>> text`. `^` is a place that another cell covers.
    pub(crate) fn table(mut self, n_header_rows: u32, rows: &[&[&str]]) -> Self {
        let n_columns = rows[0].len();
        let column_width = (WIDTH - 2 * MARGIN) / i32::try_from(n_columns).unwrap();
        let mut cells = Vec::new();
        let mut lines = Vec::new();
        for (row_idx, row) in rows.iter().enumerate() {
            assert_eq!(row.len(), n_columns);
            for (column_idx, text) in row.iter().enumerate() {
                if *text == "^" || text.is_empty() {
                    continue;
                }
                let spans: String = text.chars().take_while(|c| ">v".contains(*c)).collect();
                let (spans, text) = match text.strip_prefix(&format!("{spans} ")) {
                    Some(rest) if !spans.is_empty() => (spans, rest),
                    _ => (String::new(), *text),
                };
                let column = i32::try_from(column_idx).unwrap();
                let position = if self.is_rtl {
                    i32::try_from(n_columns).unwrap() - 1 - column
                } else {
                    column
                };
                let row_idx = u32::try_from(row_idx).unwrap();
                let x = MARGIN + position * column_width;
                let y = self.y + i32::try_from(row_idx).unwrap() * 24;
                for (n, text) in text.lines().enumerate() {
                    let y = y + i32::try_from(n).unwrap() * 12;
                    let mut line = line(text, x + 4, y + 4, 12, false);
                    line.confidence = Some(0.875);
                    lines.push(line);
                }
                cells.push(Cell {
                    row: row_idx,
                    column: u32::try_from(column_idx).unwrap(),
                    row_span: 1 + u32::try_from(spans.matches('v').count()).unwrap(),
                    column_span: 1 + u32::try_from(spans.matches('>').count()).unwrap(),
                    is_header: row_idx < n_header_rows,
                    text: text.to_owned(),
                    bbox: BBox::new(x, y, x + column_width, y + 24),
                });
            }
        }
        let table = Table {
            n_rows: u32::try_from(rows.len()).unwrap(),
            n_columns: u32::try_from(n_columns).unwrap(),
            cells,
        };
        self.y += i32::try_from(rows.len()).unwrap() * 24 + 16;
        self.page.blocks.push(Block {
            table: Some(table.clone()),
            ..Block::new(BlockKind::Table, table.text(), lines)
        });
        self
    }

    /// Gives the last block a language of its own.
    pub(crate) fn in_language(mut self, tag: &str) -> Self {
        self.last().detected_language = Some(tag.to_owned());
        self
    }
}

/// A line of words at `x` and `y`, from the right margin where it is read so.
fn line(text: &str, x: i32, y: i32, height: i32, is_rtl: bool) -> Line {
    let char_width = height / 2;
    let advance = |text: &str| i32::try_from(text.width()).unwrap() * char_width;
    let place = |from: i32, width: i32| {
        let x0 = if is_rtl {
            WIDTH - x - from - width
        } else {
            x + from
        };
        BBox::new(x0, y, x0 + width, y + height)
    };
    let mut words = Vec::new();
    let mut from = 0;
    for (position, part) in text.split(' ').enumerate() {
        if position > 0 {
            from += char_width;
        }
        for word in parts(part) {
            let width = advance(&word).max(1);
            words.push(Word {
                text: word,
                bbox: place(from, width),
                confidence: 0.96875,
            });
            from += width;
        }
    }
    let bbox = place(0, from.max(1));
    let corner = |x, y| Point { x, y };
    let polygon = [
        corner(bbox.x0, bbox.y0),
        corner(bbox.x1, bbox.y0),
        corner(bbox.x1, bbox.y1),
        corner(bbox.x0, bbox.y1),
    ];
    Line {
        text: text.to_owned(),
        bbox,
        polygon,
        confidence: Some(0.96875),
        words,
    }
}

/// The words of a run without spaces: itself, or its characters in scripts written without spaces, marks with their letters.
fn parts(text: &str) -> Vec<String> {
    let is_spaceless =
        |c: char| matches!(u32::from(c), 0x0E00..=0x0E7F | 0x3000..=0x9FFF | 0xFF00..=0xFFEF);
    let mut parts: Vec<String> = Vec::new();
    let mut joins = false;
    for c in text.chars() {
        let is_mark = c.to_string().width() == 0;
        match parts.last_mut() {
            Some(last) if is_mark || (joins && !is_spaceless(c)) => last.push(c),
            _ => parts.push(c.to_string()),
        }
        joins = !is_spaceless(c) && !is_mark || is_mark && joins;
    }
    parts
}
