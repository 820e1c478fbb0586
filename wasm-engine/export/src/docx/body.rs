//! Paragraphs, lists, pictures and tables, page by page.

use ocr_chat_document::{BlockKind, Page, PageStatus};

use super::footnotes::{Footnotes, FootnotesPart};
use super::numbering::{INDENT_TWIPS, Numbering};
use super::table::push_table;
use super::text::{Languages, Look, push_runs};
use super::{MediaMap, Sheet, relation_id};
use crate::captions::{Captions, full_alt_text, placeholder};
use crate::flow::{Flow, HYPHENS, Piece};
use crate::grid::Grid;
use crate::lists::Lists;
use crate::{pictures, script, xml};

/// DrawingML's unit of length in an inch, and in a twip.
const EMU_PER_INCH: f32 = 914_400.0;
const EMU_PER_TWIP: f32 = 635.0;

/// Space between a table and what follows: that between paragraphs.
const SPACE_BEHIND_TABLE_TWIPS: u32 = 120;

/// The body of the document as far as it is written.
pub(super) struct Body<'a> {
    pub(super) numbering: Numbering,
    out: String,
    document: &'a Languages,
    media: &'a MediaMap,
    sheet: Sheet,
    lists: Lists,
    /// The next paragraph begins a page.
    breaks_page: bool,
    /// What was written last is a table: Word joins two that touch, and wants a paragraph behind the last one.
    ends_in_table: bool,
    n_pictures: usize,
    pub(super) footnotes: FootnotesPart,
}

/// The blocks of a page and what is known of their footnotes.
struct Notes<'a> {
    page: &'a Page,
    found: Footnotes<'a>,
    /// Positions of the footnotes that are written, as footnotes or as paragraphs.
    written: Vec<usize>,
}

/// The properties of a paragraph, in the order in which the schema wants them.
#[derive(Debug, Clone, Copy, Default)]
struct Properties<'a> {
    style: Option<&'a str>,
    /// Depth and number of the list.
    list: Option<(usize, usize)>,
    is_rtl: bool,
    indent_twips: usize,
}

impl<'a> Body<'a> {
    pub(super) fn new(document: &'a Languages, media: &'a MediaMap, sheet: Sheet) -> Self {
        Self {
            numbering: Numbering::default(),
            out: String::new(),
            document,
            media,
            sheet,
            lists: Lists::default(),
            breaks_page: false,
            ends_in_table: false,
            n_pictures: 0,
            footnotes: FootnotesPart::default(),
        }
    }

    /// What has been written since the last call.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    /// Writes the page at `position` of the answer's `pages`, on a new page unless it is the first.
    pub(super) fn page(&mut self, pages: &[&Page], position: usize, flow: &Flow) {
        let page = pages[position];
        self.breaks_page = position > 0;
        self.lists.close();
        if page.status == PageStatus::Failed {
            let text = format!("Page {} could not be read.", page.index + 1);
            let look = Look {
                is_italic: true,
                ..Look::default()
            };
            self.open(Properties::default());
            push_runs(&mut self.out, &text, look, self.document, self.document);
            self.close();
        }
        let captions = Captions::of(&page.blocks);
        let mut notes = Notes {
            page,
            found: Footnotes::of(&page.blocks),
            written: Vec::new(),
        };
        for (block_idx, block) in page.blocks.iter().enumerate() {
            if block.kind.is_furniture() || flow.is_continuation((position, block_idx)) {
                continue;
            }
            if block.kind != BlockKind::ListItem {
                self.lists.close();
            }
            let languages = self.document.of_block(page, block);
            match block.kind {
                BlockKind::Footnote if notes.written.contains(&block_idx) => {}
                BlockKind::ListItem => self.item(block_idx, &mut notes, &languages),
                BlockKind::Figure | BlockKind::Formula => {
                    let alt = full_alt_text(&page.blocks, &captions, block_idx);
                    self.figure(page, (position, block_idx), &alt, &languages);
                }
                _ => {
                    let pieces = flow.pieces(pages, (position, block_idx));
                    if pieces.len() > 1 {
                        self.paragraph(pages, position, &pieces, &mut notes, &languages);
                    } else {
                        self.block(block_idx, &mut notes, &languages);
                    }
                }
            }
        }
        // A page without text is a page all the same.
        if self.breaks_page || (position == 0 && self.out.is_empty()) {
            self.open(Properties::default());
            self.close();
        }
    }

