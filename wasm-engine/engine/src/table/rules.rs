//! Ruled lines of a page.

use ocr_chat_document::BBox;

use crate::raster::PageImage;

/// A rule is at least this long, in line heights.
const MIN_LENGTH_HEIGHTS: f32 = 8.0;

/// A rule that runs down covers at least this much of its table.
const MIN_COVER: f32 = 0.6;

/// A rule is at most this thick, in line heights (of regions as they are read, twice the height of small letters): thicker are bars.
const MAX_THICKNESS_HEIGHTS: f32 = 0.2;

/// How much darker than the page above and below it a rule is, in grey values.
const MIN_CONTRAST: u32 = 30;

/// Samples along a row of pixels: enough for the shortest rule.
const SAMPLES: usize = 1000;

/// Samples that a rule may miss: specks, crossings, dots.
const MAX_MISSED: usize = 4;

/// A rule that runs across.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) x0: i32,
    pub(super) x1: i32,
    pub(super) y0: i32,
    pub(super) y1: i32,
}

/// Grey values of a page.
struct Grey<'a> {
    image: &'a PageImage,
}

impl Grey<'_> {
    fn at(&self, x: usize, y: usize) -> u32 {
        let at = (y * self.image.width_px() as usize + x) * 3;
        let rgb = &self.image.rgb()[at..at + 3];
        // 2 : 5 : 1 are the weights of luma to within a grey value or two.
        (u32::from(rgb[0]) * 2 + u32::from(rgb[1]) * 5 + u32::from(rgb[2])) / 8
    }
}

fn thickness(height_px: f32) -> usize {
    (MAX_THICKNESS_HEIGHTS * height_px).max(3.0) as usize
}

/// The rules that run across a page whose lines are `height_px` high, from top to bottom.
pub(super) fn across(image: &PageImage, height_px: f32) -> Vec<Rule> {
    let grey = Grey { image };
    let (width, height) = (image.width_px() as usize, image.height_px() as usize);
    let step = (width / SAMPLES).max(1);
    let reach = thickness(height_px);
    let min_length = (MIN_LENGTH_HEIGHTS * height_px) as usize;
    let mut rules: Vec<Rule> = Vec::new();
    for y in 0..height {
        let (above, below) = (y.saturating_sub(reach), (y + reach).min(height - 1));
        let mut run: Option<(usize, usize)> = None;
        let mut runs = Vec::new();
        for x in (0..width).step_by(step) {
            let own = grey.at(x, y) + MIN_CONTRAST;
            if own < grey.at(x, above) && own < grey.at(x, below) {
                run = match run {
                    Some((start, end)) if x - end <= (MAX_MISSED + 1) * step => Some((start, x)),
                    _ => {
                        runs.extend(run);
                        Some((x, x))
                    }
                };
            }
        }
        runs.extend(run);
        for (start, end) in runs {
            if end - start >= min_length {
                join(&mut rules, start, end, y, reach);
            }
        }
    }
    rules.retain(|rule| rule.y1 - rule.y0 <= i32::try_from(2 * reach).unwrap_or(i32::MAX));
    rules
}

/// Adds the run of row `y` to the rule that it goes on, or as a new one.
fn join(rules: &mut Vec<Rule>, start: usize, end: usize, y: usize, reach: usize) {
    let px = |value: usize| i32::try_from(value).unwrap_or(i32::MAX);
    let (x0, x1, y) = (px(start), px(end), px(y));
    let near = |rule: &&mut Rule| y - rule.y1 <= px(reach) && rule.x0 < x1 && x0 < rule.x1;
    match rules.iter_mut().rev().take(8).find(near) {
        Some(rule) => {
            rule.x0 = rule.x0.min(x0);
            rule.x1 = rule.x1.max(x1);
            rule.y1 = y;
        }
        None => rules.push(Rule {
            x0,
            x1,
            y0: y,
            y1: y,
        }),
    }
}

/// The number of rules that run down inside `bbox`.
pub(super) fn n_down(image: &PageImage, bbox: BBox, height_px: f32) -> usize {
    let grey = Grey { image };
    let side = |px: u32| i32::try_from(px).unwrap_or(i32::MAX);
    let bbox = bbox.clamped(side(image.width_px()), side(image.height_px()));
    let reach = i32::try_from(thickness(height_px)).unwrap_or(3);
    let last = side(image.width_px()) - 1;
    let at = |x: i32, y: i32| grey.at(x as usize, y as usize);
    let is_rule = |x: i32| {
        let (left, right) = ((x - reach).max(0), (x + reach).min(last));
        let n = (bbox.y0..bbox.y1)
            .filter(|&y| {
                let own = at(x, y) + MIN_CONTRAST;
                own < at(left, y) && own < at(right, y)
            })
            .count();
        n as f32 >= MIN_COVER * (bbox.y1 - bbox.y0) as f32
    };
    let mut n = 0;
    let mut previous = false;
    for x in bbox.x0..bbox.x1 {
        let flag = is_rule(x);
        n += usize::from(flag && !previous);
        previous = flag;
    }
    n
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn rules_are_found_and_bars_are_not() {
        let (width, height) = (200_usize, 120_usize);
        let mut rgb = vec![255_u8; width * height * 3];
        let mut fill = |x0: usize, y0: usize, x1: usize, y1: usize| {
            for y in y0..y1 {
                rgb[(y * width + x0) * 3..(y * width + x1) * 3].fill(20);
            }
        };
        fill(10, 20, 190, 22);
        fill(10, 80, 190, 81);
        fill(10, 40, 60, 41); // short
        fill(100, 15, 101, 100);
        fill(10, 100, 190, 117); // a bar
        let image = PageImage::from_rgb(200, 120, rgb).unwrap();
        let found = across(&image, 10.0);
        let ys: Vec<(i32, i32)> = found.iter().map(|rule| (rule.y0, rule.y1)).collect();
        assert_eq!(ys, [(20, 21), (80, 80)]);
        assert_eq!((found[0].x0, found[0].x1), (10, 189));
        assert_eq!(n_down(&image, BBox::new(10, 25, 190, 79), 10.0), 1);
    }
}
