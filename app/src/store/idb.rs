//! IndexedDB as futures: what the store needs of it, and no more.

use std::cell::RefCell;
use std::rc::Rc;

use futures::channel::oneshot;
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    DomException, Event, IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest,
    IdbRequest, IdbTransaction, IdbTransactionMode,
};

/// Why something could not be kept or found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StoreError {
    /// There is no IndexedDB: a private window of some browsers, or switched off.
    #[error("this browser keeps nothing here")]
    Unavailable,
    /// The disk, or the share of it that this site may use, is full.
    #[error("there is no room left")]
    Full,
    /// A newer version of the app has changed the database.
    #[error("another version of the app keeps the documents")]
    NewerVersion,
    /// Anything else.
    #[error("the browser's store failed")]
    Failed,
}

impl From<JsValue> for StoreError {
    fn from(error: JsValue) -> Self {
        error
            .dyn_ref::<DomException>()
            .map_or(Self::Failed, Self::of_exception)
    }
}

impl StoreError {
    fn of_exception(error: &DomException) -> Self {
        match error.name().as_str() {
            "QuotaExceededError" => Self::Full,
            "VersionError" => Self::NewerVersion,
            "SecurityError" | "InvalidStateError" => Self::Unavailable,
            _ => Self::Failed,
        }
    }
}

/// An open database; closed when another tab wants to change or delete it.
pub(super) struct Db {
    database: IdbDatabase,
    _on_version_change: Closure<dyn FnMut(Event)>,
}

impl Drop for Db {
    fn drop(&mut self) {
        self.database.set_onversionchange(None);
        self.database.close();
    }
}

/// Opens database `name` at `version`. `upgrade` brings an older one up, from the version it is given (0: there is none).
/// `on_gone` hears that another tab needs the database changed; it is closed then, and the other tab goes on.
pub(super) async fn open(
    name: &str,
    version: u32,
    upgrade: fn(&IdbDatabase, u32) -> Result<(), JsValue>,
    on_gone: impl Fn() + 'static,
) -> Result<Db, StoreError> {
    let factory: IdbFactory = web_sys::window()
        .and_then(|window| window.indexed_db().ok().flatten())
        .ok_or(StoreError::Unavailable)?;
    let request = factory.open_with_u32(name, version)?;
    let on_upgrade = Closure::<dyn FnMut(Event)>::new({
        let request = request.clone();
        move |event: Event| {
            let old = Reflect::get(&event, &"oldVersion".into())
                .ok()
                .and_then(|old| old.as_f64())
                .unwrap_or_default();
            let database = request.result().map(IdbDatabase::from);
            let done = database.and_then(|database| upgrade(&database, old as u32));
            if done.is_err()
                && let Some(transaction) = request.transaction()
            {
                // Half an upgrade is worse than none: the old version stays.
                let _ = transaction.abort();
            }
        }
    });
    request.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));
    // While another tab holds an older version open, the request waits: that tab closes it when it hears `versionchange`.
    let opened = answer::<IdbOpenDbRequest>(&request).await;
    request.set_onupgradeneeded(None);
    let database: IdbDatabase = opened?.unchecked_into();
    let on_version_change = Closure::<dyn FnMut(Event)>::new({
        let database = database.clone();
        move |_event: Event| {
            database.close();
            on_gone();
        }
    });
    database.set_onversionchange(Some(on_version_change.as_ref().unchecked_ref()));
    Ok(Db {
        database,
        _on_version_change: on_version_change,
    })
}

impl Db {
    /// Begins a transaction over `stores`.
    pub(super) fn begin(
        &self,
        stores: &[&str],
        mode: IdbTransactionMode,
    ) -> Result<Transaction, StoreError> {
        let names: Array = stores.iter().map(|name| JsValue::from(*name)).collect();
        let transaction = self
            .database
            .transaction_with_str_sequence_and_mode(&names, mode)?;
        Ok(Transaction { transaction })
    }
}

/// A running transaction. It ends by itself when nothing was asked of it for a turn of the event loop.
pub(super) struct Transaction {
    transaction: IdbTransaction,
}

impl Transaction {
    pub(super) fn store(&self, name: &str) -> Result<IdbObjectStore, StoreError> {
        Ok(self.transaction.object_store(name)?)
    }

    /// Waits until everything that was asked is on the disk.
    pub(super) async fn complete(self) -> Result<(), StoreError> {
        let (sender, receiver) = oneshot::channel();
        let sender = Rc::new(RefCell::new(Some(sender)));
        let ended = |is_complete: bool| {
            let sender = Rc::clone(&sender);
            Closure::<dyn FnMut(Event)>::new(move |_event: Event| {
                if let Some(sender) = sender.borrow_mut().take() {
                    let _ = sender.send(is_complete);
                }
            })
        };
        let (completed, aborted) = (ended(true), ended(false));
        self.transaction
            .set_oncomplete(Some(completed.as_ref().unchecked_ref()));
        self.transaction
            .set_onabort(Some(aborted.as_ref().unchecked_ref()));
        let is_complete = receiver.await.unwrap_or(false);
        self.transaction.set_oncomplete(None);
        self.transaction.set_onabort(None);
        if is_complete {
            return Ok(());
        }
        // A full disk shows here, and not at the request, where the browser writes late.
        Err(self
            .transaction
            .error()
            .map_or(StoreError::Failed, |error| StoreError::of_exception(&error)))
    }
}

/// Waits for a request's answer.
pub(super) async fn answer<R: AsRef<IdbRequest>>(request: &R) -> Result<JsValue, StoreError> {
    let request: &IdbRequest = request.as_ref();
    let (sender, receiver) = oneshot::channel();
    let mut sender = Some(sender);
    let on_end = Closure::<dyn FnMut(Event)>::new(move |_event: Event| {
        if let Some(sender) = sender.take() {
            let _ = sender.send(());
        }
    });
    request.set_onsuccess(Some(on_end.as_ref().unchecked_ref()));
    request.set_onerror(Some(on_end.as_ref().unchecked_ref()));
    let _ = receiver.await;
    request.set_onsuccess(None);
    request.set_onerror(None);
    match request.error()? {
        Some(error) => Err(StoreError::of_exception(&error)),
        None => Ok(request.result()?),
    }
}

/// The keys `[key, 0]` to `[key, n]`, whatever n.
pub(super) fn all_of(key: &str) -> Result<IdbKeyRange, StoreError> {
    let key = JsValue::from(key);
    // An array is greater than every number: the specification's order of keys.
    let (from, to) = (Array::of1(&key), Array::of2(&key, &Array::new()));
    Ok(IdbKeyRange::bound(&from, &to)?)
}

/// The key of page `index` of the document `key`.
pub(super) fn page_key(key: &str, index: u32) -> JsValue {
    Array::of2(&key.into(), &index.into()).into()
}

/// Waits for a promise of the browser.
pub(super) async fn settled(promise: Result<Promise, JsValue>) -> Option<JsValue> {
    wasm_bindgen_futures::JsFuture::from(promise.ok()?)
        .await
        .ok()
}
