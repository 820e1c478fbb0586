//! From a surveyed page to its lines of text: probes, the language they are in, the rest, second opinions.

mod identify;

mod mixed;

mod rivals;

mod route;

pub(crate) mod second;

mod survey;

use std::collections::BTreeMap;
use std::sync::Arc;

use ocr_chat_language::{Choice, PpOcrSize, Reader};
use rten::RunOptions;

use crate::classify::Writing;
use crate::error::PageError;
use crate::pipeline::ReadOptions;
use crate::raster::PageImage;
use crate::recognise::{LineCrop, LstmRecogniser, Recogniser, Shelf, Shelved};
use crate::runtime::Runtime;
use crate::text::{LineText, ReadLine};

pub(crate) use identify::LanguageIdentifier;
use mixed::Run;
use route::{Asked, PageWritings};
pub use survey::Survey;
pub(crate) use survey::{SeenLine, page_quarters, seen_line};

/// Mean confidence from which a part of a line in another script is taken from what reads that script.
const PART_CONFIDENCE: f32 = 0.8;

/// Characters per line height of length below which a line seems to be read by something that lacks its letters: Han has 1.3, others 2.
const SPARSE_SIGNS: f32 = 0.7;

/// Lines of a group that are read to see whether its look was right.
const SAMPLE_LINES: usize = 3;

/// How much text is read to learn the language before the rest is read, in line heights of length: some 300 letters.
const PROBE_HEIGHTS: f32 = 200.0;

/// Probability from which light ink on dark ground is turned over.
pub(crate) const LIGHT_ON_DARK: f32 = 0.5;

/// A page's lines of text and what was learnt on the way.
pub(crate) struct PageReading {
    pub(crate) lines: Vec<ReadLine>,
    /// Recognisers that would have read better and cannot be had.
    pub(crate) absent: Vec<&'static str>,
    /// What reads most of the page.
    #[cfg(feature = "premium")]
    pub(crate) home: Reader,
}

/// What reads lines.
pub(crate) struct LineReaders {
    pub(crate) ppocr: Box<dyn Recogniser>,
    pub(crate) shelf: Shelf,
    pub(crate) identifier: LanguageIdentifier,
    pub(crate) runtime: Runtime,
    pub(crate) size: PpOcrSize,
}

/// A recogniser that is at hand.
#[derive(Clone)]
enum Ready<'a> {
    PpOcr(&'a dyn Recogniser),
    Lstm(Arc<LstmRecogniser>),
}