    /// Ends the body.
    pub(super) fn end(&mut self) {
        if self.ends_in_table {
            self.separator();
        }
    }

    /// A paragraph that goes on elsewhere, in one. References to the notes of another page stay marks: their notes are written there.
    fn paragraph(
        &mut self,
        pages: &[&Page],
        position: usize,
        pieces: &[Piece<'_>],
        notes: &mut Notes<'_>,
        languages: &Languages,
    ) {
        let texts: String = pieces.iter().map(|piece| piece.text).collect();
        self.open(Properties {
            is_rtl: self.is_rtl(&texts),
            ..Properties::default()
        });
        for piece in pieces {
            let look = Look::default();
            let (page, block_idx) = (pages[piece.at.0], piece.at.1);
            push_runs(
                &mut self.out,
                piece.separator,
                look,
                languages,
                self.document,
            );
            if piece.at.0 == position {
                notes.written.push(block_idx);
                self.runs(block_idx, piece.text, notes, languages);
            } else {
                let own = self.document.of_block(page, &page.blocks[block_idx]);
                push_runs(&mut self.out, piece.text, look, &own, self.document);
            }
        }
        self.close();
    }

    fn block(&mut self, block_idx: usize, notes: &mut Notes<'_>, languages: &Languages) {
        let block = &notes.page.blocks[block_idx];
        notes.written.push(block_idx);
        if let Some(grid) = block.table.as_ref().and_then(Grid::new) {
            if self.breaks_page || self.ends_in_table {
                self.separator();
            }
            let (width, _) = self.sheet.inner();
            push_table(&mut self.out, &grid, width, languages, self.document);
            self.ends_in_table = true;
            return;
        }
        let heading;
        let style = match block.kind {
            BlockKind::Heading => {
                heading = format!("Heading{}", block.level.unwrap_or(1).clamp(1, 6));
                Some(heading.as_str())
            }
            BlockKind::Caption => Some("Caption"),
            BlockKind::Footnote => Some("FootnoteText"),
            _ => None,
        };
        self.open(Properties {
            style,
            is_rtl: self.is_rtl(&block.text),
            ..Properties::default()
        });
        let mut rest = block.text.trim();
        if block.kind == BlockKind::KeyValue
            && let Some((label, _)) = rest.split_once('\t')
        {
            let look = Look {
                is_bold: true,
                ..Look::default()
            };
            push_runs(&mut self.out, label, look, languages, self.document);
            rest = &rest[label.len()..];
        }
        self.runs(block_idx, rest, notes, languages);
        self.close();
    }

    /// Appends `text`, the end of the text of the block at `block_idx` but for spaces, with its references to footnotes.
    fn runs(&mut self, block_idx: usize, text: &str, notes: &mut Notes<'_>, languages: &Languages) {
        let whole = notes.page.blocks[block_idx].text.trim_end();
        let look = Look::default();
        // The hyphen of a word that goes on elsewhere is left out.
        let stem = || whole.strip_suffix(HYPHENS)?.strip_suffix(text);
        // Of another text nothing is known.
        let Some(offset) = whole.strip_suffix(text).or_else(stem).map(str::len) else {
            push_runs(&mut self.out, text, look, languages, self.document);
            return;
        };
        for (piece, reference) in notes.found.pieces(block_idx, offset, text) {
            push_runs(&mut self.out, piece, look, languages, self.document);
            let Some(reference) = reference else { continue };
            if notes.written.contains(&reference.note_idx) {
                push_runs(
                    &mut self.out,
                    reference.mark,
                    look,
                    languages,
                    self.document,
                );
                continue;
            }
            notes.written.push(reference.note_idx);
            let (page, note) = (notes.page, &notes.page.blocks[reference.note_idx]);
            let is_rtl = self.is_rtl(&note.text);
            let (own, document) = (self.document.of_block(page, note), self.document);
            let run = self
                .footnotes
                .add(&reference, &note.text, is_rtl, |out, text| {
                    push_runs(out, text, look, &own, document);
                });
            self.out.push_str(&run);
        }
    }

    /// Whether a paragraph runs from right to left; one without letters goes with its document.
    fn is_rtl(&self, text: &str) -> bool {
        let balance = script::balance(text);
        balance > 0 || balance == 0 && self.document.is_rtl
    }

    fn item(&mut self, block_idx: usize, notes: &mut Notes<'_>, languages: &Languages) {
        let block = &notes.page.blocks[block_idx];
        let item = self.lists.next(block);
        let number = self.numbering.number(&item);
        self.open(Properties {
            style: Some("ListParagraph"),
            list: number.map(|number| (item.depth, number)),
            is_rtl: self.is_rtl(&block.text),
            indent_twips: if number.is_none() {
                INDENT_TWIPS * (item.depth + 1)
            } else {
                0
            },
        });
        self.runs(block_idx, item.text.trim(), notes, languages);
        self.close();
    }

    /// The picture of a figure or formula as large as it stood on its page; where it was not kept, the text in it or a note that it was there.
    fn figure(&mut self, page: &Page, at: (usize, usize), alt: &str, languages: &Languages) {
        let block = &page.blocks[at.1];
        let text = block.text.trim();
        self.open(Properties {
            is_rtl: self.is_rtl(text),
            ..Properties::default()
        });
        let bbox = pictures::visible(page, block.bbox).filter(|_| self.media.contains_key(&at));
        if let Some(bbox) = bbox {
            let emu = |px: i32| px as f32 / pictures::dpi(page) * EMU_PER_INCH;
            let (width, height) = (emu(bbox.width()), emu(bbox.height()));
            let (inner_width, inner_height) = self.sheet.inner();
            let scale = (inner_width as f32 * EMU_PER_TWIP / width)
                .min(inner_height as f32 * EMU_PER_TWIP / height)
                .min(1.0);
            self.n_pictures += 1;
            let id = self.n_pictures;
            let relation = relation_id(at);
            let (width, height) = ((width * scale).round(), (height * scale).round());
            let alt = xml::attribute(alt);
            let name = placeholder(Some(block));
            self.out.push_str(&format!(
                "<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{width}\" cy=\"{height}\"/>\
                 <wp:docPr id=\"{id}\" name=\"{name} {id}\" descr=\"{alt}\"/>\
                 <a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic>\
                 <pic:nvPicPr><pic:cNvPr id=\"{id}\" name=\"{name} {id}\" descr=\"{alt}\"/><pic:cNvPicPr/></pic:nvPicPr>\
                 <pic:blipFill><a:blip r:embed=\"{relation}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
                 <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></a:xfrm>\
                 <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
            ));
        } else {
            let look = Look {
                is_italic: true,
                ..Look::default()
            };
            let nothing = format!("[{}]", placeholder(Some(block)));
            let text = if text.is_empty() { &nothing } else { text };
            push_runs(&mut self.out, text, look, languages, self.document);
        }
        self.close();
    }

    /// A paragraph of no height to speak of, before or behind a table.
    fn separator(&mut self) {
        self.open(Properties {
            style: Some("TableText"),
            ..Properties::default()
        });
        self.close();
    }

    fn open(&mut self, properties: Properties<'_>) {
        let Properties {
            style,
            list,
            is_rtl,
            indent_twips,
        } = properties;
        let mut xml = String::new();
        if let Some(style) = style {
            xml.push_str(&format!("<w:pStyle w:val=\"{style}\"/>"));
        }
        if std::mem::take(&mut self.breaks_page) {
            xml.push_str("<w:pageBreakBefore/>");
        }
        if let Some((depth, number)) = list {
            xml.push_str(&format!(
                "<w:numPr><w:ilvl w:val=\"{depth}\"/><w:numId w:val=\"{number}\"/></w:numPr>"
            ));
        }
        if is_rtl {
            xml.push_str("<w:bidi/>");
        }
        if self.ends_in_table && style != Some("TableText") {
            xml.push_str(&format!(
                "<w:spacing w:before=\"{SPACE_BEHIND_TABLE_TWIPS}\"/>"
            ));
        }
        if indent_twips > 0 {
            xml.push_str(&format!("<w:ind w:left=\"{indent_twips}\"/>"));
        }
        self.out.push_str("<w:p>");
        if !xml.is_empty() {
            self.out.push_str(&format!("<w:pPr>{xml}</w:pPr>"));
        }
        self.ends_in_table = false;
    }

    fn close(&mut self) {
        self.out.push_str("</w:p>");
    }
}
