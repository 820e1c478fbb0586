//! hOCR 1.2 (<https://kba.github.io/hocr-spec/1.2/>), as well-formed XHTML: pages, areas, paragraphs, lines and words with boxes in pixels of the
//! upright page and confidences in per cent.
//!
//! Everything that was read is there, running headers and page numbers too. A line without words holds its text itself. Baselines are left out: the
//! engine knows the box of a line, not where its letters stand.

use std::io::{self, Write};

use ocr_chat_document::{Answer, BBox, Block, BlockKind, Line, Page};

use crate::words::spaces_before;
use crate::{language, script, xml};

/// Writes the file.
///
/// # Errors
/// When `out` fails.
pub fn hocr(answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    let tag = answer.detected_language.as_deref().and_then(language::safe);
    let lang = tag
        .map(|tag| format!(" lang=\"{tag}\" xml:lang=\"{tag}\""))
        .unwrap_or_default();
    let (name, version) = answer
        .engine
        .as_ref()
        .map_or(("ocr-chat", ""), |engine| (&engine.name, &engine.version));
    write!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\"{lang}>\n<head>\n\
         <title>Document</title>\n<meta http-equiv=\"Content-Type\" content=\"text/html;charset=utf-8\" />\n\
         <meta name=\"ocr-system\" content=\"{}\" />\n\
         <meta name=\"ocr-capabilities\" content=\"ocr_page ocr_carea ocr_par ocr_line ocr_image ocrx_word ocrp_lang ocrp_dir ocrp_wconf\" />\n\
         <meta name=\"ocr-number-of-pages\" content=\"{}\" />\n{}</head>\n<body>\n",
        xml::attribute(&format!("{name} {version}")),
        answer.pages.len(),
        tag.map(|tag| format!("<meta name=\"ocr-langs\" content=\"{tag}\" />\n"))
            .unwrap_or_default(),
    )?;
    for (position, page) in answer.pages.iter().enumerate() {
        out.write_all(page_html(position, &page.page).as_bytes())?;
    }
    out.write_all(b"</body>\n</html>\n")
}

fn page_html(position: usize, page: &Page) -> String {
    let number = position + 1;
    let resolution = page
        .dpi
        .map(|dpi| format!("; scan_res {0} {0}", dpi.round()))
        .unwrap_or_default();
    let mut out = format!(
        "<div class=\"ocr_page\" id=\"page_{number}\" title=\"bbox 0 0 {} {}; ppageno {position}{resolution}\">\n",
        page.width, page.height
    );
    for (block_idx, block) in page.blocks.iter().enumerate() {
        push_block(
            &mut out,
            &format!("{number}_{}", block_idx + 1),
            block,
            page,
        );
    }
    out.push_str("</div>\n");
    out
}

fn push_block(out: &mut String, id: &str, block: &Block, page: &Page) {
    let bbox = bbox_of(block.bbox);
    if block.kind == BlockKind::Figure {
        out.push_str(&format!(
            "<div class=\"ocr_image\" id=\"image_{id}\" title=\"{bbox}\"></div>\n"
        ));
    }
    if block.lines.is_empty() {
        return;
    }
    let tag = block
        .detected_language
        .as_deref()
        .or(page.detected_language.as_deref())
        .and_then(language::safe);
    let lang = tag
        .map(|tag| format!(" lang=\"{tag}\" xml:lang=\"{tag}\""))
        .unwrap_or_default();
    let dir = if script::is_rtl(&block.text) {
        "rtl"
    } else {
        "ltr"
    };
    out.push_str(&format!(
        "<div class=\"ocr_carea\" id=\"block_{id}\" title=\"{bbox}\">\n<p class=\"ocr_par\" id=\"par_{id}\"{lang} dir=\"{dir}\" title=\"{bbox}\">\n"
    ));
    for (line_idx, line) in block.lines.iter().enumerate() {
        push_line(out, &format!("{id}_{}", line_idx + 1), line);
    }
    out.push_str("</p>\n</div>\n");
}

fn push_line(out: &mut String, id: &str, line: &Line) {
    out.push_str(&format!(
        "<span class=\"ocr_line\" id=\"line_{id}\" title=\"{}{}\">",
        bbox_of(line.bbox),
        line.confidence.map(confidence).unwrap_or_default()
    ));
    for (word_idx, (word, has_space)) in line.words.iter().zip(spaces_before(line)).enumerate() {
        if has_space {
            out.push(' ');
        }
        out.push_str(&format!(
            "<span class=\"ocrx_word\" id=\"word_{id}_{}\" title=\"{}{}\">{}</span>",
            word_idx + 1,
            bbox_of(word.bbox),
            confidence(word.confidence),
            xml::escaped(&word.text)
        ));
    }
    if line.words.is_empty() {
        xml::push_escaped(out, &line.text);
    }
    out.push_str("</span>\n");
}

fn bbox_of(bbox: BBox) -> String {
    // The format knows no negative positions.
    let [x0, y0, x1, y1] = <[i32; 4]>::from(bbox).map(|px| px.max(0));
    format!("bbox {x0} {y0} {x1} {y1}")
}

fn confidence(confidence: f32) -> String {
    format!("; x_wconf {}", (confidence.clamp(0.0, 1.0) * 100.0).round())
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use ocr_chat_document::{Point, Word};

    fn line(words: Vec<Word>) -> Line {
        Line {
            text: "a <b>".into(),
            bbox: BBox::new(-2, 3, 40, 20),
            polygon: [Point { x: 0, y: 0 }; 4],
            confidence: Some(0.904),
            words,
        }
    }

    fn written(line: &Line) -> String {
        let mut out = String::new();
        push_line(&mut out, "1_1_1", line);
        out
    }

    #[test]
    fn a_line_holds_its_words_or_else_its_text() {
        assert_eq!(
            written(&line(vec![])),
            "<span class=\"ocr_line\" id=\"line_1_1_1\" title=\"bbox 0 3 40 20; x_wconf 90\">a &lt;b&gt;</span>\n"
        );
        let word = |text: &str, x0, x1| Word {
            text: text.into(),
            bbox: BBox::new(x0, 3, x1, 20),
            confidence: 0.5,
        };
        assert_eq!(
            written(&line(vec![word("a", 0, 9), word("<b>", 20, 40)])),
            "<span class=\"ocr_line\" id=\"line_1_1_1\" title=\"bbox 0 3 40 20; x_wconf 90\">\
             <span class=\"ocrx_word\" id=\"word_1_1_1_1\" title=\"bbox 0 3 9 20; x_wconf 50\">a</span> \
             <span class=\"ocrx_word\" id=\"word_1_1_1_2\" title=\"bbox 20 3 40 20; x_wconf 50\">&lt;b&gt;</span></span>\n"
        );
    }
}
