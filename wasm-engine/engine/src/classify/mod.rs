//! Crops of lines to the script they are written in, before anything is read.
//!
//! The network is this project's own: a small fully convolutional one, trained on rendered text (training/script).

mod writing;

use rten::{Model, RunOptions};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use crate::error::{EngineError, PageError};
use crate::geometry::RotatedRect;
use crate::raster::PageImage;
use crate::resample::Sampler;

pub use writing::Writing;

/// Height of the network's input in pixels.
const HEIGHT_PX: usize = 32;

/// Narrowest input in pixels; a shorter crop is padded with its ground.
const MIN_WIDTH_PX: usize = 32;

/// Longest input in pixels; a longer line is squeezed.
const MAX_WIDTH_PX: usize = 1024;

/// Widths are multiples of this, as in training.
const WIDTH_STEP_PX: usize = 16;

/// Least standard deviation of a crop, in grey values: nearly empty crops are not stretched to noise.
const MIN_DEVIATION: f32 = 8.0;

/// By how much the glyphs of a crop are turned, clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GlyphTurn {
    /// They stand upright.
    None,
    /// Their tops look to the right.
    Quarter,
    /// They stand on their heads.
    Half,
    /// Their tops look to the left.
    ThreeQuarters,
}

impl GlyphTurn {
    /// In the order of the network's answers.
    pub const ALL: [Self; 4] = [Self::None, Self::Quarter, Self::Half, Self::ThreeQuarters];

    /// In quarters of a turn, clockwise, 0 to 3.
    pub fn quarters(self) -> usize {
        match self {
            Self::None => 0,
            Self::Quarter => 1,
            Self::Half => 2,
            Self::ThreeQuarters => 3,
        }
    }
}

/// What a line looks like.
#[derive(Debug, Clone, PartialEq)]
pub struct LineSight {
    /// Probability of each of [`Writing::ALL`] for the line as a whole, in that order.
    pub writing: Vec<f32>,
    /// The same for each column of the line, from left to right; columns are equally wide.
    pub columns: Vec<Vec<f32>>,
    /// Probability of each of [`GlyphTurn::ALL`], in that order.
    pub turn: [f32; 4],
    /// Probability of light ink on dark ground.
    pub light_on_dark: f32,
}

/// Looks at lines; behind a trait so that the pipeline can be tested without weights.
pub trait LineClassifier: Send + Sync {
    /// What the line inside `rect` looks like. `run` says on which threads.
    ///
    /// # Errors
    /// [`PageError::Inference`] when the network fails.
    fn classify(
        &self,
        image: &PageImage,
        rect: &RotatedRect,
        run: RunOptions,
    ) -> Result<LineSight, PageError>;
}

/// The script classifier.
pub(crate) struct ScriptClassifier {
    model: Model,
    outputs: [rten::NodeId; 4],
}

impl ScriptClassifier {
    /// A classifier of `model`.
    ///
    /// # Errors
    /// [`EngineError::Model`] when it is another network.
    pub(crate) fn new(model: Model) -> Result<Self, EngineError> {
        let output = |name: &str| {
            model.find_node(name).ok_or_else(|| EngineError::Model {
                role: "script classifier",
                reason: format!("the network has no output {name}"),
            })
        };
        let outputs = [
            output("script")?,
            output("columns")?,
            output("orientation")?,
            output("polarity")?,
        ];
        Ok(Self { model, outputs })
    }

