//! Keeps documents on this device until they are deleted, and brings them back.
//!
//! What happens to a document (a page comes in, a line is corrected, its reading ends) is written in order by one task. A document that is not
//! shown has its pages and pictures on the disk alone; opening it brings them back.

mod loading;
mod records;
mod writing;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Weak;

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use leptos::prelude::*;
use ocr_chat_document::Page;
use wasm_bindgen_futures::spawn_local;

use crate::browser;
use crate::jobs::document::Doc;
use crate::jobs::exporter::Exporter;
use crate::jobs::keeping::{Kept, Write};
use crate::store::{self, KeptDocument, Lock, News, Record, Store, StoreError, Tabs, Usage};
use records::take_record;

/// A page as it was last written: a page that is the same needs no writing.
type Written = Rc<RefCell<HashMap<u32, Weak<Page>>>>;

/// Keeps documents. Owned by the shell.
#[derive(Clone, Copy)]
pub(crate) struct Keeper {
    /// Why nothing can be kept; `None` while it can.
    pub(crate) trouble: RwSignal<Option<StoreError>>,
    /// What this site uses of the disk.
    pub(crate) usage: RwSignal<Option<Usage>>,
    /// Whether the documents of the last visits are here.
    pub(crate) is_restored: RwSignal<bool>,
    /// The document that is on its way to the screen.
    pub(crate) opening: RwSignal<Option<Doc>>,
    selected: RwSignal<Option<Doc>>,
    exporter: Exporter,
    owner: StoredValue<Owner>,
    inner: StoredValue<Rc<Inner>, LocalStorage>,
}

struct Inner {
    store: RefCell<Option<Store>>,
    tabs: RefCell<Option<Tabs>>,
    queue: UnboundedSender<Write>,
    writes: RefCell<Option<UnboundedReceiver<Write>>>,
    written: RefCell<HashMap<String, Written>>,
    /// Documents that are being read in this tab.
    locks: RefCell<HashMap<String, Lock>>,
    asked_to_persist: Cell<bool>,
}

impl Keeper {
    /// A keeper that has not looked at the disk yet.
    pub(crate) fn new(selected: RwSignal<Option<Doc>>, exporter: Exporter) -> Self {
        let (queue, writes) = unbounded();
        Self {
            trouble: RwSignal::new(None),
            usage: RwSignal::new(None),
            is_restored: RwSignal::new(false),
            opening: RwSignal::new(None),
            selected,
            exporter,
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
            inner: StoredValue::new_local(Rc::new(Inner {
                store: RefCell::default(),
                tabs: RefCell::default(),
                queue,
                writes: RefCell::new(Some(writes)),
                written: RefCell::default(),
                locks: RefCell::default(),
                asked_to_persist: Cell::new(false),
            })),
        }
    }

    fn inner(self) -> Rc<Inner> {
        self.inner.get_value()
    }

    fn store(self) -> Option<Store> {
        self.inner().store.borrow().clone()
    }

    /// Opens the store, gives what it holds, oldest first, and writes from then on. `on_news` hears of other tabs.
    pub(crate) async fn open(self, on_news: impl FnMut(News) + 'static) -> Vec<KeptDocument> {
        let opened = Store::open(move || {
            // A tab with a newer app changes the database: this one keeps nothing more, and reloads when it is idle.
            self.inner().store.take();
            self.trouble.set(Some(StoreError::NewerVersion));
        })
        .await;
        let documents = match opened {
            Ok(store) => {
                let documents = store.documents().await;
                self.inner().store.replace(Some(store));
                self.inner().tabs.replace(Tabs::listen(on_news));
                documents
            }
            Err(error) => Err(error),
        };
        if let Some(writes) = self.inner().writes.take() {
            spawn_local(self.write_all(writes));
        }
        self.measure();
        match documents {
            Ok(mut documents) => {
                documents.sort_by(|a, b| a.record.added_ms.total_cmp(&b.record.added_ms));
                documents
            }
            Err(error) => {
                self.trouble.set(Some(error));
                Vec::new()
            }
        }
    }

    /// The document under `key`, where another tab has kept one.
    pub(crate) async fn find(self, key: &str) -> Option<KeptDocument> {
        self.store()?.document(key).await.ok().flatten()
    }

