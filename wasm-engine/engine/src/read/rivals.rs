//! Where the look of a group of lines leaves a doubt: some of its lines are read for other writings, too, and the best reading decides.

use std::collections::BTreeMap;

use ocr_chat_language::{PpOcrSize, Script};

use super::route;
use super::survey::Survey;
use super::{Group, LineReaders, is_ppocrs};
use crate::classify::Writing;
use crate::error::PageError;
use crate::pipeline::ReadOptions;
use crate::raster::PageImage;

/// Share of a group's look that speaks for another writing, from which some of its lines are read for that, too.
const RIVAL_SHARE: f32 = 0.03;

/// The same where the group's own writing reads badly.
const WEAK_RIVAL_SHARE: f32 = 0.002;

/// Mean confidence from which the lines that are read of a group read well.
const SAMPLE_CONFIDENCE: f32 = 0.93;

/// How much more confidently a rival must read to win.
const RIVAL_GAIN: f32 = 0.03;

/// Below this length, in line heights, all that is in a writing may be capitals that Latin has, too.
const SHORT_HEIGHTS: f32 = 20.0;

/// What a Latin reading of so little text is given: TOTAL is taken for English rather than for Greek.
const LATIN_WORD_GAIN: f32 = 0.06;

/// The same for broken type, which is rare, and which bad typewriting looks like.
const FRAKTUR_LATIN_GAIN: f32 = 0.2;

const LATIN: Writing = Writing::Script(Script::Latn);

impl LineReaders {
    /// Where the look of a group leaves a doubt, or some of its lines do not read well, reads these lines for other writings, too; the
    /// best reading decides.
    pub(super) fn settle(
        &self,
        image: &PageImage,
        survey: &Survey,
        groups: Vec<Group>,
        options: &ReadOptions<'_>,
    ) -> Result<Vec<Group>, PageError> {
        let own = self.samples(image, survey, &groups, options)?;
        let mut rivals = Vec::new();
        let mut of_group = Vec::new();
        for (idx, (group, confidence)) in groups.iter().zip(&own).enumerate() {
            for writing in rival_writings(group, survey, *confidence, self.size) {
                of_group.push(idx);
                rivals.push(Group {
                    writing,
                    lines: group.lines.clone(),
                    ..*group
                });
            }
        }
        if rivals.is_empty() {
            return Ok(groups);
        }
        let confidences = self.samples(image, survey, &rivals, options)?;
        let mut best: Vec<(f32, Writing)> = groups
            .iter()
            .zip(own)
            .map(|(group, confidence)| (confidence + RIVAL_GAIN, group.writing))
            .collect();
        for ((idx, rival), confidence) in of_group.into_iter().zip(&rivals).zip(confidences) {
            let is_latin_word = rival.writing == LATIN && is_short(&groups[idx], survey);
            let bonus = match groups[idx].writing {
                Writing::Fraktur => FRAKTUR_LATIN_GAIN,
                _ if is_latin_word => LATIN_WORD_GAIN,
                _ => 0.0,
            };
            let confidence = confidence + bonus;
            if confidence > best[idx].0 {
                best[idx] = (confidence, rival.writing);
            }
        }
        let mut settled: BTreeMap<(Writing, bool), Group> = BTreeMap::new();
        for (group, (_, writing)) in groups.into_iter().zip(best) {
            match settled.get_mut(&(writing, group.is_vertical)) {
                Some(other) => other.lines.extend(group.lines),
                None => {
                    settled.insert((writing, group.is_vertical), Group { writing, ..group });
                }
            }
        }
        Ok(settled.into_values().collect())
    }
}

/// The writings that a group may be in instead of its own: the next by its look, and, where its own reads badly, those that look alike.
fn rival_writings(
    group: &Group,
    survey: &Survey,
    confidence: f32,
    size: PpOcrSize,
) -> Vec<Writing> {
    // Nothing can read better than this by as much as is asked.
    let is_settled = confidence + RIVAL_GAIN >= 1.0;
    if group.is_vertical || group.writing == Writing::Symbols {
        return Vec::new();
    }
    let is_latin_style = group.writing == Writing::Fraktur;
    if (is_short(group, survey) || is_latin_style) && !is_ppocrs(group.writing, size) {
        return vec![LATIN];
    }
    if is_settled {
        return Vec::new();
    }
    let mut shares = vec![0.0_f32; Writing::ALL.len()];
    let mut total = 0.0;
    for &line in &group.lines {
        let seen = &survey.lines[line];
        let length = seen.rect.length_heights();
        total += length;
        for (share, probability) in shares.iter_mut().zip(&seen.sight.writing) {
            *share += length * probability;
        }
    }
    let reads_well = confidence >= SAMPLE_CONFIDENCE;
    let least = total
        * if reads_well {
            RIVAL_SHARE
        } else {
            WEAK_RIVAL_SHARE
        };
    let mut ranked: Vec<(Writing, f32)> = Writing::ALL.into_iter().zip(shares).collect();
    ranked.retain(|(_, share)| *share > least);
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    let by_look = ranked.into_iter().map(|(writing, _)| writing);
    let alike = route::look_alike(group.writing).filter(|_| !reads_well);
    let usual = route::readers(group.writing, false, None, size);
    let mut rivals: Vec<Writing> = Vec::new();
    for writing in alike.into_iter().chain(by_look.take(3)) {
        let is_other = writing != group.writing && writing != Writing::Symbols;
        let is_read_otherwise = route::readers(writing, false, None, size).first() != usual.first();
        if is_other && is_read_otherwise && !rivals.contains(&writing) {
            rivals.push(writing);
        }
    }
    rivals.truncate(if reads_well { 1 } else { 2 });
    rivals
}

fn is_short(group: &Group, survey: &Survey) -> bool {
    let rects = group.lines.iter().map(|&line| &survey.lines[line].rect);
    let length: f32 = rects.map(|rect| rect.length_heights()).sum();
    length < SHORT_HEIGHTS && !group.is_vertical
}
