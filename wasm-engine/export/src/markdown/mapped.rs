//! The answer with the map of its Markdown.

use ocr_chat_document::Answer;
use serde::Serialize;

use super::map::MarkdownSpan;
use super::markdown_map;

/// An answer and, as its key `markdown_map`, where each stretch of its `markdown` was read. Written, never read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MappedAnswer<'a> {
    /// The answer, whose keys are this value's own.
    #[serde(flatten)]
    pub answer: &'a Answer,
    /// The spans in the order of the text, not overlapping; empty where the Markdown is not what the pages themselves give (a translation).
    pub markdown_map: Vec<MarkdownSpan>,
}

impl<'a> MappedAnswer<'a> {
    /// `answer` with the map of its pages.
    pub fn new(answer: &'a Answer) -> Self {
        let map = markdown_map(answer.pages.iter().map(|page| &page.page));
        let fits = map.markdown == answer.markdown;
        Self {
            answer,
            markdown_map: if fits { map.spans } else { Vec::new() },
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use ocr_chat_document::{BBox, Block, BlockKind, Detail, Document, EngineInfo, Page};

    use super::*;

    fn answer(markdown: Option<&str>) -> Answer {
        let block = |kind, text: &str, y| Block {
            bbox: BBox::new(0, y, 90, y + 20),
            level: Some(1),
            ..Block::new(kind, text, Vec::new())
        };
        let pages = vec![
            Page {
                blocks: vec![
                    block(BlockKind::Heading, "ใบเสร็จ", 0),
                    block(BlockKind::Paragraph, "2 * 3 = 6", 30),
                ],
                ..Page::pending(0)
            },
            Page {
                blocks: vec![block(BlockKind::Paragraph, "𝒳 and more", 5)],
                ..Page::pending(1)
            },
        ];
        let own = super::super::markdown(&pages);
        let document = Document {
            engine: EngineInfo {
                name: "test".into(),
                version: "1".into(),
                models: vec![],
            },
            pages,
            warnings: vec![],
        };
        let markdown = markdown.map_or(own, str::to_owned);
        Answer::local(document, "auto", markdown, Detail::Lines)
    }

    #[test]
    fn every_span_names_text_page_and_box() {
        let answer = answer(None);
        let json = serde_json::to_value(MappedAnswer::new(&answer)).unwrap();
        assert_eq!(json["markdown"], answer.markdown, "the keys stay");
        let found: Vec<(String, u64, serde_json::Value)> = json["markdown_map"]
            .as_array()
            .unwrap()
            .iter()
            .map(|span| {
                let at = |key: &str| usize::try_from(span[key].as_u64().unwrap()).unwrap();
                let chars = answer.markdown.chars();
                let text = chars.skip(at("start")).take(at("end") - at("start"));
                (
                    text.collect(),
                    span["page"].as_u64().unwrap(),
                    span["bbox"].clone(),
                )
            })
            .collect();
        let expected = [
            ("ใบเสร็จ", 0, [0, 0, 90, 20]),
            ("2 \\* 3 = 6", 0, [0, 30, 90, 50]),
            ("𝒳 and more", 1, [0, 5, 90, 25]),
        ]
        .map(|(text, page, bbox)| (text.to_owned(), page, serde_json::json!(bbox)));
        assert_eq!(found, expected);
    }

    #[test]
    fn markdown_of_other_making_has_no_spans_rather_than_wrong_ones() {
        let translated = answer(Some("# Quittung"));
        assert_eq!(MappedAnswer::new(&translated).markdown_map, []);
    }
}