    fn run(&self, input: NdTensor<f32, 4>, run: RunOptions) -> Result<LineSight, String> {
        let input_id = *self
            .model
            .input_ids()
            .first()
            .ok_or("the network has no input")?;
        let answers = self
            .model
            .run(vec![(input_id, input.into())], &self.outputs, Some(run))
            .map_err(|error| error.to_string())?;
        let mut answers = answers.into_iter();
        let mut next = || {
            let tensor: rten_tensor::Tensor<f32> = answers
                .next()
                .ok_or("an output is missing")?
                .try_into()
                .map_err(|_| "an output is no f32 tensor")?;
            Ok::<_, &str>(tensor)
        };
        let (script, columns, turn, polarity) = (next()?, next()?, next()?, next()?);
        let n_classes = Writing::ALL.len();
        let writing = softmax(&script.to_vec());
        let columns = columns.to_vec();
        if writing.len() != n_classes || columns.len() % n_classes != 0 {
            return Err(format!(
                "the network has {} classes of script instead of {n_classes}",
                writing.len()
            ));
        }
        let n_columns = columns.len() / n_classes;
        let column = |idx: usize| -> Vec<f32> {
            let logits: Vec<f32> = (0..n_classes)
                .map(|class| columns[class * n_columns + idx])
                .collect();
            softmax(&logits)
        };
        let turn: [f32; 4] = softmax(&turn.to_vec())
            .try_into()
            .map_err(|_| "the network has not four orientations")?;
        let light_on_dark = softmax(&polarity.to_vec())
            .get(1)
            .copied()
            .ok_or("the network has not two polarities")?;
        Ok(LineSight {
            writing,
            columns: (0..n_columns).map(column).collect(),
            turn,
            light_on_dark,
        })
    }
}

impl LineClassifier for ScriptClassifier {
    fn classify(
        &self,
        image: &PageImage,
        rect: &RotatedRect,
        run: RunOptions,
    ) -> Result<LineSight, PageError> {
        let width_px = width(rect);
        let mut pixels = Sampler::new(image).crop_grey(rect, width_px, HEIGHT_PX);
        let look = |pixels: &[u8], run: RunOptions| {
            self.run(input(pixels, width_px), run)
                .map_err(|reason| PageError::Inference {
                    stage: "script classification",
                    reason,
                })
        };
        let first = look(&pixels, run.clone())?;
        let is_light_on_dark = first.light_on_dark > 0.5;
        let is_turned = first.turn[2] + first.turn[3] > 0.5;
        if !is_light_on_dark && !is_turned {
            return Ok(first);
        }
        // Scripts were learnt from dark glyphs on light ground that stand upright or lie on their backs.
        if is_light_on_dark {
            for pixel in &mut pixels {
                *pixel = 255 - *pixel;
            }
        }
        if is_turned {
            pixels.reverse();
        }
        let mut second = look(&pixels, run)?;
        if is_turned {
            second.columns.reverse();
        }
        Ok(LineSight {
            writing: second.writing,
            columns: second.columns,
            ..first
        })
    }
}

/// Width of a crop at the network's height.
fn width(rect: &RotatedRect) -> usize {
    let aspect = rect.width / rect.height.max(1.0);
    let steps = (aspect * HEIGHT_PX as f32 / WIDTH_STEP_PX as f32).round() as usize;
    (steps * WIDTH_STEP_PX).clamp(MIN_WIDTH_PX, MAX_WIDTH_PX)
}

/// A crop as the network's input: dark ink positive, brought to a standard deviation of 1 around its mean.
fn input(pixels: &[u8], width_px: usize) -> NdTensor<f32, 4> {
    let n = pixels.len().max(1) as f32;
    let mean = pixels.iter().map(|&p| f32::from(p)).sum::<f32>() / n;
    let variance = pixels
        .iter()
        .map(|&p| (f32::from(p) - mean).powi(2))
        .sum::<f32>()
        / n;
    let deviation = variance.sqrt().max(MIN_DEVIATION);
    let data: Vec<f32> = pixels
        .iter()
        .map(|&p| (mean - f32::from(p)) / deviation)
        .collect();
    NdTensor::from_data([1, 1, HEIGHT_PX, width_px], data)
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let highest = logits.iter().copied().fold(f32::MIN, f32::max);
    let exps: Vec<f32> = logits.iter().map(|logit| (logit - highest).exp()).collect();
    let sum: f32 = exps.iter().sum();
    exps.into_iter().map(|exp| exp / sum).collect()
}
