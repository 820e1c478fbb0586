//! Lines that PP-OCR read badly: looked at several times, and read with the words of the page's language in mind.

use std::sync::Arc;

use ocr_chat_language::{Reader, Script};
use rten::RunOptions;

use super::curve::Curve;
use super::letters::{Letters, is_ideograph};
use super::lexicon::Lexicon;
use super::{MIN_CONFIDENCE, Premium, beam, looks, scales, vote};
use crate::classify::LineClassifier;
use crate::error::PageError;
use crate::geometry::{PointF, RotatedRect};
use crate::pipeline::ReadOptions;
use crate::raster::PageImage;
use crate::read::LIGHT_ON_DARK;
use crate::recognise::{Dictionary, LineCrop, LstmRecogniser, Recogniser, Shelved, Steps};
use crate::text::{LineText, ReadLine};

/// Mean confidence below which a line is read again: one that reads better has a wrong character in some three hundred.
const WEAK_CONFIDENCE: f32 = 0.98;

/// A reading with less than this share of the confidence before is none: a single sign shows itself in one look and not in the next.
const LEAST_SHARE: f32 = 0.6;

/// Share of the page's letters that are Chinese, Japanese or Korean, below which a weak line of Latin has none: noise looks like some
/// ideograph or other.
const MIN_IDEOGRAPHS: f32 = 0.1;

/// What reads Latin where the language's own recogniser is not there.
const ANY_LATIN: &str = "Latin";

/// Languages that are tried where the page's is not clear, and lines that are read for each.
const MAX_LANGUAGES: usize = 3;
const SAMPLE_LINES: usize = 6;

