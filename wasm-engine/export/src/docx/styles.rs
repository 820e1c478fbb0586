//! The styles and settings of a document.

use ocr_chat_document::{Answer, BlockKind};

use super::MAIN;
use super::text::{Languages, east_asian_font};
use crate::pictures;

/// Size of headings 1 to 6 in per cent of the text's.
const HEADING_PERCENT: [u32; 6] = [165, 135, 120, 110, 100, 100];

/// Size of text in half points where the pages do not tell it.
const DEFAULT_SIZE: u32 = 22;

/// Smallest and largest text that is taken from the pages, in half points.
const SIZES: (u32, u32) = (14, 28);

/// Distance of lines in sizes of their font: Calibri's own, times the 1.08 of the style.
const LINE_PITCH: f32 = 1.3;

/// The size of running text in half points, so that a page's text fills about a page: by the median distance between the lines of paragraphs, but no
/// higher than the lines are.
pub(super) fn text_size(answer: &Answer) -> u32 {
    let mut points: Vec<f32> = Vec::new();
    for page in answer.pages.iter().map(|page| &page.page) {
        let points_per_px = 72.0 / pictures::dpi(page);
        let paragraphs = page
            .blocks
            .iter()
            .filter(|block| matches!(block.kind, BlockKind::Paragraph | BlockKind::ListItem));
        for pair in paragraphs.flat_map(|block| block.lines.windows(2)) {
            let (upper, lower) = (pair[0].bbox, pair[1].bbox);
            let pitch = ((lower.y0 + lower.y1) - (upper.y0 + upper.y1)) as f32 / 2.0;
            // Lines side by side, turned ones, and gaps tell nothing.
            let height = upper.height().min(lower.height()) as f32;
            let is_horizontal = upper.width() > upper.height() && lower.width() > lower.height();
            if is_horizontal && pitch > 0.5 * height && pitch < 3.0 * height {
                points.push((pitch / LINE_PITCH).min(height) * points_per_px);
            }
        }
    }
    points.sort_by(f32::total_cmp);
    let (smallest, largest) = SIZES;
    points.get(points.len() / 2).map_or(DEFAULT_SIZE, |points| {
        ((points * 2.0).round() as u32).clamp(smallest, largest)
    })
}

