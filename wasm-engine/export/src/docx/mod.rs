//! Word (ECMA-376 part 1, WordprocessingML): headings that Word navigates by, numbered and nested lists, tables, pictures, page breaks, and the
//! properties that right-to-left, complex and East Asian scripts need. Running headers and footers and page numbers are left out.
//!
//! Written here rather than by a library: the ones there are build the whole document in memory and name neither complex-script runs nor their
//! languages, without which Word sets Arabic, Thai and Devanagari in fonts that lack them.
//!
//! A footnote whose mark is found in the text of its page is a footnote of Word's; another is a paragraph of its own style.

mod body;
mod footnotes;
mod numbering;
mod styles;
mod table;
mod text;

use std::collections::BTreeMap;
use std::io::{self, Write};

use ocr_chat_document::{Answer, Page};

use crate::flow::Flow;
use crate::package::{Package, core_properties};
use crate::pictures::{self, Format, Names};
use crate::sources::PageSources;
use crate::{language, script, theme};
use body::Body;
use footnotes::Footnotes;
use text::Languages;

const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A twentieth of a point, Word's unit of length, in an inch.
const TWIPS_PER_INCH: f32 = 1_440.0;

/// Word's largest sheet, 22 inches, and the smallest that leaves room for text, both in twips.
const SHEET_TWIPS: (f32, f32) = (2_880.0, 31_680.0);

/// Widest margin in twips: 2 cm.
const MAX_MARGIN_TWIPS: i32 = 1_134;

/// Where a picture lies in the package.
#[derive(Debug, Clone)]
struct Media {
    name: String,
}

/// The pictures by the positions of page and block.
type MediaMap = BTreeMap<(usize, usize), Media>;

/// Writes the document.
///
/// # Errors
/// When `out` fails.
pub fn docx(answer: &Answer, sources: &dyn PageSources, out: &mut dyn Write) -> io::Result<()> {
    let mut package = Package::new(out);
    let has_footnotes = answer
        .pages
        .iter()
        .any(|page| !Footnotes::of(&page.page.blocks).is_empty());
    package.part("[Content_Types].xml", &content_types(has_footnotes))?;
    package.part("_rels/.rels", &root_relations())?;
    let tag = answer.detected_language.as_deref().and_then(language::safe);
    package.part(
        "docProps/core.xml",
        &core_properties(answer.created_at.as_deref(), tag),
    )?;
    let media = write_media(&mut package, answer, sources)?;
    let languages = Languages::of(answer);
    package.part(
        "word/settings.xml",
        &styles::settings(&languages, has_footnotes),
    )?;
    package.part(
        "word/styles.xml",
        &styles::styles(&languages, styles::text_size(answer), has_footnotes),
    )?;
    package.part("word/fontTable.xml", &styles::font_table(&languages))?;
    package.part("word/theme/theme1.xml", &theme::xml())?;
    let sheet = Sheet::of(answer);
    package.start("word/document.xml")?;
    package.write(&format!(
        "<w:document xmlns:w=\"{MAIN}\" xmlns:r=\"{RELATIONS}\" \
         xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
         xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
         xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><w:body>"
    ))?;
    let mut body = Body::new(&languages, &media, sheet);
    let pages: Vec<&Page> = answer.pages.iter().map(|page| &page.page).collect();
    let flow = Flow::of(&pages);
    for position in 0..pages.len() {
        body.page(&pages, position, &flow);
        package.write(&body.take())?;
    }
    body.end();
    package.write(&body.take())?;
    package.write(&sheet.xml(languages.is_rtl))?;
    package.write("</w:body></w:document>")?;
    package.part("word/numbering.xml", &body.numbering.xml())?;
    if has_footnotes {
        package.part("word/footnotes.xml", &body.footnotes.xml())?;
    }
    let relations = relations(&media, has_footnotes);
    package.part("word/_rels/document.xml.rels", &relations)?;
    package.finish()
}

/// Puts the pictures of all figures into the package, one after another, and says which there are.
fn write_media(
    package: &mut Package<'_>,
    answer: &Answer,
    sources: &dyn PageSources,
) -> io::Result<MediaMap> {
    let mut media = MediaMap::new();
    for (position, page) in answer.pages.iter().enumerate() {
        let page = &page.page;
        let figures = page
            .blocks
            .iter()
            .enumerate()
            .filter(|(_, block)| pictures::is_shown(block));
        let mut names = Names::of_page(page.index);
        for (block_idx, block) in figures {
            let name = names.next(block.kind);
            let picture = pictures::visible(page, block.bbox)
                .and_then(|bbox| sources.picture(page.index, bbox));
            let Some(bytes) = picture else { continue };
            let Some(format) = Format::of(&bytes) else {
                continue;
            };
            let name = format!("{name}.{}", format.name());
            package.bytes(&format!("word/media/{name}"), &bytes)?;
            media.insert((position, block_idx), Media { name });
        }
    }
    Ok(media)
}