impl Ready<'_> {
    fn get(&self) -> &dyn Recogniser {
        match self {
            Self::PpOcr(recogniser) => *recogniser,
            Self::Lstm(recogniser) => recogniser.as_ref(),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::PpOcr(_), Self::PpOcr(_)) => true,
            (Self::Lstm(a), Self::Lstm(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// Lines that are read alike.
struct Group {
    writing: Writing,
    is_vertical: bool,
    /// The longest first.
    lines: Vec<usize>,
    language: Option<Choice>,
}

/// A recogniser chosen for a group.
struct Chosen<'a> {
    reader: Reader,
    recogniser: Ready<'a>,
}

impl LineReaders {
    /// Reads the lines of a survey of `image`, which stands upright.
    ///
    /// # Errors
    /// [`PageError::NeedsModels`] names recognisers to be fetched first, [`PageError::Cancelled`], [`PageError::Inference`].
    pub(crate) fn read(
        &self,
        image: &PageImage,
        survey: &Survey,
        options: &ReadOptions<'_>,
    ) -> Result<PageReading, PageError> {
        let asked = Asked {
            choice: options.language,
        };
        let page = PageWritings::of(&survey.lines);
        let mut groups = groups(survey, &page, asked, self.size);
        let mut absent = Vec::new();
        if asked.choice.is_none() {
            groups = self.settle(image, survey, groups, options)?;
        }
        // First enough of each script to know its language, then everything by what reads that language best.
        let probes: Vec<Vec<usize>> = groups
            .iter()
            .map(|group| probe(group, survey, self.size))
            .collect();
        self.read_groups(image, survey, &groups, &probes, &mut absent, options)?;
        for (group, probe) in groups.iter_mut().zip(&probes) {
            if group.language.is_none() {
                group.language = self.language(survey, group, probe);
            }
        }
        absent.clear();
        let all: Vec<Vec<usize>> = groups.iter().map(|group| group.lines.clone()).collect();
        let chosen = self.read_groups(image, survey, &groups, &all, &mut absent, options)?;
        self.read_parts(image, survey, &groups, &chosen, options)?;
        let mut lines = Vec::new();
        let weak = self.weak_lines(survey, &groups, &chosen, &page, &mut lines);
        lines.extend(self.second_opinions(image, survey, &weak, options)?);
        lines.retain(|line| !second::is_pattern(&line.text));
        absent.sort_unstable();
        absent.dedup();
        Ok(PageReading {
            lines,
            absent,
            #[cfg(feature = "premium")]
            home: home(&groups, survey).map_or(Reader::PpOcr, |idx| chosen[idx].reader),
        })
    }

    /// Reads lines that the survey lacks by `reader`.
    #[cfg(feature = "premium")]
    pub(crate) fn read_by(
        &self,
        reader: Reader,
        image: &PageImage,
        lines: &[SeenLine],
        options: &ReadOptions<'_>,
    ) -> Result<Vec<LineText>, PageError> {
        let chosen = self.choose(&[reader], &mut Vec::new(), &mut Vec::new());
        let read = self.runtime.each_line(lines.len(), |idx, run| {
            let recogniser = chosen.recogniser.get();
            read_line(recogniser, image, &lines[idx], false, run, options)
        });
        read.into_iter().collect()
    }

    /// Reads a few lines of each group; the mean confidence of each.
    fn samples(
        &self,
        image: &PageImage,
        survey: &Survey,
        groups: &[Group],
        options: &ReadOptions<'_>,
    ) -> Result<Vec<f32>, PageError> {
        let samples: Vec<Vec<usize>> = groups
            .iter()
            .map(|group| group.lines.iter().copied().take(SAMPLE_LINES).collect())
            .collect();
        let chosen = self.read_groups(image, survey, groups, &samples, &mut Vec::new(), options)?;
        let readings = survey.readings();
        let confidences = samples.iter().zip(&chosen).map(|(lines, chosen)| {
            let read = lines.iter().filter_map(|&line| {
                let text = readings.get(&(line, chosen.reader))?;
                let rect = &survey.lines[line].rect;
                let expected = SPARSE_SIGNS * rect.length_heights();
                // What is silent about most of a line is not to be believed about the rest.
                let share = (text.n_signs() as f32 / expected).min(1.0);
                Some(text.confidence().unwrap_or(0.0) * share)
            });
            let sum: f32 = read.sum();
            sum / lines.len().max(1) as f32
        });
        Ok(confidences.collect())
    }

    /// Reads `lines` of each group by the group's recogniser, those left out that it has read already.
    fn read_groups<'a>(
        &'a self,
        image: &PageImage,
        survey: &Survey,
        groups: &[Group],
        lines: &[Vec<usize>],
        absent: &mut Vec<&'static str>,
        options: &ReadOptions<'_>,
    ) -> Result<Vec<Chosen<'a>>, PageError> {
        let mut chosen = Vec::new();
        let mut missing = Vec::new();
        for (group, lines) in groups.iter().zip(lines) {
            let readers =
                route::readers(group.writing, group.is_vertical, group.language, self.size);
            // A group without probes is not read yet, so nothing has to be there for it.
            let wanted = if lines.is_empty() {
                &[Reader::PpOcr][..]
            } else {
                &readers
            };
            chosen.push(self.choose(wanted, absent, &mut missing));
        }
        if !missing.is_empty() {
            missing.sort_unstable();
            missing.dedup();
            return Err(PageError::NeedsModels(missing));
        }
        let mut work: Vec<(usize, usize)> = Vec::new();
        {
            let readings = survey.readings();
            for (group_idx, lines) in lines.iter().enumerate() {
                let reader = chosen[group_idx].reader;
                let unread = |line: &&usize| !readings.contains_key(&(**line, reader));
                work.extend(lines.iter().filter(unread).map(|&line| (group_idx, line)));
            }
        }
        let read = self.runtime.each_line(work.len(), |idx, run| {
            let (group_idx, line) = work[idx];
            let recogniser = chosen[group_idx].recogniser.get();
            read_line(recogniser, image, &survey.lines[line], false, run, options)
        });
        let mut readings = survey.readings();
        for (&(group_idx, line), text) in work.iter().zip(read) {
            readings.insert((line, chosen[group_idx].reader), text?);
        }
        drop(readings);
        Ok(chosen)
    }

    /// Reads the parts of lines that are in another script than their line by what reads that script.
    fn read_parts(
        &self,
        image: &PageImage,
        survey: &Survey,
        groups: &[Group],
        chosen: &[Chosen<'_>],
        options: &ReadOptions<'_>,
    ) -> Result<(), PageError> {
        // What reads a script on this page; a script that no line is in is read without asking for its language.
        let reader_of = |writing: Writing| {
            let of_page = groups
                .iter()
                .zip(chosen)
                .find(|(group, _)| group.writing == writing);
            match of_page {
                Some((_, chosen)) => Some(chosen.recogniser.clone()),
                None => {
                    let readers = route::readers(writing, false, None, self.size);
                    let (mut absent, mut missing) = (Vec::new(), Vec::new());
                    let chosen = self.choose(&readers, &mut absent, &mut missing);
                    // A word is not worth fetching a recogniser for, nor a guess by one that cannot read it.
                    (absent.is_empty() && missing.is_empty()).then_some(chosen.recogniser)
                }
            }
        };
        let mut parts: Vec<(usize, Reader, Run, Ready<'_>)> = Vec::new();
        {
            let readings = survey.readings();
            for (group, chosen) in groups.iter().zip(chosen) {
                if group.is_vertical || group.writing == Writing::Symbols {
                    continue;
                }
                for &line in &group.lines {
                    let seen = &survey.lines[line];
                    let Some(text) = readings.get(&(line, chosen.reader)) else {
                        continue;
                    };
                    for run in mixed::runs(&seen.sight, &seen.rect, group.writing) {
                        let Some(recogniser) = reader_of(run.writing) else {
                            continue;
                        };
                        if recogniser.is_same(&chosen.recogniser) {
                            continue;
                        }
                        if let Some(run) = mixed::at_spaces(run, text) {
                            parts.push((line, chosen.reader, run, recogniser));
                        }
                    }
                }
            }
        }
        let read = self.runtime.each_line(parts.len(), |idx, thread| {
            let (line, _, run, recogniser) = &parts[idx];
            let seen = &survey.lines[*line];
            let part = SeenLine {
                rect: mixed::part(&seen.rect, run),
                ..seen.clone()
            };
            read_line(recogniser.get(), image, &part, false, thread, options)
        });
        let mut readings = survey.readings();
        for ((line, reader, run, _), reading) in parts.iter().zip(read) {
            if let Some(text) = readings.get_mut(&(*line, *reader)) {
                mixed::replace(text, run, reading?, PART_CONFIDENCE);
            }
        }
        Ok(())
    }

    /// The first of `readers` that is at hand; PP-OCR, which always is, at the latest.
    fn choose(
        &self,
        readers: &[Reader],
        absent: &mut Vec<&'static str>,
        missing: &mut Vec<&'static str>,
    ) -> Chosen<'_> {
        let mut without = Vec::new();
        for &reader in readers {
            let Reader::Lstm(name) = reader else {
                break;
            };
            match self.shelf.get(name) {
                Shelved::Ready(recogniser) => {
                    return Chosen {
                        reader,
                        recogniser: Ready::Lstm(recogniser),
                    };
                }
                Shelved::Absent => without.push(name),
                Shelved::Unknown => {
                    missing.push(name);
                    break;
                }
            }
        }
        // Another recogniser of the same script is good enough to say nothing; PP-OCR in its place is not.
        absent.extend(without);
        Chosen {
            reader: Reader::PpOcr,
            recogniser: Ready::PpOcr(self.ppocr.as_ref()),
        }
    }

    /// The language of a group by what was read of it.
    fn language(&self, survey: &Survey, group: &Group, lines: &[usize]) -> Option<Choice> {
        if lines.is_empty() {
            return None;
        }
        let readings = survey.readings();
        let mut text = String::new();
        for ((line, _), read) in readings.iter() {
            if lines.contains(line) {
                text.push_str(&read.text());
                text.push('\n');
            }
        }
        self.identifier.identify(&text, group.writing.script())
    }
}

fn read_line(
    recogniser: &dyn Recogniser,
    image: &PageImage,
    seen: &SeenLine,
    is_turned: bool,
    run: RunOptions,
    options: &ReadOptions<'_>,
) -> Result<LineText, PageError> {
    if options.should_stop.is_some_and(|should_stop| should_stop()) {
        return Err(PageError::Cancelled);
    }
    let crop = LineCrop {
        rect: if is_turned {
            seen.rect.turned_180()
        } else {
            seen.rect
        },
        is_light_on_dark: seen.sight.light_on_dark > LIGHT_ON_DARK,
    };
    recogniser.recognise(image, &crop, run)
}

/// The lines by what they are written in, with the language that was asked for where it is written so.
fn groups(survey: &Survey, page: &PageWritings, asked: Asked, size: PpOcrSize) -> Vec<Group> {
    let main = asked.choice.map_or_else(|| page.main(), route::writing_of);
    let mut lines: BTreeMap<(Writing, bool), Vec<usize>> = BTreeMap::new();
    for (idx, seen) in survey.lines.iter().enumerate() {
        let writing = asked.narrow(page.judge(seen), &seen.sight);
        // Signs are read by PP-OCR wherever it reads the page anyway.
        let writing = if writing == Writing::Symbols && is_ppocrs(main, size) {
            main
        } else {
            writing
        };
        lines
            .entry((writing, seen.is_vertical))
            .or_default()
            .push(idx);
    }
    lines
        .into_iter()
        .map(|((writing, is_vertical), mut lines)| {
            let length = |idx: &usize| {
                let rect = &survey.lines[*idx].rect;
                rect.length_heights()
            };
            lines.sort_by(|a, b| length(b).total_cmp(&length(a)));
            let language = asked
                .choice
                .filter(|&choice| route::writing_of(choice) == writing);
            Group {
                writing,
                is_vertical,
                lines,
                language,
            }
        })
        .collect()
}

fn is_ppocrs(writing: Writing, size: PpOcrSize) -> bool {
    route::readers(writing, false, None, size).first() == Some(&Reader::PpOcr)
}

/// The lines of a group that are read first, to learn its language; none where the language is known or makes no difference.
fn probe(group: &Group, survey: &Survey, size: PpOcrSize) -> Vec<usize> {
    if group.language.is_some() || !route::language_matters(group.writing, size) {
        return Vec::new();
    }
    let mut length = 0.0;
    let enough = |idx: &&usize| {
        let rect = &survey.lines[**idx].rect;
        let is_wanted = length < PROBE_HEIGHTS;
        length += rect.length_heights();
        is_wanted
    };
    group.lines.iter().take_while(enough).copied().collect()
}

/// The group that most of the page belongs to, signs left aside.
fn home(groups: &[Group], survey: &Survey) -> Option<usize> {
    let length = |group: &Group| -> f32 {
        let rects = group.lines.iter().map(|&line| &survey.lines[line].rect);
        rects.map(|rect| rect.length_heights()).sum()
    };
    (0..groups.len())
        .filter(|&idx| groups[idx].writing != Writing::Symbols)
        .max_by(|&a, &b| length(&groups[a]).total_cmp(&length(&groups[b])))
}
