//! GitHub Flavored Markdown: headings, nested lists, tables, figures, captions, fields and notes; what belongs to the sheet (running headers and
//! footers, page numbers) is left out.
//!
//! A table is a pipe table, or an HTML table where its cells span or more than one row is a header, which pipes cannot say. A footnote is a
//! paragraph: its mark in the text is not known, and GFM hides notes that nothing refers to.

mod escape;

mod map;

mod mapped;

use ocr_chat_document::{BBox, Block, BlockKind, Page, PageStatus};

pub use map::{MarkdownMap, MarkdownSpan, SpanSyntax};
pub use mapped::MappedAnswer;

use crate::captions::{Captions, alt_text, placeholder};
use crate::flow::Flow;
use crate::grid::{Grid, Place};
use crate::lists::{Around, Counting, Lists, Style};
use crate::pictures::Names;
use crate::xml;
use map::Writer;

/// The Markdown of `pages`, joined by a thematic break.
pub fn markdown<'a>(pages: impl IntoIterator<Item = &'a Page>) -> String {
    markdown_map(pages).markdown
}

/// The Markdown of `pages` and where each stretch of it was read. A paragraph that goes on in the next column or on the next page is written as one, where
/// it begins; what was read elsewhere is a span of its own.
pub fn markdown_map<'a>(pages: impl IntoIterator<Item = &'a Page>) -> MarkdownMap {
    let pages: Vec<&Page> = pages.into_iter().collect();
    let flow = Flow::of(&pages);
    let mut writer = Writer::default();
    for position in 0..pages.len() {
        if position > 0 {
            writer.push("\n\n---\n\n");
        }
        push_page(&mut writer, &pages, position, &flow);
    }
    writer.map
}

/// What stands before a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// The page's start.
    Nothing,
    /// An item of a list.
    Item,
    /// A field of a form.
    Field,
    /// Any other block.
    Block,
}

/// An item that others may stand below.
#[derive(Debug, Clone, Copy)]
struct OpenItem {
    /// What tells its list from others: `-`, `.` or `)`.
    delimiter: char,
    /// The column at which its text starts.
    indent: usize,
}

fn push_page(writer: &mut Writer, pages: &[&Page], position: usize, flow: &Flow) {
    let page = pages[position];
    if page.status == PageStatus::Failed {
        writer.push(&format!("*Page {} could not be read.*", page.index + 1));
        return;
    }
    let captions = Captions::of(&page.blocks);
    let mut lists = Lists::default();
    let mut open: Vec<OpenItem> = Vec::new();
    let mut before = Before::Nothing;
    let mut names = Names::of_page(page.index);
    for (block_idx, block) in page.blocks.iter().enumerate() {
        if block.kind.is_furniture() || flow.is_continuation((position, block_idx)) {
            continue;
        }
        if block.kind == BlockKind::ListItem {
            push_item(writer, page, block_idx, &mut lists, &mut open, before);
            before = Before::Item;
            continue;
        }
        lists.close();
        open.clear();
        let is_field = block.kind == BlockKind::KeyValue;
        writer.push(match before {
            Before::Nothing => "",
            Before::Field if is_field => "\\\n",
            _ => "\n\n",
        });
        if block.kind == BlockKind::Figure {
            let alt = escape::inline(&alt_text(&page.blocks, &captions, block_idx));
            writer.push(&format!("![{alt}]({}.png)", names.next(block.kind)));
            if !block.text.trim().is_empty() {
                writer.push("\n\n");
            }
        }
        let pieces = flow.pieces(pages, (position, block_idx));
        if pieces.len() > 1 {
            for piece in pieces {
                let (page, block_idx) = (pages[piece.at.0], piece.at.1);
                let (bbox, text) = (page.blocks[block_idx].bbox, lines(piece.text, ""));
                writer.push(piece.separator);
                writer.push_span(page, (block_idx, None), bbox, SpanSyntax::Markdown, &text);
            }
        } else if block.kind == BlockKind::Formula && block.latex.is_none() {
            let name = names.next(block.kind);
            push_formula_picture(writer, page, block_idx, &name);
        } else {
            push_block(writer, page, block_idx, block);
        }
        before = if is_field {
            Before::Field
        } else {
            Before::Block
        };
    }
}

