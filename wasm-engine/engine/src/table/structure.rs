//! The structure of a table from its picture: rows, cells, spans and where the cells stand.
//!
//! SLANet (Li et al., "PP-StructureV2: A Stronger Document Analysis System", 2022): a convolutional encoder, run by the inference library, and
//! a recurrent decoder with attention that writes HTML, one token a step. The decoder is ours: the file's own is a loop of some two
//! hundred small operators, this is six matrices.

use rten::{Model, RunOptions};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use crate::onnx::{self, Weight};
use crate::raster::PageImage;
use crate::resample::{Sampler, Window};
use crate::runtime;

/// Side of the encoder's input in pixels.
const SIDE_PX: usize = 488;

/// Mean and standard deviation of the training pictures, for values from 0 to 1, in the order of the input's channels.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];

/// Steps after which the decoder gives up: its training knew no longer tables.
const MAX_STEPS: usize = 501;

/// The value inside the graph that leads from the encoder to the decoder: `[1, positions, channels]`.
const FEATURES: &str = "transpose_0.tmp_0.0";

/// The decoder's weights by their names in the file.
const WEIGHTS: [&str; 16] = [
    "linear_0.w_0",
    "linear_1.w_0",
    "linear_1.b_0",
    "linear_2.w_0",
    "gru_cell_0.w_0",
    "gru_cell_0.w_1",
    "gru_cell_0.b_0",
    "gru_cell_0.b_1",
    "linear_3.w_0",
    "linear_3.b_0",
    "linear_4.w_0",
    "linear_4.b_0",
    "linear_5.w_0",
    "linear_5.b_0",
    "linear_6.w_0",
    "linear_6.b_0",
];

/// What the decoder writes, in the order of its classes (the file's metadata, as PaddleOCR reads it: start, tokens, `<td></td>`, end).
const TOKENS: [Token; 30] = [
    Token::Start,
    Token::HeadStart,
    Token::Row,
    Token::Other,
    Token::Other,
    Token::HeadEnd,
    Token::Other,
    Token::Other,
    Token::SpanningCell,
    Token::ColumnSpan(5),
    Token::Other,
    Token::ColumnSpan(2),
    Token::ColumnSpan(3),
    Token::RowSpan(2),
    Token::ColumnSpan(4),
    Token::ColumnSpan(6),
    Token::RowSpan(3),
    Token::ColumnSpan(9),
    Token::ColumnSpan(10),
    Token::ColumnSpan(7),
    Token::RowSpan(4),
    Token::RowSpan(5),
    Token::RowSpan(9),
    Token::ColumnSpan(8),
    Token::RowSpan(8),
    Token::RowSpan(6),
    Token::RowSpan(7),
    Token::RowSpan(10),
    Token::Cell,
    Token::End,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Start,
    End,
    HeadStart,
    HeadEnd,
    Row,
    /// A cell of one place.
    Cell,
    /// A cell whose spans follow.
    SpanningCell,
    ColumnSpan(u32),
    RowSpan(u32),
    /// Closing tags and the body's, which say nothing new.
    Other,
}

/// A cell as it was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FoundCell {
    /// Row, from 0, of its first place.
    pub(super) row: u32,
    pub(super) row_span: u32,
    pub(super) column_span: u32,
    pub(super) is_header: bool,
    /// Left, top, right and bottom edge in pixels of the page.
    pub(super) rect: [f32; 4],
}

/// The structure of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Structure {
    /// The cells row by row, from left to right.
    pub(super) cells: Vec<FoundCell>,
    /// Mean probability of the tokens, 0 to 1.
    pub(super) confidence: f32,
    /// Whether the decoder came to the table's end.
    pub(super) is_complete: bool,
}

/// Reads structures; see the module.
pub(crate) struct StructureModel {
    encoder: Model,
    decoder: Decoder,
}

impl StructureModel {
    /// From the bytes of `slanet-1m.onnx`; `None` when they are another model.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let decoder = Decoder::new(onnx::weights(bytes, &WEIGHTS)?)?;
        let encoder = runtime::model("table structure", onnx::cut(bytes, FEATURES)?).ok()?;
        Some(Self { encoder, decoder })
    }

    /// The structure of the table inside `rect` (left, top, right, bottom, in pixels of the page).
    ///
    /// # Errors
    /// What the inference library said.
    pub(super) fn structure(
        &self,
        image: &PageImage,
        rect: [f32; 4],
        run: RunOptions,
    ) -> Result<Structure, String> {
        let features = self
            .encoder
            .run_one(input(image, rect).into(), Some(run))
            .map_err(|error| error.to_string())?;
        let features: NdTensor<f32, 3> = features
            .try_into()
            .map_err(|_| "the encoder's answer is no sequence")?;
        let n_channels = features.shape()[2];
        let steps = self
            .decoder
            .decode(&features.to_vec(), n_channels)
            .ok_or("the encoder's answer has another size")?;
        Ok(structure(&steps, rect))
    }
}

