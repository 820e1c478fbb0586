//! What the parts of a shown document share: which page, line and place is looked at, and how.

use std::ops::Range;
use std::sync::Arc;

use leptos::prelude::*;
use ocr_chat_document::{BBox, Page, Part};

use super::zoom::Zoom;
use crate::find::{self, Stretch};
use crate::jobs::Doc;

/// What is shown of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Text,
    Markdown,
    Tables,
    Json,
    Ask,
}

/// Places on a page, from 0, in its pixels.
pub(super) type Spots = (usize, Vec<BBox>);

/// A place that was searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) page_idx: usize,
    pub(super) stretches: Vec<Stretch>,
}

/// A stretch that should be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Doubt {
    pub(super) page_idx: usize,
    pub(super) line_idx: usize,
    pub(super) range: Range<usize>,
}

/// The state of a shown document. A handle.
#[derive(Clone, Copy)]
pub(super) struct Viewer {
    pub(super) doc: Doc,
    /// The line that is looked at, by its number on the page in reading order.
    pub(super) active: RwSignal<Option<usize>>,
    /// Where something stands that was gone to: what an answer cites, a word to check, a table.
    pub(super) spots: RwSignal<Option<Spots>>,
    pub(super) tab: RwSignal<Tab>,
    pub(super) zoom: RwSignal<Zoom>,
    pub(super) shows_thumbnails: RwSignal<bool>,
    /// Whether the picture makes room for the text, on a phone.
    pub(super) folds_picture: RwSignal<bool>,
    /// Whether dragging on the picture copies what is inside.
    pub(super) is_picking: RwSignal<bool>,
    /// Lines chosen with the keyboard: where the choice began, and where it ends.
    pub(super) chosen: RwSignal<Option<(usize, usize)>>,
    pub(super) query: RwSignal<String>,
    pub(super) hits: Memo<Arc<Vec<Hit>>>,
    /// Which of the hits is gone to.
    pub(super) hit: RwSignal<usize>,
    pub(super) doubts: Memo<Arc<Vec<Doubt>>>,
    pub(super) shows_doubts: RwSignal<bool>,
    /// What is being corrected on the shown page: the position of the block, and what of it.
    pub(super) editing: RwSignal<Option<(usize, Part)>>,
    /// What was done last, for the screen and for screen readers.
    pub(super) told: RwSignal<String>,
}

impl Viewer {
    pub(super) fn new(doc: Doc) -> Self {
        let query = RwSignal::new(String::new());
        let hits = Memo::new(move |_| {
            let query = query.get();
            let is_empty = query.trim().is_empty();
            let hits = of_pages(doc, |page_idx, page| {
                let places = if is_empty {
                    Vec::new()
                } else {
                    find::find(page, &query)
                };
                let hit = move |stretches| Hit {
                    page_idx,
                    stretches,
                };
                places.into_iter().map(hit).collect()
            });
            Arc::new(hits)
        });
        let doubts = Memo::new(move |_| Arc::new(of_pages(doc, doubts_of)));
        Self {
            doc,
            active: RwSignal::new(None),
            spots: RwSignal::new(None),
            tab: RwSignal::new(Tab::Text),
            zoom: RwSignal::new(Zoom::Page),
            shows_thumbnails: RwSignal::new(!super::zoom::is_narrow()),
            folds_picture: RwSignal::new(false),
            is_picking: RwSignal::new(false),
            chosen: RwSignal::new(None),
            query,
            hits,
            hit: RwSignal::new(0),
            doubts,
            shows_doubts: RwSignal::new(true),
            editing: RwSignal::new(None),
            told: RwSignal::new(String::new()),
        }
    }

    /// The page that is shown, as far as it is read. Reactive.
    pub(super) fn page(&self) -> Option<Arc<Page>> {
        self.doc.shown().and_then(|slot| slot.page.get())
    }

    /// Number of pages. Reactive.
    pub(super) fn n_pages(&self) -> usize {
        self.doc.pages.with(Vec::len)
    }

    /// Shows page `page_idx`, or the last.
    pub(super) fn show_page(&self, page_idx: usize) {
        let last = self.doc.pages.with_untracked(Vec::len).saturating_sub(1);
        let page_idx = page_idx.min(last);
        if self.doc.page_idx.get_untracked() != page_idx {
            self.active.set(None);
            self.chosen.set(None);
            self.editing.set(None);
            self.doc.page_idx.set(page_idx);
        }
    }

    /// Goes to places on a page.
    pub(super) fn show_spots(&self, page_idx: usize, boxes: Vec<BBox>) {
        self.folds_picture.set(false);
        self.show_page(page_idx);
        self.spots.set(Some((page_idx, boxes)));
    }