/// `word/styles.xml`, running text of `size` half points.
pub(super) fn styles(languages: &Languages, size: u32, has_footnotes: bool) -> String {
    let Languages {
        plain,
        east_asian,
        complex,
        ..
    } = languages;
    let font = east_asian_font(east_asian);
    let mut xml = format!(
        "<w:styles xmlns:w=\"{MAIN}\"><w:docDefaults><w:rPrDefault><w:rPr>\
         <w:rFonts w:ascii=\"Calibri\" w:hAnsi=\"Calibri\" w:eastAsia=\"{font}\" w:cs=\"Arial\"/><w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/>\
         <w:lang w:val=\"{plain}\" w:eastAsia=\"{east_asian}\" w:bidi=\"{complex}\"/></w:rPr></w:rPrDefault>\
         <w:pPrDefault><w:pPr><w:spacing w:after=\"120\" w:line=\"259\" w:lineRule=\"auto\"/></w:pPr></w:pPrDefault></w:docDefaults>\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/></w:style>\
         <w:style w:type=\"character\" w:default=\"1\" w:styleId=\"DefaultParagraphFont\"><w:name w:val=\"Default Paragraph Font\"/>\
         <w:uiPriority w:val=\"1\"/><w:semiHidden/></w:style>\
         <w:style w:type=\"table\" w:default=\"1\" w:styleId=\"TableNormal\"><w:name w:val=\"Normal Table\"/><w:uiPriority w:val=\"99\"/>\
         <w:semiHidden/><w:tblPr><w:tblInd w:w=\"0\" w:type=\"dxa\"/><w:tblCellMar><w:top w:w=\"0\" w:type=\"dxa\"/>\
         <w:left w:w=\"108\" w:type=\"dxa\"/><w:bottom w:w=\"0\" w:type=\"dxa\"/><w:right w:w=\"108\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr></w:style>"
    );
    for (position, percent) in HEADING_PERCENT.iter().enumerate() {
        let size = (size * percent).div_ceil(100);
        let level = position + 1;
        xml.push_str(&format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"Heading{level}\"><w:name w:val=\"heading {level}\"/><w:basedOn w:val=\"Normal\"/>\
             <w:next w:val=\"Normal\"/><w:uiPriority w:val=\"9\"/><w:qFormat/><w:pPr><w:keepNext/><w:keepLines/>\
             <w:spacing w:before=\"240\" w:after=\"80\"/><w:outlineLvl w:val=\"{position}\"/></w:pPr>\
             <w:rPr><w:b/><w:bCs/><w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/></w:rPr></w:style>"
        ));
    }
    let small = |by: u32| {
        let size = size.saturating_sub(by).max(SIZES.0 - 2);
        format!("<w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/>")
    };
    let paragraph = |id: &str, name: &str, properties: &str| {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"Normal\"/>\
             <w:qFormat/>{properties}</w:style>"
        )
    };
    xml.push_str(&paragraph(
        "ListParagraph",
        "List Paragraph",
        "<w:pPr><w:spacing w:after=\"60\"/></w:pPr>",
    ));
    xml.push_str(&paragraph(
        "Caption",
        "caption",
        &format!("<w:rPr><w:i/><w:iCs/>{}</w:rPr>", small(2)),
    ));
    xml.push_str(&paragraph(
        "FootnoteText",
        "footnote text",
        &format!(
            "<w:pPr><w:spacing w:after=\"40\"/></w:pPr><w:rPr>{}</w:rPr>",
            small(4)
        ),
    ));
    if has_footnotes {
        xml.push_str(
            "<w:style w:type=\"character\" w:styleId=\"FootnoteReference\"><w:name w:val=\"footnote reference\"/>\
             <w:rPr><w:vertAlign w:val=\"superscript\"/></w:rPr></w:style>",
        );
    }
    xml.push_str(&paragraph(
        "TableText",
        "Table Text",
        "<w:pPr><w:spacing w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/></w:pPr>",
    ));
    let borders: String = ["top", "left", "bottom", "right", "insideH", "insideV"]
        .iter()
        .map(|side| {
            format!("<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"auto\"/>")
        })
        .collect();
    xml.push_str(&format!(
        "<w:style w:type=\"table\" w:styleId=\"TableGrid\"><w:name w:val=\"Table Grid\"/><w:basedOn w:val=\"TableNormal\"/>\
         <w:tblPr><w:tblBorders>{borders}</w:tblBorders></w:tblPr></w:style></w:styles>"
    ));
    xml
}

/// `word/settings.xml`: without the compatibility mode Word opens a file as one of Word 2007.
pub(super) fn settings(languages: &Languages, has_footnotes: bool) -> String {
    let Languages {
        plain,
        east_asian,
        complex,
        ..
    } = languages;
    // Those that separate footnotes from the text.
    let footnotes = if has_footnotes {
        "<w:footnotePr><w:footnote w:id=\"-1\"/><w:footnote w:id=\"0\"/></w:footnotePr>"
    } else {
        ""
    };
    let setting = "<w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/>";
    format!(
        "<w:settings xmlns:w=\"{MAIN}\"><w:defaultTabStop w:val=\"720\"/><w:characterSpacingControl w:val=\"doNotCompress\"/>\
         {footnotes}<w:compat>{setting}</w:compat>\
         <w:themeFontLang w:val=\"{plain}\" w:eastAsia=\"{east_asian}\" w:bidi=\"{complex}\"/></w:settings>"
    )
}

/// `word/fontTable.xml`: the fonts that the styles name.
pub(super) fn font_table(languages: &Languages) -> String {
    let fonts: String = ["Calibri", "Arial", east_asian_font(&languages.east_asian)]
        .iter()
        .map(|name| format!("<w:font w:name=\"{name}\"/>"))
        .collect();
    format!("<w:fonts xmlns:w=\"{MAIN}\">{fonts}</w:fonts>")
}
