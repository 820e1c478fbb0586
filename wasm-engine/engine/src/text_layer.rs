//! Whether the text that a page brings along can stand for what is seen on it.
//!
//! A layer is judged by what its characters mean, by the words they make, and by the page's picture: the detector's regions should lie
//! under its lines, and its lines on regions. What recognisers laid invisibly under a scan is not taken: the picture is read again.

mod packed;

use crate::geometry::{PointF, RotatedRect};
use crate::text::{LineText, ReadLine};

pub use crate::text::TextLayer;
pub use packed::{packed, unpacked};

/// Share of the characters that must mean something. Formulas and symbol fonts leave a few per cent unmapped; a font without a map, all.
const MIN_MAPPED_SHARE: f32 = 0.9;

/// Share of the characters that may be invisible before the layer is taken for a recogniser's.
const MAX_INVISIBLE_SHARE: f32 = 0.5;

/// Letters of Latin words needed before they are judged.
const MIN_JUDGED_LETTERS: usize = 60;

/// Share of vowels among the letters of Latin words below which the characters' meanings are taken to be wrong. It is 0.35 to 0.5 in European
/// languages; letters moved by a fixed step, as fonts with broken maps show them, have 0.05 to 0.2.
const MIN_VOWEL_SHARE: f32 = 0.22;

/// Share of the characters that must stand where the detector sees text, for the layer to be the page's.
const MIN_ON_TEXT_SHARE: f32 = 0.7;

/// Share of a line's or region's extent that the other side must cover to count.
const MIN_COVERED_SHARE: f32 = 0.5;

/// How far lines and regions are grown before they are compared, in line heights: the detector draws its boxes wider or narrower than the type.
const GROWTH_HEIGHTS: f32 = 0.25;

/// How far lines are grown along the reading direction before regions are held against them, in line heights: the detector makes one region of two
/// figures in neighbouring columns and the gap between.
const GROWTH_ALONG_HEIGHTS: f32 = 0.6;

/// Places along and across a rectangle at which it is compared.
const N_SAMPLES: (usize, usize) = (24, 3);

/// Why a layer cannot stand for its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnsoundLayer {
    /// The fonts do not say what the characters mean.
    Unmapped,
    /// The characters make no words.
    Garbled,
    /// A recogniser laid it invisibly under a picture.
    Invisible,
    /// It does not stand where the page shows text.
    Misplaced,
}

impl UnsoundLayer {
    /// The reason as the end of a sentence about the text layer.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Unmapped => "its fonts do not say what its characters mean",
            Self::Garbled => "its characters make no words",
            Self::Invisible => "it is invisible text under a picture",
            Self::Misplaced => "it does not stand where the page shows text",
        }
    }
}

/// What is to be done with a page's own text.
#[derive(Debug, Clone, PartialEq)]
pub enum LayerJudgement {
    /// The page has none.
    None,
    /// It can be taken.
    Sound {
        /// Its lines, in pixels of the page as it is rendered.
        lines: Vec<ReadLine>,
        /// Indices of the regions that no line covers, and that are to be recognised: text in pictures.
        uncovered: Vec<usize>,
    },
    /// It is to be left aside and the page to be recognised.
    Unsound {
        /// Why.
        why: UnsoundLayer,
    },
}

/// Whether `layer` can stand for its page. `regions` are where the detector sees text on the page as it is rendered; `None` where nobody has
/// looked, and the layer is judged by itself.
pub fn judge(layer: TextLayer, regions: Option<&[RotatedRect]>) -> LayerJudgement {
    if layer.n_chars == 0 {
        return LayerJudgement::None;
    }
    let unsound = |why| LayerJudgement::Unsound { why };
    if share(layer.n_invisible, layer.n_chars) > MAX_INVISIBLE_SHARE {
        return unsound(UnsoundLayer::Invisible);
    }
    if layer.mapped_share() < MIN_MAPPED_SHARE {
        return unsound(UnsoundLayer::Unmapped);
    }
    if is_garbled(&layer.lines) {
        return unsound(UnsoundLayer::Garbled);
    }
    let Some(regions) = regions else {
        return LayerJudgement::Sound {
            lines: layer.lines,
            uncovered: Vec::new(),
        };
    };
    let grown = |rect: &RotatedRect| rect.grown(rect.height * GROWTH_HEIGHTS);
    let seen = Cover::new(regions.iter().map(grown));
    let (mut n_on_text, mut n_all) = (0, 0);
    for line in &layer.lines {
        let n_signs = line.text.n_signs();
        n_all += n_signs;
        if seen.share_of(&line.rect) >= MIN_COVERED_SHARE {
            n_on_text += n_signs;
        }
    }
    if share(n_on_text, n_all) < MIN_ON_TEXT_SHARE {
        return unsound(UnsoundLayer::Misplaced);
    }
    let written = Cover::new(layer.lines.iter().map(|line| RotatedRect {
        width: line.rect.width + 2.0 * GROWTH_ALONG_HEIGHTS * line.rect.height,
        ..grown(&line.rect)
    }));
    let uncovered = regions
        .iter()
        .enumerate()
        .filter(|(_, region)| written.share_of(region) < MIN_COVERED_SHARE)
        .map(|(idx, _)| idx)
        .collect();
    LayerJudgement::Sound {
        lines: layer.lines,
        uncovered,
    }
}

