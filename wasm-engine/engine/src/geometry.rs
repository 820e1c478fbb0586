//! Geometry of the stages: points in floating point, rotated rectangles, convex hulls.

use ocr_chat_document::Point;

/// A point in pixels; x to the right, y down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PointF {
    /// Distance from the left edge.
    pub x: f32,
    /// Distance from the top edge.
    pub y: f32,
}

impl PointF {
    /// A point from its coordinates.
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// Distance to `other`.
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The point on the way to `other`: 0 is here, 1 is there.
    pub fn lerp(self, other: Self, t: f32) -> Self {
        Self::new(
            self.x + (other.x - self.x) * t,
            self.y + (other.y - self.y) * t,
        )
    }

    /// The nearest pixel corner.
    pub fn rounded(self) -> Point {
        Point {
            x: self.x.round() as i32,
            y: self.y.round() as i32,
        }
    }
}

/// A rectangle at any angle, given so that text in it reads along `width`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RotatedRect {
    /// Centre.
    pub center: PointF,
    /// Extent along the reading direction.
    pub width: f32,
    /// Extent across the reading direction.
    pub height: f32,
    /// Reading direction in radians, clockwise from the x axis.
    pub angle: f32,
}

impl RotatedRect {
    /// The corners: the one where reading starts above the baseline, then clockwise as read.
    pub fn corners(&self) -> [PointF; 4] {
        let (sin, cos) = self.angle.sin_cos();
        let along = (cos * self.width / 2.0, sin * self.width / 2.0);
        let down = (-sin * self.height / 2.0, cos * self.height / 2.0);
        let corner = |a: f32, d: f32| {
            PointF::new(
                self.center.x + a * along.0 + d * down.0,
                self.center.y + a * along.1 + d * down.1,
            )
        };
        [
            corner(-1.0, -1.0),
            corner(1.0, -1.0),
            corner(1.0, 1.0),
            corner(-1.0, 1.0),
        ]
    }

    /// The rectangle with every side moved outwards by `distance`.
    pub fn grown(&self, distance: f32) -> Self {
        Self {
            width: self.width + 2.0 * distance,
            height: self.height + 2.0 * distance,
            ..*self
        }
    }

    /// The rectangle in a frame that is `factor_x`, `factor_y` times as large.
    ///
    /// The factors differ by a rounding of the frame's size only, so the angle is kept.
    pub fn scaled(&self, factor_x: f32, factor_y: f32) -> Self {
        let factor = (factor_x * factor_y).sqrt();
        Self {
            center: PointF::new(self.center.x * factor_x, self.center.y * factor_y),
            width: self.width * factor,
            height: self.height * factor,
            angle: self.angle,
        }
    }

    /// The length along the reading direction, in heights.
    pub fn length_heights(&self) -> f32 {
        self.width / self.height.max(1.0)
    }

    /// The nearest quarter of a turn of the reading direction, clockwise, 0 to 3.
    pub fn quarters(&self) -> usize {
        let quarters = (self.angle / std::f32::consts::FRAC_PI_2).round() as i32;
        quarters.rem_euclid(4) as usize
    }

    /// The same rectangle read the other way round.
    pub fn turned_180(&self) -> Self {
        Self {
            angle: self.angle + std::f32::consts::PI,
            ..*self
        }
    }
}

