//! The weights: their file, and the scores of a text.
//!
//! The classifier has fastText's shape (Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"): one row of weights
//! for each hashed n-gram, the rows of a text summed, and a linear layer over the sum, with the languages of one script as
//! classes. Rows are stored for the slots that pruning kept; a bitmap tells which.

use crate::{han::Han, languages::KNOWN, ngrams::for_each_ngram, words::for_each_word};

/// Why a file of weights was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The first eight bytes are not those of a file of this version.
    #[error("not a language model of this version")]
    Magic,
    /// The file ends too early, or goes on after its end.
    #[error("the language model has {found} bytes where {expected} were expected")]
    Size {
        /// Bytes that the header promises, or the least a header takes.
        expected: usize,
        /// Bytes given.
        found: usize,
    },
    /// A number in the header is outside what this version writes, or two numbers contradict each other.
    #[error("the language model's header is invalid: {0}")]
    Header(&'static str),
    /// A language that this version does not know, so that code and weights are of different versions.
    #[error("language {0} of the language model is unknown")]
    Label(usize),
}

const MAGIC: &[u8; 8] = b"OCRLANG1";
const HEADER_BYTES: usize = 8 + 4 * 4 + 2 * 4;
const LABEL_BYTES: usize = 8;
/// More n-grams than that of one text (about 40,000 characters) change no answer.
const MAX_NGRAMS: usize = 200_000;

/// One language of the model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Label {
    pub(crate) language: &'static str,
    pub(crate) script: &'static str,
}

/// A language's score: the natural logarithm of its probability, up to a term common to all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scored {
    pub(crate) label: Label,
    pub(crate) logit: f32,
}

#[derive(Debug)]
pub(crate) struct Model {
    labels: Vec<Label>,
    bias: Vec<f32>,
    /// One row of `dims` for each label.
    head: Vec<f32>,
    dims: usize,
    /// Logits are multiplied by `exp(calibration[0] + calibration[1] · ln n_ngrams)`.
    calibration: [f32; 2],
    slot_bits: u32,
    /// One bit for each slot of the hash: whether it has a row.
    kept: Vec<u64>,
    /// Rows of all slots before each word of `kept`.
    rows_before: Vec<u32>,
    /// One row of `dims` for each kept slot, in the order of slots.
    rows: Vec<i8>,
    pub(crate) han: Han,
}

/// Takes bytes off the front; every read is checked.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], ParseError> {
        let error = ParseError::Size {
            expected: n,
            found: self.0.len(),
        };
        let (head, tail) = self.0.split_at_checked(n).ok_or(error)?;
        self.0 = tail;
        Ok(head)
    }

    fn u32(&mut self) -> Result<usize, ParseError> {
        let bytes = self.take(4)?.first_chunk().copied().unwrap_or_default();
        Ok(u32::from_le_bytes(bytes) as usize)
    }

    fn floats(&mut self, n: usize) -> Result<Vec<f32>, ParseError> {
        let values: Vec<f32> = self
            .take(4 * n)?
            .as_chunks()
            .0
            .iter()
            .map(|&bytes| f32::from_le_bytes(bytes))
            .collect();
        if values.iter().all(|value| value.is_finite()) {
            Ok(values)
        } else {
            Err(ParseError::Header("a weight is not finite"))
        }
    }
}

