//! Pages that this device read badly, read again on the server: offered, never taken.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use ocr_chat_document::{
    Answer, AnswerPage, BlockKind, JobStatus, Page, PageStatus, Tier, WarningCode,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, AbortSignal};

use super::document::{Doc, DocStatus};
use super::keeping::Write;
use crate::api::server::{self, Wanted};
use crate::messages::Problem;
use crate::settings::Place;

/// Pause between two questions, in milliseconds.
const POLL_MS: u32 = 1_000;

/// Why another reading of a page may be better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weakness {
    /// Many letters are uncertain, as with handwriting and faint print.
    Uncertain,
    /// A table was seen, and not its cells.
    Table,
    /// Something is in a script that this device has no reader for.
    Script,
    /// The page could not be read at all.
    Unread,
}

/// Why another reading of `page` may be better; `None` where there is no such reason.
pub(crate) fn weakness(page: &Page) -> Option<Weakness> {
    let has = |code: WarningCode| page.warnings.iter().any(|warning| warning.code == code);
    let has_bare_table = || {
        page.blocks
            .iter()
            .any(|block| block.kind == BlockKind::Table && block.table.is_none())
    };
    if page.status == PageStatus::Failed {
        Some(Weakness::Unread)
    } else if has(WarningCode::RecogniserMissing) {
        Some(Weakness::Script)
    } else if has(WarningCode::LowConfidence) {
        Some(Weakness::Uncertain)
    } else if has_bare_table() {
        Some(Weakness::Table)
    } else {
        None
    }
}

/// Pages that are offered to the server, from 0, with the reasons. Reactive.
pub(crate) fn weak_pages(doc: Doc) -> BTreeMap<u32, Weakness> {
    if doc.place == Place::Server || doc.status.get() != DocStatus::Done {
        return BTreeMap::new();
    }
    let handed_over = doc.keeping.handed_over.get();
    doc.pages.with(|pages| {
        let pages = (0_u32..).zip(pages);
        let weak = pages.filter_map(|(index, slot)| {
            let weak = slot
                .page
                .with(|page| page.as_ref().and_then(|page| weakness(page)))?;
            (!handed_over.contains(&index)).then_some((index, weak))
        });
        weak.collect()
    })
}

/// How far a hand-off is.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) enum HandOffStep {
    /// Offered, where there is something to offer.
    #[default]
    Offered,
    /// Not wanted in this visit.
    Declined,
    /// The file is on its way.
    Sending,
    /// The server reads: how many of how many pages it has.
    Reading { n_done: usize, n_pages: usize },
    /// It came to nothing; what this device read stands.
    Failed(Problem),
}

impl HandOffStep {
    /// Whether it is under way.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Self::Sending | Self::Reading { .. })
    }
}

/// The hand-off of a document. A handle, as the document.
#[derive(Clone, Copy)]
pub(crate) struct HandOff {
    pub(crate) step: RwSignal<HandOffStep>,
    request: StoredValue<Option<AbortController>, LocalStorage>,
}

impl HandOff {
    pub(super) fn new() -> Self {
        Self {
            step: RwSignal::new(HandOffStep::default()),
            request: StoredValue::new_local(None),
        }
    }
}

/// Sends the document and has the server read `indexes` of its pages, counted from 0.
pub(crate) fn start(doc: Doc, indexes: BTreeSet<u32>, tier: Tier) {
    let hand_off = doc.keeping.hand_off;
    let Ok(controller) = AbortController::new() else {
        return;
    };
    let signal = controller.signal();
    hand_off.request.set_value(Some(controller));
    hand_off.step.set(HandOffStep::Sending);
    spawn_local(async move {
        let read = read(doc, &indexes, tier, &signal).await;
        if signal.aborted() {
            return;
        }
        hand_off.request.set_value(None);
        hand_off.step.set(match read {
            Ok(answer) => {
                let n_taken = take(doc, &indexes, answer);
                if n_taken == 0 {
                    HandOffStep::Failed(Problem::new("job_failed", ""))
                } else {
                    HandOffStep::Offered
                }
            }
            Err(problem) => HandOffStep::Failed(problem),
        });
    });
}

/// Stops a hand-off; what the server has of it is deleted.
pub(crate) fn cancel(doc: Doc) {
    let hand_off = doc.keeping.hand_off;
    hand_off.request.update_value(|request| {
        if let Some(request) = request.take() {
            request.abort();
        }
    });
    hand_off.step.set(HandOffStep::Offered);
}

