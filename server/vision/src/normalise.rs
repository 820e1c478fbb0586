//! From what a model told to a page: boxes, lines and confidences for every block, and nothing that is not on the page.
//!
//! The confidence of a block is `0.5 + 0.5 * a * m`, between 0.5 and 1: `a` is the share of its characters whose words the local engine
//! read there, too, `m` the mean confidence that it read them with. 0.5 says that nobody confirms the model, which is usual for handwriting.

use ocr_chat_document::{
    BBox, Block, BlockKind, Line, Page, PageStatus, Point, ReadBy, Table, Warning, WarningCode,
    Word,
};

use crate::align::{self, LocalWords};
use crate::latex;
use crate::model::{ModelReading, PlacedBlock, ReadError};
use crate::picture::Picture;

/// Confidence of what nobody confirms, and how much confirmation adds.
const UNCONFIRMED: f32 = 0.5;

/// Share of pixels that must be ink under a block, 0 to 1: the thinnest text has 1 %; dust and the edge of a scan have less.
const MIN_INK: f32 = 0.002;

/// Share of a block's characters that the local engine must have read, too, for the two to speak of the same: by chance, common words
/// agree on a tenth.
const MIN_AGREEMENT: f32 = 0.15;

/// Mean confidence from which the local reading is proof against the model's, 0 to 1. Clean print is read with 0.95, handwriting with 0.6.
const SURE: f32 = 0.85;

/// Words from which the local reading of a page is proof against the model's, by their number.
const MIN_PROOF_WORDS: usize = 12;

/// Share of the surely read words of a page that the model must have, too: less is another text, or the start of it.
const MIN_COVERED: f32 = 0.35;

/// A block on its way to the page.
struct Draft {
    placed: PlacedBlock,
    /// The words of its text.
    words: Vec<String>,
    /// For each, the local word that it is.
    pairs: Vec<Option<usize>>,
    /// Share of its characters that are paired, 0 to 1.
    agreement: f32,
    bbox: Option<BBox>,
}

/// The page of a model's reading, with the local reading's facts.
///
/// # Errors
/// [`ReadError::Invented`] when the answer has little to do with the page, [`ReadError::Unusable`] when nothing of it is left.
pub fn normalise(
    reading: ModelReading,
    local: &Page,
    picture: &Picture,
) -> Result<Page, ReadError> {
    let words = LocalWords::of(local);
    let mut drafts = Vec::with_capacity(reading.blocks.len());
    let mut behind = 0;
    for placed in reading.blocks {
        drafts.push(draft(placed, &words, &mut behind));
    }
    check_whole(&drafts, &words)?;
    let n_before = drafts.len();
    place_the_rest(&mut drafts, local);
    let mut n_doubtful = 0;
    let is_sure = local.mean_confidence.is_some_and(|mean| mean >= SURE)
        && words.words.len() >= MIN_PROOF_WORDS;
    drafts.retain(|draft| {
        let Some(bbox) = draft.bbox else { return false };
        if picture.ink(bbox) < MIN_INK {
            return false;
        }
        let is_text = !draft.words.is_empty() && draft.placed.block.kind != BlockKind::Formula;
        if !is_text || draft.agreement >= MIN_AGREEMENT {
            return true;
        }
        // Nothing confirms it. Without a box of its own, and against a sure reading, it is made up.
        if draft.placed.bbox.is_none() && is_sure {
            return false;
        }
        n_doubtful += 1;
        true
    });
    let n_dropped = n_before - drafts.len();
    if drafts.is_empty() && !words.is_empty() {
        return Err(ReadError::Unusable);
    }
    let mut page = local.clone();
    page.blocks = drafts
        .into_iter()
        .filter_map(|draft| block(draft, &words, local))
        .collect();
    page.status = if page.blocks.is_empty() {
        PageStatus::Blank
    } else {
        PageStatus::Done
    };
    // Nothing that the model read is left of a blank page: it costs what it did.
    if page.status == PageStatus::Done {
        page.read_by = ReadBy::Model;
    }
    page.mean_confidence = page.compute_mean_confidence();
    // What was said of the local text is not true of this one.
    page.warnings.retain(|warning| {
        !matches!(
            warning.code,
            WarningCode::LowConfidence | WarningCode::RecogniserMissing | WarningCode::Blank
        )
    });
    if page.detected_language.is_none() {
        page.detected_language = reading.language;
    }
    if n_dropped > 0 {
        page.warnings.push(Warning::new(
            WarningCode::ModelTextDropped,
            format!("{n_dropped} blocks of the model's answer stand nowhere on the page and were left out"),
        ));
    }
    if n_doubtful > 0 {
        page.warnings.push(Warning::new(
            WarningCode::ModelTextUnconfirmed,
            format!("{n_doubtful} blocks are the model's alone: the local engine read something else there"),
        ));
    }
    if reading.is_damaged {
        page.warnings.push(Warning::new(
            WarningCode::ModelAnswerDamaged,
            "the model's answer breaks off or is damaged; some of the page may be missing",
        ));
    }
    Ok(page)
}

