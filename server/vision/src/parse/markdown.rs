//! Markdown as models write it: CommonMark's blocks as far as documents need them, tables as HTML or with pipes, formulas as LaTeX.

use ocr_chat_document::BlockKind;

use crate::parse::{Parsed, ParsedBlock, grid, html, inline};

/// Reads Markdown. Nothing in it has a box.
pub(super) fn parse(markdown: &str) -> Parsed {
    let mut reader = Reader {
        lines: markdown.lines().collect(),
        at: 0,
        blocks: Vec::new(),
        paragraph: Vec::new(),
        is_damaged: false,
    };
    reader.read();
    Parsed {
        blocks: reader.blocks,
        is_damaged: reader.is_damaged,
        language: None,
    }
}

struct Reader<'a> {
    lines: Vec<&'a str>,
    at: usize,
    blocks: Vec<ParsedBlock>,
    /// Lines of a paragraph that has not ended.
    paragraph: Vec<&'a str>,
    is_damaged: bool,
}

impl Reader<'_> {
    fn read(&mut self) {
        while self.at < self.lines.len() {
            let line = self.lines[self.at];
            let trimmed = line.trim();
            let before = self.at;
            if trimmed.is_empty() {
                self.end_paragraph();
            } else if let Some(fence) = ["```", "~~~"]
                .iter()
                .find(|fence| trimmed.starts_with(**fence))
            {
                self.code(fence);
            } else if let Some((level, text)) = heading(trimmed) {
                self.end_paragraph();
                self.blocks
                    .push(ParsedBlock::heading(level, inline::plain(text)));
            } else if is_rule(trimmed) {
                self.rule(trimmed);
            } else if let Some(start) = find_ignoring_case(line, "<table") {
                self.html_table(start);
            } else if trimmed.starts_with("$$") || trimmed.starts_with("\\[") {
                self.formula(trimmed);
            } else if trimmed.starts_with('|') && self.pipe_table() {
            } else if let Some(picture) = picture(trimmed) {
                self.end_paragraph();
                self.blocks.push(picture);
            } else if let Some(item) = list_item(line) {
                self.end_paragraph();
                self.item(&item);
            } else {
                self.paragraph.push(self.lines[self.at]);
            }
            // Those that take several lines have gone on by themselves.
            if self.at == before {
                self.at += 1;
            }
        }
        self.end_paragraph();
    }

    fn end_paragraph(&mut self) {
        let lines = std::mem::take(&mut self.paragraph);
        if lines.is_empty() {
            return;
        }
        let mut text = String::new();
        for line in lines {
            let is_hard = line.ends_with("  ") || line.ends_with('\\');
            text.push_str(line.trim().trim_end_matches('\\').trim_start_matches("> "));
            text.push(if is_hard { '\u{1}' } else { ' ' });
        }
        let text = inline::plain(text.trim_end_matches([' ', '\u{1}'])).replace('\u{1}', "\n");
        self.blocks
            .push(ParsedBlock::new(BlockKind::Paragraph, text));
    }

    /// Text as it stands. Without its end it reaches to the end.
    fn code(&mut self, fence: &str) {
        self.end_paragraph();
        let start = self.at + 1;
        let rest = &self.lines[start.min(self.lines.len())..];
        let length = rest.iter().position(|line| line.trim() == fence);
        self.is_damaged |= length.is_none();
        let end = start + length.unwrap_or(rest.len());
        let text = self.lines[start.min(end)..end].join("\n");
        self.blocks
            .push(ParsedBlock::new(BlockKind::Paragraph, text));
        self.at = end + 1;
    }

    /// A line of `=` or `-` makes the paragraph above a heading; any other rule ends it.
    fn rule(&mut self, line: &str) {
        let level = if line.starts_with('=') { 1 } else { 2 };
        let is_underline = line.chars().all(|c| c == '=') || line.chars().all(|c| c == '-');
        if is_underline && self.paragraph.len() == 1 {
            let text = inline::plain(self.paragraph[0].trim());
            self.paragraph.clear();
            self.blocks.push(ParsedBlock::heading(level, text));
        } else if line.starts_with('=') {
            self.paragraph.push(self.lines[self.at]);
        } else {
            self.end_paragraph();
        }
    }

    fn html_table(&mut self, start: usize) {
        let line = self.lines[self.at];
        if !line[..start].trim().is_empty() {
            self.paragraph.push(&line[..start]);
        }
        // Wrappers such as `<div>` in front of a table are no paragraph.
        let text = html::text_of(&html::tokens(&self.paragraph.join(" ")));
        if text.is_empty() {
            self.paragraph.clear();
        }
        self.end_paragraph();
        let mut source = String::new();
        let mut end = self.at;
        let mut depth = 0_i32;
        for (idx, line) in self.lines[self.at..].iter().enumerate() {
            let line = if idx == 0 { &line[start..] } else { line };
            source.push_str(line);
            source.push('\n');
            end = self.at + idx + 1;
            depth += count_ignoring_case(line, "<table") - count_ignoring_case(line, "</table");
            if depth <= 0 {
                break;
            }
        }
        self.is_damaged |= depth > 0;
        self.at = end;
        let tokens = html::tokens(&source);
        let mut rest = tokens.as_slice();
        while let Some(start) = rest
            .iter()
            .position(|token| matches!(token, html::Token::Open { name, .. } if name == "table"))
        {
            self.text_block(&rest[..start]);
            let (table, n_tokens) = grid::from_html(&rest[start..]);
            self.blocks.extend(table.map(ParsedBlock::of_table));
            rest = &rest[start + n_tokens.max(1)..];
        }
        self.text_block(rest);
    }

    fn text_block(&mut self, tokens: &[html::Token]) {
        let text = html::text_of(tokens);
        if !text.is_empty() {
            self.blocks
                .push(ParsedBlock::new(BlockKind::Paragraph, text));
        }
    }

    /// A formula of its own, on one line or several. A line that goes on behind it is a paragraph with a formula.
    fn formula(&mut self, first: &str) {
        let (open, close) = if first.starts_with("$$") {
            ("$$", "$$")
        } else {
            ("\\[", "\\]")
        };
        let mut latex = String::new();
        let mut rest = first.strip_prefix(open).unwrap_or(first);
        let mut at = self.at;
        loop {
            if let Some((before, behind)) = rest.split_once(close) {
                let behind = behind.trim();
                // A formula's number may stand behind it.
                let is_number =
                    behind.starts_with('(') && behind.ends_with(')') && behind.len() < 12;
                if !behind.is_empty() && !is_number && at == self.at {
                    self.paragraph.push(self.lines[self.at]);
                    return;
                }
                latex.push_str(before);
                self.end_paragraph();
                self.blocks
                    .push(ParsedBlock::new(BlockKind::Formula, latex.trim()));
                if !behind.is_empty() {
                    self.blocks.push(ParsedBlock::new(
                        BlockKind::Paragraph,
                        inline::plain(behind),
                    ));
                }
                self.at = at + 1;
                return;
            }
            latex.push_str(rest);
            latex.push('\n');
            at += 1;
            let Some(next) = self.lines.get(at) else {
                break;
            };
            rest = next;
        }
        // It breaks off.
        self.end_paragraph();
        self.is_damaged = true;
        self.blocks
            .push(ParsedBlock::new(BlockKind::Formula, latex.trim()));
        self.at = at;
    }

    fn pipe_table(&mut self) -> bool {
        let rest = &self.lines[self.at..];
        let n_lines = rest
            .iter()
            .take_while(|line| line.trim().starts_with('|'))
            .count();
        let Some(table) = grid::from_pipes(&rest[..n_lines]) else {
            return self.pipes_without_rule(n_lines);
        };
        self.end_paragraph();
        self.blocks.push(ParsedBlock::of_table(table));
        self.at += n_lines;
        true
    }

    /// Lines with pipes that are no table are lines.
    fn pipes_without_rule(&mut self, n_lines: usize) -> bool {
        self.end_paragraph();
        let lines: Vec<String> = self.lines[self.at..self.at + n_lines]
            .iter()
            .map(|line| inline::plain(line.trim()))
            .collect();
        self.blocks
            .push(ParsedBlock::new(BlockKind::Paragraph, lines.join("\n")));
        self.at += n_lines;
        true
    }

    fn item(&mut self, item: &Item<'_>) {
        // Lines that are indented, or that go on without a mark, belong to it.
        let mut text = item.text.to_owned();
        let mut at = self.at + 1;
        while let Some(next) = self.lines.get(at) {
            let trimmed = next.trim();
            let is_new = trimmed.is_empty()
                || list_item(next).is_some()
                || heading(trimmed).is_some()
                || trimmed.starts_with(['|', '$', '<', '!'])
                || trimmed.starts_with("```");
            if is_new {
                break;
            }
            text.push(' ');
            text.push_str(trimmed);
            at += 1;
        }
        self.at = at;
        self.blocks
            .push(item_block(item.level, &item.marker, &inline::plain(&text)));
    }
}

