//! ALTO 4.4 (<https://www.loc.gov/standards/alto/>): layout, lines and words with boxes in pixels of the upright page and confidences from 0 to 1.
//!
//! Everything that was read is there; tags say what a block is. A table is a composed block around its lines, a figure a composed block of an
//! illustration and the text in it. A line without words is one string.

use std::io::{self, Write};

use ocr_chat_document::{Answer, BBox, Block, BlockKind, Line, Page};

use crate::words::spaces_before;
use crate::{language, script, xml};

/// Kinds that a tag names, with its id and label.
const TAGS: [(BlockKind, &str, &str); 10] = [
    (BlockKind::Heading, "tag-heading", "heading"),
    (BlockKind::ListItem, "tag-list-item", "list item"),
    (BlockKind::Table, "tag-table", "table"),
    (BlockKind::Formula, "tag-formula", "formula"),
    (BlockKind::Caption, "tag-caption", "caption"),
    (BlockKind::Header, "tag-header", "header"),
    (BlockKind::Footer, "tag-footer", "footer"),
    (BlockKind::PageNumber, "tag-page-number", "page number"),
    (BlockKind::Footnote, "tag-footnote", "footnote"),
    (BlockKind::KeyValue, "tag-field", "field"),
];

/// Writes the file.
///
/// # Errors
/// When `out` fails.
pub fn alto(answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    let (name, version) = answer
        .engine
        .as_ref()
        .map_or(("ocr-chat", ""), |engine| (&engine.name, &engine.version));
    write!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<alto xmlns=\"http://www.loc.gov/standards/alto/ns-v4#\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:schemaLocation=\"http://www.loc.gov/standards/alto/ns-v4# http://www.loc.gov/standards/alto/v4/alto-4-4.xsd\" SCHEMAVERSION=\"4.4\">\n\
         <Description>\n<MeasurementUnit>pixel</MeasurementUnit>\n<Processing ID=\"ocr\">\n\
         <processingCategory>contentGeneration</processingCategory>\n<processingSoftware>\n<softwareName>{}</softwareName>\n\
         <softwareVersion>{}</softwareVersion>\n</processingSoftware>\n</Processing>\n</Description>\n<Tags>\n",
        xml::escaped(name),
        xml::escaped(version)
    )?;
    for (_, id, label) in TAGS {
        writeln!(out, "<LayoutTag ID=\"{id}\" LABEL=\"{label}\"/>")?;
    }
    out.write_all(b"</Tags>\n<Layout>\n")?;
    for (position, page) in answer.pages.iter().enumerate() {
        out.write_all(page_xml(position, &page.page).as_bytes())?;
    }
    out.write_all(b"</Layout>\n</alto>\n")
}

fn page_xml(position: usize, page: &Page) -> String {
    let number = position + 1;
    let lang = lang(page.detected_language.as_deref());
    let confidence = page
        .mean_confidence
        .map(|confidence| format!(" PC=\"{}\"", confidence.clamp(0.0, 1.0)))
        .unwrap_or_default();
    let (width, height) = (page.width, page.height);
    let mut out = format!(
        "<Page ID=\"page-{number}\" PHYSICAL_IMG_NR=\"{number}\" WIDTH=\"{width}\" HEIGHT=\"{height}\"{confidence}{lang}>\n\
         <PrintSpace HPOS=\"0\" VPOS=\"0\" WIDTH=\"{width}\" HEIGHT=\"{height}\">\n"
    );
    for (block_idx, block) in page.blocks.iter().enumerate() {
        push_block(&mut out, &format!("{number}-{}", block_idx + 1), block);
    }
    out.push_str("</PrintSpace>\n</Page>\n");
    out
}

fn push_block(out: &mut String, id: &str, block: &Block) {
    let place = place(block.bbox);
    match block.kind {
        BlockKind::Figure if block.lines.is_empty() => {
            out.push_str(&format!(
                "<Illustration ID=\"illustration-{id}\"{place}/>\n"
            ));
        }
        BlockKind::Figure => {
            out.push_str(&format!(
                "<ComposedBlock ID=\"composed-{id}\"{place} TYPE=\"figure\">\n<Illustration ID=\"illustration-{id}\"{place}/>\n"
            ));
            push_text_block(out, id, block);
            out.push_str("</ComposedBlock>\n");
        }
        BlockKind::Table => {
            out.push_str(&format!(
                "<ComposedBlock ID=\"composed-{id}\" TAGREFS=\"tag-table\"{place} TYPE=\"table\">\n"
            ));
            push_text_block(out, id, block);
            out.push_str("</ComposedBlock>\n");
        }
        _ => push_text_block(out, id, block),
    }
}

