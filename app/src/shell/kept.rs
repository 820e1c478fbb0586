//! Documents that outlive a visit: brought back, opened, deleted in another tab.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{Shell, View};
use crate::browser;
use crate::jobs::{Doc, DocStatus};
use crate::settings::Place;
use crate::store::{KeptDocument, KeptStatus, News};

/// Key in sessionStorage of the document that this tab shows.
const SHOWN: &str = "ocr-chat.shown";

impl Shell {
    /// Brings back what is kept on this device, and goes on with what was being read.
    pub(super) fn restore(self) {
        let shown = browser::tab_get(SHOWN);
        spawn_local(async move {
            let kept = self.keeper.open(move |news| self.hear(news)).await;
            for document in kept {
                self.bring_back(document).await;
            }
            self.keeper.is_restored.set(true);
            let shown = shown.and_then(|key| self.by_key(&key));
            if let Some(doc) = shown
                && self.selected.with_untracked(Option::is_none)
            {
                self.open(doc);
            }
        });
        // What is not looked at any more needs no memory.
        Effect::new(move |before: Option<Option<Doc>>| {
            let shown = self.selected.get();
            if let Some(Some(before)) = before
                && shown != Some(before)
            {
                self.keeper.drop_unseen(before);
            }
            // A tab that is reloaded comes back to its document; the first run is before anything was brought back.
            if before.is_some() {
                let key = shown.map(|doc| doc.keeping.key.get_value());
                browser::tab_set(SHOWN, key.as_deref());
            }
            shown
        });
    }

    /// Keeps a document that was just added, where the visitor wants that.
    pub(super) fn keep(self, doc: Doc) {
        if self.settings.keep.get_untracked() {
            self.keeper.keep(doc);
            self.mark_as_read_here(doc);
        }
    }

    /// Other tabs leave it alone until it is read.
    pub(super) fn mark_as_read_here(self, doc: Doc) {
        spawn_local(async move {
            self.keeper.lock(doc).await;
        });
    }

    /// The document under `key`.
    fn by_key(self, key: &str) -> Option<Doc> {
        self.documents.with_untracked(|documents| {
            let mut documents = documents.iter();
            documents
                .find(|doc| doc.keeping.key.with_value(|own| own == key))
                .copied()
        })
    }

    async fn bring_back(self, kept: KeptDocument) {
        let KeptDocument { key, record, file } = kept;
        if self.by_key(&key).is_some() {
            return;
        }
        let id = self.next_id.with_value(|next| next.replace(next.get() + 1));
        let doc = Doc::new(
            &self.owner.get_value(),
            id,
            file,
            record.place,
            record.model,
            record.language.clone(),
        );
        doc.keeping.key.set_value(key);
        let was_reading = record.status == KeptStatus::Reading;
        if was_reading && !self.keeper.lock(doc).await {
            // Another tab is at it, and tells when it is done.
            return;
        }
        self.keeper.resume(doc, &record);
        self.documents.update(|documents| {
            let added_ms = |doc: &Doc| doc.keeping.added_ms.get_value();
            let at = documents.partition_point(|other| added_ms(other) <= added_ms(&doc));
            documents.insert(at, doc);
        });
        if was_reading {
            self.go_on(doc).await;
        }
    }

    /// Goes on with a document whose reading was broken off. A file is never sent to the server by itself.
    async fn go_on(self, doc: Doc) {
        self.keeper.mark_read(doc).await;
        let job = doc.keeping.job();
        if doc.place == Place::Server && job.is_none() {
            doc.status.set(DocStatus::Cancelled);
        } else {
            self.pool.with_value(|pool| pool.resume(doc, job));
        }
    }

    /// Goes on with a document that the visitor stopped, or that was stopped with the page: its pages stay.
    pub(crate) fn continue_reading(self, doc: Doc) {
        self.mark_as_read_here(doc);
        let is_sent = doc.place == Place::Server && doc.keeping.job().is_none();
        if is_sent {
            self.read(doc);
        } else {
            self.pool
                .with_value(|pool| pool.resume(doc, doc.keeping.job()));
        }
    }

    /// Shows a document with its pages.
    pub(crate) fn show(self, doc: Doc) {
        self.go(View::Files);
        self.open(doc);
    }

    /// Makes a document the one that is shown among the files; its pages may have to come from the disk first.
    pub(super) fn open(self, doc: Doc) {
        if !self.keeper.needs_load(doc) {
            self.keeper.opening.set(None);
            self.selected.set(Some(doc));
            return;
        }
        self.keeper.opening.set(Some(doc));
        spawn_local(async move {
            self.keeper.load(doc).await;
            let is_wanted = self.keeper.opening.get_untracked() == Some(doc);
            let is_there = self
                .documents
                .with_untracked(|documents| documents.contains(&doc));
            if is_wanted && is_there {
                self.selected.set(Some(doc));
                self.keeper.opening.set(None);
            } else {
                self.keeper.drop_unseen(doc);
            }
        });
    }

    /// What another tab did.
    fn hear(self, news: News) {
        match news {
            News::Deleted(key) => {
                if let Some(doc) = self.by_key(&key) {
                    self.keeper.forget(doc);
                    self.take_off(doc);
                }
            }
            News::Cleared => {
                for doc in self.documents.get_untracked() {
                    self.keeper.forget(doc);
                    self.take_off(doc);
                }
            }
            News::Changed(key) => spawn_local(async move { self.refresh(key).await }),
        }
        self.keeper.measure();
    }

    /// Takes what another tab has written of a document.
    async fn refresh(self, key: String) {
        let Some(kept) = self.keeper.find(&key).await else {
            return;
        };
        let Some(doc) = self.by_key(&key) else {
            return self.bring_back(kept).await;
        };
        let is_shown = self.selected.get_untracked() == Some(doc);
        if doc.is_open() {
            return;
        }
        self.keeper.refresh(doc, &kept.record);
        if is_shown {
            self.keeper.load(doc).await;
        }
    }

    /// Asks, and deletes everything that this site keeps here: documents, models, settings.
    pub(crate) async fn clear_device(self) {
        for doc in self.documents.get_untracked() {
            self.keeper.forget(doc);
            self.take_off(doc);
        }
        // What cannot be deleted is there after the reload, and can be tried again.
        let _ = self.keeper.clear().await;
        crate::api::models::forget_all().await;
        browser::storage_clear();
        browser::reload(&View::Files.path_in(ocr_chat_i18n::locale()));
    }
}