/// An item of a list.
pub(super) struct Item<'a> {
    pub(super) level: u8,
    pub(super) marker: String,
    pub(super) text: &'a str,
}

/// A block of an item: its marker stands at the start of its text.
pub(super) fn item_block(level: u8, marker: &str, text: &str) -> ParsedBlock {
    ParsedBlock {
        level: Some(level),
        marker: Some(marker.to_owned()),
        ..ParsedBlock::new(BlockKind::ListItem, format!("{marker} {text}"))
    }
}

/// The list item that a line begins; two spaces of indentation, or a tab, are a level.
pub(super) fn list_item(line: &str) -> Option<Item<'_>> {
    let trimmed = line.trim_start();
    let indent: usize = line[..line.len() - trimmed.len()]
        .chars()
        .map(|c| if c == '\t' { 2 } else { 1 })
        .sum();
    let level = u8::try_from((indent / 2 + 1).min(6)).ok()?;
    let (marker, text) = trimmed.split_once([' ', '\t'])?;
    let marker = match marker {
        "-" | "*" | "+" | "•" | "◦" | "▪" => "•".to_owned(),
        "–" => marker.to_owned(),
        numbered if is_number(numbered) => numbered.to_owned(),
        _ => return None,
    };
    let text = text.trim();
    (!text.is_empty()).then_some(Item {
        level,
        marker,
        text,
    })
}

