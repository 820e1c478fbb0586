//! A network that writes the picture of a formula as LaTeX, as `training/formula` trains and exports it: an encoder of the picture, and a decoder that is asked
//! for one token after another.
//!
//! None comes with the engine. The contract is three files:
//! - `encoder.onnx`: `picture` float32 `[1, 1, H, W]` to `memory` float32 `[1, S, D]`;
//! - `decoder.onnx`: `tokens` int32 `[1, T]`, what is written so far, and `memory` to `logits` float32 `[1, n_tokens]` of the next token;
//! - `tokens.txt`: a token a line, the first four padding, start, end and unknown.
//!
//! The picture is the ink of the formula, cut out, scaled to fit into H x W (enlarged twice at most), at the top left, 0 for the ground to 1 for full ink.

use ocr_chat_document::BBox;
use rten::{Dimension, Model, ModelOptions, RunOptions, op_registry};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use super::ink;
use crate::error::{EngineError, PageError};
use crate::raster::PageImage;

/// Numbers of the signs of the network, by `training/formula/tokens.py`.
const START: i32 = 1;
const END: usize = 2;
const UNKNOWN: usize = 3;

/// Most tokens of a formula; a network has fewer places as a rule, and says so by failing.
const MAX_TOKENS: usize = 256;

/// Longest token and most tokens of a list that is taken for one.
const MAX_TOKEN_BYTES: usize = 64;
const MAX_LIST: usize = 20_000;

/// Largest picture that a network may ask for, in pixels of a side.
const MAX_SIDE_PX: usize = 4_096;

/// How much a small formula is enlarged.
const MAX_ENLARGED: f64 = 2.0;

/// The files of a network.
#[derive(Debug, Clone)]
pub struct FormulaFiles {
    /// ONNX file of the encoder.
    pub encoder: Vec<u8>,
    /// ONNX file of the decoder.
    pub decoder: Vec<u8>,
    /// The tokens, one a line.
    pub tokens: String,
}

/// A formula as a network wrote it. Nobody has checked that it is LaTeX.
#[derive(Debug, Clone, PartialEq)]
pub struct WrittenFormula {
    /// The LaTeX, without delimiters.
    pub latex: String,
    /// The tokens by their numbers, without start and end.
    pub tokens: Vec<usize>,
    /// Geometric mean of the probabilities of the tokens, 0 to 1.
    pub confidence: f32,
}

/// A network that writes formulas, ready to run. Shared by reference between threads.
pub struct FormulaNetwork {
    encoder: Model,
    decoder: Model,
    tokens: Vec<String>,
    /// Height and width of its picture.
    size: (usize, usize),
}

impl FormulaNetwork {
    /// Makes the network ready, and lets it write one token, so that files that do not belong together are refused here.
    ///
    /// # Errors
    /// [`EngineError::Model`] for files that are none or do not belong together.
    pub fn load(files: FormulaFiles) -> Result<Self, EngineError> {
        let encoder = model("formula encoder", files.encoder)?;
        let decoder = model("formula decoder", files.decoder)?;
        let tokens: Vec<String> = files.tokens.lines().map(str::to_owned).collect();
        let is_list = (UNKNOWN + 2..=MAX_LIST).contains(&tokens.len())
            && tokens
                .iter()
                .all(|token| (1..=MAX_TOKEN_BYTES).contains(&token.len()));
        if !is_list {
            return Err(wrong("tokens", "it is no list of tokens, one a line"));
        }
        let fixed = |dimension: &Dimension| match dimension {
            Dimension::Fixed(n) => Some(*n).filter(|n| (16..=MAX_SIDE_PX).contains(n)),
            Dimension::Symbolic(_) => None,
        };
        let shape = encoder.input_shape(0).unwrap_or_default();
        let size = match shape.as_slice() {
            [_, _, height, width] => fixed(height).zip(fixed(width)),
            _ => None,
        };
        let size = size.ok_or_else(|| wrong("encoder", "its picture has no fixed size"))?;
        let network = Self {
            encoder,
            decoder,
            tokens,
            size,
        };
        let blank = NdTensor::zeros([1, 1, size.0, size.1]);
        let run = RunOptions::default();
        let memory = network
            .memory(blank, run.clone())
            .map_err(|reason| wrong("encoder", &reason))?;
        let logits = network
            .logits(&[START], &memory, run)
            .map_err(|reason| wrong("decoder", &reason))?;
        if logits.len() != network.tokens.len() {
            return Err(wrong(
                "decoder",
                "it knows another number of tokens than the list",
            ));
        }
        Ok(network)
    }

