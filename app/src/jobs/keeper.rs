//! Keeps documents on this device until they are deleted, and brings them back.
//!
//! What happens to a document (a page comes in, a line is corrected, its reading ends) is written in order by one task. A document that is not
//! shown has its pages and pictures on the disk alone; opening it brings them back.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, Weak};

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::channel::oneshot;
use leptos::prelude::*;
use ocr_chat_document::{Answer, AnswerPage, Detail, Page};
use wasm_bindgen_futures::spawn_local;

use super::document::{Doc, DocStatus, PageStage};
use super::exporter::Exporter;
use super::keeping::{Kept, Write};
use crate::browser;
use crate::messages::Problem;
use crate::settings::Place;
use crate::store::{
    self, Failure, KeptDocument, KeptStatus, Lock, News, Record, Store, StoreError, Tabs, Usage,
};

/// Pages that are brought back in one go: the page stays usable between two.
const PAGES_AT_ONCE: u32 = 16;

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

    /// Writes what changes in `doc`: a page that comes in or is corrected, and how far its reading is.
    fn watch(self, doc: Doc) {
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
    async fn write_all(self, mut writes: UnboundedReceiver<Write>) {
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

    async fn load_from(self, store: &Store, doc: Doc) {
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

fn take_record(doc: Doc, record: &Record) {
    doc.keeping.record.set_value(Some(record.clone()));
    doc.keeping.n_pages.set(record.n_pages);
    doc.keeping.tier.set_value(record.tier);
    doc.keeping.handed_over.set(record.handed_over.clone());
    doc.keeping.answer.set_value(record.answer.clone());
    doc.engine.set(record.engine.clone());
    doc.warnings.set(record.warnings.clone());
    doc.status.set(match (record.status, &record.failure) {
        (KeptStatus::Done, _) => DocStatus::Done,
        (KeptStatus::Cancelled, _) => DocStatus::Cancelled,
        (_, Some(Failure { code, advice })) => DocStatus::Failed(Problem::new(code, advice)),
        _ => DocStatus::Waiting,
    });
}

/// The server's answer with what was left out of it on the disk.
fn whole(mut answer: Answer, doc: Doc) -> Answer {
    let pages: Vec<Page> = doc.pages.with_untracked(|pages| {
        let pages = pages.iter().filter_map(|slot| slot.page.get_untracked());
        pages.map(|page| (*page).clone()).collect()
    });
    answer.markdown = ocr_chat_export::markdown(&pages);
    answer.pages = pages
        .into_iter()
        .map(|page| AnswerPage::new(page, Detail::Words))
        .collect();
    let texts: Vec<&str> = answer.pages.iter().map(|page| page.text.as_str()).collect();
    answer.text = texts.join("\u{c}");
    answer
}

/// What is kept of `doc` beside its file and its pages.
fn record_of(doc: Doc) -> Record {
    let status = doc.status.get_untracked();
    let failure = match &status {
        DocStatus::Failed(problem) => Some(Failure::from(problem)),
        _ => None,
    };
    if let Some(answer) = doc.remote.get_untracked() {
        // The pages are kept one by one, and the rest is made of them.
        doc.keeping
            .answer
            .set_value(Some(Box::new(without_pages(&answer))));
    }
    Record {
        name: doc.name(),
        size_bytes: doc.size_bytes,
        added_ms: doc.keeping.added_ms.get_value(),
        place: doc.place,
        model: doc.model,
        language: doc.language.get_value(),
        tier: doc.keeping.tier.get_value(),
        status: match status {
            DocStatus::Waiting | DocStatus::Reading => KeptStatus::Reading,
            DocStatus::Done => KeptStatus::Done,
            DocStatus::Failed(_) => KeptStatus::Failed,
            DocStatus::Cancelled => KeptStatus::Cancelled,
        },
        failure,
        n_pages: doc.keeping.n_pages.get_untracked(),
        engine: doc.engine.get_untracked(),
        warnings: doc.warnings.get_untracked(),
        answer: doc.keeping.answer.get_value(),
        handed_over: doc.keeping.handed_over.get_untracked(),
    }
}

fn without_pages(answer: &Answer) -> Answer {
    Answer {
        uuid: answer.uuid.clone(),
        language: answer.language.clone(),
        detected_language: answer.detected_language.clone(),
        engine: answer.engine.clone(),
        processed_by: answer.processed_by.clone(),
        warnings: answer.warnings.clone(),
        tool: answer.tool.clone(),
        fields: answer.fields.clone(),
        translation: answer.translation.clone(),
        error: answer.error.clone(),
        created_at: answer.created_at.clone(),
        expires_at: answer.expires_at.clone(),
        text: String::new(),
        markdown: String::new(),
        pages: Vec::new(),
        ..*answer
    }
}
