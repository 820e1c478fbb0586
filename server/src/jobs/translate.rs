//! Translates a page that was read: its blocks, each in its own language, into the job's.

use std::collections::BTreeMap;

use ocr_chat_document::{Block, BlockKind, Page, Translation, Warning, WarningCode};
use ocr_chat_vision::translate::Task;

use crate::jobs::Jobs;

/// What a job is translated into, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranslationUse {
    /// The language, a BCP 47 tag.
    pub to: String,
    /// Whose the translator is: `server`, or the name of a provider elsewhere.
    pub at: String,
}

/// The passages of a block: of a table its cells, of a field its label and its value. None for what is no language.
fn passages(block: &Block) -> Vec<String> {
    match (&block.table, block.kind) {
        (_, BlockKind::Figure | BlockKind::Formula | BlockKind::PageNumber) => Vec::new(),
        (Some(table), _) => table.cells.iter().map(|cell| cell.text.clone()).collect(),
        (None, BlockKind::KeyValue) => block.text.split('\t').map(str::to_owned).collect(),
        _ => vec![block.text_without_marker().to_owned()],
    }
}

/// Whether there is anything to translate in a passage.
fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

/// Gives the blocks of `page` their translations. What cannot be translated stays without one, and the page says how much that is.
pub(super) async fn translate(
    jobs: &Jobs,
    wanted: &TranslationUse,
    language: &str,
    page: &mut Page,
) {
    let asked = ocr_chat_language::choose(language)
        .ok()
        .flatten()
        .map(|choice| choice.language.tag);
    let to_name =
        ocr_chat_language::by_tag(&wanted.to).map_or(wanted.to.as_str(), |language| language.name);
    // Passages of each language together: block, number of the passage in it, text.
    let mut groups: BTreeMap<Option<String>, Vec<(usize, usize, String)>> = BTreeMap::new();
    for (idx, block) in page.blocks.iter().enumerate() {
        let from = block
            .detected_language
            .as_deref()
            .or(page.detected_language.as_deref())
            .or(asked);
        if from.is_some_and(|from| primary(from) == primary(&wanted.to)) {
            continue;
        }
        for (number, text) in passages(block).into_iter().enumerate() {
            if has_words(&text) {
                groups
                    .entry(from.map(str::to_owned))
                    .or_default()
                    .push((idx, number, text));
            }
        }
    }
    // An error would say that there are no places any more, which never is.
    let _place = jobs.translators.places.acquire().await;
    let mut found: BTreeMap<usize, BTreeMap<usize, Option<String>>> = BTreeMap::new();
    for (from, group) in groups {
        let texts: Vec<String> = group.iter().map(|(_, _, text)| text.clone()).collect();
        let mut translated = vec![None; texts.len()];
        if let Some(translator) = jobs
            .translators
            .of_job(&wanted.at, from.as_deref(), &wanted.to)
            .await
        {
            let task = Task {
                texts: &texts,
                from: from.as_deref(),
                to: &wanted.to,
                to_name,
            };
            match translator.translate(task).await {
                Ok(done) => translated = done.texts,
                Err(error) => tracing::warn!(%error, "a page was not translated"),
            }
        }
        for ((idx, number, _), text) in group.into_iter().zip(translated) {
            found.entry(idx).or_default().insert(number, text);
        }
    }
    let (mut n_wanted, mut n_missing) = (0, 0);
    for (idx, texts) in found {
        n_wanted += 1;
        let is_whole = texts.values().all(Option::is_some);
        n_missing += usize::from(!is_whole);
        // Half a sentence helps nobody; a table with a cell as it was does.
        let block = &mut page.blocks[idx];
        if is_whole || (block.table.is_some() && texts.values().any(Option::is_some)) {
            block.translation = Some(translation(block, &wanted.to, texts));
        }
    }
    if n_missing > 0 {
        let message = format!(
            "{n_missing} of {n_wanted} blocks could not be translated and stand as they are"
        );
        page.warnings
            .push(Warning::new(WarningCode::TranslationIncomplete, message));
    }
}

fn translation(block: &Block, to: &str, mut texts: BTreeMap<usize, Option<String>>) -> Translation {
    let mut parts = passages(block);
    for (number, part) in parts.iter_mut().enumerate() {
        if let Some(Some(text)) = texts.remove(&number) {
            *part = text;
        }
    }
    let (text, cells) = match (&block.table, block.kind, &block.marker) {
        (Some(table), _, _) => {
            let mut table = table.clone();
            for (cell, text) in table.cells.iter_mut().zip(&parts) {
                cell.text.clone_from(text);
            }
            (table.text(), parts)
        }
        (None, BlockKind::KeyValue, _) => (parts.join("\t"), Vec::new()),
        (None, _, Some(marker)) => (format!("{marker} {}", parts.concat()), Vec::new()),
        _ => (parts.concat(), Vec::new()),
    };
    Translation {
        language: to.to_owned(),
        text,
        cells,
    }
}
