//! What happens to a document, written in order by one task.

use std::rc::Rc;
use std::sync::Arc;

use futures::StreamExt;
use futures::channel::mpsc::UnboundedReceiver;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::records::record_of;
use super::{Keeper, Written};
use crate::jobs::document::Doc;
use crate::jobs::keeping::{Kept, Write};
use crate::store::{self, News, Store, StoreError};

impl Keeper {
    /// Writes what changes in `doc`: a page that comes in or is corrected, and how far its reading is.
    pub(super) fn watch(self, doc: Doc) {
        let key = doc.keeping.key.get_value();
        let written = Written::default();
        self.inner()
            .written
            .borrow_mut()
            .insert(key, Rc::clone(&written));
        self.owner.get_value().with(|| {
            Effect::new(move || {
                for (index, slot) in (0_u32..).zip(doc.pages.get()) {
                    let Some(page) = slot.page.get() else {
                        continue;
                    };
                    let mut written = written.borrow_mut();
                    let is_written = written.get(&index).is_some_and(|old| {
                        old.upgrade().is_some_and(|old| Arc::ptr_eq(&old, &page))
                    });
                    if !is_written {
                        written.insert(index, Arc::downgrade(&page));
                        doc.keeping.write(Write::Page(doc, page));
                    }
                }
            });
            Effect::new(move |was_run: Option<()>| {
                doc.status.track();
                doc.engine.track();
                doc.warnings.track();
                doc.remote.track();
                doc.keeping.n_pages.track();
                doc.keeping.handed_over.track();
                // What was just read from the disk needs no writing.
                if was_run.is_some() {
                    doc.keeping.write(Write::Record(doc));
                }
            });
        });
    }

    /// The task that writes, in order.
    pub(super) async fn write_all(self, mut writes: UnboundedReceiver<Write>) {
        while let Some(write) = writes.next().await {
            let Some(doc) = write.doc() else {
                if let Write::Flush(sender) = write {
                    // Who asked may be gone.
                    let _ = sender.send(());
                }
                continue;
            };
            if !doc.keeping.is_on() {
                continue;
            }
            let Some(store) = self.store() else {
                doc.keeping.end(Kept::Unavailable);
                continue;
            };
            let is_end = matches!(write, Write::Record(_)) && !doc.is_open();
            match self.write_one(&store, doc, write).await {
                Ok(has_changed) => {
                    if is_end {
                        self.unlock(doc);
                        self.drop_unseen(doc);
                    }
                    if has_changed && !doc.is_open() {
                        self.tell(&News::Changed(doc.keeping.key.get_value()));
                        self.measure();
                    }
                }
                Err(error) => self.give_up(&store, doc, error).await,
            }
        }
    }

    /// Writes, and says whether the record or a page is another one now.
    async fn write_one(self, store: &Store, doc: Doc, write: Write) -> Result<bool, StoreError> {
        let key = doc.keeping.key.get_value();
        match write {
            Write::Document(doc) => {
                let record = record_of(doc);
                store.add(&key, &record, &doc.file.get_value()).await?;
                doc.keeping.record.set_value(Some(record));
                if doc.keeping.is_on() {
                    doc.keeping.state.set(Kept::Yes);
                } else {
                    // It was removed meanwhile.
                    store.delete(&key).await?;
                }
                if !self.inner().asked_to_persist.replace(true) {
                    spawn_local(store::ask_to_persist());
                }
            }
            Write::Record(doc) => {
                let record = record_of(doc);
                let is_same = doc
                    .keeping
                    .record
                    .with_value(|old| old.as_ref() == Some(&record));
                if is_same {
                    return Ok(false);
                }
                store.put(&key, &record).await?;
                doc.keeping.record.set_value(Some(record));
                return Ok(true);
            }
            Write::Page(doc, page) => {
                store.put_page(&key, &page).await?;
                // A long document that nobody looks at is not gathered in memory.
                if !self.is_seen(doc)
                    && let Some(slot) = doc.slot(page.index)
                    && slot
                        .page
                        .get_untracked()
                        .is_some_and(|now| Arc::ptr_eq(&now, &page))
                {
                    slot.page.set(None);
                }
                return Ok(true);
            }
            Write::Picture(doc, picture) => {
                store.put_picture(&key, &picture).await?;
                if !self.is_seen(doc)
                    && let Some(slot) = doc.slot(picture.index)
                {
                    slot.release_picture();
                }
            }
            Write::Original(doc, index) => {
                let original = doc
                    .keeping
                    .originals
                    .with_untracked(|originals| originals.get(&index).cloned());
                match original {
                    Some(page) => store.put_original(&key, &page).await?,
                    None => store.delete_original(&key, index).await?,
                }
            }
            Write::Anew(_) => store.delete_pages(&key).await?,
            Write::Flush(_) => {}
        }
        Ok(false)
    }

    /// A document that cannot be kept stays for this visit, and what was written of it goes.
    async fn give_up(self, store: &Store, doc: Doc, error: StoreError) {
        if !self.is_seen(doc) {
            // Its pages may be on the disk alone.
            self.load_from(store, doc).await;
        }
        doc.keeping.end(match error {
            StoreError::Full => Kept::Full,
            _ => Kept::Unavailable,
        });
        // Deleting needs no room.
        let _ = store.delete(&doc.keeping.key.get_value()).await;
        self.measure();
    }
}