    /// Looks up how much of the disk is used.
    pub(crate) fn measure(self) {
        spawn_local(async move { self.usage.set(store::usage().await) });
    }

    /// What was read of `doc` counts no more: it is read anew.
    pub(crate) fn anew(self, doc: Doc) {
        doc.keeping.handed_over.update(|all| all.clear());
        doc.keeping.originals.update(|all| all.clear());
        doc.keeping.answer.set_value(None);
        doc.keeping.write(Write::Anew(doc));
    }

    /// Keeps `doc` from now on.
    pub(crate) fn keep(self, doc: Doc) {
        doc.keeping.start(self.inner().queue.clone(), Kept::Coming);
        doc.keeping.write(Write::Document(doc));
        self.watch(doc);
    }

    /// Goes on keeping a document that was kept in an earlier visit, as `record` says.
    pub(crate) fn resume(self, doc: Doc, record: &Record) {
        doc.keeping.added_ms.set_value(record.added_ms);
        take_record(doc, record);
        doc.keeping.start(self.inner().queue.clone(), Kept::Yes);
        self.watch(doc);
    }

    /// Takes what another tab has written of `doc`; its pages are on the disk alone then.
    pub(crate) fn refresh(self, doc: Doc, record: &Record) {
        doc.release();
        take_record(doc, record);
    }

    /// Takes a document's pages out of memory where they are on the disk and nobody looks at them.
    pub(crate) fn drop_unseen(self, doc: Doc) {
        if self.is_seen(doc) || doc.is_open() || doc.keeping.state.get_untracked() != Kept::Yes {
            return;
        }
        doc.release();
    }

    /// Whether somebody has use for its pages.
    fn is_seen(self, doc: Doc) -> bool {
        self.selected.get_untracked() == Some(doc)
            || self.opening.get_untracked() == Some(doc)
            || self.exporter.is_at(doc)
    }

    /// The plain texts of its pages, by page from 0.
    pub(crate) async fn texts(self, doc: Doc) -> Vec<(u32, String)> {
        match self.store().filter(|_| doc.keeping.is_on()) {
            Some(store) => store
                .texts(&doc.keeping.key.get_value())
                .await
                .unwrap_or_default(),
            None => doc.pages.with_untracked(|pages| {
                let pages = pages.iter().filter_map(|slot| slot.page.get_untracked());
                pages.map(|page| (page.index, page.text())).collect()
            }),
        }
    }

    /// Takes the mark that `doc` is read in this tab; `false` where another one reads it.
    pub(crate) async fn lock(self, doc: Doc) -> bool {
        let key = doc.keeping.key.get_value();
        match Lock::take(&key).await {
            Some(lock) => {
                self.inner().locks.borrow_mut().insert(key, lock);
                true
            }
            None => false,
        }
    }

    /// Gives the mark back.
    pub(crate) fn unlock(self, doc: Doc) {
        let key = doc.keeping.key.get_value();
        self.inner().locks.borrow_mut().remove(&key);
    }

    /// Deletes what is kept of `doc`, here and in the other tabs.
    pub(crate) fn delete(self, doc: Doc) {
        let was_kept = doc.keeping.is_on();
        self.forget(doc);
        if let Some(store) = self.store().filter(|_| was_kept) {
            let key = doc.keeping.key.get_value();
            spawn_local(async move {
                if store.delete(&key).await.is_ok() {
                    self.tell(&News::Deleted(key));
                }
                self.measure();
            });
        }
    }

    /// Writes nothing more of `doc`: it was deleted, here or in another tab.
    pub(crate) fn forget(self, doc: Doc) {
        doc.keeping.end(Kept::Deleted);
        self.unlock(doc);
        let key = doc.keeping.key.get_value();
        self.inner().written.borrow_mut().remove(&key);
    }

    /// Deletes all documents of this device.
    pub(crate) async fn clear(self) -> Result<(), StoreError> {
        if let Some(store) = self.store() {
            store.clear().await?;
            self.tell(&News::Cleared);
        }
        browser::storage_clear();
        Ok(())
    }

    fn tell(self, news: &News) {
        if let Some(tabs) = &*self.inner().tabs.borrow() {
            tabs.tell(news);
        }
    }
}
