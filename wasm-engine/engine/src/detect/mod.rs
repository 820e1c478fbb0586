//! Pixels to text regions: a PP-OCR detector and the post-processing of differentiable binarisation.

mod components;

mod postprocess;

mod stacks;

mod tiles;

use rten::Model;
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use crate::error::PageError;
use crate::raster::PageImage;
use crate::runtime::Runtime;
use crate::text::TextRegion;

pub use postprocess::DbParams;
pub(crate) use stacks::cut_stacks;

/// Finds text; behind a trait so that the pipeline can be tested without weights.
pub trait Detector: Send + Sync {
    /// The text regions of `image`, in no particular order.
    ///
    /// # Errors
    /// [`PageError::Inference`] when the network fails.
    fn detect(&self, image: &PageImage) -> Result<Vec<TextRegion>, PageError> {
        self.detect_at(image, 1.0, &|| false)
    }

    /// The text regions of `image`, searched at `factor` times the usual scale. `should_stop` is asked between the parts of a page.
    ///
    /// # Errors
    /// As [`Self::detect`], and [`PageError::Cancelled`] when `should_stop` says `true`.
    fn detect_at(
        &self,
        image: &PageImage,
        factor: f32,
        should_stop: &dyn Fn() -> bool,
    ) -> Result<Vec<TextRegion>, PageError>;
}

/// A PP-OCR detector (DB; Liao et al., "Real-Time Scene Text Detection with Differentiable Binarization", AAAI 2020).
pub struct DbDetector {
    model: Model,
    runtime: Runtime,
    params: DbParams,
}

impl DbDetector {
    /// A detector of `model`, run on `runtime`.
    pub(crate) fn new(model: Model, runtime: Runtime) -> Self {
        Self {
            model,
            runtime,
            params: DbParams::default(),
        }
    }

    /// Runs the network on a tile: `input` is `[1, 3, height, width]`, sides multiples of 32; the answer is
    /// `[height, width]`, the probability of text.
    fn run(&self, input: NdTensor<f32, 4>) -> Result<NdTensor<f32, 2>, PageError> {
        let failed = |reason: String| PageError::Inference {
            stage: "detection",
            reason,
        };
        let output = self
            .model
            .run_one(input.into(), Some(self.runtime.whole_page()))
            .map_err(|error| failed(error.to_string()))?;
        let map: NdTensor<f32, 4> = output
            .try_into()
            .map_err(|_| failed("the network's output is no 4-dimensional map".to_owned()))?;
        let [_, _, height, width] = map.shape();
        Ok(map.into_shape([height, width]))
    }
}

impl Detector for DbDetector {
    fn detect_at(
        &self,
        image: &PageImage,
        factor: f32,
        should_stop: &dyn Fn() -> bool,
    ) -> Result<Vec<TextRegion>, PageError> {
        let plan = tiles::TilePlan::scaled(image.width_px(), image.height_px(), factor);
        let mut map = tiles::ProbabilityMap::new(&plan);
        for tile in plan.tiles() {
            if should_stop() {
                return Err(PageError::Cancelled);
            }
            map.paste(&tile, &self.run(plan.input(image, &tile))?);
        }
        let (factor_x, factor_y) = plan.page_pixels_per_map_pixel();
        let margin = plan.margin_px();
        let regions = postprocess::regions(&map, &self.params);
        Ok(regions
            .into_iter()
            .map(|region| {
                let mut rect = region.rect;
                rect.center.x -= margin;
                rect.center.y -= margin;
                TextRegion {
                    rect: rect.scaled(factor_x, factor_y),
                    ..region
                }
            })
            .collect())
    }
}