/// `12.`, `3)`, `(a)`, `b)`: what stands in front of an item that is counted.
fn is_number(marker: &str) -> bool {
    let inner = marker.strip_prefix('(').unwrap_or(marker);
    let Some(inner) = inner.strip_suffix(['.', ')']) else {
        return false;
    };
    let is_digits =
        !inner.is_empty() && inner.len() <= 3 && inner.chars().all(|c| c.is_ascii_digit());
    let is_letter =
        marker.ends_with(')') && inner.len() == 1 && inner.chars().all(|c| c.is_ascii_alphabetic());
    is_digits || is_letter
}

/// The level and the text of a heading with `#`.
pub(super) fn heading(line: &str) -> Option<(usize, &str)> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    let is_heading = (1..=6).contains(&level) && text.starts_with([' ', '\t']);
    is_heading.then(|| (level, text.trim().trim_end_matches('#').trim_end()))
}

fn is_rule(line: &str) -> bool {
    let is_of = |mark: char| line.chars().all(|c| c == mark || c == ' ') && line.len() >= 3;
    is_of('-') || is_of('*') || is_of('_') || is_of('=')
}

/// A picture alone on its line; its text is what the model says of it, which stands nowhere on the page, so it is left out.
fn picture(line: &str) -> Option<ParsedBlock> {
    let is_markdown =
        line.starts_with("![") && line.ends_with(')') && line.matches("](").count() == 1;
    let is_html = line.starts_with("<img") && line.ends_with('>') && line.matches('<').count() == 1;
    let is_nanonets = line.starts_with("<img>") && line.ends_with("</img>");
    (is_markdown || is_html || is_nanonets).then(|| ParsedBlock::new(BlockKind::Figure, ""))
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    // Lengths stay: only ASCII letters change.
    text.to_ascii_lowercase().find(wanted)
}

fn count_ignoring_case(text: &str, wanted: &str) -> i32 {
    i32::try_from(text.to_ascii_lowercase().matches(wanted).count()).unwrap_or(i32::MAX / 4)
}