/// The encoder's input: the picture with its longer side at [`SIDE_PX`], blue first, on a ground of zeros.
fn input(image: &PageImage, [x0, y0, x1, y1]: [f32; 4]) -> NdTensor<f32, 4> {
    let (width, height) = ((x1 - x0).max(1.0), (y1 - y0).max(1.0));
    let ratio = SIDE_PX as f32 / width.max(height);
    let side = |length: f32| ((length * ratio) as usize).clamp(1, SIDE_PX);
    let (width_px, height_px) = (side(width), side(height));
    let rgb = Sampler::new(image).window(&Window {
        x: x0,
        y: y0,
        step_x: width / width_px as f32,
        step_y: height / height_px as f32,
        width: width_px,
        height: height_px,
    });
    let mut values = vec![0.0_f32; 3 * SIDE_PX * SIDE_PX];
    for (y, row) in rgb.chunks_exact(width_px * 3).enumerate() {
        for (x, pixel) in row.chunks_exact(3).enumerate() {
            for channel in 0..3 {
                let value = f32::from(pixel[2 - channel]) / 255.0;
                values[(channel * SIDE_PX + y) * SIDE_PX + x] =
                    (value - MEAN[channel]) / DEVIATION[channel];
            }
        }
    }
    NdTensor::from_data([1, 3, SIDE_PX, SIDE_PX], values)
}

/// One step of the decoder: the token, its probability and, for a cell, its box as shares of the picture's sides.
#[derive(Debug, Clone, Copy)]
struct Step {
    class: usize,
    probability: f32,
    location: [f32; 4],
}

/// Attention over the encoder's positions and a gated recurrent unit.
struct Decoder {
    weights: Vec<Weight>,
    n_hidden: usize,
}

impl Decoder {
    /// `None` when the weights do not fit together.
    fn new(weights: Vec<Weight>) -> Option<Self> {
        let n_hidden = *weights.get(1)?.shape.first()?;
        let n_channels = *weights.first()?.shape.first()?;
        let n_classes = TOKENS.len();
        let expected: [&[usize]; 16] = [
            &[n_channels, n_hidden],
            &[n_hidden, n_hidden],
            &[n_hidden],
            &[n_hidden, 1],
            &[3 * n_hidden, n_channels + n_classes],
            &[3 * n_hidden, n_hidden],
            &[3 * n_hidden],
            &[3 * n_hidden],
            &[n_hidden, n_hidden],
            &[n_hidden],
            &[n_hidden, n_classes],
            &[n_classes],
            &[n_hidden, n_hidden],
            &[n_hidden],
            &[n_hidden, 4],
            &[4],
        ];
        let fits = weights
            .iter()
            .zip(expected)
            .all(|(weight, shape)| weight.shape == shape);
        fits.then_some(Self { weights, n_hidden })
    }

    /// Writes the table token by token until its end. `features` is `[positions, n_channels]`; `None` when the sizes do not fit.
    fn decode(&self, features: &[f32], n_channels: usize) -> Option<Vec<Step>> {
        let w = |idx: usize| self.weights[idx].values.as_slice();
        let (n_hidden, n_classes) = (self.n_hidden, TOKENS.len());
        if self.weights[0].shape[0] != n_channels || n_channels == 0 {
            return None;
        }
        let projected: Vec<Vec<f32>> = features
            .chunks_exact(n_channels)
            .map(|feature| apply(feature, w(0), None, n_hidden))
            .collect();
        let mut hidden = vec![0.0_f32; n_hidden];
        let mut class = 0;
        let mut steps = Vec::new();
        for _ in 0..MAX_STEPS {
            let query = apply(&hidden, w(1), Some(w(2)), n_hidden);
            let mut scores: Vec<f32> = projected
                .iter()
                .map(|position| {
                    let terms = position.iter().zip(&query).zip(w(3));
                    terms.map(|((p, q), v)| (p + q).tanh() * v).sum()
                })
                .collect();
            softmax(&mut scores);
            let mut unit = vec![0.0_f32; n_channels + n_classes];
            for (feature, &score) in features.chunks_exact(n_channels).zip(&scores) {
                for (sum, value) in unit.iter_mut().zip(feature) {
                    *sum += score * value;
                }
            }
            unit[n_channels + class] = 1.0;
            self.recur(&mut hidden, &unit);
            let shared = apply(&hidden, w(8), Some(w(9)), n_hidden);
            let mut classes = apply(&shared, w(10), Some(w(11)), n_classes);
            softmax(&mut classes);
            let shared = apply(&hidden, w(12), Some(w(13)), n_hidden);
            let location = apply(&shared, w(14), Some(w(15)), 4);
            let (best, probability) = classes
                .iter()
                .copied()
                .enumerate()
                .max_by(|a, b| a.1.total_cmp(&b.1))?;
            class = best;
            let mut step = Step {
                class,
                probability,
                location: [0.0; 4],
            };
            for (to, from) in step.location.iter_mut().zip(location) {
                *to = sigmoid(from);
            }
            steps.push(step);
            if TOKENS[class] == Token::End {
                break;
            }
        }
        Some(steps)
    }

