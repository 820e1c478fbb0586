//! A web page of its own: semantic, accessible, without scripts, pictures embedded. Running headers and footers and page numbers are left out.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ocr_chat_document::{Answer, Block, BlockKind, Page, PageStatus};

use crate::captions::{Captions, full_alt_text, placeholder};
use crate::flow::Flow;
use crate::grid::{Grid, Place};
use crate::lists::{Around, Counting, Item, Lists, Style};
use crate::pictures::{self, Format};
use crate::sources::PageSources;
use crate::{language, script, xml};

const CSS: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}\
.page+.page{border-top:1px solid;margin-top:2rem;padding-top:1rem}\
table{border-collapse:collapse}\
th,td{border:1px solid;padding:.25em .5em;text-align:start;vertical-align:top}\
figure{margin:1em 0;overflow-x:auto}\
figure img{max-width:100%;height:auto}\
figcaption,.footnote{font-size:.875em}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25em 1em}\
dt{font-weight:bold}dd{margin:0}\
.kept{list-style:none}\
@media print{.page+.page{border:0;break-before:page}}";

/// Writes the page.
///
/// # Errors
/// When `out` fails.
pub fn html(answer: &Answer, sources: &dyn PageSources, out: &mut dyn Write) -> io::Result<()> {
    let tag = answer.detected_language.as_deref().and_then(language::safe);
    let balance: i64 = answer
        .pages
        .iter()
        .flat_map(|page| &page.page.blocks)
        .map(|block| script::balance(&block.text))
        .sum();
    let is_rtl = balance > 0;
    write!(
        out,
        "<!DOCTYPE html>\n<html{} dir=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<main>\n",
        tag.map(|tag| format!(" lang=\"{tag}\""))
            .unwrap_or_default(),
        direction(is_rtl),
        title(answer),
    )?;
    let pages: Vec<&Page> = answer.pages.iter().map(|page| &page.page).collect();
    let flow = Flow::of(&pages);
    for position in 0..pages.len() {
        let mut writer = Writer {
            out: String::new(),
            tag: tag.map(str::to_owned),
            is_rtl,
            open: Vec::new(),
        };
        writer.page(&pages, position, &flow, sources);
        out.write_all(writer.out.as_bytes())?;
    }
    out.write_all(b"</main>\n</body>\n</html>\n")
}

/// The first heading; a page must have a title (WCAG 2.4.2).
fn title(answer: &Answer) -> String {
    let mut blocks = answer.pages.iter().flat_map(|page| &page.page.blocks);
    let heading = blocks.find(|block| block.kind == BlockKind::Heading && !block.text.is_empty());
    heading.map_or_else(
        || "Document".to_owned(),
        |block| xml::attribute(&block.text),
    )
}

fn direction(is_rtl: bool) -> &'static str {
    if is_rtl { "rtl" } else { "ltr" }
}

/// A page being written.
struct Writer {
    out: String,
    /// Language and direction of the whole, which blocks need not repeat.
    tag: Option<String>,
    is_rtl: bool,
    /// Closing tags of the lists that are open, outermost first.
    open: Vec<&'static str>,
}

