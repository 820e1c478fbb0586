//! PP-OCR recognisers: SVTR-LCNet networks over crops 48 pixels high.

use rten::{Model, RunOptions};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use super::dictionary::Dictionary;
use super::{LineCrop, Recogniser, Steps};
use crate::error::{EngineError, PageError};
use crate::geometry::RotatedRect;
use crate::raster::PageImage;
use crate::resample::Sampler;
use crate::text::LineText;

/// Height of the network's input in pixels.
const HEIGHT_PX: usize = 48;

/// Least width of the network's input in pixels; a shorter crop is padded. Narrower, and single characters are misread.
const MIN_WIDTH_PX: usize = 64;

/// Widths are rounded up to this: the network halves its input three times.
const WIDTH_STEP_PX: usize = 8;

/// Longest input in pixels; a longer line is squeezed. The networks were published for up to this width.
const MAX_WIDTH_PX: usize = 3200;

/// A PP-OCR recogniser and its dictionary.
pub struct PpOcrRecogniser {
    model: Model,
    dictionary: Dictionary,
}

impl PpOcrRecogniser {
    /// A recogniser of `model`.
    ///
    /// # Errors
    /// [`EngineError::Dictionary`] when the network has another number of classes than the dictionary;
    /// [`EngineError::Model`] when it does not run.
    pub(crate) fn new(
        model: Model,
        dictionary: Dictionary,
        run: RunOptions,
    ) -> Result<Self, EngineError> {
        let recogniser = Self { model, dictionary };
        // The network names its number of classes only in its answer.
        let blank = NdTensor::zeros([1, 3, HEIGHT_PX, MIN_WIDTH_PX]);
        let output = recogniser
            .run(blank, run)
            .map_err(|reason| EngineError::Model {
                role: "recogniser",
                reason,
            })?;
        let n_classes = output.shape()[2];
        if n_classes != recogniser.dictionary.n_classes() {
            return Err(EngineError::Dictionary {
                dictionary: recogniser.dictionary.n_classes(),
                model: n_classes,
            });
        }
        Ok(recogniser)
    }

    /// Runs the network: `input` is `[1, 3, 48, width]`, the answer `[1, steps, classes]`, probabilities.
    fn run(&self, input: NdTensor<f32, 4>, run: RunOptions) -> Result<NdTensor<f32, 3>, String> {
        self.model
            .run_one(input.into(), Some(run))
            .map_err(|error| error.to_string())?
            .try_into()
            .map_err(|_| "the network's output has not three dimensions".to_owned())
    }
}

impl Recogniser for PpOcrRecogniser {
    fn recognise(
        &self,
        image: &PageImage,
        line: &LineCrop,
        run: RunOptions,
    ) -> Result<LineText, PageError> {
        let steps = self.run_on(image, line, run)?;
        Ok(steps.decode(&self.dictionary))
    }

    fn steps(
        &self,
        image: &PageImage,
        line: &LineCrop,
        run: RunOptions,
    ) -> Result<Option<Steps>, PageError> {
        self.run_on(image, line, run).map(Some)
    }

    fn dictionary(&self) -> Option<&Dictionary> {
        Some(&self.dictionary)
    }
}

impl PpOcrRecogniser {
    fn run_on(
        &self,
        image: &PageImage,
        line: &LineCrop,
        run: RunOptions,
    ) -> Result<Steps, PageError> {
        let rect = &line.rect;
        let (content_px, width_px) = widths(rect);
        let rgb = Sampler::new(image).crop(rect, content_px, HEIGHT_PX);
        let output = self
            .run(input(&rgb, content_px, width_px), run)
            .map_err(|reason| PageError::Inference {
                stage: "recognition",
                reason,
            })?;
        Ok(Steps {
            n_classes: output.shape()[2],
            probabilities: output.into_data(),
            content_share: content_px as f32 / width_px as f32,
        })
    }
}

/// Width of the crop at the network's height, and of the input with its padding.
fn widths(rect: &RotatedRect) -> (usize, usize) {
    let aspect = rect.width / rect.height.max(1.0);
    let content = (aspect * HEIGHT_PX as f32).round() as usize;
    let content = content.clamp(WIDTH_STEP_PX, MAX_WIDTH_PX);
    let width = content.next_multiple_of(WIDTH_STEP_PX).max(MIN_WIDTH_PX);
    (content, width)
}

/// `rgb` of `content_px` x 48 as the network's input: blue first, -1 to 1, padded on the right with 0, as in training.
///
/// Each line is an input of its own, so no line sees the padding that another one's width asks for.
fn input(rgb: &[u8], content_px: usize, width_px: usize) -> NdTensor<f32, 4> {
    let mut data = vec![0.0_f32; 3 * HEIGHT_PX * width_px];
    for (channel, plane) in data.chunks_exact_mut(HEIGHT_PX * width_px).enumerate() {
        let rows = rgb.chunks_exact(content_px * 3);
        for (row, pixels) in plane.chunks_exact_mut(width_px).zip(rows) {
            for (value, pixel) in row.iter_mut().zip(pixels.chunks_exact(3)) {
                *value = f32::from(pixel[2 - channel]) / 127.5 - 1.0;
            }
        }
    }
    NdTensor::from_data([1, 3, HEIGHT_PX, width_px], data)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::geometry::PointF;

    fn rect(width: f32, height: f32) -> RotatedRect {
        RotatedRect {
            center: PointF::new(0.0, 0.0),
            width,
            height,
            angle: 0.0,
        }
    }

    #[test]
    fn crops_keep_their_aspect_within_the_networks_bounds() {
        assert_eq!(widths(&rect(320.0, 48.0)), (320, 320));
        assert_eq!(widths(&rect(101.0, 24.0)), (202, 208));
        assert_eq!(widths(&rect(10.0, 30.0)), (16, 64));
        assert_eq!(widths(&rect(0.0, 0.0)), (8, 64));
        assert_eq!(widths(&rect(90_000.0, 30.0)).1, MAX_WIDTH_PX);
    }

    #[test]
    fn padding_is_grey_on_the_right_and_blue_comes_first() {
        let rgb = [255_u8, 0, 0].repeat(16 * HEIGHT_PX);
        let tensor = input(&rgb, 16, 64);
        assert_eq!(tensor[[0, 0, 5, 3]], -1.0);
        assert_eq!(tensor[[0, 2, 5, 3]], 1.0);
        assert_eq!(tensor[[0, 2, 5, 16]], 0.0);
        assert_eq!(tensor[[0, 0, 47, 63]], 0.0);
    }
}