impl Premium<'_> {
    /// Reads the weak ones of `lines` again, where PP-OCR reads the page.
    pub(super) fn read_weak(
        &self,
        image: &PageImage,
        lines: &mut Vec<ReadLine>,
        options: &ReadOptions<'_>,
    ) -> Result<(), PageError> {
        let recogniser = self.readers.ppocr.as_ref();
        let Some(dictionary) = recogniser.dictionary() else {
            return Ok(());
        };
        if self.home != Reader::PpOcr {
            return Ok(());
        }
        let page = Letters::of(lines.iter().map(|line| &line.text));
        let is_latin = page.n_ideographs as f32 <= MIN_IDEOGRAPHS * page.n_letters() as f32;
        let weak: Vec<usize> = (0..lines.len())
            .filter(|&idx| is_weak(&lines[idx].text, is_latin))
            .collect();
        let mut reading = Reading {
            recogniser,
            dictionary,
            classifier: self.classifier,
            lexicon: None,
            second: None,
            is_latin,
        };
        if is_latin && !weak.is_empty() {
            let candidates = self.languages_of(lines, options);
            let language = match candidates.as_slice() {
                [] => None,
                [only] => Some(only),
                several => {
                    let best =
                        self.best_language(several, image, lines, &weak, &reading, options)?;
                    several.get(best)
                }
            };
            reading.lexicon = language.and_then(|language| language.lexicon.clone());
            reading.second = self.second_of(language);
        }
        let texts = self.readers.runtime.each_line(weak.len(), |idx, run| {
            reading.read(image, &lines[weak[idx]], &run, options)
        });
        for (idx, text) in weak.into_iter().zip(texts) {
            let before = &mut lines[idx].text;
            let confidence = |text: &LineText| text.confidence().unwrap_or(0.0);
            let Some(text) = text? else {
                continue;
            };
            let has_ideographs = Letters::of(std::iter::once(&*before)).n_ideographs > 0;
            if is_latin && has_ideographs {
                // What only looks like an ideograph is a letter, or nothing.
                *before = if confidence(&text) < MIN_CONFIDENCE {
                    LineText::default()
                } else {
                    text
                };
            } else if text.n_signs() > 0 && confidence(&text) >= LEAST_SHARE * confidence(before) {
                *before = text;
            }
        }
        lines.retain(|line| line.text.n_signs() > 0);
        Ok(())
    }

    /// The language that the page is in; several where that is not clear.
    fn languages_of(&self, lines: &[ReadLine], options: &ReadOptions<'_>) -> Vec<WeakLanguage> {
        let choices = match options.language {
            Some(choice) => vec![choice],
            None => {
                let texts: Vec<String> = lines.iter().map(|line| line.text.text()).collect();
                let identifier = &self.readers.identifier;
                identifier.likely(&texts.join("\n"), Script::Latn, MAX_LANGUAGES)
            }
        };
        choices
            .iter()
            .filter(|choice| choice.script == Script::Latn)
            .filter_map(|choice| choice.language.tesseract)
            .map(|name| WeakLanguage {
                name,
                lexicon: self.lexicons.get(name),
            })
            .collect()
    }

    /// What of the other family reads the language, or Latin.
    fn second_of(&self, language: Option<&WeakLanguage>) -> Option<Arc<LstmRecogniser>> {
        let names = language.map(|language| language.name).into_iter();
        names.chain([ANY_LATIN]).find_map(|name| {
            let Shelved::Ready(recogniser) = self.readers.shelf.get(name) else {
                return None;
            };
            Some(recogniser)
        })
    }

    /// Which of `languages` has the lexicon with which the longest of the weak lines read best.
    fn best_language(
        &self,
        languages: &[WeakLanguage],
        image: &PageImage,
        lines: &[ReadLine],
        weak: &[usize],
        reading: &Reading<'_>,
        options: &ReadOptions<'_>,
    ) -> Result<usize, PageError> {
        let mut longest = weak.to_vec();
        let length = |idx: &usize| lines[*idx].text.n_signs();
        longest.sort_by_key(|idx| std::cmp::Reverse(length(idx)));
        longest.truncate(SAMPLE_LINES);
        let scores = self.readers.runtime.each_line(longest.len(), |idx, run| {
            let steps = reading.steps(image, &lines[longest[idx]].rect, &run, options)?;
            Ok(steps.map_or_else(Vec::new, |steps| {
                let score = |language: &WeakLanguage| {
                    let lexicon = language.lexicon.as_deref()?;
                    Some(beam::search(&steps, reading.dictionary, lexicon).1)
                };
                languages.iter().map(score).collect()
            }))
        });
        let mut sums = vec![Some(0.0_f32); languages.len()];
        for scores in scores {
            for (sum, score) in sums.iter_mut().zip(scores?) {
                *sum = sum.zip(score).map(|(sum, score)| sum + score);
            }
        }
        let known = sums.iter().enumerate();
        let known = known.filter_map(|(idx, sum)| sum.map(|sum| (idx, sum)));
        let best = known.max_by(|a, b| a.1.total_cmp(&b.1));
        Ok(best.map_or(0, |(idx, _)| idx))
    }

    /// Where the families differ about `image`, which is one line of Latin in `language`: what [`vote`] is fitted on.
    pub(crate) fn doubts(
        &self,
        image: &PageImage,
        language: &'static str,
        options: &ReadOptions<'_>,
    ) -> Result<Vec<LineDoubt>, PageError> {
        let recogniser = self.readers.ppocr.as_ref();
        let Some(dictionary) = recogniser.dictionary() else {
            return Ok(Vec::new());
        };
        let language = WeakLanguage {
            name: language,
            lexicon: self.lexicons.get(language),
        };
        let reading = Reading {
            recogniser,
            dictionary,
            classifier: self.classifier,
            lexicon: language.lexicon.clone(),
            second: self.second_of(Some(&language)),
            is_latin: true,
        };
        let run = self.readers.runtime.whole_page();
        let rect = whole(image);
        let first = reading.read_at(image, &rect, &run, options)?;
        let second = reading.read_second(image, &rect, &run)?;
        let (Some(first), Some(second)) = (first, second) else {
            return Ok(Vec::new());
        };
        let doubts = vote::doubts(&first, &second, reading.lexicon.as_deref());
        let doubts = doubts.into_iter().map(|doubt| LineDoubt {
            first: first.text(),
            second: doubt.swapped(&first, &second).text(),
            confidence: first.confidence().unwrap_or(0.0),
            features: doubt.features.to_vec(),
        });
        Ok(doubts.collect())
    }
}

/// A place at which the readings of a line by both families differ.
#[derive(Debug, Clone, PartialEq)]
pub struct LineDoubt {
    /// The line as the first family reads it.
    pub first: String,
    /// The same with what the second reads at this place.
    pub second: String,
    /// Mean confidence of the first, 0 to 1.
    pub confidence: f32,
    /// What the vote depends on.
    pub features: Vec<f32>,
}

/// A language that weak lines may be in.
struct WeakLanguage {
    /// As Tesseract calls it.
    name: &'static str,
    lexicon: Option<Arc<Lexicon>>,
}

/// All of `image`.
fn whole(image: &PageImage) -> RotatedRect {
    let (width, height) = (image.width_px() as f32, image.height_px() as f32);
    RotatedRect {
        center: PointF::new(width / 2.0, height / 2.0),
        width,
        height,
        angle: 0.0,
    }
}

/// How weak lines of a page are read.
struct Reading<'a> {
    recogniser: &'a dyn Recogniser,
    dictionary: &'a Dictionary,
    classifier: &'a dyn LineClassifier,
    lexicon: Option<Arc<Lexicon>>,
    /// The other family's recogniser, which has a vote.
    second: Option<Arc<LstmRecogniser>>,
    /// Whether the page has no ideographs to speak of.
    is_latin: bool,
}