fn content_types(has_footnotes: bool) -> String {
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let footnotes = if has_footnotes {
        format!("<Override PartName=\"/word/footnotes.xml\" ContentType=\"{word}.footnotes+xml\"/>")
    } else {
        String::new()
    };
    format!(
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Default Extension=\"png\" ContentType=\"image/png\"/>\
         <Default Extension=\"jpeg\" ContentType=\"image/jpeg\"/>\
         <Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>\
         <Override PartName=\"/word/document.xml\" ContentType=\"{word}.document.main+xml\"/>\
         <Override PartName=\"/word/styles.xml\" ContentType=\"{word}.styles+xml\"/>\
         <Override PartName=\"/word/settings.xml\" ContentType=\"{word}.settings+xml\"/>\
         <Override PartName=\"/word/numbering.xml\" ContentType=\"{word}.numbering+xml\"/>{footnotes}\
         <Override PartName=\"/word/fontTable.xml\" ContentType=\"{word}.fontTable+xml\"/>\
         <Override PartName=\"/word/theme/theme1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.theme+xml\"/></Types>"
    )
}

fn root_relations() -> String {
    format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rId1\" Type=\"{RELATIONS}/officeDocument\" Target=\"word/document.xml\"/>\
         <Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" \
         Target=\"docProps/core.xml\"/></Relationships>"
    )
}

fn relations(media: &MediaMap, has_footnotes: bool) -> String {
    let mut xml = String::from(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
    );
    xml.push_str(&format!(
        "<Relationship Id=\"theme\" Type=\"{RELATIONS}/theme\" Target=\"theme/theme1.xml\"/>"
    ));
    let parts = ["styles", "settings", "numbering", "fontTable", "footnotes"];
    for name in &parts[..if has_footnotes { 5 } else { 4 }] {
        xml.push_str(&format!(
            "<Relationship Id=\"{name}\" Type=\"{RELATIONS}/{name}\" Target=\"{name}.xml\"/>"
        ));
    }
    for (&at, Media { name }) in media {
        xml.push_str(&format!(
            "<Relationship Id=\"{}\" Type=\"{RELATIONS}/image\" Target=\"media/{name}\"/>",
            relation_id(at)
        ));
    }
    xml.push_str("</Relationships>");
    xml
}

/// The id of the relation to the picture of a page's block.
fn relation_id((position, block_idx): (usize, usize)) -> String {
    format!("picture{}_{}", position + 1, block_idx + 1)
}

/// The sheet of paper, in twips.
#[derive(Debug, Clone, Copy)]
struct Sheet {
    width: i32,
    height: i32,
    margin: i32,
}

impl Sheet {
    /// The size of the first page that has one; A4 otherwise.
    fn of(answer: &Answer) -> Self {
        let page = answer
            .pages
            .iter()
            .map(|page| &page.page)
            .find(|page| page.width > 0 && page.height > 0);
        let (width, height) = page.map_or((11_906.0, 16_838.0), |page| {
            let twips = |px: u32| px as f32 / pictures::dpi(page) * TWIPS_PER_INCH;
            (twips(page.width), twips(page.height))
        });
        let (lowest, highest) = SHEET_TWIPS;
        let side = |twips: f32| twips.clamp(lowest, highest).round() as i32;
        let (width, height) = (side(width), side(height));
        Self {
            width,
            height,
            margin: (width.min(height) / 8).min(MAX_MARGIN_TWIPS),
        }
    }

    /// Width and height between the margins.
    fn inner(self) -> (i32, i32) {
        (self.width - 2 * self.margin, self.height - 2 * self.margin)
    }

    fn xml(self, is_rtl: bool) -> String {
        let Self {
            width,
            height,
            margin,
        } = self;
        let orientation = if width > height {
            " w:orient=\"landscape\""
        } else {
            ""
        };
        let bidi = if is_rtl { "<w:bidi/>" } else { "" };
        format!(
            "<w:sectPr><w:pgSz w:w=\"{width}\" w:h=\"{height}\"{orientation}/>\
             <w:pgMar w:top=\"{margin}\" w:right=\"{margin}\" w:bottom=\"{margin}\" w:left=\"{margin}\" w:header=\"0\" w:footer=\"0\" w:gutter=\"0\"/>\
             {bidi}</w:sectPr>"
        )
    }
}

/// Whether most letters of `page` run from right to left.
fn balance(page: &Page) -> i64 {
    page.blocks
        .iter()
        .map(|block| script::balance(&block.text))
        .sum()
}
