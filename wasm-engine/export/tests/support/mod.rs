//! What the golden tests and the example that writes exports share.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests: a broken golden is a failed test"
)]

pub(crate) mod answers;
pub(crate) mod builder;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use ocr_chat_document::{Answer, BBox};
use ocr_chat_export::{
    ExportFormat, ExportOptions, PageSources, TextLayout, export_to_vec, markdown_map,
};

/// The folder of the goldens: one folder a document, its answer beside what is made of it.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens")
}

/// Pictures for all figures but those narrower than 150 pixels: a PNG for wide ones, a JPEG for the others.
pub(crate) struct TestPictures;

impl PageSources for TestPictures {
    fn original(&self) -> Option<&[u8]> {
        None
    }

    fn picture(&self, _page_index: u32, bbox: BBox) -> Option<Vec<u8>> {
        let name = match bbox.width() {
            250.. => "figure.png",
            150.. => "figure.jpg",
            _ => return None,
        };
        Some(fs::read(folder().join("../pictures").join(name)).unwrap())
    }
}

pub(crate) fn exported(answer: &Answer, format: ExportFormat, options: &ExportOptions) -> Vec<u8> {
    export_to_vec(answer, format, options, &TestPictures).unwrap()
}

/// The files that the exports of `answer` make, by their paths below the document's folder; packages unpacked, so that a change can be read.
pub(crate) fn files(answer: &Answer) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for format in ExportFormat::ALL {
        // Of the PDF other tests know; JSON is the input.
        if matches!(format, ExportFormat::Pdf | ExportFormat::Json) {
            continue;
        }
        let bytes = exported(answer, format, &ExportOptions::default());
        match format {
            ExportFormat::Docx | ExportFormat::Xlsx => {
                for (name, bytes) in unpacked(&bytes) {
                    // Pictures go in as they are; their presence is seen by their relations.
                    if !name.starts_with("word/media/") {
                        files.insert(format!("{}/{name}", format.name()), broken_up(&bytes));
                    }
                }
            }
            _ => {
                files.insert(format!("expected.{}", format.name()), bytes);
            }
        }
    }
    let kept = ExportOptions {
        text_layout: TextLayout::Kept,
        ..ExportOptions::default()
    };
    files.insert(
        "expected.kept.txt".to_owned(),
        exported(answer, ExportFormat::Txt, &kept),
    );
    let pages: Vec<_> = answer.pages.iter().map(|page| page.page.clone()).collect();
    let map = markdown_map(&pages);
    let mut spans = String::new();
    for span in &map.spans {
        spans.push_str(&serde_json::to_string(span).unwrap());
        spans.push('\n');
    }
    files.insert("expected.spans.jsonl".to_owned(), spans.into_bytes());
    files
}

/// The parts of a package.
pub(crate) fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = BTreeMap::new();
    for position in 0..archive.len() {
        let mut part = archive.by_index(position).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        let name = part.name().unwrap().into_owned();
        assert!(parts.insert(name, bytes).is_none());
    }
    parts
}

/// XML with a line break behind each end of a paragraph, row, cell or part of a list, so that a diff shows what changed.
fn broken_up(xml: &[u8]) -> Vec<u8> {
    let mut text = String::from_utf8(xml.to_vec()).unwrap();
    for mark in [
        "</w:p>",
        "</w:tr>",
        "</w:tblGrid>",
        "<w:tbl>",
        "</w:tbl>",
        "</w:style>",
        "</w:lvl>",
        "</w:num>",
        "<w:body>",
        "</row>",
        "</c>",
        "<sheetData>",
        "</sheetData>",
        "</cols>",
        "/>\n<Override",
        "</Relationship>",
        "</xf>",
        "</numFmts>",
        "</si>",
        "</fonts>",
        "</mergeCells>",
    ] {
        text = text.replace(mark, &format!("{mark}\n"));
    }
    text = text
        .replace("<Override", "\n<Override")
        .replace("<Relationship ", "\n<Relationship ");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.into_bytes()
}
