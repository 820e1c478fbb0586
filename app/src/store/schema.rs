//! The database's shape, version by version. A version that was published never changes; a new one is a step more.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;
use web_sys::{IdbDatabase, IdbObjectStoreParameters};

/// Name of the database.
pub(super) const NAME: &str = "ocr-chat";

/// A document's record as JSON, under its key.
pub(super) const DOCUMENTS: &str = "documents";

/// The file of a document, under its key. Apart from the record: a file that is written again is copied on the disk.
pub(super) const FILES: &str = "files";

/// A page's JSON under `[document, index]`, index from 0.
pub(super) const PAGES: &str = "pages";

/// A page's plain text under `[document, index]`: what the history is searched in.
pub(super) const TEXTS: &str = "texts";

/// A page's picture, `{ blob, width, height }`, under `[document, index]`; the size is the page's in pixels.
pub(super) const PICTURES: &str = "pictures";

/// What this device had read where the server's reading stands now: a page's JSON under `[document, index]`.
pub(super) const ORIGINALS: &str = "originals";

/// Everything.
pub(super) const ALL: [&str; 6] = [DOCUMENTS, FILES, PAGES, PICTURES, ORIGINALS, TEXTS];

type Step = fn(&IdbDatabase) -> Result<(), JsValue>;

/// The steps from version to version: the first makes version 1.
const STEPS: [Step; 2] = [
    |database| {
        make(database, DOCUMENTS)?;
        make(database, FILES)?;
        make(database, PAGES)
    },
    |database| {
        make(database, PICTURES)?;
        make(database, TEXTS)?;
        make(database, ORIGINALS)
    },
];

/// The version that this app writes.
pub(super) const VERSION: u32 = STEPS.len() as u32;

/// Brings a database of version `old` up to [`VERSION`]; what it holds stays.
pub(super) fn upgrade(database: &IdbDatabase, old: u32) -> Result<(), JsValue> {
    for step in STEPS.iter().skip(old as usize) {
        step(database)?;
    }
    Ok(())
}

/// A store whose keys stand beside its values.
fn make(database: &IdbDatabase, name: &str) -> Result<(), JsValue> {
    database
        .create_object_store_with_optional_parameters(name, &IdbObjectStoreParameters::new())?;
    Ok(())
}

/// A property of a kept value.
pub(super) fn get(value: &JsValue, name: &str) -> Option<JsValue> {
    let found = Reflect::get(value, &name.into()).ok()?;
    (!found.is_undefined() && !found.is_null()).then_some(found)
}

/// An object of these properties.
pub(super) fn object(properties: &[(&str, &JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in properties {
        // A plain object takes every property.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}
