//! Pictures as image objects: the file's own compressed data wherever PDF knows the compression.

mod jpeg;

mod png;

mod tiff;

mod packed;

use ocr_chat_document::{BBox, Page};

use crate::sources::PageSources;

/// An image object in the making.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    /// Width of the stored picture in pixels.
    pub(super) width_px: u32,
    /// Height of the stored picture in pixels.
    pub(super) height_px: u32,
    /// The entries of the image's dictionary but for type, size and length.
    pub(super) entries: Vec<u8>,
    /// The compressed data.
    pub(super) data: Vec<u8>,
    /// How the stored picture becomes the upright page: the value of EXIF's orientation tag, 1 to 8.
    pub(super) orientation: u8,
}

/// The picture of `page`, turned by the page's matrix: as it is in the file where PDF knows its compression, otherwise from the decoded page;
/// `None` where neither is at hand.
pub(super) fn of_page(page: &Page, sources: &dyn PageSources) -> Option<Picture> {
    let own = sources
        .original()
        .and_then(|file| embedded(file, page.index));
    own.filter(|picture| fits(picture, page))
        .or_else(|| decoded(page, sources))
}

/// Page `index` of `file` with its compression kept.
fn embedded(file: &[u8], index: u32) -> Option<Picture> {
    match file {
        [0xff, 0xd8, ..] if index == 0 => jpeg::picture(file),
        [0x89, b'P', b'N', b'G', ..] if index == 0 => png::picture(file),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => tiff::picture(file, index),
        _ => None,
    }
}

/// Whether the stored picture, turned as the page says, has the page's size. A page that could not be read has none.
fn fits(picture: &Picture, page: &Page) -> bool {
    if page.width == 0 || page.height == 0 {
        return true;
    }
    let stored = (picture.width_px, picture.height_px);
    let upright = (page.width, page.height);
    stored == upright || stored == (upright.1, upright.0)
}

/// The page as the caller decodes it, packed as small as it can be without loss.
fn decoded(page: &Page, sources: &dyn PageSources) -> Option<Picture> {
    let side = |n: u32| i32::try_from(n).ok().filter(|&n| n > 0);
    let whole = BBox::new(0, 0, side(page.width)?, side(page.height)?);
    let file = sources.picture(page.index, whole)?;
    let picture = match file.as_slice() {
        [0xff, 0xd8, ..] => jpeg::picture(&file)?,
        _ => packed::picture(&file).or_else(|| png::picture(&file))?,
    };
    // The caller's picture is upright already.
    Some(Picture {
        orientation: 0,
        ..picture
    })
}

impl Picture {
    /// The matrix that paints the picture on the upright page of `page_size` units; `rotation` is the page's, in degrees clockwise from the
    /// stored picture, the orientation's own turn included.
    pub(super) fn matrix(&self, rotation: u16, page_size: (f64, f64)) -> [f64; 6] {
        // The turn that each orientation brings along, as the engine counts it.
        let (base, mirrored) = match self.orientation {
            0 => (rotation, false),
            2 | 4 => (0, true),
            3 => (180, false),
            5 => (90, true),
            6 => (90, false),
            7 => (270, true),
            8 => (270, false),
            _ => (0, false),
        };
        let mut matrix = if self.orientation == 0 {
            [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
        } else {
            turned([1.0, 0.0, 0.0, 1.0, 0.0, 0.0], base)
        };
        if mirrored {
            matrix = if self.orientation == 4 {
                // Upside down in the mirror: the top edge becomes the lower one.
                then(matrix, [1.0, 0.0, 0.0, -1.0, 0.0, 1.0])
            } else {
                then(matrix, [-1.0, 0.0, 0.0, 1.0, 1.0, 0.0])
            };
        }
        let extra = (rotation + 360 - base % 360) % 360;
        let matrix = turned(matrix, extra);
        then(matrix, [page_size.0, 0.0, 0.0, page_size.1, 0.0, 0.0])
    }

    /// Width and height of the upright picture after `rotation`.
    pub(super) fn upright_size(&self, rotation: u16) -> (u32, u32) {
        let matrix = self.matrix(rotation, (1.0, 1.0));
        if matrix[0].abs() > 0.5 {
            (self.width_px, self.height_px)
        } else {
            (self.height_px, self.width_px)
        }
    }
}

/// `matrix` on the unit square, then a turn of the square by `degrees` clockwise.
fn turned(matrix: [f64; 6], degrees: u16) -> [f64; 6] {
    let turn = match degrees {
        90 => [0.0, -1.0, 1.0, 0.0, 0.0, 1.0],
        180 => [-1.0, 0.0, 0.0, -1.0, 1.0, 1.0],
        270 => [0.0, 1.0, -1.0, 0.0, 1.0, 0.0],
        _ => return matrix,
    };
    then(matrix, turn)
}

/// First `a`, then `b`.
pub(super) fn then(a: [f64; 6], b: [f64; 6]) -> [f64; 6] {
    [
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    ]
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn picture(orientation: u8) -> Picture {
        Picture {
            width_px: 4,
            height_px: 2,
            entries: vec![],
            data: vec![],
            orientation,
        }
    }

    /// Where the stored picture's top left and top right corner come to stand, y up, on a page of 1 x 1.
    fn top_corners(matrix: [f64; 6]) -> [(f64, f64); 2] {
        [(0.0, 1.0), (1.0, 1.0)].map(|(x, y)| {
            (
                x * matrix[0] + y * matrix[2] + matrix[4],
                x * matrix[1] + y * matrix[3] + matrix[5],
            )
        })
    }

    #[test]
    fn orientations_move_the_top_corners_as_exif_says() {
        // EXIF 2.32, tag 0x0112: where row 0 and column 0 stand. Top left and top right corner of the stored picture, y up.
        let (tl, tr, bl, br) = ((0.0, 1.0), (1.0, 1.0), (0.0, 0.0), (1.0, 0.0));
        for (orientation, rotation, corners) in [
            (1, 0, [tl, tr]),
            (2, 0, [tr, tl]),
            (3, 180, [br, bl]),
            (4, 0, [bl, br]),
            (5, 90, [tl, bl]),
            (6, 90, [tr, br]),
            (7, 270, [br, tr]),
            (8, 270, [bl, tl]),
        ] {
            let matrix = picture(orientation).matrix(rotation, (1.0, 1.0));
            assert_eq!(top_corners(matrix), corners, "orientation {orientation}");
        }
    }

    #[test]
    fn a_page_that_the_engine_turned_is_turned_on_top() {
        let turned = picture(1).matrix(90, (2.0, 4.0));
        assert_eq!(turned, [0.0, -4.0, 2.0, 0.0, 0.0, 4.0]);
        assert_eq!(picture(1).upright_size(90), (2, 4));
        let both = picture(6).matrix(180, (1.0, 1.0));
        assert_eq!(
            top_corners(both),
            top_corners(picture(3).matrix(180, (1.0, 1.0)))
        );
    }
}
