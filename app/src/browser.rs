//! Small services of the browser: storage, clipboard, downloads, the service worker.

use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, File, FileList, HtmlAnchorElement, Url};

fn window() -> Option<web_sys::Window> {
    web_sys::window()
}

/// The path of this page's address.
pub(crate) fn path() -> String {
    window()
        .and_then(|window| window.location().pathname().ok())
        .unwrap_or_default()
}

/// Shows `path` as this page's address without loading it; the browser's Back button comes back.
pub(crate) fn push_path(path: &str) {
    if let Some(Ok(history)) = window().map(|window| window.history()) {
        // Refused where an address is pushed many times a second; the page changes nevertheless.
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(path));
    }
}

/// A value of localStorage; `None` where there is none or storage is switched off.
pub(crate) fn storage_get(key: &str) -> Option<String> {
    window()?.local_storage().ok()??.get_item(key).ok()?
}

/// Keeps a value in localStorage. A browser without storage forgets it, which harms nothing.
pub(crate) fn storage_set(key: &str, value: &str) {
    if let Some(Ok(Some(storage))) = window().map(|window| window.local_storage()) {
        let _ = storage.set_item(key, value);
    }
}

/// Forgets everything in localStorage and sessionStorage.
pub(crate) fn storage_clear() {
    let Some(window) = window() else {
        return;
    };
    for storage in [window.local_storage(), window.session_storage()] {
        if let Ok(Some(storage)) = storage {
            let _ = storage.clear();
        }
    }
}

/// A value of this tab alone; it outlives a reload.
pub(crate) fn tab_get(key: &str) -> Option<String> {
    window()?.session_storage().ok()??.get_item(key).ok()?
}

/// Keeps a value for this tab; `None` forgets it.
pub(crate) fn tab_set(key: &str, value: Option<&str>) {
    if let Some(Ok(Some(storage))) = window().map(|window| window.session_storage()) {
        let _ = match value {
            Some(value) => storage.set_item(key, value),
            None => storage.remove_item(key),
        };
    }
}

/// Loads `path` anew.
pub(crate) fn reload(path: &str) {
    if let Some(window) = window() {
        let _ = window.location().assign(path);
    }
}

/// Whether a finger is what this device is pointed at with.
pub(crate) fn is_touch() -> bool {
    let query = window().and_then(|window| window.match_media("(pointer: coarse)").ok().flatten());
    query.is_some_and(|query| query.matches())
}

/// Whether the browser knows that it has no network.
pub(crate) fn is_offline() -> bool {
    window().is_some_and(|window| !window.navigator().on_line())
}

/// How many Workers may read: one core stays free for the page, and each holds a model in memory. With more than two a document of 200 pages takes more than 1 GB
/// (`tests/browser/memory.mjs`).
pub(crate) fn n_workers() -> usize {
    const MAX: usize = 2;
    let cores = window().map_or(1.0, |window| window.navigator().hardware_concurrency());
    (cores as usize).saturating_sub(1).clamp(1, MAX)
}

/// Puts text on the clipboard; `false` where the browser does not allow it.
pub(crate) async fn copy(text: &str) -> bool {
    // Over plain HTTP from another host, `navigator.clipboard` is undefined: calling it would throw.
    let Some(window) = window().filter(web_sys::Window::is_secure_context) else {
        return false;
    };
    let written = window.navigator().clipboard().write_text(text);
    JsFuture::from(written).await.is_ok()
}

/// Saves bytes as a file, without any network.
///
/// # Errors
/// The browser's error.
pub(crate) fn save(name: &str, mime_type: &str, bytes: &[u8]) -> Result<(), JsValue> {
    save_blob(name, &blob(mime_type, bytes).ok_or(JsValue::NULL)?)
}

/// Bytes as a Blob; `None` where the browser has no memory for it.
pub(crate) fn blob(mime_type: &str, bytes: &[u8]) -> Option<Blob> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let options = BlobPropertyBag::new();
    options.set_type(mime_type);
    Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()
}

/// As [`save`], of what the browser holds already.
///
/// # Errors
/// The browser's error.
pub(crate) fn save_blob(name: &str, blob: &Blob) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(blob)?;
    let document = window()
        .and_then(|window| window.document())
        .ok_or(JsValue::NULL)?;
    let link: HtmlAnchorElement = document.create_element("a")?.dyn_into()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The download has its own reference once the click was handled.
    gloo_timers::callback::Timeout::new(10_000, move || {
        let _ = Url::revoke_object_url(&url);
    })
    .forget();
    Ok(())
}

/// The files of a list, in order.
pub(crate) fn files_of(list: Option<FileList>) -> Vec<File> {
    let Some(list) = list else {
        return Vec::new();
    };
    (0..list.length()).filter_map(|at| list.get(at)).collect()
}

/// Lets the page load without a network from its second visit on. Only over HTTPS or on this host. `on_newer` hears when a newer version of the
/// app has taken the place of the one that this page was loaded from.
pub(crate) fn register_service_worker(on_newer: impl Fn() + 'static) {
    let Some(window) = window().filter(web_sys::Window::is_secure_context) else {
        return;
    };
    let container = window.navigator().service_worker();
    // The first worker of a new visitor takes over, too, and is of the same version; those after it are newer.
    let mut had_one = container.controller().is_some();
    let on_change = Closure::<dyn FnMut()>::new(move || {
        if std::mem::replace(&mut had_one, true) {
            on_newer();
        }
    });
    container.set_oncontrollerchange(Some(on_change.as_ref().unchecked_ref()));
    // Listens as long as the page lives.
    on_change.forget();
    let registered = container.register("/sw.js");
    wasm_bindgen_futures::spawn_local(async move {
        // Without it (private windows of some browsers) the page works as long as there is a network.
        let _ = JsFuture::from(registered).await;
    });
}
