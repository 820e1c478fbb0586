//! Quality floors: the character error rate on the project's own fixtures may not rise above stored figures.
//!
//! Needs the models (`cargo xtask models`); without them the tests fail and say so.

#![expect(clippy::unwrap_used, reason = "clippy knows tests, not their helpers")]

use std::fs;
use std::path::{Path, PathBuf};

use ocr_chat_engine::{Limits, PageImage, ReadOptions, Source};
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

/// The pages that the browser's tests read, too.
fn pages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/fixtures")
}

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

/// `image` turned clockwise by `quarters` of a turn.
fn turned(image: &PageImage, quarters: usize) -> PageImage {
    let mut rows: Vec<Vec<[u8; 3]>> = image
        .rgb()
        .chunks_exact(image.width_px() as usize * 3)
        .map(|row| row.chunks_exact(3).map(|p| [p[0], p[1], p[2]]).collect())
        .collect();
    for _ in 0..quarters {
        rows = (0..rows[0].len())
            .map(|x| rows.iter().rev().map(|row| row[x]).collect())
            .collect();
    }
    let (width, height) = (rows[0].len() as u32, rows.len() as u32);
    PageImage::from_rgb(width, height, rows.concat().concat()).unwrap()
}

#[test]
fn a_turned_page_is_turned_back_and_read_as_well_as_the_upright_one() {
    let engine = models::engine("tiny", 2).unwrap();
    let bytes = fs::read(fixtures().join("page-en.png")).unwrap();
    let source = Source::open(bytes, &Limits::server(), None).unwrap();
    let upright = source.page(0).unwrap();
    let read = |image: &PageImage| engine.read_page(image, 0, &ReadOptions::default()).unwrap();
    let expected = read(&upright);
    assert_eq!(expected.rotation, 0);
    for (quarters, rotation) in [(1, 270), (2, 180), (3, 90)] {
        let page = read(&turned(&upright, quarters));
        assert_eq!(page.rotation, rotation, "turned by {quarters} quarters");
        assert_eq!(
            (page.width, page.height),
            (upright.width_px(), upright.height_px())
        );
        let (found, truth) = (page.text(), expected.text());
        let rate = score::distance(&truth, &found) as f64 / truth.chars().count() as f64;
        assert!(
            rate < 0.01,
            "turned by {quarters} quarters: {rate}: {found}"
        );
    }
}

#[test]
fn light_ink_on_dark_ground_is_read() {
    let engine = models::engine("tiny", 2).unwrap();
    for fixture in [pages().join("page-th.png"), fixtures().join("page-en.png")] {
        let bytes = fs::read(&fixture).unwrap();
        let page = Source::open(bytes, &Limits::server(), None)
            .unwrap()
            .page(0)
            .unwrap();
        let inverted: Vec<u8> = page.rgb().iter().map(|value| 255 - value).collect();
        let dark = PageImage::from_rgb(page.width_px(), page.height_px(), inverted).unwrap();
        let text = |image: &PageImage| {
            engine
                .read_page(image, 0, &ReadOptions::default())
                .unwrap()
                .text()
        };
        let (truth, found) = (text(&page), text(&dark));
        let rate = score::distance(&truth, &found) as f64 / truth.chars().count() as f64;
        assert!(rate < 0.03, "{}: {rate}: {found}", fixture.display());
    }
}

/// Page, language, and the highest error rate allowed. Made by `tests/browser/fixtures/make_fixtures.py`.
const LANGUAGES: [(&str, &str, f64); 5] = [
    ("page-th", "th", 0.04),
    ("page-ar", "ar", 0.04),
    ("page-hi", "hi", 0.04),
    ("page-ru", "ru", 0.02),
    ("page-ko", "ko", 0.04),
];

#[test]
fn the_language_of_a_page_is_found_and_read() {
    for model in ["tiny", "small"] {
        let engine = models::engine(model, 2).unwrap();
        for (name, language, floor) in LANGUAGES {
            let bytes = fs::read(pages().join(format!("{name}.png"))).unwrap();
            let truth = fs::read_to_string(pages().join(format!("{name}.truth.txt"))).unwrap();
            let source = Source::open(bytes, &Limits::server(), None).unwrap();
            let document = engine
                .read_document(&source, &ReadOptions::default(), |_| ())
                .unwrap();
            assert_eq!(
                document.detected_language().as_deref(),
                Some(language),
                "{name}"
            );
            let truth = score::normalised(&truth, language, false);
            let text = score::normalised(&document.text(), language, false);
            let rate = score::distance(&truth, &text) as f64 / truth.chars().count() as f64;
            assert!(
                rate <= floor,
                "{name}, {model}: CER {rate:.4}, at most {floor} allowed: {text}"
            );
        }
    }
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