/// Whether the Latin words are no words: hardly any of their letters are vowels.
fn is_garbled(lines: &[ReadLine]) -> bool {
    let (mut n_letters, mut n_vowels) = (0, 0);
    for line in lines {
        for word in words(&line.text) {
            let letters = word.chars().filter(char::is_ascii_alphabetic).count();
            // Mixed with other letters it is no plain Latin word; short ones are often abbreviations.
            if letters < 4 || word.chars().any(|c| c.is_alphabetic() && !c.is_ascii()) {
                continue;
            }
            let is_vowel =
                |c: &char| matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
            n_letters += letters;
            n_vowels += word.chars().filter(is_vowel).count();
        }
    }
    n_letters >= MIN_JUDGED_LETTERS && share(n_vowels, n_letters) < MIN_VOWEL_SHARE
}

fn words(text: &LineText) -> Vec<String> {
    text.text().split_whitespace().map(str::to_owned).collect()
}

fn share(n: usize, n_all: usize) -> f32 {
    if n_all == 0 {
        1.0
    } else {
        n as f32 / n_all as f32
    }
}

/// Rectangles, sorted for the question what of another rectangle lies inside any of them.
struct Cover {
    /// Rectangles with their axes, by the upper edge of the box around them.
    rects: Vec<(f32, f32, RotatedRect)>,
    /// The greatest height of a box.
    max_height: f32,
}

impl Cover {
    fn new(rects: impl Iterator<Item = RotatedRect>) -> Self {
        let mut rects: Vec<(f32, f32, RotatedRect)> = rects
            .map(|rect| {
                let ys = rect.corners().map(|corner| corner.y);
                let top = ys.iter().copied().fold(f32::MAX, f32::min);
                let bottom = ys.iter().copied().fold(f32::MIN, f32::max);
                (top, bottom, rect)
            })
            .collect();
        rects.sort_by(|a, b| a.0.total_cmp(&b.0));
        let max_height = rects
            .iter()
            .map(|(top, bottom, _)| bottom - top)
            .fold(0.0, f32::max);
        Self { rects, max_height }
    }

    /// Share of `rect` that lies inside, 0 to 1.
    fn share_of(&self, rect: &RotatedRect) -> f32 {
        let (n_along, n_across) = N_SAMPLES;
        let [first, along_end, _, across_end] = rect.corners();
        let mut n_inside = 0;
        for along in 0..n_along {
            for across in 0..n_across {
                let a = (along as f32 + 0.5) / n_along as f32;
                let c = (across as f32 + 0.5) / n_across as f32;
                let point = PointF::new(
                    first.x + (along_end.x - first.x) * a + (across_end.x - first.x) * c,
                    first.y + (along_end.y - first.y) * a + (across_end.y - first.y) * c,
                );
                n_inside += usize::from(self.contains(point));
            }
        }
        n_inside as f32 / (n_along * n_across) as f32
    }

    fn contains(&self, point: PointF) -> bool {
        let end = self.rects.partition_point(|(top, _, _)| *top <= point.y);
        self.rects[..end]
            .iter()
            .rev()
            .take_while(|(top, _, _)| point.y - top <= self.max_height)
            .any(|(_, bottom, rect)| point.y <= *bottom && is_inside(rect, point))
    }
}