fn push_block(writer: &mut Writer, page: &Page, block_idx: usize, block: &Block) {
    let at = (block_idx, None);
    if let Some(latex) = &block.latex {
        writer.push("$$\n");
        let latex = without_empty_lines(latex);
        writer.push_span(page, at, block.bbox, SpanSyntax::Verbatim, &latex);
        writer.push("\n$$");
        return;
    }
    let mut span = |syntax, text: &str| writer.push_span(page, at, block.bbox, syntax, text);
    match block.kind {
        BlockKind::Heading => {
            let text = block.text.split_whitespace().collect::<Vec<_>>().join(" ");
            let level = usize::from(block.level.unwrap_or(1)).clamp(1, 6);
            writer.push(&"#".repeat(level));
            writer.push(" ");
            let text = escape::heading(&text);
            writer.push_span(page, at, block.bbox, SpanSyntax::Markdown, &text);
        }
        BlockKind::Caption => span(SpanSyntax::Markdown, &emphasised(&lines(&block.text, ""))),
        BlockKind::KeyValue => span(SpanSyntax::Markdown, &field(&block.text)),
        _ => match block.table.as_ref().and_then(Grid::new) {
            Some(grid) if grid.has_spans() || grid.n_header_rows > 1 => {
                push_html_table(writer, page, block_idx, &grid);
            }
            Some(grid) => push_pipe_table(writer, page, block_idx, &grid),
            None => span(SpanSyntax::Markdown, &lines(&block.text, "")),
        },
    }
}

fn push_item(
    writer: &mut Writer,
    page: &Page,
    block_idx: usize,
    lists: &mut Lists,
    open: &mut Vec<OpenItem>,
    before: Before,
) {
    let block = &page.blocks[block_idx];
    let item = lists.next(block);
    writer.push(match before {
        Before::Nothing => "",
        Before::Item => "\n",
        _ => "\n\n",
    });
    let indent = item
        .depth
        .checked_sub(1)
        .and_then(|parent| open.get(parent))
        .map_or(0, |parent| parent.indent);
    let number = item.number;
    let (delimiter, mark, text) = match item.style {
        Style::Ordered(Counting::Decimal, Around::Dot) => ('.', format!("{number}. "), item.text),
        Style::Ordered(Counting::Decimal, Around::Bracket) => {
            (')', format!("{number}) "), item.text)
        }
        Style::Bullet => ('-', "- ".to_owned(), item.text),
        // Letters, Roman numbers and `(1)` are none of Markdown's; they stay as they were read.
        Style::Ordered(..) | Style::Kept => ('-', "- ".to_owned(), block.text.as_str()),
    };
    // Markdown counts on by itself, so a list that starts anew right behind another of its kind needs something between them.
    let follows_its_kind = open
        .get(item.depth)
        .is_some_and(|before| before.delimiter == delimiter);
    if item.starts_list && delimiter != '-' && follows_its_kind {
        let end = if item.depth == 0 { "\n\n" } else { "\n" };
        writer.push(&format!("{:indent$}<!-- -->{end}", ""));
    }
    writer.push(&format!("{:indent$}{mark}", ""));
    open.truncate(item.depth);
    let indent = indent + mark.len();
    open.push(OpenItem { delimiter, indent });
    let text = lines(text, &" ".repeat(indent));
    let at = (block_idx, None);
    writer.push_span(page, at, block.bbox, SpanSyntax::Markdown, &text);
}

/// `text` with hard breaks between its lines, each but the first behind `indent`.
fn lines(text: &str, indent: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(escape::line)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join(&format!("\\\n{indent}"))
}

fn emphasised(markdown: &str) -> String {
    if markdown.is_empty() {
        String::new()
    } else {
        format!("*{markdown}*")
    }
}

/// A label and its value; the label in bold.
fn field(text: &str) -> String {
    let (label, value) = text.split_once('\t').unwrap_or((text, ""));
    let label = escape::inline(&label.replace('\n', " "));
    let value = lines(value, "");
    match (label.is_empty(), value.is_empty()) {
        (true, _) => value,
        (false, true) => format!("**{label}**"),
        (false, false) => format!("**{label}**\t{value}"),
    }
}

