//! How large a page is shown.

use leptos::prelude::*;

/// Least and largest size, in pixels of the screen for one of the page.
const MIN: f64 = 0.05;
const MAX: f64 = 8.0;

/// What a step of the buttons and keys multiplies by.
const STEP: f64 = 1.25;

/// Room around a page that is shown whole, on all sides, in pixels of the screen.
const MARGIN_PX: f64 = 8.0;

/// How large the page is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Zoom {
    /// The whole page.
    Page,
    /// As wide as there is room.
    Width,
    /// Pixels of the screen for one of the page.
    Scale(f64),
}

impl Zoom {
    /// Pixels of the screen for one of a page of `page` pixels in `room` pixels of the screen; `None` until there is room.
    pub(super) fn scale(self, page: (f64, f64), room: (f64, f64)) -> Option<f64> {
        let (width, height) = (room.0 - 2.0 * MARGIN_PX, room.1 - 2.0 * MARGIN_PX);
        if width <= 0.0 || height <= 0.0 || page.0 <= 0.0 || page.1 <= 0.0 {
            return None;
        }
        let scale = match self {
            Self::Page => (width / page.0).min(height / page.1),
            Self::Width => width / page.0,
            Self::Scale(scale) => scale,
        };
        Some(scale.clamp(MIN, MAX))
    }

    /// `scale`, which stands for itself from now on, times `by`.
    pub(super) fn times(scale: f64, by: f64) -> Self {
        Self::Scale((scale * by).clamp(MIN, MAX))
    }

    /// A step larger, or smaller.
    pub(super) fn step(scale: f64, is_larger: bool) -> Self {
        Self::times(scale, if is_larger { STEP } else { 1.0 / STEP })
    }
}

/// Whether the window is as narrow as a phone: panes stand below each other, as in style/layout.css.
pub(super) fn is_narrow() -> bool {
    const NARROW_PX: f64 = 768.0;
    let width = window().inner_width().ok().and_then(|width| width.as_f64());
    width.is_some_and(|width| width <= NARROW_PX)
}

#[cfg(test)]
mod tests {
    use super::Zoom;

    #[test]
    fn a_page_fits_its_room() {
        let room = (516.0, 816.0);
        assert_eq!(Zoom::Page.scale((1000.0, 2000.0), room), Some(0.4));
        assert_eq!(Zoom::Width.scale((1000.0, 2000.0), room), Some(0.5));
        assert_eq!(Zoom::Scale(2.0).scale((1000.0, 2000.0), room), Some(2.0));
        assert_eq!(Zoom::Page.scale((1000.0, 2000.0), (0.0, 0.0)), None);
        assert_eq!(Zoom::times(7.9, 1.25), Zoom::Scale(8.0));
    }
}
