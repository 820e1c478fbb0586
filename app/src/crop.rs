//! Which part of a picture is wanted, and which way up.

/// The least part of a side that may be left.
const MIN_PART: f64 = 0.05;

/// A corner of the part, as it stands on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Corner {
    TopLeft,
    TopRight,
    BottomRight,
    BottomLeft,
}

impl Corner {
    pub(crate) const ALL: [Self; 4] = [
        Self::TopLeft,
        Self::TopRight,
        Self::BottomRight,
        Self::BottomLeft,
    ];
}

/// A part of a turned picture. Sides are parts of the turned picture's width and height, 0 to 1, origin top left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Crop {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
    /// Quarter turns clockwise, 0 to 3.
    pub(crate) n_turns: u8,
}

impl Default for Crop {
    fn default() -> Self {
        Self {
            left: 0.0,
            top: 0.0,
            right: 1.0,
            bottom: 1.0,
            n_turns: 0,
        }
    }
}

impl Crop {
    /// Whether it is the whole picture as it was.
    pub(crate) fn is_whole(self) -> bool {
        self == Self::default()
    }

    /// A quarter turn clockwise more; the same part of the picture.
    pub(crate) fn turned(self) -> Self {
        Self {
            left: 1.0 - self.bottom,
            top: self.left,
            right: 1.0 - self.top,
            bottom: self.right,
            n_turns: (self.n_turns + 1) % 4,
        }
    }

    /// Where a corner stands.
    pub(crate) fn corner(self, corner: Corner) -> (f64, f64) {
        match corner {
            Corner::TopLeft => (self.left, self.top),
            Corner::TopRight => (self.right, self.top),
            Corner::BottomRight => (self.right, self.bottom),
            Corner::BottomLeft => (self.left, self.bottom),
        }
    }

    /// With a corner at (x, y), as far as it may go: within the picture, and not past its opposite.
    pub(crate) fn with_corner(mut self, corner: Corner, x: f64, y: f64) -> Self {
        if matches!(corner, Corner::TopLeft | Corner::BottomLeft) {
            self.left = x.min(self.right - MIN_PART).max(0.0);
        } else {
            self.right = x.max(self.left + MIN_PART).min(1.0);
        }
        if matches!(corner, Corner::TopLeft | Corner::TopRight) {
            self.top = y.min(self.bottom - MIN_PART).max(0.0);
        } else {
            self.bottom = y.max(self.top + MIN_PART).min(1.0);
        }
        self
    }

    /// Width and height of the turned picture, of one that is `width_px` times `height_px`.
    pub(crate) fn turned_size(self, width_px: u32, height_px: u32) -> (f64, f64) {
        let (width, height) = (f64::from(width_px), f64::from(height_px));
        if self.n_turns.is_multiple_of(2) {
            (width, height)
        } else {
            (height, width)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_turns_are_none() {
        let crop = Crop::default().with_corner(Corner::TopLeft, 0.25, 0.5);
        let once = crop.turned();
        // What was at the left is at the top now, what was at the top at the right.
        assert_eq!(
            (once.left, once.top, once.right, once.bottom),
            (0.0, 0.25, 0.5, 1.0)
        );
        assert_eq!(once.turned().turned().turned(), crop);
        assert_eq!(once.turned_size(30, 20), (20.0, 30.0));
    }

    #[test]
    fn corners_stay_within_the_picture_and_apart() {
        let crop = Crop::default().with_corner(Corner::BottomRight, -3.0, 7.0);
        assert_eq!((crop.right, crop.bottom), (MIN_PART, 1.0));
        let crop = Crop::default().with_corner(Corner::TopLeft, 2.0, -1.0);
        assert_eq!((crop.left, crop.top), (1.0 - MIN_PART, 0.0));
        assert!(!crop.is_whole());
        assert_eq!(crop.corner(Corner::BottomLeft), (crop.left, 1.0));
    }
}
