//! The reading models: from this browser's cache, or from the server with progress, verified either way.

use js_sys::{Array, Reflect, Uint8Array};
use ocr_chat_models::{Manifest, PackageFile};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Cache, ReadableStreamDefaultReader, Response};

use crate::api::{problem, send};
use crate::browser;
use crate::messages::Problem;

/// Cache Storage of the models. An entry's address carries the file's SHA-256, so entries never change.
const CACHE: &str = "ocr-chat-models";

/// Files of a model, in the order that `ToWorker::Load` takes them.
pub(crate) type ModelBlobs = [Blob; 5];

/// Fetches the model called `name`. `on_progress` hears of bytes received and bytes in all; it is not called when everything
/// is on this device already.
///
/// # Errors
/// [`Problem`] `offline`, `models_missing` or `models_damaged`.
pub(crate) async fn fetch(
    name: &str,
    on_progress: impl Fn(f64, f64),
) -> Result<ModelBlobs, Problem> {
    let manifest = Manifest::built_in().map_err(|_| problem("models_missing"))?;
    let model = manifest
        .model(name)
        .ok_or_else(|| problem("models_missing"))?;
    let mut files = Vec::new();
    for name in model.all_files(&manifest.shared) {
        files.push(
            manifest
                .file(name)
                .ok_or_else(|| problem("models_missing"))?,
        );
    }
    let cache = open_cache().await;
    let mut blobs: Vec<Option<Blob>> = Vec::new();
    for file in &files {
        blobs.push(cached(cache.as_ref(), file).await);
    }
    let total: f64 = files
        .iter()
        .zip(&blobs)
        .filter(|(_, blob)| blob.is_none())
        .map(|(file, _)| file.size_bytes as f64)
        .sum();
    let mut received = 0.0;
    for (file, blob) in files.iter().zip(&mut blobs) {
        if blob.is_none() {
            *blob = Some(
                download(cache.as_ref(), file, |n| {
                    received += n;
                    on_progress(received, total);
                })
                .await?,
            );
        }
    }
    let blobs: Vec<Blob> = blobs.into_iter().flatten().collect();
    blobs.try_into().map_err(|_| problem("models_missing"))
}

/// Fetches the LSTM recogniser called `name`, unless it is on this device already.
///
/// # Errors
/// As [`fetch`].
pub(crate) async fn fetch_recogniser(
    name: &str,
    on_progress: impl Fn(f64, f64),
) -> Result<Blob, Problem> {
    let manifest = Manifest::built_in().map_err(|_| problem("models_missing"))?;
    let file = manifest
        .recogniser(name)
        .ok_or_else(|| problem("models_missing"))?;
    let cache = open_cache().await;
    if let Some(blob) = cached(cache.as_ref(), file).await {
        return Ok(blob);
    }
    let mut received = 0.0;
    let total = file.size_bytes as f64;
    download(cache.as_ref(), file, |n| {
        received += n;
        on_progress(received, total);
    })
    .await
}

/// Names of the LSTM recognisers that are on this device.
pub(crate) async fn kept_recognisers() -> Vec<String> {
    let Ok(manifest) = Manifest::built_in() else {
        return Vec::new();
    };
    let cache = open_cache().await;
    let mut kept = Vec::new();
    for (name, file) in manifest.recognisers() {
        if cached(cache.as_ref(), file).await.is_some() {
            kept.push(name.to_owned());
        }
    }
    kept
}

/// Whether the model called `name` is on this device with all its files.
pub(crate) async fn is_kept(name: &str) -> bool {
    let Ok(manifest) = Manifest::built_in() else {
        return false;
    };
    let cache = open_cache().await;
    let Some(model) = manifest.model(name) else {
        return false;
    };
    for file in model.all_files(&manifest.shared) {
        let Some(file) = manifest.file(file) else {
            return false;
        };
        if cached(cache.as_ref(), file).await.is_none() {
            return false;
        }
    }
    true
}

/// Forgets all models of this device.
pub(crate) async fn forget_all() {
    if let Some(window) = web_sys::window().filter(web_sys::Window::is_secure_context)
        && let Ok(caches) = window.caches()
    {
        // Where it cannot be deleted, it is found again.
        let _ = JsFuture::from(caches.delete(CACHE)).await;
    }
}

/// `None` where there is no Cache Storage (plain HTTP from another host, some private windows): then nothing is kept.
async fn open_cache() -> Option<Cache> {
    let window = web_sys::window().filter(web_sys::Window::is_secure_context)?;
    let cache = JsFuture::from(window.caches().ok()?.open(CACHE)).await;
    cache.ok()?.dyn_into().ok()
}

fn address(file: &PackageFile) -> String {
    format!("/models/{}?v={}", file.name, file.sha256)
}

async fn cached(cache: Option<&Cache>, file: &PackageFile) -> Option<Blob> {
    let hit = JsFuture::from(cache?.match_with_str(&address(file))).await;
    let response: Response = hit.ok()?.dyn_into().ok()?;
    let blob: Blob = JsFuture::from(response.blob().ok()?)
        .await
        .ok()?
        .dyn_into()
        .ok()?;
    // Its hash was checked before it was kept; a store that was cut short shows in its size.
    (blob.size() as u64 == file.size_bytes).then_some(blob)
}

async fn download(
    cache: Option<&Cache>,
    file: &PackageFile,
    mut on_bytes: impl FnMut(f64),
) -> Result<Blob, Problem> {
    let unreachable = || {
        problem(if browser::is_offline() {
            "offline"
        } else {
            "server_offline"
        })
    };
    let response = send("GET", &address(file), None, None)
        .await
        .ok_or_else(unreachable)?;
    if !response.ok() {
        return Err(problem("models_missing"));
    }
    let body = response.body().ok_or_else(|| problem("models_missing"))?;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let chunks = Array::new();
    loop {
        let chunk = JsFuture::from(reader.read())
            .await
            .map_err(|_| unreachable())?;
        let Some(bytes) = Reflect::get(&chunk, &"value".into())
            .ok()
            .and_then(|value| value.dyn_into::<Uint8Array>().ok())
        else {
            break;
        };
        on_bytes(f64::from(bytes.length()));
        chunks.push(&bytes);
    }
    let blob = Blob::new_with_u8_array_sequence(&chunks).map_err(|_| problem("models_damaged"))?;
    if blob.size() as u64 != file.size_bytes || !has_hash(&blob, &file.sha256).await {
        return Err(problem("models_damaged"));
    }
    if let (Some(cache), Ok(copy)) = (cache, Response::new_with_opt_blob(Some(&blob))) {
        // A full disk must not keep anyone from reading now.
        let _ = JsFuture::from(cache.put_with_str(&address(file), &copy)).await;
    }
    Ok(blob)
}

/// Whether the bytes have this SHA-256. Browsers hash in secure contexts only; elsewhere the size has to do.
async fn has_hash(blob: &Blob, sha256: &str) -> bool {
    let Some(window) = web_sys::window().filter(web_sys::Window::is_secure_context) else {
        return true;
    };
    let digest = async {
        let bytes = JsFuture::from(blob.array_buffer()).await?;
        let subtle = window.crypto()?.subtle();
        let promise = subtle.digest_with_str_and_buffer_source("SHA-256", bytes.unchecked_ref())?;
        let digest = JsFuture::from(promise).await?;
        Ok::<_, JsValue>(Uint8Array::new(&digest).to_vec())
    };
    let Ok(digest) = digest.await else {
        return false;
    };
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    hex == sha256
}
