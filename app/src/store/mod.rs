//! Documents in IndexedDB: only here is it known how they lie there.

mod idb;

mod schema;

mod record;

mod tabs;

use std::collections::HashMap;
use std::rc::Rc;

use js_sys::Array;
use ocr_chat_document::Page;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, File, IdbTransactionMode, StorageEstimate};

pub(crate) use idb::StoreError;
use idb::{Db, Transaction, all_of, answer, page_key, settled};
pub(crate) use record::{Failure, KeptStatus, Record};
use schema::{ALL, DOCUMENTS, FILES, ORIGINALS, PAGES, PICTURES, TEXTS, get, object};
pub(crate) use tabs::{Lock, News, Tabs};

/// A kept document.
pub(crate) struct KeptDocument {
    pub(crate) key: String,
    pub(crate) record: Record,
    pub(crate) file: File,
}

/// A kept page picture. The Blob lies on the disk until it is shown.
pub(crate) struct KeptPicture {
    pub(crate) index: u32,
    pub(crate) blob: Blob,
    pub(crate) width_px: u32,
    pub(crate) height_px: u32,
}

/// What this site uses of the disk, and may use, in bytes; the browser's estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Usage {
    pub(crate) used_bytes: f64,
    pub(crate) quota_bytes: f64,
}

/// The documents of this device.
#[derive(Clone)]
pub(crate) struct Store {
    db: Rc<Db>,
}

impl Store {
    /// Opens the database, and brings an older one up. `on_gone` hears that another tab needs it for itself.
    pub(crate) async fn open(on_gone: impl Fn() + 'static) -> Result<Self, StoreError> {
        let db = idb::open(schema::NAME, schema::VERSION, schema::upgrade, on_gone).await?;
        Ok(Self { db: Rc::new(db) })
    }

    fn writing(&self, stores: &[&str]) -> Result<Transaction, StoreError> {
        self.db.begin(stores, IdbTransactionMode::Readwrite)
    }

    fn reading(&self, store: &str) -> Result<Transaction, StoreError> {
        self.db.begin(&[store], IdbTransactionMode::Readonly)
    }

    /// Keeps a document with its file.
    pub(crate) async fn add(
        &self,
        key: &str,
        record: &Record,
        file: &File,
    ) -> Result<(), StoreError> {
        let json = serde_json::to_string(record).map_err(|_| StoreError::Failed)?;
        let transaction = self.writing(&[DOCUMENTS, FILES])?;
        let key = JsValue::from(key);
        transaction.store(FILES)?.put_with_key(file, &key)?;
        transaction
            .store(DOCUMENTS)?
            .put_with_key(&json.into(), &key)?;
        transaction.complete().await
    }

    /// Writes a document's record anew.
    pub(crate) async fn put(&self, key: &str, record: &Record) -> Result<(), StoreError> {
        let json = serde_json::to_string(record).map_err(|_| StoreError::Failed)?;
        let transaction = self.writing(&[DOCUMENTS])?;
        transaction
            .store(DOCUMENTS)?
            .put_with_key(&json.into(), &key.into())?;
        transaction.complete().await
    }

    /// All documents; those that cannot be understood are left out.
    pub(crate) async fn documents(&self) -> Result<Vec<KeptDocument>, StoreError> {
        let transaction = self
            .db
            .begin(&[DOCUMENTS, FILES], IdbTransactionMode::Readonly)?;
        let (documents, files) = (transaction.store(DOCUMENTS)?, transaction.store(FILES)?);
        let requests = [
            documents.get_all_keys()?,
            documents.get_all()?,
            files.get_all_keys()?,
            files.get_all()?,
        ];
        let mut answers = Vec::new();
        for request in &requests {
            answers.push(Array::from(&answer(request).await?));
        }
        let [keys, jsons, file_keys, files] = &answers[..] else {
            return Err(StoreError::Failed);
        };
        let mut files: HashMap<String, JsValue> = file_keys
            .iter()
            .filter_map(|key| key.as_string())
            .zip(files.iter())
            .collect();
        let documents = keys.iter().zip(jsons.iter());
        Ok(documents
            .filter_map(|(key, json)| {
                let key = key.as_string()?;
                let file = files.remove(&key)?;
                document_of(key, &json, file)
            })
            .collect())
    }