fn push_text_block(out: &mut String, id: &str, block: &Block) {
    let tag = TAGS.iter().find(|(kind, ..)| *kind == block.kind);
    let tag = tag
        .map(|(_, id, _)| format!(" TAGREFS=\"{id}\""))
        .unwrap_or_default();
    out.push_str(&format!(
        "<TextBlock ID=\"block-{id}\"{tag}{}{}>\n",
        place(block.bbox),
        lang(block.detected_language.as_deref())
    ));
    for (line_idx, line) in block.lines.iter().enumerate() {
        push_line(out, &format!("{id}-{}", line_idx + 1), line);
    }
    out.push_str("</TextBlock>\n");
}

fn push_line(out: &mut String, id: &str, line: &Line) {
    let direction = if script::is_rtl(&line.text) {
        "rtl"
    } else {
        "ltr"
    };
    out.push_str(&format!(
        "<TextLine ID=\"line-{id}\"{} BASEDIRECTION=\"{direction}\">",
        place(line.bbox)
    ));
    let spaces = spaces_before(line);
    let mut before: Option<BBox> = None;
    for (word_idx, (word, has_space)) in line.words.iter().zip(spaces).enumerate() {
        if let Some(before) = before.filter(|_| has_space) {
            push_space(out, before, word.bbox);
        }
        push_string(
            out,
            &format!("{id}-{}", word_idx + 1),
            &word.text,
            word.bbox,
            Some(word.confidence),
        );
        before = Some(word.bbox);
    }
    if line.words.is_empty() {
        push_string(
            out,
            &format!("{id}-1"),
            &line.text,
            line.bbox,
            line.confidence,
        );
    }
    out.push_str("</TextLine>\n");
}

fn push_string(out: &mut String, id: &str, text: &str, bbox: BBox, confidence: Option<f32>) {
    let confidence = confidence
        .map(|confidence| format!(" WC=\"{}\"", confidence.clamp(0.0, 1.0)))
        .unwrap_or_default();
    out.push_str(&format!(
        "<String ID=\"string-{id}\"{}{confidence} CONTENT=\"{}\"/>",
        place(bbox),
        xml::attribute(text)
    ));
}

/// The space between two words, as wide as the gap.
fn push_space(out: &mut String, before: BBox, behind: BBox) {
    let (x0, x1) = if before.x1 <= behind.x0 {
        (before.x1, behind.x0)
    } else {
        (behind.x1, before.x0)
    };
    out.push_str(&format!(
        "<SP HPOS=\"{}\" VPOS=\"{}\" WIDTH=\"{}\"/>",
        x0,
        before.y0.min(behind.y0),
        (x1 - x0).max(0)
    ));
}

fn place(bbox: BBox) -> String {
    format!(
        " HPOS=\"{}\" VPOS=\"{}\" WIDTH=\"{}\" HEIGHT=\"{}\"",
        bbox.x0,
        bbox.y0,
        bbox.width(),
        bbox.height()
    )
}

fn lang(tag: Option<&str>) -> String {
    tag.and_then(language::safe)
        .map(|tag| format!(" LANG=\"{tag}\""))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use ocr_chat_document::{Point, Word};

    #[test]
    fn spaces_are_the_gaps_in_either_direction_and_a_line_without_words_is_a_string() {
        let word = |text: &str, x0, x1| Word {
            text: text.into(),
            bbox: BBox::new(x0, 3, x1, 20),
            confidence: 0.5,
        };
        let line = |text: &str, words| Line {
            text: text.into(),
            bbox: BBox::new(0, 3, 40, 20),
            polygon: [Point { x: 0, y: 0 }; 4],
            confidence: None,
            words,
        };
        let mut out = String::new();
        push_line(
            &mut out,
            "1",
            &line("של ום", vec![word("של", 30, 40), word("ום", 0, 20)]),
        );
        assert!(
            out.contains("<SP HPOS=\"20\" VPOS=\"3\" WIDTH=\"10\"/>"),
            "{out}"
        );
        assert!(out.contains("BASEDIRECTION=\"rtl\""), "{out}");
        let mut out = String::new();
        push_line(&mut out, "1", &line("a & b", vec![]));
        assert_eq!(
            out,
            "<TextLine ID=\"line-1\" HPOS=\"0\" VPOS=\"3\" WIDTH=\"40\" HEIGHT=\"17\" BASEDIRECTION=\"ltr\">\
             <String ID=\"string-1-1\" HPOS=\"0\" VPOS=\"3\" WIDTH=\"40\" HEIGHT=\"17\" CONTENT=\"a &amp; b\"/></TextLine>\n"
        );
    }
}