/// The convex hull of `points` in counter-clockwise order (Andrew's monotone chain, 1979). Sorts `points`.
pub(crate) fn convex_hull(points: &mut Vec<PointF>) -> Vec<PointF> {
    points.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    points.dedup();
    if points.len() < 3 {
        return points.clone();
    }
    let cross =
        |o: PointF, a: PointF, b: PointF| (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
    let half = |points: &mut dyn Iterator<Item = PointF>| {
        let mut chain: Vec<PointF> = Vec::new();
        for point in points {
            while chain.len() >= 2
                && cross(chain[chain.len() - 2], chain[chain.len() - 1], point) <= 0.0
            {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut hull = half(&mut points.iter().copied());
    hull.extend(half(&mut points.iter().rev().copied()));
    hull
}

/// The rectangle of least area around `points` (rotating over the hull's edges; Freeman and Shapira, 1975), its reading
/// direction the one nearest to left-to-right; `None` for no points. Sorts `points`.
pub(crate) fn min_area_rect(points: &mut Vec<PointF>) -> Option<RotatedRect> {
    let hull = convex_hull(points);
    let first = *hull.first()?;
    let mut best: Option<(f32, RotatedRect)> = None;
    for (edge_idx, &from) in hull.iter().enumerate() {
        let to = hull[(edge_idx + 1) % hull.len()];
        let length = from.distance(to);
        if length < 1e-6 {
            continue;
        }
        let (ux, uy) = ((to.x - from.x) / length, (to.y - from.y) / length);
        let mut along = (f32::MAX, f32::MIN);
        let mut across = (f32::MAX, f32::MIN);
        for point in &hull {
            let (dx, dy) = (point.x - first.x, point.y - first.y);
            let (a, c) = (dx * ux + dy * uy, dy * ux - dx * uy);
            along = (along.0.min(a), along.1.max(a));
            across = (across.0.min(c), across.1.max(c));
        }
        let (width, height) = (along.1 - along.0, across.1 - across.0);
        let area = width * height;
        if best.as_ref().is_none_or(|(least, _)| area < *least) {
            let (a, c) = (
                f32::midpoint(along.0, along.1),
                f32::midpoint(across.0, across.1),
            );
            let rect = RotatedRect {
                center: PointF::new(first.x + a * ux - c * uy, first.y + a * uy + c * ux),
                width,
                height,
                angle: uy.atan2(ux),
            };
            best = Some((area, rect));
        }
    }
    let rect = best.map_or(
        RotatedRect {
            center: first,
            width: 0.0,
            height: 0.0,
            angle: 0.0,
        },
        |(_, rect)| rect,
    );
    Some(nearest_to_upright(rect))
}

/// The same rectangle with its angle within 45 degrees of left-to-right.
fn nearest_to_upright(rect: RotatedRect) -> RotatedRect {
    use std::f32::consts::{FRAC_PI_2, FRAC_PI_4};
    let quarter_turns = ((rect.angle + FRAC_PI_4) / FRAC_PI_2).floor();
    let angle = rect.angle - quarter_turns * FRAC_PI_2;
    let is_swapped = quarter_turns.rem_euclid(2.0) > 0.5;
    let (width, height) = if is_swapped {
        (rect.height, rect.width)
    } else {
        (rect.width, rect.height)
    };
    RotatedRect {
        width,
        height,
        angle,
        ..rect
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn close(a: f32, b: f32) -> bool {
        (a - b).abs() < 0.01
    }

    #[test]
    fn corners_start_top_left_and_go_clockwise() {
        let rect = RotatedRect {
            center: PointF::new(10.0, 5.0),
            width: 8.0,
            height: 4.0,
            angle: 0.0,
        };
        let [a, b, c, d] = rect.corners();
        assert_eq!((a, b), (PointF::new(6.0, 3.0), PointF::new(14.0, 3.0)));
        assert_eq!((c, d), (PointF::new(14.0, 7.0), PointF::new(6.0, 7.0)));
    }

    #[test]
    fn the_rectangle_around_turned_corners_is_found_again() {
        for degrees in [-40_i16, -10, 0, 7, 30, 44] {
            let rect = RotatedRect {
                center: PointF::new(100.0, 60.0),
                width: 80.0,
                height: 12.0,
                angle: f32::from(degrees).to_radians(),
            };
            let mut points = rect.corners().to_vec();
            points.push(rect.center);
            let found = min_area_rect(&mut points).unwrap();
            assert!(
                close(found.width, 80.0) && close(found.height, 12.0),
                "{degrees}: {found:?}"
            );
            assert!(close(found.angle, rect.angle), "{degrees}: {found:?}");
        }
    }

    #[test]
    fn a_point_and_a_line_have_rectangles_too() {
        let mut point = vec![PointF::new(3.0, 4.0)];
        assert_eq!(min_area_rect(&mut point).unwrap().width, 0.0);
        let mut line = vec![PointF::new(0.0, 0.0), PointF::new(9.0, 0.0)];
        assert!(close(min_area_rect(&mut line).unwrap().width, 9.0));
        assert!(min_area_rect(&mut Vec::new()).is_none());
    }
}