fn text_of(block: &crate::parse::ParsedBlock) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    match &block.table {
        Some(table) => {
            for cell in &table.cells {
                texts.extend(align::words(&cell.text).into_iter().map(str::to_owned));
            }
        }
        None => texts.extend(align::words(&block.text).into_iter().map(str::to_owned)),
    }
    texts
}

fn draft(placed: PlacedBlock, local: &LocalWords, behind: &mut usize) -> Draft {
    let words = text_of(&placed.block);
    let keys: Vec<String> = words.iter().map(|word| align::key(word)).collect();
    let share = |pairs: &[Option<usize>]| {
        let chars = |word: &String| word.chars().count();
        let total: usize = words.iter().map(chars).sum();
        let paired: usize = words
            .iter()
            .zip(pairs)
            .filter(|(_, pair)| pair.is_some())
            .map(|(word, _)| chars(word))
            .sum();
        paired as f32 / total.max(1) as f32
    };
    let mut pairs = vec![None; words.len()];
    let mut bbox = placed.bbox;
    if let Some(bbox) = placed.bbox {
        pairs = local.pairs(&keys, &local.inside(bbox));
    }
    // Where the box is not given, or holds something else: where the words stand.
    if share(&pairs) < MIN_AGREEMENT
        && let Some(stretch) = local.stretch(&keys, *behind)
    {
        let candidates: Vec<usize> = stretch.collect();
        let found = local.pairs(&keys, &candidates);
        let needed = if placed.bbox.is_some() {
            0.6
        } else {
            MIN_AGREEMENT
        };
        if share(&found) >= needed {
            bbox = BBox::union_of(found.iter().flatten().map(|idx| local.words[*idx].bbox));
            pairs = found;
        }
    }
    if let Some(last) = pairs.iter().rev().find_map(|pair| *pair) {
        *behind = last + 1;
    }
    Draft {
        agreement: share(&pairs),
        placed,
        words,
        pairs,
        bbox,
    }
}

/// Refuses an answer that leaves out most of what is surely on the page: it is of something else, or obeys what the page says.
fn check_whole(drafts: &[Draft], local: &LocalWords) -> Result<(), ReadError> {
    let sure = |confidence: f32| confidence >= SURE;
    let n_sure = local
        .words
        .iter()
        .filter(|word| sure(word.confidence))
        .count();
    if n_sure < MIN_PROOF_WORDS {
        return Ok(());
    }
    let mut found: Vec<usize> = drafts
        .iter()
        .flat_map(|draft| draft.pairs.iter().flatten().copied())
        .collect();
    found.sort_unstable();
    found.dedup();
    let n_found = found
        .iter()
        .filter(|idx| sure(local.words[**idx].confidence))
        .count();
    if (n_found as f32) < n_sure as f32 * MIN_COVERED {
        return Err(ReadError::Invented);
    }
    Ok(())
}

/// Boxes for what was found nowhere: a picture takes a figure of the local engine, text the local lines between its neighbours that nobody took.
fn place_the_rest(drafts: &mut [Draft], local: &Page) {
    let mut figures = local
        .blocks
        .iter()
        .filter(|block| block.kind == BlockKind::Figure)
        .map(|block| block.bbox);
    let taken: Vec<BBox> = drafts.iter().filter_map(|draft| draft.bbox).collect();
    let free: Vec<BBox> = local
        .blocks
        .iter()
        .flat_map(|block| &block.lines)
        .map(|line| line.bbox)
        .filter(|line| !taken.iter().any(|bbox| bbox.holds_middle_of(*line)))
        .collect();
    for idx in 0..drafts.len() {
        if drafts[idx].bbox.is_some() {
            continue;
        }
        if drafts[idx].placed.block.kind == BlockKind::Figure {
            drafts[idx].bbox = figures.next();
            continue;
        }
        let above = drafts[..idx].iter().rev().find_map(|draft| draft.bbox);
        let below = drafts[idx + 1..].iter().find_map(|draft| draft.bbox);
        let top = above.map_or(0, |bbox| bbox.y1);
        let bottom = below.map_or(i32::MAX, |bbox| bbox.y0);
        let between = free.iter().copied().filter(|line| {
            let middle = i32::midpoint(line.y0, line.y1);
            (top.min(bottom)..=bottom.max(top)).contains(&middle)
        });
        drafts[idx].bbox = BBox::union_of(between);
    }
}