impl Writer {
    fn page(&mut self, pages: &[&Page], position: usize, flow: &Flow, sources: &dyn PageSources) {
        let page = pages[position];
        let number = page.index + 1;
        self.push(&format!(
            "<section class=\"page\" id=\"page-{number}\" aria-label=\"Page {number}\">\n"
        ));
        if page.status == PageStatus::Failed {
            self.push(&format!(
                "<p><em>Page {number} could not be read.</em></p>\n"
            ));
        }
        let captions = Captions::of(&page.blocks);
        let mut lists = Lists::default();
        let mut in_fields = false;
        for (block_idx, block) in page.blocks.iter().enumerate() {
            if block.kind.is_furniture() || flow.is_continuation((position, block_idx)) {
                continue;
            }
            if block.kind != BlockKind::ListItem {
                lists.close();
                self.close_lists(0);
            }
            let is_field = block.kind == BlockKind::KeyValue;
            if in_fields != is_field {
                self.push(if is_field { "<dl>\n" } else { "</dl>\n" });
                in_fields = is_field;
            }
            match block.kind {
                BlockKind::ListItem => {
                    let item = lists.next(block);
                    self.item(page, block, &item);
                }
                BlockKind::KeyValue => {
                    let (label, value) = block.text.split_once('\t').unwrap_or((&block.text, ""));
                    let attributes = self.attributes(page, block);
                    self.push(&format!(
                        "<dt{attributes}>{}</dt><dd{attributes}>{}</dd>\n",
                        lines(label),
                        lines(value)
                    ));
                }
                BlockKind::Figure | BlockKind::Formula | BlockKind::Table => {
                    self.figure(page, block_idx, &captions, sources);
                }
                // Written with what it names.
                BlockKind::Caption if captions.partner(block_idx).is_some() => {}
                BlockKind::Heading => {
                    let level = block.level.unwrap_or(1).clamp(1, 6);
                    self.element(&format!("h{level}"), "", page, block);
                }
                BlockKind::Footnote => self.element("p", " class=\"footnote\"", page, block),
                _ => {
                    let attributes = self.attributes(page, block);
                    self.push(&format!("<p{attributes}>"));
                    for piece in flow.pieces(pages, (position, block_idx)) {
                        self.push(piece.separator);
                        self.push(&lines(piece.text));
                    }
                    self.push("</p>\n");
                }
            }
        }
        self.close_lists(0);
        if in_fields {
            self.push("</dl>\n");
        }
        self.push("</section>\n");
    }

    fn push(&mut self, html: &str) {
        self.out.push_str(html);
    }

    /// Language and direction of a block where they are not those of the whole.
    fn attributes(&self, page: &Page, block: &Block) -> String {
        let tag = block
            .detected_language
            .as_deref()
            .or(page.detected_language.as_deref())
            .and_then(language::safe)
            .filter(|tag| Some(*tag) != self.tag.as_deref());
        let mut out = tag
            .map(|tag| format!(" lang=\"{tag}\""))
            .unwrap_or_default();
        let balance = script::balance(&block.text);
        // A number alone goes with what is around it.
        if balance != 0 && (balance > 0) != self.is_rtl {
            out.push_str(&format!(" dir=\"{}\"", direction(balance > 0)));
        }
        out
    }

    fn element(&mut self, name: &str, class: &str, page: &Page, block: &Block) {
        let attributes = self.attributes(page, block);
        self.push(&format!(
            "<{name}{class}{attributes}>{}</{name}>\n",
            lines(&block.text)
        ));
    }

    fn close_lists(&mut self, depth: usize) {
        while self.open.len() > depth {
            let tag = self.open.pop().unwrap_or_default();
            self.push("</li>\n");
            self.push(tag);
        }
    }

    fn item(&mut self, page: &Page, block: &Block, item: &Item<'_>) {
        self.close_lists(item.depth + 1);
        if self.open.len() > item.depth {
            if item.starts_list {
                self.close_lists(item.depth);
            } else {
                self.push("</li>\n");
            }
        }
        if self.open.len() <= item.depth {
            let (tag, end) = match item.style {
                Style::Bullet => ("<ul>".to_owned(), "</ul>\n"),
                Style::Ordered(counting, Around::Dot | Around::Bracket) => {
                    let kind = match counting {
                        Counting::Decimal => "1",
                        Counting::LowerLetter => "a",
                        Counting::UpperLetter => "A",
                        Counting::LowerRoman => "i",
                        Counting::UpperRoman => "I",
                    };
                    (
                        format!("<ol type=\"{kind}\" start=\"{}\">", item.number),
                        "</ol>\n",
                    )
                }
                // HTML cannot put brackets around a number, nor count in every mark: these stay in the text.
                Style::Ordered(_, Around::Brackets) | Style::Kept => {
                    ("<ul class=\"kept\">".to_owned(), "</ul>\n")
                }
            };
            self.push(&tag);
            self.push("\n");
            self.open.push(end);
        }
        let text = match item.style {
            Style::Ordered(_, Around::Brackets) => &block.text,
            _ => item.text,
        };
        let attributes = self.attributes(page, block);
        self.push(&format!("<li{attributes}>{}", lines(text)));
    }