    /// One step of the gated recurrent unit, its gates in the order reset, update, candidate (Paddle's `GRUCell`).
    fn recur(&self, hidden: &mut [f32], unit: &[f32]) {
        let n = self.n_hidden;
        let gates = |weights: &Weight, bias: &Weight, input: &[f32]| -> Vec<f32> {
            let rows = weights.values.chunks_exact(input.len()).zip(&bias.values);
            rows.map(|(row, bias)| bias + row.iter().zip(input).map(|(w, x)| w * x).sum::<f32>())
                .collect()
        };
        let from_unit = gates(&self.weights[4], &self.weights[6], unit);
        let from_hidden = gates(&self.weights[5], &self.weights[7], hidden);
        for idx in 0..n {
            let reset = sigmoid(from_unit[idx] + from_hidden[idx]);
            let update = sigmoid(from_unit[n + idx] + from_hidden[n + idx]);
            let candidate = (from_unit[2 * n + idx] + reset * from_hidden[2 * n + idx]).tanh();
            hidden[idx] = (hidden[idx] - candidate) * update + candidate;
        }
    }
}

/// `input` times the matrix `[input, n_out]`, plus `bias`.
fn apply(input: &[f32], matrix: &[f32], bias: Option<&[f32]>, n_out: usize) -> Vec<f32> {
    let mut out = bias.map_or_else(|| vec![0.0; n_out], <[f32]>::to_vec);
    for (&value, row) in input.iter().zip(matrix.chunks_exact(n_out)) {
        for (sum, weight) in out.iter_mut().zip(row) {
            *sum += value * weight;
        }
    }
    out
}

fn softmax(values: &mut [f32]) {
    let most = values.iter().copied().fold(f32::MIN, f32::max);
    let mut sum = 0.0;
    for value in values.iter_mut() {
        *value = (*value - most).exp();
        sum += *value;
    }
    for value in values {
        *value /= sum;
    }
}

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}

/// The cells that the decoder's steps describe, their boxes put back onto the page.
fn structure(steps: &[Step], [x0, y0, x1, y1]: [f32; 4]) -> Structure {
    let mut cells: Vec<FoundCell> = Vec::new();
    let mut n_rows = 0_u32;
    let mut is_header = false;
    let mut is_complete = false;
    let mut sum = 0.0;
    for step in steps {
        sum += step.probability;
        match TOKENS[step.class] {
            Token::End => is_complete = true,
            Token::HeadStart => is_header = true,
            Token::HeadEnd => is_header = false,
            Token::Row => n_rows += 1,
            Token::Cell | Token::SpanningCell => {
                let [left, top, right, bottom] = step.location;
                let x = |share: f32| x0 + share * (x1 - x0);
                let y = |share: f32| y0 + share * (y1 - y0);
                cells.push(FoundCell {
                    row: n_rows.saturating_sub(1),
                    row_span: 1,
                    column_span: 1,
                    is_header,
                    rect: [
                        x(left.min(right)),
                        y(top.min(bottom)),
                        x(left.max(right)),
                        y(top.max(bottom)),
                    ],
                });
            }
            Token::ColumnSpan(n) => {
                if let Some(cell) = cells.last_mut() {
                    cell.column_span = n;
                }
            }
            Token::RowSpan(n) => {
                if let Some(cell) = cells.last_mut() {
                    cell.row_span = n;
                }
            }
            Token::Start | Token::Other => {}
        }
    }
    Structure {
        cells,
        confidence: sum / steps.len().max(1) as f32,
        is_complete,
    }
}
