//! A golden document through every format, in the browser's engine too: the goldens are files, so these few are built in.

use std::io::{Cursor, Read};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

const ANSWER: &str = include_str!("../tests/goldens/tables/answer.json");

fn exported(format: ExportFormat) -> Vec<u8> {
    let answer: Answer = serde_json::from_str(ANSWER).unwrap();
    export_to_vec(&answer, format, &ExportOptions::default(), &NoSources).unwrap()
}

#[test]
fn text_formats_are_those_of_the_goldens() {
    for (format, golden) in [
        (
            ExportFormat::Txt,
            include_str!("../tests/goldens/tables/expected.txt"),
        ),
        (
            ExportFormat::Md,
            include_str!("../tests/goldens/tables/expected.md"),
        ),
        (
            ExportFormat::Html,
            include_str!("../tests/goldens/tables/expected.html"),
        ),
        (
            ExportFormat::Csv,
            include_str!("../tests/goldens/tables/expected.csv"),
        ),
        (
            ExportFormat::Hocr,
            include_str!("../tests/goldens/tables/expected.hocr"),
        ),
        (
            ExportFormat::Alto,
            include_str!("../tests/goldens/tables/expected.alto"),
        ),
        (ExportFormat::Json, ANSWER),
    ] {
        let found = String::from_utf8(exported(format)).unwrap();
        assert_eq!(found, golden, "{}", format.name());
    }
}

#[test]
fn packages_are_those_of_the_goldens() {
    for (format, part, golden) in [
        (
            ExportFormat::Docx,
            "word/document.xml",
            include_str!("../tests/goldens/tables/docx/word/document.xml"),
        ),
        (
            ExportFormat::Xlsx,
            "xl/worksheets/sheet1.xml",
            include_str!("../tests/goldens/tables/xlsx/xl/worksheets/sheet1.xml"),
        ),
    ] {
        let bytes = exported(format);
        assert_eq!(bytes, exported(format), "twice the same");
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut xml = String::new();
        let mut file = archive.by_name(part).unwrap();
        file.read_to_string(&mut xml).unwrap();
        // The golden has line breaks for its readers.
        assert_eq!(xml.replace('\n', ""), golden.replace('\n', ""), "{part}");
    }
}

#[test]
fn formats_have_names_and_say_what_is_missing() {
    for format in ExportFormat::ALL {
        assert_eq!(format.name().parse::<ExportFormat>().unwrap(), format);
    }
    let unknown = "exe".parse::<ExportFormat>().unwrap_err();
    assert!(unknown.to_string().contains("docx"), "{unknown}");
}
