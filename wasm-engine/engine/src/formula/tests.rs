#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::layout::tests::read_line;
use crate::text::ReadLine;

fn white(width: u32, height: u32) -> Vec<u8> {
    vec![255; (3 * width * height) as usize]
}

fn found(lines: &[ReadLine]) -> Vec<FoundFormula> {
    let lines = layout::lines(lines, 800, 800);
    let image = PageImage::from_rgb(800, 800, white(800, 800)).unwrap();
    formulas(&lines, &|_| false, &image)
}

/// Ten lines of running text, room for a formula, and some more text.
fn prose() -> Vec<ReadLine> {
    [0, 1, 2, 3, 4, 9, 10, 11]
        .iter()
        .map(|row| {
            read_line(
                "a sentence about something that goes on over the line",
                10.0,
                14.0 * *row as f32,
            )
        })
        .collect()
}

fn with(lines: &[ReadLine]) -> Vec<String> {
    let mut all = prose();
    all.extend_from_slice(lines);
    found(&all).into_iter().map(|f| f.block.text).collect()
}

#[test]
fn a_formula_is_one_block_with_its_limits_and_its_number() {
    let formula = [
        read_line("∫ f(x) dx = F(b) − F(a)", 100.0, 86.0),
        read_line("b", 102.0, 74.0),
        read_line("a", 102.0, 98.0),
        read_line("(2.1)", 300.0, 86.0),
    ];
    let texts = with(&formula);
    assert_eq!(texts.len(), 1, "{texts:?}");
    for part in ["∫ f(x) dx = F(b) − F(a)", "b", "a", "(2.1)"] {
        assert!(
            texts[0].lines().any(|line| line.contains(part)),
            "{texts:?}"
        );
    }
}

#[test]
fn the_place_decides_where_the_signs_do_not() {
    // In the middle: a formula. At the margin: a line of the paragraph, unless it is numbered.
    assert_eq!(with(&[read_line("E = mc2 + p", 130.0, 86.0)]).len(), 1);
    assert_eq!(with(&[read_line("E = mc2 + p", 10.0, 72.0)]).len(), 0);
    let numbered = [
        read_line("E = mc2 + p", 10.0, 86.0),
        read_line("(4)", 310.0, 86.0),
    ];
    assert_eq!(with(&numbered).len(), 1);
    // A row of labels and values.
    let row = [
        read_line("E = mc2 + p", 130.0, 86.0),
        read_line("Energy", 70.0, 86.0),
    ];
    assert_eq!(with(&row).len(), 0);
    // Nothing around it that says where the text stands.
    let slip = [
        read_line("COFFEE", 10.0, 10.0),
        read_line("A = B + 5", 130.0, 30.0),
        read_line("TOTAL 7.50", 10.0, 50.0),
    ];
    assert!(found(&slip).is_empty());
}

#[test]
fn a_picture_of_a_formula_is_one() {
    let lines = [
        read_line("n", 40.0, 10.0),
        read_line("S = ∑ a", 10.0, 24.0),
        read_line("k=1", 40.0, 38.0),
    ];
    let found = found(&lines);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].lines, [0, 1, 2]);
    assert_eq!(found[0].block.kind, BlockKind::Formula);
}

#[test]
fn the_box_grows_over_bars_but_not_over_text() {
    let lines = layout::lines(
        &[
            read_line("y = x + z", 100.0, 100.0),
            read_line("a sentence about something that goes on", 10.0, 140.0),
        ],
        800,
        800,
    );
    let mut rgb = white(800, 800);
    let mut fill = |bbox: BBox| {
        for y in bbox.y0..bbox.y1 {
            let at = 3 * (y * 800 + bbox.x0) as usize;
            rgb[at..at + 3 * bbox.width() as usize].fill(0);
        }
    };
    fill(lines[0].line.bbox);
    fill(lines[1].line.bbox);
    fill(BBox::new(160, 104, 172, 106));
    fill(BBox::new(110, 113, 140, 115));
    let image = PageImage::from_rgb(800, 800, rgb).unwrap();
    let others = [lines[1].line.bbox];
    let mut bbox = lines[0].line.bbox;
    // The ground is what most of the box is, so the line itself is given some room.
    bbox.y0 -= 12;
    let grown = ink::grown(&image, bbox, &others, 10.0);
    assert_eq!((grown.x0, grown.x1, grown.y1), (100, 172, 115));
}
