//! Where things are. The environment of xtask is read here.

use std::path::{Path, PathBuf};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
        .to_path_buf()
}

/// Kept between checkouts: tools and downloads. `OCR_CHAT_CACHE_DIR`, or `ocr-chat` in the user's cache folder.
pub(crate) fn cache() -> PathBuf {
    if let Some(dir) = std::env::var_os("OCR_CHAT_CACHE_DIR") {
        return PathBuf::from(dir);
    }
    let user_cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
    user_cache
        .or_else(|| home.map(|home| Path::new(&home).join(".cache")))
        .unwrap_or_else(|| root().join("target"))
        .join("ocr-chat")
}

/// Programs of the cargo tools.
pub(crate) fn tools_bin() -> PathBuf {
    cache().join("tools").join("bin")
}

/// npm packages of the build, as `npm ci` lays them.
pub(crate) fn node_bin() -> PathBuf {
    root().join("xtask/node/node_modules/.bin")
}

/// The models folder: `OCR_CHAT_MODELS_DIR`, or `models` at the root.
pub(crate) fn models() -> PathBuf {
    std::env::var_os("OCR_CHAT_MODELS_DIR").map_or_else(|| root().join("models"), PathBuf::from)
}

/// Whether this is continuous integration, where nothing that should be checked may be missing.
pub(crate) fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Target folder of the WebAssembly builds: apart, so that they and native builds do not wait for one another's lock.
pub(crate) fn wasm_target() -> PathBuf {
    target().join("wasm")
}