fn block(draft: Draft, local: &LocalWords, page: &Page) -> Option<Block> {
    let bbox = draft.bbox?;
    let parsed = draft.placed.block;
    let lines = if parsed.kind == BlockKind::Figure {
        // Its labels are the local engine's.
        page.blocks
            .iter()
            .filter(|block| block.kind == BlockKind::Figure && bbox.overlaps(block.bbox))
            .flat_map(|block| block.lines.clone())
            .collect()
    } else if draft.pairs.iter().any(Option::is_some) {
        paired_lines(&draft.words, &draft.pairs, local)
    } else {
        plain_lines(&parsed.text, bbox)
    };
    let confirmed: Vec<f32> = draft
        .pairs
        .iter()
        .flatten()
        .map(|idx| local.words[*idx].confidence)
        .collect();
    let mean = confirmed.iter().sum::<f32>() / confirmed.len().max(1) as f32;
    let confidence = UNCONFIRMED + (1.0 - UNCONFIRMED) * draft.agreement * mean;
    let has_text = !parsed.text.is_empty();
    let covered =
        BBox::union_of(lines.iter().map(|line| line.bbox)).filter(|_| draft.placed.bbox.is_none());
    let bbox = covered.unwrap_or(bbox);
    let table = parsed
        .table
        .map(|table| with_boxes(table, bbox, &draft.pairs, local));
    let language = page
        .blocks
        .iter()
        .filter(|block| block.bbox.overlaps(bbox))
        .find_map(|block| block.detected_language.clone());
    let mut block = Block {
        bbox,
        confidence: has_text.then(|| ocr_chat_document::block::round_confidence(confidence)),
        detected_language: language
            .or_else(|| page.detected_language.clone())
            .filter(|_| has_text),
        level: parsed.level,
        marker: parsed.marker,
        table,
        ..Block::new(parsed.kind, parsed.text, lines)
    };
    if block.kind == BlockKind::Formula {
        write_formula(&mut block, page);
    }
    Some(block)
}

/// What the model wrote of a formula as its LaTeX, where it is LaTeX; otherwise what the local engine read there, so that the picture speaks.
fn write_formula(block: &mut Block, page: &Page) {
    if let Ok(latex) = latex::checked(&block.text) {
        block.set_latex(latex);
        return;
    }
    let lines: Vec<Line> = page
        .blocks
        .iter()
        .flat_map(|local| &local.lines)
        .filter(|line| block.bbox.holds_middle_of(line.bbox))
        .cloned()
        .collect();
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let bbox = block.bbox;
    *block = Block {
        bbox,
        detected_language: block.detected_language.clone(),
        ..Block::new(BlockKind::Formula, texts.join("\n"), lines)
    };
}

fn line(text: String, bbox: BBox, words: Vec<Word>) -> Line {
    let corner = |x, y| Point { x, y };
    let confidence = ocr_chat_document::block::mean_confidence(
        words
            .iter()
            .map(|word| (word.text.as_str(), Some(word.confidence))),
    );
    Line {
        text,
        bbox,
        polygon: [
            corner(bbox.x0, bbox.y0),
            corner(bbox.x1, bbox.y0),
            corner(bbox.x1, bbox.y1),
            corner(bbox.x0, bbox.y1),
        ],
        confidence,
        words,
    }
}

/// The model's words on the local lines on which they stand. One without a pair stands behind the one before it.
fn paired_lines(words: &[String], pairs: &[Option<usize>], local: &LocalWords) -> Vec<Line> {
    let first = pairs
        .iter()
        .flatten()
        .next()
        .map_or(0, |idx| local.words[*idx].line_idx);
    let mut on_line = first;
    let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
    for (at, pair) in pairs.iter().enumerate() {
        if let Some(idx) = pair {
            on_line = local.words[*idx].line_idx;
        }
        match groups.last_mut() {
            Some((line_idx, group)) if *line_idx == on_line => group.push(at),
            _ => groups.push((on_line, vec![at])),
        }
    }
    groups
        .into_iter()
        .map(|(line_idx, group)| one_line(words, pairs, local, local.lines[line_idx], &group))
        .collect()
}

