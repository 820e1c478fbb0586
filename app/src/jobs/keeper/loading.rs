//! Pages that are on the disk alone, brought back into memory.

use std::sync::Arc;

use futures::channel::oneshot;
use leptos::prelude::*;

use super::Keeper;
use super::records::whole;
use crate::jobs::document::{Doc, DocStatus, PageStage};
use crate::jobs::keeping::Write;
use crate::settings::Place;
use crate::store::Store;

/// Pages that are brought back in one go: the page stays usable between two.
const PAGES_AT_ONCE: u32 = 16;

impl Keeper {
    /// Brings the pages and pictures of `doc` back into memory, where they are not.
    pub(crate) async fn load(self, doc: Doc) {
        if let Some(store) = self.store().filter(|_| doc.keeping.is_on()) {
            // What was corrected a moment ago must be on the disk before it is read from there.
            let (sender, written) = oneshot::channel();
            doc.keeping.write(Write::Flush(sender));
            let _ = written.await;
            self.load_from(&store, doc).await;
        }
    }

    /// Whether some of `doc` is on the disk alone.
    pub(crate) fn needs_load(self, doc: Doc) -> bool {
        let n_pages = doc.keeping.n_pages.get_untracked() as usize;
        let is_missing = doc.pages.with_untracked(|pages| {
            pages.len() != n_pages
                || pages.iter().any(|slot| {
                    slot.stage.get_untracked() == PageStage::Read
                        && slot.page.with_untracked(Option::is_none)
                })
        });
        doc.keeping.is_on() && is_missing
    }

    pub(super) async fn load_from(self, store: &Store, doc: Doc) {
        let key = doc.keeping.key.get_value();
        let n_pages = doc.keeping.n_pages.get_untracked();
        if doc.pages.with_untracked(Vec::is_empty) && n_pages > 0 {
            doc.set_n_pages(n_pages);
        }
        let written = self.inner().written.borrow().get(&key).cloned();
        for from in (0..n_pages).step_by(PAGES_AT_ONCE as usize) {
            let to = (from + PAGES_AT_ONCE).min(n_pages);
            let is_missing = (from..to).any(|index| {
                doc.slot(index)
                    .is_some_and(|slot| slot.page.with_untracked(Option::is_none))
            });
            if !is_missing {
                continue;
            }
            for page in store.pages(&key, from, to).await.unwrap_or_default() {
                let Some(slot) = doc.slot(page.index) else {
                    continue;
                };
                // One that came in meanwhile is newer.
                if slot.page.with_untracked(Option::is_none) {
                    let (index, page) = (page.index, Arc::new(page));
                    if let Some(written) = &written {
                        written.borrow_mut().insert(index, Arc::downgrade(&page));
                    }
                    slot.page.set(Some(page));
                    slot.stage.set(PageStage::Read);
                }
            }
        }
        let is_whole = doc.pages.with_untracked(|pages| {
            let mut pages = pages.iter();
            n_pages > 0 && pages.all(|slot| slot.page.with_untracked(Option::is_some))
        });
        if doc.status.get_untracked() == DocStatus::Done && !is_whole {
            // Pages that cannot be understood are offered to be read again.
            doc.status.set(DocStatus::Cancelled);
        }
        let wants_originals = doc
            .keeping
            .handed_over
            .with_untracked(|all| !all.is_empty())
            && doc.keeping.originals.with_untracked(|all| all.is_empty());
        if wants_originals {
            let originals = store.originals(&key).await.unwrap_or_default();
            let originals = originals
                .into_iter()
                .map(|page| (page.index, Arc::new(page)));
            doc.keeping.originals.set(originals.collect());
        }
        for picture in store.pictures(&key).await.unwrap_or_default() {
            if let Some(slot) = doc.slot(picture.index)
                && slot.picture.with_untracked(Option::is_none)
            {
                doc.show_picture(slot, &picture.blob, picture.width_px, picture.height_px);
            }
        }
        if doc.place == Place::Server
            && doc.remote.with_untracked(Option::is_none)
            && let Some(answer) = doc.keeping.answer.get_value()
        {
            doc.remote.set(Some(Arc::new(whole(*answer, doc))));
        }
    }

    /// Marks the pages that are on the disk as read, so that reading goes on with the others.
    pub(crate) async fn mark_read(self, doc: Doc) {
        let Some(store) = self.store() else {
            return;
        };
        let n_pages = doc.keeping.n_pages.get_untracked();
        if doc.pages.with_untracked(Vec::is_empty) && n_pages > 0 {
            doc.set_n_pages(n_pages);
        }
        let kept = store.page_indexes(&doc.keeping.key.get_value()).await;
        for index in kept.unwrap_or_default() {
            if let Some(slot) = doc.slot(index) {
                slot.stage.set(PageStage::Read);
            }
        }
    }
}