    /// Writes what stands inside `bbox` of `image`: the most probable token, one after another, to the end. `None` where there is no ink. `should_stop` is asked
    /// before every token.
    ///
    /// # Errors
    /// [`PageError::Inference`] when the network fails, or its formula does not come to an end; [`PageError::Cancelled`].
    pub fn write(
        &self,
        image: &PageImage,
        bbox: BBox,
        should_stop: &dyn Fn() -> bool,
    ) -> Result<Option<WrittenFormula>, PageError> {
        let Some(canvas) = canvas(image, bbox, self.size) else {
            return Ok(None);
        };
        let failed = |reason| PageError::Inference {
            stage: "writing a formula",
            reason,
        };
        let run = RunOptions::default();
        let memory = self.memory(canvas, run.clone()).map_err(failed)?;
        let mut written = vec![START];
        let mut sum = 0.0_f32;
        while written.len() < MAX_TOKENS {
            if should_stop() {
                return Err(PageError::Cancelled);
            }
            let logits = self
                .logits(&written, &memory, run.clone())
                .map_err(failed)?;
            let Some((best, log_probability)) = most_probable(&logits) else {
                return Err(failed("it gives no probabilities".to_owned()));
            };
            sum += log_probability;
            if best == END {
                let tokens: Vec<usize> = written[1..].iter().map(|&token| token as usize).collect();
                let n = tokens.len() + 1;
                return Ok(Some(WrittenFormula {
                    latex: joined(&tokens, &self.tokens),
                    tokens,
                    confidence: (sum / n as f32).exp(),
                }));
            }
            written.push(i32::try_from(best).unwrap_or(i32::MAX));
        }
        Err(failed("the formula does not end".to_owned()))
    }

    fn memory(
        &self,
        canvas: NdTensor<f32, 4>,
        run: RunOptions,
    ) -> Result<NdTensor<f32, 3>, String> {
        self.encoder
            .run_one(canvas.into(), Some(run))
            .map_err(|error| error.to_string())?
            .try_into()
            .map_err(|_| "its memory has not three dimensions".to_owned())
    }

    /// The logits of the token behind `written`.
    fn logits(
        &self,
        written: &[i32],
        memory: &NdTensor<f32, 3>,
        run: RunOptions,
    ) -> Result<Vec<f32>, String> {
        let text = |error: rten::RunError| error.to_string();
        let node = |name: &str| self.decoder.node_id(name).map_err(text);
        let (tokens, memory_id) = (node("tokens")?, node("memory")?);
        let written = NdTensor::from_data([1, written.len()], written.to_vec());
        let [logits] = self
            .decoder
            .run_n(
                vec![(tokens, written.into()), (memory_id, memory.view().into())],
                [node("logits")?],
                Some(run),
            )
            .map_err(text)?;
        let logits: NdTensor<f32, 2> = logits
            .try_into()
            .map_err(|_| "its logits have not two dimensions".to_owned())?;
        Ok(logits.into_data())
    }
}

fn model(role: &'static str, bytes: Vec<u8>) -> Result<Model, EngineError> {
    // A registry of its own: what it adds to the engine's would make the browser's first download larger.
    let operators = op_registry!(
        Add,
        Concat,
        Conv,
        Gather,
        Identity,
        LayerNormalization,
        MatMul,
        Mul,
        Relu,
        Reshape,
        Shape,
        Slice,
        Softmax,
        Transpose
    );
    ModelOptions::with_ops(operators)
        .prepack_weights(true)
        .load(bytes)
        .map_err(|error| EngineError::Model {
            role,
            reason: error.to_string(),
        })
}

fn wrong(what: &str, reason: &str) -> EngineError {
    EngineError::Model {
        role: "formula",
        reason: format!("{what}: {reason}"),
    }
}

