//! Pictures as a new PDF: one page each, the picture with its text under it; without the pictures, the words themselves.

use std::io::{self, Write};

use ocr_chat_document::{Answer, BlockKind, Page};

use super::font::TextFont;
use super::original::language_entry;
use super::picture::{self, Picture};
use super::text::{FONT_NAME, lines, text_layer};
use super::visible;
use super::writer::{PdfWriter, number, text_string};
use crate::sources::PageSources;

/// Points to the inch.
const POINTS_PER_INCH: f64 = 72.0;

/// The longer side of a page whose resolution nobody knows, in points: that of A4 and nearly that of Letter.
const DEFAULT_LONG_SIDE_PT: f64 = 842.0;

/// The longest side that readers accept, in points (ISO 32000-1, annex C).
const MAX_SIDE_PT: f64 = 14_400.0;

/// Characters of a title taken from the document's first heading.
const MAX_TITLE_CHARS: usize = 200;

/// Writes a page for each page of `answer`.
pub(super) fn write(
    answer: &Answer,
    sources: &dyn PageSources,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut writer = PdfWriter::new(out, 1);
    writer.header()?;
    let (root_id, pages_id, info_id) = (writer.reserve(), writer.reserve(), writer.reserve());
    let fonts = Fonts {
        text_id: writer.reserve(),
        visible_id: writer.reserve(),
    };
    let mut font = TextFont::new();
    let mut kids = Vec::new();
    let mut shows_words = false;
    for page in answer.pages.iter().map(|page| &page.page) {
        let picture = picture::of_page(page, sources);
        shows_words |= picture.is_none();
        let size_px = match &picture {
            Some(picture) if page.width == 0 || page.height == 0 => {
                picture.upright_size(page.rotation)
            }
            _ => (page.width, page.height),
        };
        let sheet = Sheet::new(size_px, page.dpi);
        kids.push(write_page(
            &mut writer,
            page,
            picture,
            &sheet,
            &fonts,
            pages_id,
            &mut font,
        )?);
    }
    font.write(fonts.text_id, &mut writer)?;
    let visible_font = if shows_words { visible::FONT } else { "null" };
    writer.object(fonts.visible_id, visible_font.as_bytes())?;
    let shown: Vec<String> = kids.iter().map(|id| format!("{id} 0 R")).collect();
    let tree = format!(
        "<</Type/Pages/Count {}/Kids[{}]>>",
        kids.len(),
        shown.join(" ")
    );
    writer.object(pages_id, tree.as_bytes())?;
    let language = language_entry(answer);
    let catalog = format!("<</Type/Catalog/Pages {pages_id} 0 R{language}>>");
    writer.object(root_id, catalog.as_bytes())?;
    let title = title(answer)
        .map(|title| format!("/Title{}", text_string(&title)))
        .unwrap_or_default();
    writer.object(
        info_id,
        format!("<</Producer(OCR.chat){title}>>").as_bytes(),
    )?;
    writer.finish_new(&format!("/Root {root_id} 0 R/Info {info_id} 0 R"))
}

struct Fonts {
    text_id: u32,
    visible_id: u32,
}

/// The size of a page.
struct Sheet {
    width_px: f64,
    height_px: f64,
    /// Points a pixel.
    scale: f64,
}

impl Sheet {
    fn new((width_px, height_px): (u32, u32), dpi: Option<f32>) -> Self {
        let (width_px, height_px) = (f64::from(width_px.max(1)), f64::from(height_px.max(1)));
        let long_px = width_px.max(height_px);
        let scale = dpi
            .map(|dpi| POINTS_PER_INCH / f64::from(dpi))
            .filter(|scale| scale.is_finite() && *scale > 0.0)
            .unwrap_or(DEFAULT_LONG_SIDE_PT / long_px)
            .min(MAX_SIDE_PT / long_px);
        Self {
            width_px,
            height_px,
            scale,
        }
    }
}

/// Writes one page; gives its number.
fn write_page(
    writer: &mut PdfWriter<'_>,
    page: &Page,
    picture: Option<Picture>,
    sheet: &Sheet,
    fonts: &Fonts,
    pages_id: u32,
    font: &mut TextFont,
) -> io::Result<u32> {
    let scale = number(sheet.scale, 8);
    let mut content = format!("q {scale} 0 0 {scale} 0 0 cm\n").into_bytes();
    let mut resources = format!("/Font<</{FONT_NAME} {} 0 R", fonts.text_id);
    if let Some(picture) = picture {
        let image_id = writer.reserve();
        let matrix = picture
            .matrix(page.rotation, (sheet.width_px, sheet.height_px))
            .map(|value| number(value, 4));
        content.extend_from_slice(format!("q {} cm/Im Do Q\n", matrix.join(" ")).as_bytes());
        content.extend_from_slice(&text_layer(lines(page), page.height, font));
        let mut entries = format!(
            "/Type/XObject/Subtype/Image/Width {}/Height {}",
            picture.width_px, picture.height_px
        )
        .into_bytes();
        entries.extend_from_slice(&picture.entries);
        writer.stream(image_id, &entries, &picture.data)?;
        resources.push_str(&format!(">>/XObject<</Im {image_id} 0 R>>"));
    } else {
        content.extend_from_slice(&visible::words(page, font));
        resources.push_str(&format!(
            "/{} {} 0 R>>",
            visible::FONT_NAME,
            fonts.visible_id
        ));
    }
    content.extend_from_slice(b"Q\n");
    let content_id = writer.reserve();
    writer.deflated(content_id, "", &content)?;
    let page_id = writer.reserve();
    let (width, height) = (
        number(sheet.width_px * sheet.scale, 3),
        number(sheet.height_px * sheet.scale, 3),
    );
    writer.object(
        page_id,
        format!("<</Type/Page/Parent {pages_id} 0 R/MediaBox[0 0 {width} {height}]/Resources<<{resources}>>/Contents {content_id} 0 R>>").as_bytes(),
    )?;
    Ok(page_id)
}

/// The document's first heading.
fn title(answer: &Answer) -> Option<String> {
    let blocks = answer.pages.iter().flat_map(|page| &page.page.blocks);
    let heading = blocks
        .into_iter()
        .find(|block| block.kind == BlockKind::Heading)?;
    let title: String = heading
        .text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(MAX_TITLE_CHARS)
        .collect();
    (!title.is_empty()).then_some(title)
}
