//! Several looks at a line: moved and turned by a little, their probabilities averaged.
//!
//! What is in the strokes is in every look; what comes of the place of the pixels' grid is not. The looks keep the line's length, so that
//! their steps show the same places.

use rten::RunOptions;

use crate::error::PageError;
use crate::geometry::RotatedRect;
use crate::raster::PageImage;
use crate::recognise::{LineCrop, Recogniser, Steps};

/// How far a look is moved across the line, in its heights: a third of the margin that regions are grown by.
const MOVES: [f32; 2] = [-0.08, 0.08];

/// By how much a look is turned, in radians: a degree, about what the detector's rectangles are off by.
const TURNS: [f32; 2] = [-0.02, 0.02];

/// The mean of the looks at `line`; `None` where its recogniser has no steps.
///
/// # Errors
/// [`PageError::Inference`] when the network fails, [`PageError::Cancelled`] when `should_stop` says so.
pub(super) fn average(
    recogniser: &dyn Recogniser,
    image: &PageImage,
    line: &LineCrop,
    run: &RunOptions,
    should_stop: &dyn Fn() -> bool,
) -> Result<Option<Steps>, PageError> {
    let Some(mut sum) = recogniser.steps(image, line, run.clone())? else {
        return Ok(None);
    };
    let mut n_looks = 1.0;
    for rect in looks(&line.rect) {
        if should_stop() {
            return Err(PageError::Cancelled);
        }
        let look = LineCrop { rect, ..*line };
        if let Some(steps) = recogniser.steps(image, &look, run.clone())?
            && steps.probabilities.len() == sum.probabilities.len()
        {
            for (sum, value) in sum.probabilities.iter_mut().zip(&steps.probabilities) {
                *sum += value;
            }
            n_looks += 1.0;
        }
    }
    for value in &mut sum.probabilities {
        *value /= n_looks;
    }
    Ok(Some(sum))
}

fn looks(rect: &RotatedRect) -> Vec<RotatedRect> {
    let (sin, cos) = rect.angle.sin_cos();
    let moved = MOVES.iter().map(|share| {
        let mut rect = *rect;
        rect.center.x -= sin * share * rect.height;
        rect.center.y += cos * share * rect.height;
        rect
    });
    let turned = TURNS.iter().map(|turn| RotatedRect {
        angle: rect.angle + turn,
        ..*rect
    });
    moved.chain(turned).collect()
}
