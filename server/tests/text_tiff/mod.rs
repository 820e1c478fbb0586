//! Multi-page TIFF files with large print, for tests that read with the real engine.

use std::io::Cursor;

use tiff::encoder::{TiffEncoder, colortype::Gray8};

/// Letters of 5 x 7 dots, a row a number, the leftmost dot in bit 4.
const FONT: [(char, [u8; 7]); 15] = [
    ('0', [14, 17, 17, 17, 17, 17, 14]),
    ('1', [4, 12, 4, 4, 4, 4, 14]),
    ('2', [14, 17, 1, 2, 4, 8, 31]),
    ('3', [31, 2, 4, 2, 1, 17, 14]),
    ('4', [2, 6, 10, 18, 31, 2, 2]),
    ('5', [31, 16, 30, 1, 1, 17, 14]),
    ('6', [6, 8, 16, 30, 17, 17, 14]),
    ('7', [31, 1, 2, 4, 8, 8, 8]),
    ('8', [14, 17, 17, 14, 17, 17, 14]),
    ('9', [14, 17, 17, 15, 1, 2, 12]),
    ('A', [14, 17, 17, 31, 17, 17, 17]),
    ('E', [31, 16, 16, 30, 16, 16, 31]),
    ('G', [14, 17, 16, 23, 17, 17, 15]),
    ('P', [30, 17, 17, 30, 16, 16, 16]),
    ('T', [31, 4, 4, 4, 4, 4, 4]),
];

const WIDTH_PX: usize = 640;
const HEIGHT_PX: usize = 160;
/// Side of a dot in pixels: capitals are 42 pixels high.
const DOT_PX: usize = 6;

/// A file with a page for each of `texts`.
pub(crate) fn tiff(texts: &[String]) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file).unwrap();
    for text in texts {
        encoder
            .write_image::<Gray8>(WIDTH_PX as u32, HEIGHT_PX as u32, &page(text))
            .unwrap();
    }
    file.into_inner()
}

fn page(text: &str) -> Vec<u8> {
    let mut pixels = vec![255_u8; WIDTH_PX * HEIGHT_PX];
    for (position, letter) in text.chars().enumerate() {
        let rows = FONT
            .iter()
            .find(|(c, _)| *c == letter)
            .map_or([0; 7], |(_, rows)| *rows);
        for (row, dots) in rows.into_iter().enumerate() {
            for column in (0..5).filter(|column| dots >> (4 - column) & 1 == 1) {
                for y in 0..DOT_PX {
                    let start =
                        (58 + row * DOT_PX + y) * WIDTH_PX + 60 + (position * 6 + column) * DOT_PX;
                    pixels[start..start + DOT_PX].fill(20);
                }
            }
        }
    }
    pixels
}

/// The letters and digits of what was read, and its page and line ends. These letters are blocky and stand on a grid: where
/// a gap counts as a space or a corner as a dot is the engine's to change, and not what is tested with them.
pub(crate) fn letters_of(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '\u{c}' | '\n'))
        .collect()
}
