//! The premium pipeline reads worn pages with fewer errors than the standard one, and stops when it is asked to.
//!
//! Needs the models (`cargo xtask models`); without them the tests fail and say so.

#![expect(clippy::unwrap_used, reason = "clippy knows tests, not their helpers")]

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use ocr_chat_document::Page;
use ocr_chat_engine::{Engine, Limits, PageError, PageImage, Quality, ReadOptions, Source};
use ocr_chat_tests::{models, score};

/// A page of the fixtures, made as small as `share` says and strewn with noise of `noise` grey values.
fn worn(name: &str, share: f32, noise: i32) -> PageImage {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name);
    let source = Source::open(fs::read(path).unwrap(), &Limits::server(), None).unwrap();
    let page = source.page(0).unwrap();
    let side = |px: u32| (px as f32 * share) as u32;
    let (width, height) = (side(page.width_px()), side(page.height_px()));
    let mut state = 1_u32;
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            // The mean of the pixels that fall together.
            let span = |at: u32| (at as f32 / share) as u32..((at + 1) as f32 / share) as u32;
            let (mut sum, mut n) = (0_u32, 0_u32);
            for from_y in span(y) {
                for from_x in span(x) {
                    let at = (from_y * page.width_px() + from_x) as usize * 3;
                    sum += u32::from(page.rgb()[at]);
                    n += 1;
                }
            }
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (state >> 16) as i32 % (2 * noise + 1) - noise;
            let value = (sum / n.max(1)) as i32 + grain;
            rgb.extend([value.clamp(0, 255) as u8; 3]);
        }
    }
    PageImage::from_rgb(width, height, rgb).unwrap()
}

fn read(engine: &Engine, image: &PageImage, quality: Quality) -> Page {
    let options = ReadOptions {
        quality,
        ..ReadOptions::default()
    };
    engine.read_page(image, 0, &options).unwrap()
}

fn edits(page: &Page, truth: &str) -> usize {
    let truth = score::normalised(truth, "en", false);
    score::distance(&truth, &score::normalised(&page.text(), "en", false))
}

#[test]
fn premium_reads_worn_pages_better() {
    let engine = models::engine("small", 2).unwrap();
    let (mut standard, mut premium) = (0, 0);
    for (name, truth, share, noise) in [
        ("page-en.png", "page-en.truth.txt", 0.2, 20),
        ("page-en.png", "page-en.truth.txt", 0.17, 20),
        ("receipt-en.jpg", "receipt-en.truth.txt", 0.2, 20),
        ("receipt-en.jpg", "receipt-en.truth.txt", 0.17, 20),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures")
            .join(truth);
        let truth = fs::read_to_string(path).unwrap();
        let image = worn(name, share, noise);
        let (before, after) = (
            edits(&read(&engine, &image, Quality::Standard), &truth),
            edits(&read(&engine, &image, Quality::Premium), &truth),
        );
        println!("{name} at {share}: {before} edits, {after} by the premium pipeline");
        standard += before;
        premium += after;
    }
    assert!(standard > 100, "too easy to tell the two apart: {standard}");
    assert!(
        premium as f64 <= 0.7 * standard as f64,
        "{premium} edits by the premium pipeline, {standard} by the standard one"
    );
}

#[test]
fn premium_stops_when_asked() {
    let engine = models::engine("small", 2).unwrap();
    let image = worn("page-en.png", 0.2, 20);
    let n_asked = AtomicUsize::new(0);
    let ask = |quality: Quality, most: usize| {
        n_asked.store(0, Ordering::SeqCst);
        let should_stop = || n_asked.fetch_add(1, Ordering::SeqCst) >= most;
        let options = ReadOptions {
            should_stop: Some(&should_stop),
            quality,
            ..ReadOptions::default()
        };
        let answer = engine.read_page(&image, 0, &options);
        (answer, n_asked.load(Ordering::SeqCst))
    };
    let (standard, n_standard) = ask(Quality::Standard, usize::MAX);
    let (premium, n_premium) = ask(Quality::Premium, usize::MAX);
    assert!(standard.is_ok() && premium.is_ok());
    assert!(n_premium > n_standard + 10, "{n_premium}, {n_standard}");
    // In the first search at another scale, and among the looks at lines.
    for most in [n_standard, n_premium - 1] {
        let (stopped, _) = ask(Quality::Premium, most);
        assert!(matches!(stopped, Err(PageError::Cancelled)), "{most}");
    }
}
