//! Lines that do not read well: read the other way round and by other recognisers, kept where one reads them, dropped where they are no text.

use std::collections::BTreeMap;

use ocr_chat_language::Reader;
use rten::RunOptions;

use super::route::{self, PageWritings};
use super::survey::Survey;
use super::{Chosen, Group, LineReaders, Ready, SPARSE_SIGNS, home, read_line};
use crate::error::PageError;
use crate::pipeline::ReadOptions;
use crate::raster::PageImage;
use crate::recognise::Shelved;
use crate::text::{LineText, ReadLine};

/// Mean confidence below which a line is taken for no text at all: textures, stamps, pictures. RapidOCR and PaddleOCR use the
/// same bound.
const MIN_CONFIDENCE: f32 = 0.5;

/// The same for a line in another writing than its page.
const STRANGE_MIN_CONFIDENCE: f32 = 0.9;

/// Mean confidence below which a line is read upside down, and by another recogniser, as well. Higher costs a second reading of
/// hard lines.
const WEAK_CONFIDENCE: f32 = 0.7;

/// The same for lines in another writing than most of the page, which are rarely meant: a mistaken look reads with some confidence.
const STRANGER_CONFIDENCE: f32 = 0.93;

/// The same where the second reading is by what reads most of the page: there it may even be a little worse.
const HOME_GAIN: f32 = -0.03;

/// The same where PP-OCR reads the page: worn Latin print looks like many things, and other recognisers are sure of what they make of it.
const HOME_PPOCR_GAIN: f32 = -0.1;

/// Length from which a line of another writing than its page is clearly meant, in line heights, if it looks so.
const CLEAR_HEIGHTS: f32 = 8.0;

/// Probability of a look that is clear.
const CLEAR_LOOK: f32 = 0.95;

/// How much better a second reading must be to be taken.
const SECOND_READING_GAIN: f32 = 0.1;

/// A line that did not read well, and what else might read it.
pub(super) struct Weak {
    line: usize,
    text: LineText,
    reader: Reader,
    others: Vec<Reader>,
    /// What reads most of the page.
    home: Option<Reader>,
    /// Whether the line was taken to be in another writing.
    is_strange: bool,
    is_vertical: bool,
}