    /// A figure, formula or table, with its caption where it stood.
    fn figure(
        &mut self,
        page: &Page,
        block_idx: usize,
        captions: &Captions,
        sources: &dyn PageSources,
    ) {
        let block = &page.blocks[block_idx];
        let caption_idx = captions.partner(block_idx);
        let caption = caption_idx.map(|idx| {
            let caption = &page.blocks[idx];
            let attributes = self.attributes(page, caption);
            format!(
                "<figcaption{attributes}>{}</figcaption>\n",
                lines(&caption.text)
            )
        });
        let is_above = caption_idx.is_some_and(|idx| idx < block_idx);
        let attributes = self.attributes(page, block);
        self.push(&format!("<figure{attributes}>\n"));
        if let Some(caption) = caption.as_deref().filter(|_| is_above) {
            self.push(caption);
        }
        match block.table.as_ref().and_then(Grid::new) {
            Some(grid) => push_table(&mut self.out, &grid),
            None if block.kind == BlockKind::Table => {
                self.push(&format!("<p>{}</p>\n", lines(&block.text)));
            }
            None => {
                let alt = xml::attribute(&full_alt_text(&page.blocks, captions, block_idx));
                self.picture(page, block, &alt, sources);
            }
        }
        if let Some(caption) = caption.as_deref().filter(|_| !is_above) {
            self.push(caption);
        }
        self.push("</figure>\n");
    }

    /// A figure's or formula's picture where it was kept, else the text in it or a note that it was there.
    fn picture(&mut self, page: &Page, block: &Block, alt: &str, sources: &dyn PageSources) {
        let picture = pictures::visible(page, block.bbox).and_then(|bbox| {
            let bytes = sources.picture(page.index, bbox)?;
            Some((bbox, Format::of(&bytes)?, bytes))
        });
        let text = block.text.trim();
        if let Some((bbox, format, bytes)) = picture {
            // CSS pixels are 96 to the inch.
            let css_px = |px: i32| (px as f32 / pictures::dpi(page) * 96.0).round();
            self.push(&format!("<img src=\"data:image/{};base64,", format.name()));
            STANDARD.encode_string(&bytes, &mut self.out);
            self.push(&format!(
                "\" alt=\"{alt}\" width=\"{}\" height=\"{}\">\n",
                css_px(bbox.width()),
                css_px(bbox.height())
            ));
        } else if text.is_empty() {
            let what = placeholder(Some(block));
            self.push(&format!("<p><em>[{what}]</em></p>\n"));
        } else if block.latex.is_some() {
            self.push(&format!("<p><code>{}</code></p>\n", lines(text)));
        } else {
            self.push(&format!("<p>{}</p>\n", lines(text)));
        }
    }
}

/// `text` with its line breaks, tabs as spaces.
fn lines(text: &str) -> String {
    let lines: Vec<String> = text
        .trim()
        .lines()
        .map(|line| xml::escaped(&line.replace('\t', " ")))
        .collect();
    lines.join("<br>")
}

fn push_table(out: &mut String, grid: &Grid<'_>) {
    out.push_str("<table>\n");
    for row in 0..grid.n_rows {
        if row == 0 {
            out.push_str(if grid.n_header_rows > 0 {
                "<thead>\n"
            } else {
                "<tbody>\n"
            });
        } else if row == grid.n_header_rows {
            out.push_str("</thead>\n<tbody>\n");
        }
        out.push_str("<tr>");
        for column in 0..grid.n_columns {
            match grid.place(row, column) {
                Place::Covered(_) => {}
                Place::Empty => out.push_str("<td></td>"),
                Place::First(position) => {
                    let cell = &grid.cells[position];
                    let (name, scope) = match (cell.cell.is_header, row < grid.n_header_rows) {
                        (false, _) => ("td", ""),
                        (true, true) if cell.column_span > 1 => ("th", " scope=\"colgroup\""),
                        (true, true) => ("th", " scope=\"col\""),
                        (true, false) if cell.row_span > 1 => ("th", " scope=\"rowgroup\""),
                        (true, false) => ("th", " scope=\"row\""),
                    };
                    out.push_str(&format!("<{name}{scope}"));
                    for (name, span) in [("rowspan", cell.row_span), ("colspan", cell.column_span)]
                    {
                        if span > 1 {
                            out.push_str(&format!(" {name}=\"{span}\""));
                        }
                    }
                    out.push_str(&format!(">{}</{name}>", lines(&cell.cell.text)));
                }
            }
        }
        out.push_str("</tr>\n");
    }
    out.push_str(if grid.n_header_rows < grid.n_rows {
        "</tbody>\n</table>\n"
    } else {
        "</thead>\n</table>\n"
    });
}