fn is_inside(rect: &RotatedRect, point: PointF) -> bool {
    let (sin, cos) = rect.angle.sin_cos();
    let (dx, dy) = (point.x - rect.center.x, point.y - rect.center.y);
    (dx * cos + dy * sin).abs() <= rect.width / 2.0
        && (dy * cos - dx * sin).abs() <= rect.height / 2.0
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::text::CharSpan;

    fn rect(x: f32, y: f32, width: f32) -> RotatedRect {
        RotatedRect {
            center: PointF::new(x + width / 2.0, y + 5.0),
            width,
            height: 10.0,
            angle: 0.0,
        }
    }

    fn line(text: &str, y: f32) -> ReadLine {
        let chars = text.chars().map(|c| CharSpan {
            text: c.to_string(),
            start: 0.0,
            end: 1.0,
            confidence: 1.0,
        });
        ReadLine {
            rect: rect(10.0, y, 200.0),
            text: LineText {
                chars: chars.collect(),
            },
        }
    }

    fn layer(texts: &[&str]) -> TextLayer {
        let lines: Vec<ReadLine> = texts
            .iter()
            .enumerate()
            .map(|(idx, text)| line(text, idx as f32 * 20.0))
            .collect();
        let n_chars = lines.iter().map(|line| line.text.n_signs()).sum();
        TextLayer {
            lines,
            n_chars,
            n_mapped: n_chars,
            ..TextLayer::default()
        }
    }

    fn why(judgement: &LayerJudgement) -> Option<UnsoundLayer> {
        match judgement {
            LayerJudgement::Unsound { why } => Some(*why),
            _ => None,
        }
    }

    #[test]
    fn a_layer_on_its_regions_is_sound_and_other_regions_are_to_be_read() {
        let layer = layer(&["the first line", "the second line"]);
        // Two boxes of the detector on the first line, one on the second, one in a picture below.
        let regions = [
            rect(8.0, -1.0, 90.0),
            rect(104.0, 1.0, 110.0),
            rect(12.0, 20.0, 196.0),
            rect(10.0, 300.0, 80.0),
        ];
        match judge(layer.clone(), Some(&regions)) {
            LayerJudgement::Sound { lines, uncovered } => {
                assert_eq!(lines, layer.lines);
                assert_eq!(uncovered, [3]);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_region_over_two_lines_and_their_gap_is_covered() {
        let mut layer = layer(&["178", "$"]);
        layer.lines[0].rect = rect(10.0, 0.0, 13.0);
        layer.lines[1].rect = rect(32.0, 0.0, 4.0);
        match judge(layer, Some(&[rect(6.0, -1.0, 34.0)])) {
            LayerJudgement::Sound { uncovered, .. } => assert_eq!(uncovered, [0_usize; 0]),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_layer_beside_what_is_seen_is_misplaced() {
        let layer = layer(&["the first line", "the second line"]);
        let regions = [rect(10.0, 500.0, 200.0), rect(10.0, 520.0, 200.0)];
        assert_eq!(
            why(&judge(layer.clone(), Some(&regions))),
            Some(UnsoundLayer::Misplaced)
        );
        assert_eq!(
            why(&judge(layer.clone(), Some(&[]))),
            Some(UnsoundLayer::Misplaced)
        );
        assert_eq!(why(&judge(layer, None)), None, "nobody has looked");
    }

    #[test]
    fn invisible_and_unmapped_text_is_left_aside() {
        let sound = layer(&["the first line", "the second line"]);
        let invisible = TextLayer {
            n_invisible: sound.n_chars * 3 / 4,
            ..sound.clone()
        };
        assert_eq!(why(&judge(invisible, None)), Some(UnsoundLayer::Invisible));
        let unmapped = TextLayer {
            n_mapped: sound.n_chars / 2,
            ..sound
        };
        assert_eq!(why(&judge(unmapped, None)), Some(UnsoundLayer::Unmapped));
        assert_eq!(judge(TextLayer::default(), None), LayerJudgement::None);
    }

    #[test]
    fn shifted_letters_make_no_words() {
        let text = "When a font maps every letter three places further down the alphabet nobody can read what has been written there";
        let shifted: String = text
            .chars()
            .map(|c| match c {
                'a'..='z' => char::from((c as u8 - b'a' + 3) % 26 + b'a'),
                other => other,
            })
            .collect();
        assert_eq!(why(&judge(layer(&[text]), None)), None);
        assert_eq!(
            why(&judge(layer(&[&shifted]), None)),
            Some(UnsoundLayer::Garbled)
        );
    }
}