impl LineReaders {
    /// Takes the lines that read well into `lines` and hands out the others, each with what else might read it.
    pub(super) fn weak_lines(
        &self,
        survey: &Survey,
        groups: &[Group],
        chosen: &[Chosen<'_>],
        page: &PageWritings,
        lines: &mut Vec<ReadLine>,
    ) -> Vec<Weak> {
        let home = home(groups, survey);
        let home_reader = home.map(|idx| chosen[idx].reader);
        let mut readings = survey.readings();
        let mut weak = Vec::new();
        for (group_idx, (group, chosen)) in groups.iter().zip(chosen).enumerate() {
            let is_strange = home.is_some_and(|home| home != group_idx) && !group.is_vertical;
            for &line in &group.lines {
                let text = readings.remove(&(line, chosen.reader)).unwrap_or_default();
                let seen = &survey.lines[line];
                let heights = seen.rect.length_heights();
                let is_sparse = (text.n_signs() as f32) < SPARSE_SIGNS * heights;
                let is_clear = heights > CLEAR_HEIGHTS
                    && route::probability(&seen.sight, group.writing) > CLEAR_LOOK;
                let enough = match (is_strange, is_clear && !is_sparse) {
                    (false, _) => WEAK_CONFIDENCE,
                    (true, true) => STRANGER_CONFIDENCE,
                    // Capitals of Greek and Cyrillic are those of Latin: what reads the page reads the line, too.
                    (true, false) => f32::INFINITY,
                };
                if text.confidence().unwrap_or(0.0) >= enough {
                    lines.push(ReadLine {
                        rect: seen.rect,
                        text,
                    });
                    continue;
                }
                let runners_up = page.runners_up(seen, group.writing).into_iter();
                let mut others: Vec<Reader> = runners_up
                    .filter_map(|writing| {
                        let readers = route::readers(writing, group.is_vertical, None, self.size);
                        readers.first().copied()
                    })
                    .chain(home_reader)
                    .filter(|reader| *reader != chosen.reader)
                    .collect();
                others.dedup();
                weak.push(Weak {
                    line,
                    text,
                    reader: chosen.reader,
                    others,
                    home: home_reader,
                    is_strange,
                    is_vertical: group.is_vertical,
                });
            }
        }
        weak
    }

    /// Reads weak lines the other way round and by other recognisers; keeps what reads best, and drops what is no text.
    pub(super) fn second_opinions(
        &self,
        image: &PageImage,
        survey: &Survey,
        weak: &[Weak],
        options: &ReadOptions<'_>,
    ) -> Result<Vec<ReadLine>, PageError> {
        let read = self.runtime.each_line(weak.len(), |idx, run| {
            self.second_opinion(image, survey, &weak[idx], &run, options)
        });
        let mut lines = Vec::new();
        for line in read {
            lines.extend(line?);
        }
        Ok(lines)
    }

    fn second_opinion(
        &self,
        image: &PageImage,
        survey: &Survey,
        weak: &Weak,
        run: &RunOptions,
        options: &ReadOptions<'_>,
    ) -> Result<Option<ReadLine>, PageError> {
        let seen = &survey.lines[weak.line];
        let confidence = |text: &LineText| text.confidence().unwrap_or(0.0);
        let mut best = ReadLine {
            rect: seen.rect,
            text: weak.text.clone(),
        };
        let mut best_reader = weak.reader;
        let mut tries: Vec<(Reader, bool)> = Vec::new();
        if !weak.is_vertical {
            tries.push((weak.reader, true));
        }
        tries.extend(weak.others.iter().map(|&reader| (reader, false)));
        for (reader, is_turned) in tries {
            let recogniser = match reader {
                Reader::PpOcr => Ready::PpOcr(self.ppocr.as_ref()),
                Reader::Lstm(name) => match self.shelf.get(name) {
                    Shelved::Ready(recogniser) => Ready::Lstm(recogniser),
                    _ => continue,
                },
            };
            let text = read_line(
                recogniser.get(),
                image,
                seen,
                is_turned,
                run.clone(),
                options,
            )?;
            let is_home = weak.home.is_none_or(|home| home == reader);
            let gain = if weak.is_strange && is_home && !is_turned {
                if reader == Reader::PpOcr {
                    HOME_PPOCR_GAIN
                } else {
                    HOME_GAIN
                }
            } else {
                SECOND_READING_GAIN
            };
            // What is worn or smudged on a page of Latin is read as some Greek or other: only a good reading is news.
            let least = if weak.is_strange || is_home {
                0.0
            } else {
                WEAK_CONFIDENCE
            };
            if confidence(&text) > (confidence(&best.text) + gain).max(least)
                && text.n_signs() * 2 >= best.text.n_signs()
            {
                let rect = if is_turned {
                    seen.rect.turned_180()
                } else {
                    seen.rect
                };
                best = ReadLine { rect, text };
                best_reader = reader;
            }
        }
        // Barcodes and ornaments look like some script or other.
        let is_foreign = weak.home.is_some_and(|home| home != best_reader);
        let least = if weak.is_strange && is_foreign {
            STRANGE_MIN_CONFIDENCE
        } else {
            MIN_CONFIDENCE
        };
        Ok((confidence(&best.text) >= least).then_some(best))
    }
}

/// Most confidence of a row of signs that was read as ideographs.
const MAX_PATTERN_CONFIDENCE: f32 = 0.9;

/// Fewest ideographs of it, and the share of its signs that its two most frequent ideographs make up.
const MIN_PATTERN_SIGNS: usize = 6;
const MIN_PATTERN_SHARE: f32 = 0.6;

/// Whether a line is no text but a row of stars, dashes or ornaments, which recognisers of ideographs take for the same few over and over.
pub(crate) fn is_pattern(text: &LineText) -> bool {
    if text.confidence().unwrap_or(0.0) >= MAX_PATTERN_CONFIDENCE {
        return false;
    }
    let is_ideograph = |c: &char| matches!(u32::from(*c), 0x4e00..=0x9fff | 0x3400..=0x4dbf);
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    for c in text.chars.iter().flat_map(|c| c.text.chars()) {
        if is_ideograph(&c) {
            *counts.entry(c).or_default() += 1;
        }
    }
    let mut counts: Vec<usize> = counts.into_values().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let most: usize = counts.iter().take(2).sum();
    counts.iter().sum::<usize>() >= MIN_PATTERN_SIGNS
        && most as f32 >= MIN_PATTERN_SHARE * text.n_signs() as f32
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::text::CharSpan;

    #[test]
    fn a_row_of_stars_read_as_ideographs_is_a_pattern_and_words_are_none() {
        let line = |text: &str, confidence: f32| LineText {
            chars: text
                .chars()
                .map(|c| CharSpan {
                    text: c.to_string(),
                    start: 0.0,
                    end: 1.0,
                    confidence,
                })
                .collect(),
        };
        assert!(is_pattern(&line("农家家家家家家家水率家家家家", 0.7)));
        assert!(is_pattern(&line("冰冰家冰家冰 * 家 ** 冰 *", 0.7)));
        assert!(!is_pattern(&line("家家家家家家家家", 0.97)), "well read");
        assert!(!is_pattern(&line("*** TOTAL ***", 0.6)));
        assert!(!is_pattern(&line("家家有本难念的经家家", 0.7)), "a saying");
    }
}