/// A formula that nobody wrote as LaTeX: its picture, and the signs that were read in place of it.
fn push_formula_picture(writer: &mut Writer, page: &Page, block_idx: usize, name: &str) {
    let block = &page.blocks[block_idx];
    let signs = block.text.split_whitespace().collect::<Vec<_>>().join(" ");
    writer.push("![");
    if signs.is_empty() {
        writer.push(placeholder(Some(block)));
    } else {
        let (at, alt) = ((block_idx, None), escape::inline(&signs));
        writer.push_span(page, at, block.bbox, SpanSyntax::Markdown, &alt);
    }
    writer.push(&format!("]({name}.png)"));
}

fn without_empty_lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

fn push_pipe_table(writer: &mut Writer, page: &Page, block_idx: usize, grid: &Grid<'_>) {
    // The first row of a pipe table is its header; a table without one has an empty one.
    if grid.n_header_rows == 0 {
        writer.push(&format!("{}|\n", "|   ".repeat(grid.n_columns)));
        push_rule(writer, grid.n_columns);
        writer.push("\n");
    }
    for row in 0..grid.n_rows {
        if row > 0 {
            writer.push("\n");
        }
        for column in 0..grid.n_columns {
            writer.push("| ");
            if let Place::First(position) = grid.place(row, column) {
                let cell = &grid.cells[position];
                let lines: Vec<String> = cell.cell.text.lines().map(escape::inline).collect();
                let at = (block_idx, Some(cell.idx));
                let bbox = cell_box(page, block_idx, cell.cell.bbox);
                writer.push_span(page, at, bbox, SpanSyntax::Markdown, &lines.join("<br>"));
            }
            writer.push(" ");
        }
        writer.push("|");
        if row == 0 && grid.n_header_rows > 0 {
            writer.push("\n");
            push_rule(writer, grid.n_columns);
        }
    }
}

fn push_rule(writer: &mut Writer, n_columns: usize) {
    writer.push(&format!("{}|", "| --- ".repeat(n_columns)));
}

fn push_html_table(writer: &mut Writer, page: &Page, block_idx: usize, grid: &Grid<'_>) {
    writer.push("<table>\n");
    for row in 0..grid.n_rows {
        if row == 0 {
            writer.push(if grid.n_header_rows > 0 {
                "<thead>\n"
            } else {
                "<tbody>\n"
            });
        }
        writer.push("<tr>");
        for column in 0..grid.n_columns {
            match grid.place(row, column) {
                Place::Covered(_) => {}
                Place::Empty => writer.push("<td></td>"),
                Place::First(position) => {
                    let cell = &grid.cells[position];
                    let tag = if cell.cell.is_header { "th" } else { "td" };
                    writer.push(&format!("<{tag}"));
                    for (name, span) in [("rowspan", cell.row_span), ("colspan", cell.column_span)]
                    {
                        if span > 1 {
                            writer.push(&format!(" {name}=\"{span}\""));
                        }
                    }
                    writer.push(">");
                    // An empty line would end the HTML.
                    let lines: Vec<String> = cell.cell.text.lines().map(xml::escaped).collect();
                    let at = (block_idx, Some(cell.idx));
                    let bbox = cell_box(page, block_idx, cell.cell.bbox);
                    writer.push_span(page, at, bbox, SpanSyntax::Html, &lines.join("<br>"));
                    writer.push(&format!("</{tag}>"));
                }
            }
        }
        writer.push("</tr>\n");
        if row + 1 == grid.n_rows {
            writer.push(if row < grid.n_header_rows {
                "</thead>\n"
            } else {
                "</tbody>\n"
            });
        } else if row + 1 == grid.n_header_rows {
            writer.push("</thead>\n<tbody>\n");
        }
    }
    writer.push("</table>");
}

/// A cell's box; its table's where it has none.
fn cell_box(page: &Page, block_idx: usize, bbox: BBox) -> BBox {
    if bbox.width() > 0 && bbox.height() > 0 {
        bbox
    } else {
        page.blocks[block_idx].bbox
    }
}

#[cfg(test)]
mod tests;
