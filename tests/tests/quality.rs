//! Quality floors: the character error rate on the project's own fixtures may not rise above stored figures.
//!
//! Needs the models (`cargo xtask models`); without them the tests fail and say so.

#![expect(clippy::unwrap_used, reason = "clippy knows tests, not their helpers")]

use std::fs;
use std::path::{Path, PathBuf};

use ocr_chat_engine::{Limits, ReadOptions, Source};
use ocr_chat_tests::{models, score};

/// Fixture, truth, and the highest error rate allowed for tiny and small, with room for one character of difference.
const FLOORS: [(&str, &str, f64, f64); 6] = [
    ("page-en.png", "page-en.truth.txt", 0.01, 0.005),
    ("receipt-en.jpg", "receipt-en.truth.txt", 0.03, 0.02),
    ("line-en.png", "line-en.truth.txt", 0.03, 0.03),
    ("exif-6.jpg", "exif-6.truth.txt", 0.02, 0.02),
    ("two-pages.tiff", "two-pages.truth.txt", 0.03, 0.02),
    ("page-en.pdf", "page-en-pdf.truth.txt", 0.02, 0.02),
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn error_rates(model: &str) -> Vec<(&'static str, f64, String)> {
    let engine = models::engine(model, 2).unwrap();
    FLOORS
        .into_iter()
        .map(|(file, truth, _, _)| {
            let truth = fs::read_to_string(fixtures().join(truth)).unwrap();
            let bytes = fs::read(fixtures().join(file)).unwrap();
            let source = Source::open(bytes, &Limits::server(), None).unwrap();
            let document = engine
                .read_document(&source, &ReadOptions::default(), |_| ())
                .unwrap();
            let truth = score::normalised(&truth, "en", false);
            let text = score::normalised(&document.text(), "en", false);
            let rate = score::distance(&truth, &text) as f64 / truth.chars().count() as f64;
            (file, rate, text)
        })
        .collect()
}

#[test]
fn tiny_reads_the_fixtures() {
    for ((file, rate, text), (_, _, floor, _)) in error_rates("tiny").into_iter().zip(FLOORS) {
        assert!(
            rate <= floor,
            "{file}: CER {rate:.4}, at most {floor} allowed: {text}"
        );
    }
}

#[test]
fn small_reads_the_fixtures() {
    for ((file, rate, text), (_, _, _, floor)) in error_rates("small").into_iter().zip(FLOORS) {
        assert!(
            rate <= floor,
            "{file}: CER {rate:.4}, at most {floor} allowed: {text}"
        );
    }
}

#[test]
fn a_page_on_its_head_is_read_and_upright_lines_are_not_turned() {
    let engine = models::engine("tiny", 2).unwrap();
    let bytes = fs::read(fixtures().join("page-en.png")).unwrap();
    let upright = Source::open(bytes, &Limits::server(), None)
        .unwrap()
        .page(0)
        .unwrap();
    let mut pixels: Vec<[u8; 3]> = upright
        .rgb()
        .chunks_exact(3)
        .map(|p| [p[0], p[1], p[2]])
        .collect();
    pixels.reverse();
    let turned = ocr_chat_engine::PageImage::from_rgb(
        upright.width_px(),
        upright.height_px(),
        pixels.concat(),
    )
    .unwrap();
    let read = |image| engine.read_page(image, 0, &ReadOptions::default()).unwrap();
    let first_corner_is_left = |page: &ocr_chat_document::Page| {
        let lines: Vec<_> = page.blocks.iter().flat_map(|b| &b.lines).collect();
        lines
            .iter()
            .filter(|line| line.polygon[0].x < line.polygon[1].x)
            .count() as f64
            / lines.len() as f64
    };
    let (page, head) = (read(&upright), read(&turned));
    assert!(
        first_corner_is_left(&page) > 0.99,
        "upright lines were turned"
    );
    assert!(
        first_corner_is_left(&head) < 0.2,
        "turned lines were read as they stand"
    );
    assert!(head.mean_confidence.unwrap() > 0.9 * page.mean_confidence.unwrap());
}

#[test]
fn every_fixture_has_its_truth_and_every_truth_its_fixture() {
    let named: Vec<&str> = FLOORS
        .iter()
        .flat_map(|(file, truth, _, _)| [*file, *truth])
        .collect();
    for entry in fs::read_dir(fixtures()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let is_known =
            named.contains(&name.as_str()) || name == "make_fixtures.py" || name == "damaged.png";
        assert!(
            is_known,
            "tests/fixtures/{name} is used by no quality floor"
        );
    }
}
