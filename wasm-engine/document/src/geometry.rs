//! Points and boxes in pixels of the upright page.

use serde::{Deserialize, Serialize};

/// A point in pixels of the upright page; written as `[x, y]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[i32; 2]", into = "[i32; 2]")]
pub struct Point {
    /// Distance from the left edge in pixels.
    pub x: i32,
    /// Distance from the top edge in pixels.
    pub y: i32,
}

impl From<[i32; 2]> for Point {
    fn from([x, y]: [i32; 2]) -> Self {
        Self { x, y }
    }
}

impl From<Point> for [i32; 2] {
    fn from(point: Point) -> Self {
        [point.x, point.y]
    }
}

/// An upright box in pixels of the page: `x0 <= x1`, `y0 <= y1`, the far edges exclusive; written as `[x0, y0, x1, y1]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "[i32; 4]", into = "[i32; 4]")]
pub struct BBox {
    /// Left edge.
    pub x0: i32,
    /// Top edge.
    pub y0: i32,
    /// Right edge, exclusive.
    pub x1: i32,
    /// Bottom edge, exclusive.
    pub y1: i32,
}

impl BBox {
    /// A box from any two opposite corners.
    pub fn new(x0: i32, y0: i32, x1: i32, y1: i32) -> Self {
        Self {
            x0: x0.min(x1),
            y0: y0.min(y1),
            x1: x0.max(x1),
            y1: y0.max(y1),
        }
    }

    /// The smallest box around `points`; `None` for no points.
    pub fn around(points: &[Point]) -> Option<Self> {
        let first = points.first()?;
        Some(points.iter().fold(
            Self::new(first.x, first.y, first.x, first.y),
            |bbox, point| Self {
                x0: bbox.x0.min(point.x),
                y0: bbox.y0.min(point.y),
                x1: bbox.x1.max(point.x),
                y1: bbox.y1.max(point.y),
            },
        ))
    }

    /// The smallest box around all of `boxes`; `None` for none.
    pub fn union_of(boxes: impl IntoIterator<Item = Self>) -> Option<Self> {
        boxes.into_iter().reduce(Self::union)
    }

    /// The smallest box around both.
    pub fn union(self, other: Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    /// Width in pixels.
    pub fn width(self) -> i32 {
        self.x1 - self.x0
    }

    /// Height in pixels.
    pub fn height(self) -> i32 {
        self.y1 - self.y0
    }

    /// Whether the middle of `other` stands inside.
    pub fn holds_middle_of(self, other: Self) -> bool {
        let (x, y) = (
            i32::midpoint(other.x0, other.x1),
            i32::midpoint(other.y0, other.y1),
        );
        (self.x0..=self.x1).contains(&x) && (self.y0..=self.y1).contains(&y)
    }

    /// Whether the two share any pixel.
    pub fn overlaps(self, other: Self) -> bool {
        self.overlap_x(other) > 0 && self.overlap_y(other) > 0
    }

    /// Length of the overlap with `other` along y, in pixels; 0 where they do not overlap.
    pub fn overlap_y(self, other: Self) -> i32 {
        (self.y1.min(other.y1) - self.y0.max(other.y0)).max(0)
    }

    /// Length of the overlap with `other` along x, in pixels; 0 where they do not overlap.
    pub fn overlap_x(self, other: Self) -> i32 {
        (self.x1.min(other.x1) - self.x0.max(other.x0)).max(0)
    }

    /// The part inside a page of `width_px` x `height_px`.
    pub fn clamped(self, width_px: i32, height_px: i32) -> Self {
        Self {
            x0: self.x0.clamp(0, width_px),
            y0: self.y0.clamp(0, height_px),
            x1: self.x1.clamp(0, width_px),
            y1: self.y1.clamp(0, height_px),
        }
    }
}

impl From<[i32; 4]> for BBox {
    fn from([x0, y0, x1, y1]: [i32; 4]) -> Self {
        Self::new(x0, y0, x1, y1)
    }
}

impl From<BBox> for [i32; 4] {
    fn from(bbox: BBox) -> Self {
        [bbox.x0, bbox.y0, bbox.x1, bbox.y1]
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn corners_in_any_order_make_the_same_box() {
        assert_eq!(BBox::new(9, 8, 1, 2), BBox::new(1, 2, 9, 8));
    }

    #[test]
    fn union_and_overlap() {
        let left = BBox::new(0, 0, 10, 10);
        let right = BBox::new(5, 8, 20, 18);
        assert_eq!(left.union(right), BBox::new(0, 0, 20, 18));
        assert_eq!((left.overlap_x(right), left.overlap_y(right)), (5, 2));
        assert_eq!(left.overlap_x(BBox::new(30, 0, 40, 10)), 0);
    }

    #[test]
    fn a_box_is_written_as_four_numbers() {
        let json = serde_json::to_string(&BBox::new(1, 2, 3, 4)).unwrap();
        assert_eq!(json, "[1,2,3,4]");
    }
}