/// The most probable token and the logarithm of its probability; `None` where a logit is no number.
fn most_probable(logits: &[f32]) -> Option<(usize, f32)> {
    let (best, max) = logits
        .iter()
        .copied()
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    let sum: f32 = logits.iter().map(|logit| (logit - max).exp()).sum();
    (max.is_finite() && sum.is_finite()).then(|| (best, -sum.ln()))
}

/// The LaTeX of `tokens`: without spaces, but behind a command that a letter follows.
fn joined(tokens: &[usize], list: &[String]) -> String {
    let mut latex = String::new();
    let mut is_open = false;
    for token in tokens.iter().filter(|&&token| token > UNKNOWN) {
        let Some(text) = list.get(*token) else {
            continue;
        };
        if is_open && text.starts_with(|c: char| c.is_ascii_alphabetic()) {
            latex.push(' ');
        }
        latex.push_str(text);
        let name = text.strip_prefix('\\').unwrap_or_default();
        is_open = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic());
    }
    latex
}

/// The network's picture of what stands inside `bbox`; `None` where there is no ink.
fn canvas(
    image: &PageImage,
    bbox: BBox,
    (height, width): (usize, usize),
) -> Option<NdTensor<f32, 4>> {
    let side = |px: u32| i32::try_from(px).unwrap_or(i32::MAX);
    let bbox = bbox.clamped(side(image.width_px()), side(image.height_px()));
    let (columns, rows) = (bbox.width().max(0) as usize, bbox.height().max(0) as usize);
    let stride = image.width_px() as usize;
    let (x0, y0) = (bbox.x0 as usize, bbox.y0 as usize);
    let mut grey = Vec::with_capacity(columns * rows);
    for y in y0..y0 + rows {
        let row = image
            .rgb()
            .get(3 * (y * stride + x0)..3 * (y * stride + x0 + columns))?;
        grey.extend(row.chunks_exact(3).map(|rgb| {
            ((u32::from(rgb[0]) * 2 + u32::from(rgb[1]) * 5 + u32::from(rgb[2])) / 8) as u8
        }));
    }
    let ground = ink::most_frequent(&grey)?;
    for value in &mut grey {
        *value = value.abs_diff(ground);
    }
    let is_ink = |x: usize, y: usize| grey[y * columns + x] > ink::INK_CONTRAST;
    let has_row = |y: &usize| (0..columns).any(|x| is_ink(x, *y));
    let has_column = |x: &usize| (0..rows).any(|y| is_ink(*x, y));
    let (top, bottom) = ((0..rows).find(has_row)?, (0..rows).rev().find(has_row)?);
    let (left, right) = (
        (0..columns).find(has_column)?,
        (0..columns).rev().find(has_column)?,
    );
    let (w, h) = (right + 1 - left, bottom + 1 - top);
    let scale = (height as f64 / h as f64)
        .min(width as f64 / w as f64)
        .min(MAX_ENLARGED);
    let scaled = |n: usize, most: usize| ((n as f64 * scale + 0.5) as usize).clamp(1, most);
    let (new_w, new_h) = (scaled(w, width), scaled(h, height));
    let strongest = (top..=bottom)
        .flat_map(|y| (left..=right).map(move |x| (x, y)))
        .map(|(x, y)| grey[y * columns + x])
        .max()
        .unwrap_or(1)
        .max(1);
    // Across first, then down: the mean over the area of each new pixel.
    let across = shares(w, new_w);
    let down = shares(h, new_h);
    let mut narrow = vec![0.0_f32; h * new_w];
    for y in 0..h {
        for (x, (first, shares)) in across.iter().enumerate() {
            let row = &grey[(top + y) * columns + left + first..];
            narrow[y * new_w + x] = shares.iter().zip(row).map(|(s, v)| s * f32::from(*v)).sum();
        }
    }
    let mut data = vec![0.0_f32; height * width];
    for (y, (first, shares)) in down.iter().enumerate() {
        for x in 0..new_w {
            let sum: f32 = shares
                .iter()
                .enumerate()
                .map(|(at, share)| share * narrow[(first + at) * new_w + x])
                .sum();
            data[y * width + x] = sum / f32::from(strongest);
        }
    }
    Some(NdTensor::from_data([1, 1, height, width], data))
}

