//! Mistral's OCR API (`POST /v1/ocr`, docs.mistral.ai/capabilities/document_ai): pages of Markdown, and the boxes of their pictures in pixels.

use ocr_chat_document::BlockKind;
use serde_json::Value;

use crate::parse::{Parsed, ParsedBlock, markdown};

/// The first page of an answer, and the width and height that its boxes are in, where it says so. `None` for an answer without pages.
pub(crate) fn parse(answer: &Value) -> Option<(Parsed, Option<[f32; 2]>)> {
    let page = answer.get("pages")?.as_array()?.first()?;
    let text = page.get("markdown")?.as_str()?;
    let mut end = text.len().min(super::MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut parsed = markdown::parse(&with_tables(&text[..end], page));
    let pictures = page.get("images").and_then(Value::as_array);
    // Pictures stand in the text in the order of the list.
    let mut boxes = pictures.into_iter().flatten().map(bbox_of);
    for block in &mut parsed.blocks {
        if block.kind == BlockKind::Figure {
            block.bbox = boxes.next().flatten();
        }
    }
    for bbox in boxes.flatten() {
        parsed.blocks.push(ParsedBlock {
            bbox: Some(bbox),
            ..ParsedBlock::new(BlockKind::Figure, "")
        });
    }
    parsed.blocks.retain(|block| !block.is_empty());
    let dimension = |key: &str| Some(page.get("dimensions")?.get(key)?.as_f64()? as f32);
    let size = dimension("width")
        .zip(dimension("height"))
        .map(|(width, height)| [width, height]);
    Some((parsed, size))
}

fn bbox_of(picture: &Value) -> Option<[f32; 4]> {
    let number = |key: &str| Some(picture.get(key)?.as_f64()? as f32);
    Some([
        number("top_left_x")?,
        number("top_left_y")?,
        number("bottom_right_x")?,
        number("bottom_right_y")?,
    ])
}

/// `[tbl-0.html](tbl-0.html)` replaced by the table of that name, as the API has them with `table_format`.
fn with_tables(markdown: &str, page: &Value) -> String {
    let mut markdown = markdown.to_owned();
    for table in page
        .get("tables")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let id = table.get("id").and_then(Value::as_str).unwrap_or("");
        let content = table.get("content").and_then(Value::as_str).unwrap_or("");
        if !id.is_empty() {
            markdown = markdown.replace(&format!("[{id}]({id})"), &format!("\n{content}\n"));
        }
    }
    markdown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published() -> Value {
        serde_json::from_str(include_str!("../../tests/vision/formats/mistral.json")).unwrap()
    }

    #[test]
    fn the_published_answer_has_its_picture_in_its_place() {
        let (parsed, size) = parse(&published()).unwrap();
        assert_eq!(size, Some([1700.0, 2200.0]));
        let figures: Vec<_> = parsed
            .blocks
            .iter()
            .filter(|block| block.kind == BlockKind::Figure)
            .collect();
        assert_eq!(figures.len(), 1);
        assert_eq!(figures[0].bbox, Some([292.0, 217.0, 1405.0, 649.0]));
    }

    #[test]
    fn tables_of_their_own_stand_where_the_text_names_them() {
        let mut answer = published();
        answer["pages"][0]["markdown"] = "Before\n\n[tbl-0.html](tbl-0.html)\n\nBehind".into();
        answer["pages"][0]["tables"] = serde_json::json!([{"id": "tbl-0.html", "content": "<table><tr><td>A</td><td>B</td></tr></table>"}]);
        let (parsed, _) = parse(&answer).unwrap();
        let kinds: Vec<BlockKind> = parsed.blocks.iter().map(|block| block.kind).collect();
        let expected = [
            BlockKind::Paragraph,
            BlockKind::Table,
            BlockKind::Paragraph,
            BlockKind::Figure,
        ];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn answers_that_lack_something_or_have_another_type_are_read_as_far_as_they_go() {
        for (key, value) in [
            ("images", Value::Null),
            (
                "images",
                serde_json::json!([{"top_left_x": "left"}, 7, null]),
            ),
            ("dimensions", serde_json::json!({"width": -1, "height": []})),
            ("tables", serde_json::json!("none")),
        ] {
            let mut answer = published();
            answer["pages"][0][key] = value;
            assert!(
                parse(&answer).is_some_and(|(parsed, _)| parsed.blocks.len() > 4),
                "{key}"
            );
        }
        for answer in [
            Value::Null,
            serde_json::json!({"pages": []}),
            serde_json::json!({"pages": [{"markdown": 7}]}),
        ] {
            assert!(parse(&answer).is_none(), "{answer}");
        }
    }
}