    /// Goes to a stretch of a line of a page, in the picture and in the text.
    pub(super) fn show_stretches(&self, page_idx: usize, stretches: &[Stretch]) {
        let page = self.page_at(page_idx);
        let boxes = page
            .iter()
            .flat_map(|page| boxes(page, stretches))
            .collect();
        self.show_spots(page_idx, boxes);
        if let Some(first) = stretches.first() {
            let line_idx = first.line_idx;
            self.active.set(Some(line_idx));
            // When the page is drawn.
            request_animation_frame(move || super::page_boxes::reveal(".text-line", line_idx));
        }
    }

    /// Goes `by` hits on, around the end.
    pub(super) fn step_hit(&self, by: isize) {
        let hits = self.hits.get_untracked();
        if hits.is_empty() {
            return;
        }
        let n = hits.len() as isize;
        let at = (self.hit.get_untracked() as isize + by).rem_euclid(n) as usize;
        self.hit.set(at);
        self.show_stretches(hits[at].page_idx, &hits[at].stretches);
    }

    /// Goes to the next, or the last, stretch to check from where one is.
    pub(super) fn step_doubt(&self, is_next: bool) {
        let doubts = self.doubts.get_untracked();
        let spots = self.spots.get_untracked();
        let place = |doubt: &Doubt| (doubt.page_idx, doubt.line_idx, doubt.range.start);
        let page_idx = self.doc.page_idx.get_untracked();
        let line_idx = self.active.get_untracked();
        // On the line that is looked at, the stretch that is shown already counts as passed.
        let is_passed = |doubt: &Doubt| {
            let shown = self
                .page_at(doubt.page_idx)
                .and_then(|page| boxes(&page, std::slice::from_ref(&doubt.stretch())).next());
            let is_shown = spots
                .as_ref()
                .zip(shown)
                .is_some_and(|((page, boxes), shown)| {
                    *page == doubt.page_idx && boxes[..] == [shown]
                });
            is_shown && Some(doubt.line_idx) == line_idx && doubt.page_idx == page_idx
        };
        let from = doubts.iter().position(is_passed);
        let at = match (from, is_next) {
            (Some(at), true) => (at + 1) % doubts.len(),
            (Some(at), false) => (at + doubts.len() - 1) % doubts.len(),
            (None, true) => {
                let here = (page_idx, line_idx.unwrap_or(0), 0);
                doubts
                    .iter()
                    .position(|doubt| place(doubt) >= here)
                    .unwrap_or(0)
            }
            (None, false) => {
                let here = (page_idx, line_idx.unwrap_or(0), 0);
                let before = doubts.iter().rposition(|doubt| place(doubt) < here);
                before.unwrap_or(doubts.len().saturating_sub(1))
            }
        };
        if let Some(doubt) = doubts.get(at) {
            self.show_stretches(doubt.page_idx, &[doubt.stretch()]);
        }
    }

    /// Takes the last correction back and shows its page.
    pub(super) fn take_back(&self) {
        self.editing.set(None);
        if let Some(page_idx) = self.doc.take_back() {
            self.show_page(page_idx);
            self.told.set(ocr_chat_i18n::tr!(viewer.undone).to_owned());
        }
    }

    fn page_at(&self, page_idx: usize) -> Option<Arc<Page>> {
        let index = u32::try_from(page_idx).ok()?;
        self.doc.slot(index)?.page.get_untracked()
    }
}

impl Doubt {
    fn stretch(&self) -> Stretch {
        Stretch {
            line_idx: self.line_idx,
            range: self.range.clone(),
        }
    }
}

/// The boxes of `stretches` on `page`, one each.
pub(super) fn boxes(page: &Page, stretches: &[Stretch]) -> impl Iterator<Item = BBox> {
    stretches.iter().filter_map(|stretch| {
        let (_, _, line) = find::lines(page).nth(stretch.line_idx)?;
        Some(line.bbox_of(&stretch.range))
    })
}

/// What `of` makes of all pages that are read. Reactive.
fn of_pages<T>(doc: Doc, mut of: impl FnMut(usize, &Page) -> Vec<T>) -> Vec<T> {
    doc.pages.with(|slots| {
        let pages = slots.iter().enumerate();
        pages
            .flat_map(|(page_idx, slot)| {
                slot.page
                    .with(|page| page.as_ref().map(|page| of(page_idx, page)))
                    .unwrap_or_default()
            })
            .collect()
    })
}

fn doubts_of(page_idx: usize, page: &Page) -> Vec<Doubt> {
    let lines = find::lines(page).enumerate();
    lines
        .flat_map(|(line_idx, (_, _, line))| {
            find::doubtful(line).into_iter().map(move |range| Doubt {
                page_idx,
                line_idx,
                range,
            })
        })
        .collect()
}