impl Reading<'_> {
    /// The line read again; `None` where the recogniser does not show its steps.
    fn read(
        &self,
        image: &PageImage,
        line: &ReadLine,
        run: &RunOptions,
        options: &ReadOptions<'_>,
    ) -> Result<Option<LineText>, PageError> {
        if options.is_stopped() {
            return Err(PageError::Cancelled);
        }
        let best = self.read_at(image, &line.rect, run, options)?;
        if let Some(curve) = Curve::of(image, &line.rect)
            && let Some(straight) = curve.straightened(image, &line.rect)
        {
            let text = self.read_at(&straight, &whole(&straight), run, options)?;
            let evidence = |text: &Option<LineText>| text.as_ref().map_or(0.0, scales::evidence);
            if evidence(&text) > evidence(&best) {
                return self.voted(text, &straight, &whole(&straight), run);
            }
        }
        self.voted(best, image, &line.rect, run)
    }

    /// `first`, with the other family's vote.
    fn voted(
        &self,
        first: Option<LineText>,
        image: &PageImage,
        rect: &RotatedRect,
        run: &RunOptions,
    ) -> Result<Option<LineText>, PageError> {
        let Some(first) = first else {
            return Ok(None);
        };
        let Some(second) = self.read_second(image, rect, run)? else {
            return Ok(Some(first));
        };
        Ok(Some(vote::combine(
            &first,
            &second,
            self.lexicon.as_deref(),
        )))
    }

    /// What the other family reads in `rect`; `None` where it has nothing for the language.
    fn read_second(
        &self,
        image: &PageImage,
        rect: &RotatedRect,
        run: &RunOptions,
    ) -> Result<Option<LineText>, PageError> {
        let Some(recogniser) = &self.second else {
            return Ok(None);
        };
        let sight = self.classifier.classify(image, rect, run.clone())?;
        let crop = LineCrop {
            rect: *rect,
            is_light_on_dark: sight.light_on_dark > LIGHT_ON_DARK,
        };
        recogniser.recognise(image, &crop, run.clone()).map(Some)
    }

    /// What stands in `rect`, from several looks.
    fn read_at(
        &self,
        image: &PageImage,
        rect: &RotatedRect,
        run: &RunOptions,
        options: &ReadOptions<'_>,
    ) -> Result<Option<LineText>, PageError> {
        let Some(steps) = self.steps(image, rect, run, options)? else {
            return Ok(None);
        };
        let text = match &self.lexicon {
            Some(lexicon) => {
                let (classes, _) = beam::search(&steps, self.dictionary, lexicon);
                beam::align(&steps, &classes, self.dictionary)
            }
            None => steps.decode(self.dictionary),
        };
        Ok(Some(text))
    }

    /// The mean of several looks at `rect`.
    fn steps(
        &self,
        image: &PageImage,
        rect: &RotatedRect,
        run: &RunOptions,
        options: &ReadOptions<'_>,
    ) -> Result<Option<Steps>, PageError> {
        let crop = LineCrop {
            rect: *rect,
            is_light_on_dark: false,
        };
        let should_stop = || options.is_stopped();
        let Some(mut steps) = looks::average(self.recogniser, image, &crop, run, &should_stop)?
        else {
            return Ok(None);
        };
        if self.is_latin {
            for (class, is_ideograph) in self.ideographs() {
                if is_ideograph {
                    let classes = steps.probabilities.chunks_exact_mut(steps.n_classes);
                    classes.for_each(|step| step[class] = 0.0);
                }
            }
        }
        Ok(Some(steps))
    }

    fn ideographs(&self) -> impl Iterator<Item = (usize, bool)> {
        (1..self.dictionary.n_classes()).map(|class| {
            let text = self.dictionary.character(class).unwrap_or_default();
            (class, text.chars().any(is_ideograph))
        })
    }
}

fn is_weak(text: &LineText, is_latin: bool) -> bool {
    let letters = Letters::of(std::iter::once(text));
    let is_ppocrs = letters.n_others == 0;
    let is_strange = is_latin && letters.n_ideographs > 0;
    // A line of ideographs on a page of Latin is one, if it is long enough to be meant and reads well.
    let is_of_ideographs = is_latin && letters.n_ideographs * 2 > letters.n_letters();
    is_ppocrs
        && !(is_of_ideographs && letters.n_ideographs > 2)
        && (is_strange || text.confidence().unwrap_or(0.0) < WEAK_CONFIDENCE)
}