    /// The document under `key`.
    pub(crate) async fn document(&self, key: &str) -> Result<Option<KeptDocument>, StoreError> {
        let transaction = self
            .db
            .begin(&[DOCUMENTS, FILES], IdbTransactionMode::Readonly)?;
        let json = transaction.store(DOCUMENTS)?.get(&key.into())?;
        let file = transaction.store(FILES)?.get(&key.into())?;
        let (json, file) = (answer(&json).await?, answer(&file).await?);
        Ok(document_of(key.to_owned(), &json, file))
    }

    /// Keeps a page.
    pub(crate) async fn put_page(&self, key: &str, page: &Page) -> Result<(), StoreError> {
        let json = serde_json::to_string(page).map_err(|_| StoreError::Failed)?;
        let transaction = self.writing(&[PAGES, TEXTS])?;
        let at = page_key(key, page.index);
        transaction.store(PAGES)?.put_with_key(&json.into(), &at)?;
        transaction
            .store(TEXTS)?
            .put_with_key(&page.text().into(), &at)?;
        transaction.complete().await
    }

    /// The plain texts of a document's pages, by page from 0.
    pub(crate) async fn texts(&self, key: &str) -> Result<Vec<(u32, String)>, StoreError> {
        let transaction = self.reading(TEXTS)?;
        let store = transaction.store(TEXTS)?;
        let range = all_of(key)?;
        let keys = store.get_all_keys_with_key(&range)?;
        let values = store.get_all_with_key(&range)?;
        let keys = Array::from(&answer(&keys).await?);
        let values = Array::from(&answer(&values).await?);
        let texts = keys.iter().zip(values.iter());
        Ok(texts
            .filter_map(|(key, text)| Some((index_of(&key)?, text.as_string()?)))
            .collect())
    }

    /// Keeps what this device had read of a page that the server reads now.
    pub(crate) async fn put_original(&self, key: &str, page: &Page) -> Result<(), StoreError> {
        let json = serde_json::to_string(page).map_err(|_| StoreError::Failed)?;
        let transaction = self.writing(&[ORIGINALS])?;
        transaction
            .store(ORIGINALS)?
            .put_with_key(&json.into(), &page_key(key, page.index))?;
        transaction.complete().await
    }

    /// Keeps a page's picture; its size is the page's in pixels.
    pub(crate) async fn put_picture(
        &self,
        key: &str,
        picture: &KeptPicture,
    ) -> Result<(), StoreError> {
        let value = object(&[
            ("blob", &picture.blob),
            ("width", &picture.width_px.into()),
            ("height", &picture.height_px.into()),
        ]);
        let transaction = self.writing(&[PICTURES])?;
        transaction
            .store(PICTURES)?
            .put_with_key(&value, &page_key(key, picture.index))?;
        transaction.complete().await
    }

    /// The numbers of the pages that are kept of a document, from 0.
    pub(crate) async fn page_indexes(&self, key: &str) -> Result<Vec<u32>, StoreError> {
        let transaction = self.reading(PAGES)?;
        let request = transaction
            .store(PAGES)?
            .get_all_keys_with_key(&all_of(key)?.into())?;
        let keys: Array = answer(&request).await?.unchecked_into();
        Ok(keys.iter().filter_map(|key| index_of(&key)).collect())
    }

    /// The pages `from` to `to`, without `to`, as far as they are kept.
    pub(crate) async fn pages(
        &self,
        key: &str,
        from: u32,
        to: u32,
    ) -> Result<Vec<Page>, StoreError> {
        self.jsons(PAGES, key, from, to).await
    }

    /// What this device had read of the pages that the server read again.
    pub(crate) async fn originals(&self, key: &str) -> Result<Vec<Page>, StoreError> {
        self.jsons(ORIGINALS, key, 0, u32::MAX).await
    }

    async fn jsons(
        &self,
        store: &str,
        key: &str,
        from: u32,
        to: u32,
    ) -> Result<Vec<Page>, StoreError> {
        let range = web_sys::IdbKeyRange::bound_with_lower_open_and_upper_open(
            &page_key(key, from),
            &page_key(key, to),
            false,
            true,
        )?;
        let transaction = self.reading(store)?;
        let request = transaction.store(store)?.get_all_with_key(&range)?;
        let jsons: Array = answer(&request).await?.unchecked_into();
        Ok(jsons
            .iter()
            .filter_map(|json| serde_json::from_str(&json.as_string()?).ok())
            .collect())
    }

