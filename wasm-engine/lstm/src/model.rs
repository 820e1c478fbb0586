//! A line recogniser: model and reading.

use crate::container;
use crate::ctc::{self, Character};
use crate::error::ModelError;
use crate::forward::{Buffers, Forward, Posteriors};
use crate::kernel::Isa;
use crate::labels::Labels;
use crate::network;
use crate::order;
use crate::prepare::{self, GrayLine};
use crate::spelling;

/// A symbol's box grows at most this far beyond the steps of its code, as a share of the network's height.
const MOST_GROWTH: f32 = 0.35;

/// How characters are found in what the network says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decoding {
    /// The likeliest class of every step.
    Greedy,
    /// Prefix beam search.
    Beam {
        /// Prefixes kept, 1 or more.
        width: usize,
    },
}

impl Default for Decoding {
    fn default() -> Self {
        // Over 31 languages (README.md) greedy reads clean lines with a CER of .55 % and degraded ones with .77 %, 8 prefixes with
        // .54 and .69 for .1 ms more; where codes have several parts (Chinese, Japanese) greedy loses up to a point.
        Self::Beam { width: 8 }
    }
}

/// A line recogniser, ready to read.
#[derive(Debug, Clone)]
pub struct LineModel {
    forward: Forward,
    labels: Labels,
    null_class: u16,
}

/// Buffers of a reading, to be kept from line to line. One belongs to one thread at a time.
#[derive(Debug, Default)]
pub struct Scratch {
    buffers: Buffers,
    posteriors: Posteriors,
}

/// What a line says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The symbols in logical order, the order in which they are read.
    pub symbols: Vec<Symbol>,
    /// Whether most letters of the line run from right to left.
    pub right_to_left: bool,
}

/// A character of a line: what the model takes for one, so a letter with its marks can be one symbol.
#[derive(Debug, Clone, PartialEq)]
pub struct Symbol {
    /// Its text in logical order; a space is `" "`.
    pub text: String,
    /// Left end as a share of the given line's width, 0..=1.
    pub start: f32,
    /// Right end as a share of the given line's width, 0..=1, not below `start`.
    pub end: f32,
    /// The probability that the network gives it, 0..=1: the geometric mean over the parts of its code.
    pub confidence: f32,
}

impl Reading {
    /// The line's text.
    pub fn text(&self) -> String {
        self.symbols
            .iter()
            .map(|symbol| symbol.text.as_str())
            .collect()
    }

    /// Mean confidence of the symbols that are not spaces, 0..=1; 0 for an empty line.
    pub fn confidence(&self) -> f32 {
        let visible = || self.symbols.iter().filter(|symbol| symbol.text != " ");
        let total: f32 = visible().map(|symbol| symbol.confidence).sum();
        total / visible().count().max(1) as f32
    }
}

impl LineModel {
    /// Reads a traineddata file, whole or [stripped](crate::strip), and packs it for this machine's instruction set.
    ///
    /// # Errors
    ///
    /// When the file is damaged or its network is of another form than the published int8 models (`tessdata_fast`) have.
    pub fn parse(file: &[u8]) -> Result<Self, ModelError> {
        Self::parse_for(file, Isa::best())
    }

    pub(crate) fn parse_for(file: &[u8], isa: Isa) -> Result<Self, ModelError> {
        let components = container::split(file)?;
        let network = network::parse(components.lstm)?;
        let labels = Labels::parse(
            components.unicharset,
            components.recoder,
            network.softmax.rows,
            network.null_class,
        )?;
        Ok(Self {
            forward: Forward::new(isa, &network),
            labels,
            null_class: network.null_class as u16,
        })
    }

    /// Reads a line.
    ///
    /// The crop may be loose: it is trimmed to its ink, parts of neighbouring lines at its upper and lower edge are left out. A
    /// crop without ink, or one whose sizes do not fit its pixels, gives an empty reading.
    pub fn read(&self, line: GrayLine<'_>, scratch: &mut Scratch) -> Reading {
        self.read_with(line, Decoding::default(), scratch)
    }

    /// Reads a line with a given decoding.
    pub fn read_with(
        &self,
        line: GrayLine<'_>,
        decoding: Decoding,
        scratch: &mut Scratch,
    ) -> Reading {
        let Some(image) = prepare::prepare(line, self.forward.height_px()) else {
            return Reading::default();
        };
        let Scratch {
            buffers,
            posteriors,
        } = scratch;
        self.forward.run(&image, buffers, posteriors);
        let characters = match decoding {
            Decoding::Greedy => ctc::greedy(posteriors, &self.labels, self.null_class),
            Decoding::Beam { width } => {
                ctc::beam(posteriors, &self.labels, self.null_class, width.max(1))
            }
        };
        let n_steps = posteriors.steps.len();
        let px_per_step = image.region.width / (image.width() as f32 / 3.0);
        let growth = MOST_GROWTH * self.forward.height_px() as f32 / 3.0;
        let spans = spans(&characters, n_steps, growth);
        let share = |step: f32| {
            ((image.region.left + step * px_per_step) / line.width as f32).clamp(0.0, 1.0)
        };
        let (order, right_to_left) = order::logical(
            characters
                .iter()
                .map(|character| self.labels.text(character.id)),
        );
        let mut symbols: Vec<Symbol> = order
            .into_iter()
            .map(|(idx, turned)| {
                let text = self.labels.text(characters[idx].id);
                let mirrored = if turned { order::mirrored(text) } else { None };
                Symbol {
                    text: mirrored.unwrap_or(text).to_owned(),
                    start: share(spans[idx].0),
                    end: share(spans[idx].1),
                    confidence: characters[idx].confidence.clamp(0.0, 1.0),
                }
            })
            .collect();
        spelling::unify(&mut symbols);
        Reading {
            symbols,
            right_to_left,
        }
    }

    /// Whether the model has this character, by itself or inside one of its symbols. Readings join a few signs that models write
    /// in two parts: Thai and Lao sara am, the Ethiopic full stop.
    pub fn can_write(&self, character: char) -> bool {
        self.symbols().any(|text| text.contains(character))
    }

    /// The texts of all symbols that the model can write, in no useful order.
    pub fn symbols(&self) -> impl Iterator<Item = &str> {
        self.labels.writable()
    }

    /// Height of the network's input in pixels, 36 or 48: lines much lower than this are read badly.
    pub fn height_px(&self) -> usize {
        self.forward.height_px()
    }

    /// Number of the network's classes.
    pub fn n_classes(&self) -> usize {
        self.forward.n_classes()
    }

    /// Memory that the model takes, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.forward.size_bytes() + self.labels.size_bytes()
    }

    /// Name of the instruction set that reads.
    pub fn instruction_set(&self) -> &'static str {
        self.forward.isa().name()
    }
}

/// From the steps of the codes to the extents of the symbols: CTC fires inside a character, so each grows to the middle between
/// it and its neighbour, but no further than `growth` steps.
fn spans(characters: &[Character], n_steps: usize, growth: f32) -> Vec<(f32, f32)> {
    let middle = |left: &Character, right: &Character| (left.end as f32 + right.start as f32) / 2.0;
    (0..characters.len())
        .map(|idx| {
            let character = &characters[idx];
            let before = idx
                .checked_sub(1)
                .map_or(0.0, |before| middle(&characters[before], character));
            let behind = characters
                .get(idx + 1)
                .map_or(n_steps as f32, |next| middle(character, next));
            let start = before.max(character.start as f32 - growth);
            (start, behind.min(character.end as f32 + growth).max(start))
        })
        .collect()
}