fn one_line(
    words: &[String],
    pairs: &[Option<usize>],
    local: &LocalWords,
    bbox: BBox,
    group: &[usize],
) -> Line {
    let mut placed: Vec<Word> = Vec::with_capacity(group.len());
    let mut at = 0;
    while at < group.len() {
        if let Some(idx) = pairs[group[at]] {
            let found = &local.words[idx];
            placed.push(Word {
                text: words[group[at]].clone(),
                bbox: found.bbox,
                confidence: ocr_chat_document::block::round_confidence(
                    UNCONFIRMED + (1.0 - UNCONFIRMED) * found.confidence,
                ),
            });
            at += 1;
            continue;
        }
        // A run without pairs shares the room between its neighbours.
        let run = group[at..]
            .iter()
            .take_while(|word| pairs[**word].is_none())
            .count();
        let left = placed.last().map_or(bbox.x0, |word| word.bbox.x1);
        let right = group
            .get(at + run)
            .and_then(|word| pairs[*word])
            .map_or(bbox.x1, |idx| local.words[idx].bbox.x0);
        let room = BBox {
            x0: left.min(right),
            x1: right.max(left),
            ..bbox
        };
        let texts: Vec<&str> = group[at..at + run]
            .iter()
            .map(|word| words[*word].as_str())
            .collect();
        for (text, bbox) in texts.iter().zip(align::split_along(room, &texts)) {
            placed.push(Word {
                text: (*text).to_owned(),
                bbox,
                confidence: UNCONFIRMED,
            });
        }
        at += run;
    }
    line(
        joined(placed.iter().map(|word| word.text.as_str())),
        bbox,
        placed,
    )
}

/// Words with spaces between them, but for scripts that are written without.
fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for word in words {
        let is_tight = |c: Option<char>| c.is_some_and(align::is_spaceless);
        let belongs = is_tight(text.chars().next_back()) && is_tight(word.chars().next());
        if !(text.is_empty() || belongs) {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// Lines of a text that nobody confirms, one below the other in its box.
fn plain_lines(text: &str, bbox: BBox) -> Vec<Line> {
    let texts: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let n = i32::try_from(texts.len()).unwrap_or(i32::MAX).max(1);
    let y = |idx: i32| bbox.y0 + (i64::from(bbox.height()) * i64::from(idx) / i64::from(n)) as i32;
    texts
        .iter()
        .zip(0..)
        .map(|(text, idx)| {
            let bbox = BBox {
                y0: y(idx),
                y1: y(idx + 1),
                ..bbox
            };
            let parts = align::words(text);
            let words = parts
                .iter()
                .zip(align::split_along(bbox, &parts))
                .map(|(word, bbox)| Word {
                    text: (*word).to_owned(),
                    bbox,
                    confidence: UNCONFIRMED,
                });
            line((*text).to_owned(), bbox, words.collect())
        })
        .collect()
}

/// A box for each cell: around its words, or its part of the table.
fn with_boxes(mut table: Table, bbox: BBox, pairs: &[Option<usize>], local: &LocalWords) -> Table {
    let (rows, columns) = (
        i64::from(table.n_rows.max(1)),
        i64::from(table.n_columns.max(1)),
    );
    let mut at = 0;
    for cell in &mut table.cells {
        let n_words = align::words(&cell.text).len();
        let own = pairs.get(at..at + n_words).unwrap_or(&[]);
        at += n_words;
        let around = BBox::union_of(own.iter().flatten().map(|idx| local.words[*idx].bbox));
        let x =
            |column: u32| bbox.x0 + (i64::from(bbox.width()) * i64::from(column) / columns) as i32;
        let y = |row: u32| bbox.y0 + (i64::from(bbox.height()) * i64::from(row) / rows) as i32;
        cell.bbox = around.unwrap_or_else(|| {
            BBox::new(
                x(cell.column),
                y(cell.row),
                x(cell.column + cell.column_span),
                y(cell.row + cell.row_span),
            )
        });
    }
    table
}