    /// The pictures of a document's pages.
    pub(crate) async fn pictures(&self, key: &str) -> Result<Vec<KeptPicture>, StoreError> {
        let transaction = self.reading(PICTURES)?;
        let store = transaction.store(PICTURES)?;
        let range = all_of(key)?;
        let keys = store.get_all_keys_with_key(&range)?;
        let values = store.get_all_with_key(&range)?;
        let keys: Array = answer(&keys).await?.unchecked_into();
        let values: Array = answer(&values).await?.unchecked_into();
        let pictures = keys.iter().zip(values.iter());
        Ok(pictures
            .filter_map(|(key, value)| {
                Some(KeptPicture {
                    index: index_of(&key)?,
                    blob: get(&value, "blob")?.dyn_into().ok()?,
                    width_px: get(&value, "width")?.as_f64()? as u32,
                    height_px: get(&value, "height")?.as_f64()? as u32,
                })
            })
            .collect())
    }

    /// Deletes the pages of a document that is read anew.
    pub(crate) async fn delete_pages(&self, key: &str) -> Result<(), StoreError> {
        self.delete_from(&[PAGES, PICTURES, ORIGINALS, TEXTS], key)
            .await
    }

    /// Forgets what this device had read of page `index`.
    pub(crate) async fn delete_original(&self, key: &str, index: u32) -> Result<(), StoreError> {
        let transaction = self.writing(&[ORIGINALS])?;
        transaction
            .store(ORIGINALS)?
            .delete(&page_key(key, index))?;
        transaction.complete().await
    }

    /// Deletes a document with everything kept of it.
    pub(crate) async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.delete_from(&ALL, key).await
    }

    async fn delete_from(&self, stores: &[&str], key: &str) -> Result<(), StoreError> {
        let transaction = self.writing(stores)?;
        for &name in stores {
            let store = transaction.store(name)?;
            if name == DOCUMENTS || name == FILES {
                store.delete(&key.into())?;
            } else {
                store.delete(&all_of(key)?.into())?;
            }
        }
        transaction.complete().await
    }

    /// Deletes everything.
    pub(crate) async fn clear(&self) -> Result<(), StoreError> {
        let transaction = self.writing(&ALL)?;
        for name in ALL {
            transaction.store(name)?.clear()?;
        }
        transaction.complete().await
    }
}

fn document_of(key: String, json: &JsValue, file: JsValue) -> Option<KeptDocument> {
    let record = Record::parse(&json.as_string()?)?;
    let file = file.dyn_into().ok()?;
    Some(KeptDocument { key, record, file })
}

/// The page's number in a key `[document, index]`.
fn index_of(key: &JsValue) -> Option<u32> {
    let index = key.dyn_ref::<Array>()?.get(1).as_f64()?;
    Some(index as u32)
}

/// What this site uses of the disk; `None` where the browser does not tell.
pub(crate) async fn usage() -> Option<Usage> {
    let estimate = settled(storage()?.estimate()).await?;
    let estimate: StorageEstimate = estimate.unchecked_into();
    Some(Usage {
        used_bytes: estimate.get_usage()?,
        quota_bytes: estimate.get_quota()?,
    })
}

/// Asks that the browser does not clear this site's storage by itself when the disk fills up.
pub(crate) async fn ask_to_persist() {
    if let Some(storage) = storage() {
        // It may say no; documents are then kept as long as there is room.
        settled(storage.persist()).await;
    }
}

fn storage() -> Option<web_sys::StorageManager> {
    let window = web_sys::window()?;
    // Not there over plain HTTP from another host.
    window
        .is_secure_context()
        .then(|| window.navigator().storage())
}

/// A new key: random, so that two tabs never choose the same.
pub(crate) fn new_key() -> String {
    let mut bytes = [0_u8; 16];
    if let Some(Ok(crypto)) = web_sys::window().map(|window| window.crypto()) {
        // Fails for more bytes than 65,536 only.
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
