//! Lines that PP-OCR read badly: looked at several times, and read with the words of the page's language in mind.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use ocr_chat_language::{Reader, Script};
use rten::RunOptions;

use super::lexicon::Lexicon;
use super::{MIN_CONFIDENCE, Premium, beam, looks};
use crate::error::PageError;
use crate::pipeline::ReadOptions;
use crate::raster::PageImage;
use crate::recognise::{Dictionary, LineCrop, ModelLibrary, Recogniser};
use crate::text::{LineText, ReadLine};

/// Mean confidence below which a line is read again: one that reads better has a wrong character in some three hundred.
const WEAK_CONFIDENCE: f32 = 0.98;

/// A reading with less than this share of the confidence before is none: a single sign shows itself in one look and not in the next.
const LEAST_SHARE: f32 = 0.6;

/// Share of the page's letters that are Chinese, Japanese or Korean, below which a weak line of Latin has none: noise looks like some
/// ideograph or other.
const MIN_IDEOGRAPHS: f32 = 0.1;

/// The lexicons at hand, loaded when a line first needs them.
pub(crate) struct LexiconShelf {
    library: Option<Arc<dyn ModelLibrary>>,
    /// `None` for those that cannot be had.
    slots: Mutex<BTreeMap<&'static str, Option<Arc<Lexicon>>>>,
}

impl LexiconShelf {
    /// A shelf that loads from `library`.
    pub(crate) fn new(library: Option<Arc<dyn ModelLibrary>>) -> Self {
        Self {
            library,
            slots: Mutex::default(),
        }
    }

    /// The lexicon of the language that Tesseract calls `name`.
    fn get(&self, name: &'static str) -> Option<Arc<Lexicon>> {
        let slots = || self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots().get(name) {
            return slot.clone();
        }
        // Loaded outside of the lock: two threads that load the same at once waste a second.
        let file = self.library.as_ref()?.load(&words_file(name));
        let lexicon = file.and_then(|file| Lexicon::parse(&file)).map(Arc::new);
        slots().insert(name, lexicon.clone());
        lexicon
    }
}

/// The file of a language's words.
fn words_file(name: &str) -> String {
    format!("words-{name}.traineddata")
}

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
        let lexicon = if is_latin {
            self.lexicon(lines, options)
        } else {
            None
        };
        let weak: Vec<usize> = (0..lines.len())
            .filter(|&idx| is_weak(&lines[idx].text, is_latin))
            .collect();
        let reading = Reading {
            recogniser,
            dictionary,
            lexicon: lexicon.as_deref(),
            is_latin,
        };
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

    /// The words of the language that the page is in.
    fn lexicon(&self, lines: &[ReadLine], options: &ReadOptions<'_>) -> Option<Arc<Lexicon>> {
        let choice = options.language.or_else(|| {
            let texts: Vec<String> = lines.iter().map(|line| line.text.text()).collect();
            let identifier = &self.readers.identifier;
            identifier.identify(&texts.join("\n"), Some(Script::Latn))
        })?;
        if choice.script != Script::Latn {
            return None;
        }
        self.lexicons.get(choice.language.tesseract?)
    }
}

/// How weak lines of a page are read.
struct Reading<'a> {
    recogniser: &'a dyn Recogniser,
    dictionary: &'a Dictionary,
    lexicon: Option<&'a Lexicon>,
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
        let crop = LineCrop {
            rect: line.rect,
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
        let text = match self.lexicon {
            Some(lexicon) => {
                let classes = beam::search(&steps, self.dictionary, lexicon);
                beam::align(&steps, &classes, self.dictionary)
            }
            None => steps.decode(self.dictionary),
        };
        Ok(Some(text))
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

/// What letters there are.
#[derive(Default)]
struct Letters {
    n_latin: usize,
    n_ideographs: usize,
    /// In scripts that PP-OCR does not read.
    n_others: usize,
}

impl Letters {
    fn of<'a>(texts: impl Iterator<Item = &'a LineText>) -> Self {
        let mut letters = Self::default();
        for c in texts
            .flat_map(|text| &text.chars)
            .flat_map(|c| c.text.chars())
        {
            if is_ideograph(c) {
                letters.n_ideographs += 1;
            } else if is_latin(c) {
                letters.n_latin += 1;
            } else if c.is_alphabetic() && u32::from(c) > 0x400 {
                letters.n_others += 1;
            }
        }
        letters
    }

    fn n_letters(&self) -> usize {
        self.n_latin + self.n_ideographs + self.n_others
    }
}

fn is_latin(c: char) -> bool {
    c.is_alphabetic() && matches!(u32::from(c), 0x41..=0x24f | 0x1e00..=0x1eff)
}

/// Ideographs, kana, hangul, and their forms of punctuation and of Latin.
fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c), 0x2e80..=0xd7ff | 0xf900..=0xfaff | 0xff00..=0xffef | 0x20000..)
}