async fn read(
    doc: Doc,
    indexes: &BTreeSet<u32>,
    tier: Tier,
    signal: &AbortSignal,
) -> Result<Answer, Problem> {
    let file = doc.file.get_value();
    let language = doc.language.get_value();
    let is_whole = doc.pages.with_untracked(Vec::len) == indexes.len();
    let wanted = Wanted {
        language: &language,
        tier,
        pages: (!is_whole).then(|| page_list(indexes)),
    };
    let mut answer = server::submit(&file, &wanted, signal).await?;
    while !answer.status.is_finished() {
        let Some(uuid) = answer.uuid.clone() else {
            return Err(Problem::new("bad_answer", ""));
        };
        let n_done = answer.pages.iter().filter(|page| is_read(page)).count();
        let step = HandOffStep::Reading {
            n_done,
            n_pages: indexes.len(),
        };
        doc.keeping.hand_off.step.set(step);
        TimeoutFuture::new(POLL_MS).await;
        if signal.aborted() {
            server::delete(&uuid).await;
            return Err(Problem::new("cancelled", ""));
        }
        match server::job(&uuid, signal).await {
            Ok(next) => answer = next,
            // A train in a tunnel should not lose it.
            Err(problem) if problem.code == "server_offline" && !signal.aborted() => {}
            Err(problem) => return Err(problem),
        }
    }
    if let Some(uuid) = &answer.uuid {
        // The pages are here now: nothing of the document needs to stay there.
        server::delete(uuid).await;
    }
    match answer.status {
        JobStatus::Failed => Err(Problem::new(
            "job_failed",
            answer.error.as_deref().unwrap_or_default(),
        )),
        _ => Ok(answer),
    }
}

fn is_read(page: &AnswerPage) -> bool {
    matches!(page.page.status, PageStatus::Done | PageStatus::Blank)
}

/// Puts the server's pages in place of this device's, which are kept, and says how many.
fn take(doc: Doc, indexes: &BTreeSet<u32>, answer: Answer) -> usize {
    let mut n_taken = 0;
    for answer_page in answer.pages {
        let index = answer_page.page.index;
        let Some(slot) = doc.slot(index) else {
            continue;
        };
        if !is_read(&answer_page) || !indexes.contains(&index) {
            continue;
        }
        let Some(own) = slot.page.get_untracked() else {
            continue;
        };
        doc.keeping.originals.update(|originals| {
            originals.entry(index).or_insert(own);
        });
        doc.keeping.write(Write::Original(doc, index));
        slot.page.set(Some(Arc::new(answer_page.page)));
        doc.keeping.handed_over.update(|all| {
            all.insert(index);
        });
        n_taken += 1;
    }
    n_taken
}

/// Puts back what this device had read.
pub(crate) fn undo(doc: Doc) {
    let originals = doc.keeping.originals.get_untracked();
    doc.keeping.originals.set(BTreeMap::new());
    for (index, page) in originals {
        if let Some(slot) = doc.slot(index) {
            slot.page.set(Some(page));
        }
        doc.keeping.write(Write::Original(doc, index));
    }
    doc.keeping.handed_over.set(BTreeSet::new());
    // Who takes it back does not want the offer again at once.
    doc.keeping.hand_off.step.set(HandOffStep::Declined);
}

/// The pages as the API takes them, from 1: `2,5-7`.
fn page_list(indexes: &BTreeSet<u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &index in indexes {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == index => *last = index,
            _ => ranges.push((index, index)),
        }
    }
    let ranges: Vec<String> = ranges
        .into_iter()
        .map(|(first, last)| match first == last {
            true => (first + 1).to_string(),
            false => format!("{}-{}", first + 1, last + 1),
        })
        .collect();
    ranges.join(",")
}

#[cfg(test)]
mod tests {
    use ocr_chat_document::Warning;

    use super::*;

    #[test]
    fn pages_are_listed_as_the_api_takes_them() {
        assert_eq!(page_list(&BTreeSet::from([1, 4, 5, 6, 9])), "2,5-7,10");
        assert_eq!(page_list(&BTreeSet::from([0])), "1");
    }

    #[test]
    fn only_pages_with_a_reason_are_weak() {
        let mut page = Page::pending(0);
        page.status = PageStatus::Done;
        assert_eq!(weakness(&page), None);
        page.warnings
            .push(Warning::new(WarningCode::TextLayerUsed, ""));
        assert_eq!(weakness(&page), None);
        page.warnings
            .push(Warning::new(WarningCode::LowConfidence, ""));
        assert_eq!(weakness(&page), Some(Weakness::Uncertain));
        assert_eq!(weakness(&Page::failed(0, "x")), Some(Weakness::Unread));
        let mut blank = Page::pending(0);
        blank.status = PageStatus::Blank;
        assert_eq!(weakness(&blank), None);
    }
}