impl Model {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let mut reader = Reader(bytes);
        if bytes.len() < HEADER_BYTES {
            return Err(ParseError::Size {
                expected: HEADER_BYTES,
                found: bytes.len(),
            });
        }
        if reader.take(MAGIC.len())? != MAGIC {
            return Err(ParseError::Magic);
        }
        let [dims, slot_bits, n_labels, n_rows] =
            [reader.u32()?, reader.u32()?, reader.u32()?, reader.u32()?];
        if !(1..=64).contains(&dims)
            || !(6..=20).contains(&slot_bits)
            || n_labels > KNOWN.len()
            || n_rows > 1 << slot_bits
        {
            return Err(ParseError::Header("a size is out of range"));
        }
        let n_bitmap_bytes = (1_usize << slot_bits) / 8;
        let expected = HEADER_BYTES
            + n_labels * (LABEL_BYTES + 4 + 4 * dims)
            + n_bitmap_bytes
            + n_rows * dims
            + Han::N_BYTES;
        if bytes.len() != expected {
            return Err(ParseError::Size {
                expected,
                found: bytes.len(),
            });
        }
        let calibration = reader.floats(2)?.first_chunk().copied().unwrap_or_default();
        let names = reader
            .take(n_labels * LABEL_BYTES)?
            .as_chunks::<LABEL_BYTES>()
            .0
            .iter()
            .enumerate();
        let labels = names
            .map(|(idx, name)| known(name).ok_or(ParseError::Label(idx)))
            .collect::<Result<_, _>>()?;
        let bias = reader.floats(n_labels)?;
        let head = reader.floats(n_labels * dims)?;
        let kept: Vec<u64> = reader
            .take(n_bitmap_bytes)?
            .as_chunks()
            .0
            .iter()
            .map(|&word| u64::from_le_bytes(word))
            .collect();
        let mut rows_before = Vec::with_capacity(kept.len());
        let mut n_kept = 0;
        for word in &kept {
            rows_before.push(n_kept);
            n_kept += word.count_ones();
        }
        if n_kept as usize != n_rows {
            return Err(ParseError::Header(
                "the bitmap and the number of rows differ",
            ));
        }
        let rows = reader
            .take(n_rows * dims)?
            .iter()
            .map(|byte| byte.cast_signed())
            .collect();
        let han = Han::new(reader.take(Han::N_BYTES)?);
        Ok(Self {
            labels,
            bias,
            head,
            dims,
            calibration,
            slot_bits: slot_bits as u32,
            kept,
            rows_before,
            rows,
            han,
        })
    }

    pub(crate) fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// The row of an n-gram, by its hash; `None` where pruning left it out.
    fn row(&self, hash: u32) -> Option<&[i8]> {
        let slot = (hash >> (32 - self.slot_bits)) as usize;
        let word = *self.kept.get(slot / 64)?;
        let bit = 1_u64 << (slot % 64);
        if word & bit == 0 {
            return None;
        }
        let idx = (*self.rows_before.get(slot / 64)? + (word & (bit - 1)).count_ones()) as usize;
        self.rows.get(idx * self.dims..(idx + 1) * self.dims)
    }

    /// Logits of the labels of one script that `allowed` lets pass, the best first; empty where the text has no n-gram of that script
    /// that the model knows. Among equals the order of the file.
    pub(crate) fn score(
        &self,
        text: &str,
        script: &str,
        allowed: impl Fn(&Label) -> bool,
    ) -> Vec<Scored> {
        let mut sums = vec![0_i32; self.dims];
        let mut n_ngrams = 0_usize;
        for_each_word(text, script, |word| {
            for_each_ngram(word, |hash| {
                if n_ngrams < MAX_NGRAMS
                    && let Some(row) = self.row(hash)
                {
                    n_ngrams += 1;
                    for (sum, &weight) in sums.iter_mut().zip(row) {
                        *sum += i32::from(weight);
                    }
                }
            });
        });
        if n_ngrams == 0 {
            return Vec::new();
        }
        let n = n_ngrams as f32;
        let hidden: Vec<f32> = sums.iter().map(|&sum| sum as f32 / n.sqrt()).collect();
        let sharpness = (self.calibration[0] + self.calibration[1] * n.ln()).exp();
        let weights = self
            .labels
            .iter()
            .zip(&self.bias)
            .zip(self.head.chunks_exact(self.dims));
        let mut scored: Vec<Scored> = weights
            .filter(|((label, _), _)| label.script == script && allowed(label))
            .map(|((label, bias), head)| {
                let logit = bias
                    + head
                        .iter()
                        .zip(&hidden)
                        .map(|(weight, value)| weight * value)
                        .sum::<f32>();
                Scored {
                    label: *label,
                    logit: logit * sharpness,
                }
            })
            .collect();
        scored.sort_by(|a, b| b.logit.total_cmp(&a.logit));
        scored
    }
}

/// The label written as `srp-Latn`.
fn known(name: &[u8; LABEL_BYTES]) -> Option<Label> {
    let (language, script) = KNOWN.iter().find(|(language, script)| {
        name.starts_with(language.as_bytes())
            && name.ends_with(script.as_bytes())
            && name.get(3) == Some(&b'-')
    })?;
    Some(Label { language, script })
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const WEIGHTS: &[u8] = include_bytes!("../models/languages.bin");

    #[test]
    fn every_truncation_is_refused() {
        for len in (0..2_000).chain((2_000..WEIGHTS.len()).step_by(997)) {
            assert!(Model::parse(&WEIGHTS[..len]).is_err(), "{len} bytes");
        }
        assert_eq!(
            Model::parse(&[WEIGHTS, b"\0"].concat())
                .map(|_| ())
                .map_err(|error| matches!(error, ParseError::Size { .. })),
            Err(true)
        );
    }

    #[test]
    fn damaged_headers_are_refused() {
        let damaged = |at: usize, value: u8| {
            let mut bytes = WEIGHTS.to_vec();
            bytes[at] = value;
            Model::parse(&bytes).map(|_| ())
        };
        assert_eq!(damaged(0, b'X'), Err(ParseError::Magic));
        for at in [8, 12, 16, 20] {
            assert!(
                damaged(at, 7).is_err() && damaged(at + 3, 0xFF).is_err(),
                "byte {at}"
            );
        }
        assert_eq!(damaged(HEADER_BYTES, b'?'), Err(ParseError::Label(0)));
    }

    #[test]
    fn a_weight_that_is_no_number_is_refused() {
        let mut bytes = WEIGHTS.to_vec();
        bytes[24..28].copy_from_slice(&f32::NAN.to_le_bytes());
        assert!(matches!(Model::parse(&bytes), Err(ParseError::Header(_))));
    }

    #[test]
    fn a_bitmap_that_contradicts_the_rows_is_refused() {
        let model = Model::parse(WEIGHTS).unwrap();
        let at = HEADER_BYTES + model.labels.len() * (LABEL_BYTES + 4 + 4 * model.dims);
        let mut bytes = WEIGHTS.to_vec();
        bytes[at] ^= 1;
        assert!(matches!(Model::parse(&bytes), Err(ParseError::Header(_))));
    }

    #[test]
    fn all_known_languages_are_in_the_weights() {
        assert_eq!(Model::parse(WEIGHTS).unwrap().labels.len(), KNOWN.len());
        assert!(WEIGHTS.len() < 500_000, "{} bytes", WEIGHTS.len());
    }
}