/// For each of `new_n` pixels the first of `n` that it covers, and the share that each has in it.
fn shares(n: usize, new_n: usize) -> Vec<(usize, Vec<f32>)> {
    let step = n as f64 / new_n as f64;
    (0..new_n)
        .map(|at| {
            let (start, end) = (at as f64 * step, (at + 1) as f64 * step);
            let first = (start as usize).min(n - 1);
            let last = (end.ceil() as usize).clamp(first + 1, n);
            let share = |old: usize| {
                let covered = end.min((old + 1) as f64) - start.max(old as f64);
                (covered.max(0.0) / step) as f32
            };
            (first, (first..last).map(share).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::source::Source;

    /// A file that the recipe wrote (training/formula/fixtures).
    macro_rules! fixture {
        ($name:literal) => {
            &include_bytes!(concat!("../../../../training/formula/fixtures/", $name))[..]
        };
    }

    fn files() -> FormulaFiles {
        FormulaFiles {
            encoder: fixture!("encoder.onnx").to_vec(),
            decoder: fixture!("decoder.onnx").to_vec(),
            tokens: include_str!("../../../../training/formula/fixtures/tokens.txt").to_owned(),
        }
    }

    fn picture(png: &[u8]) -> PageImage {
        let source = Source::open(png.to_vec(), &Limits::browser(), None).unwrap();
        source.page(0).unwrap()
    }

    #[test]
    fn a_small_network_writes_what_pytorch_writes() {
        let network = FormulaNetwork::load(files()).unwrap();
        let pictures = [
            fixture!("formula-0.png"),
            fixture!("formula-1.png"),
            fixture!("formula-2.png"),
            fixture!("formula-3.png"),
            fixture!("formula-4.png"),
            fixture!("formula-5.png"),
        ];
        let expected = include_str!("../../../../training/formula/fixtures/expected.tsv");
        assert_eq!(expected.lines().count(), pictures.len());
        for (row, png) in expected.lines().zip(pictures) {
            let columns: Vec<&str> = row.split('\t').collect();
            let tokens: Vec<usize> = columns[1].split(' ').map(|n| n.parse().unwrap()).collect();
            let image = picture(png);
            let whole = BBox::new(0, 0, image.width_px() as i32, image.height_px() as i32);
            let ink: f32 = canvas(&image, whole, network.size)
                .unwrap()
                .data()
                .unwrap()
                .iter()
                .sum();
            let sum: f32 = columns[2].parse().unwrap();
            assert!((ink - sum).abs() < 0.001 * sum, "{ink} {sum}");
            let written = network.write(&image, whole, &|| false).unwrap().unwrap();
            assert_eq!(written.tokens, tokens, "{}", columns[3]);
            assert!(written.confidence > 0.0 && written.confidence <= 1.0);
            let stopped = network.write(&image, whole, &|| true);
            assert_eq!(stopped, Err(PageError::Cancelled));
        }
        let blank = PageImage::from_rgb(20, 20, vec![255; 1_200]).unwrap();
        let nothing = network.write(&blank, BBox::new(0, 0, 20, 20), &|| false);
        assert_eq!(nothing, Ok(None));
    }

    #[test]
    fn files_that_do_not_belong_together_are_refused() {
        let swapped = FormulaFiles {
            encoder: files().decoder,
            ..files()
        };
        let short = FormulaFiles {
            tokens: "<pad>\n<s>\n</s>\n<unk>\nx\ny\n".to_owned(),
            ..files()
        };
        let damaged = FormulaFiles {
            decoder: files().decoder[..2_000].to_vec(),
            ..files()
        };
        let nonsense = FormulaFiles {
            tokens: "\n".repeat(10),
            ..files()
        };
        for files in [swapped, short, damaged, nonsense] {
            assert!(FormulaNetwork::load(files).is_err());
        }
    }

    #[test]
    fn tokens_are_joined_as_latex_reads_them() {
        let list: Vec<String> = [
            "<pad>",
            "<s>",
            "</s>",
            "<unk>",
            "\\alpha",
            "x",
            "\\,",
            "2",
            "\\begin{cases}",
        ]
        .map(str::to_owned)
        .to_vec();
        assert_eq!(
            joined(&[4, 5, 6, 5, 4, 7, 8, 5, 99, 3], &list),
            "\\alpha x\\,x\\alpha2\\begin{cases}x"
        );
    }
}
