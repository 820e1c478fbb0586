//! The invariants of ARCHITECTURE.md that can be seen from outside.

#![expect(clippy::unwrap_used, reason = "clippy knows tests, not their helpers")]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The Rust files below `folder` that hold one of `words` outside of their unit tests.
fn holding(folder: &str, words: &[&str]) -> Vec<String> {
    let mut files = Vec::new();
    rust_files(&root().join(folder), &mut files);
    assert!(!files.is_empty(), "{folder} has no Rust files");
    files
        .into_iter()
        .filter(|file| {
            let source = fs::read_to_string(file).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap_or("");
            words.iter().any(|word| code.contains(word))
        })
        .map(|file| file.display().to_string())
        .collect()
}

fn dependencies(crate_folder: &str) -> String {
    let manifest = fs::read_to_string(root().join(crate_folder).join("Cargo.toml")).unwrap();
    let start = manifest.find("[dependencies]").unwrap();
    let end = manifest[start + 1..]
        .find("\n[")
        .map_or(manifest.len(), |end| start + 1 + end);
    manifest[start..end].to_owned()
}

#[test]
fn the_engine_opens_no_file_and_no_socket_and_asks_no_clock() {
    for crate_folder in [
        "wasm-engine/engine/src",
        "wasm-engine/export/src",
        "wasm-engine/sources/src",
        "wasm-engine/document/src",
        "wasm-engine/language/src",
        "wasm-engine/langid/src",
        "wasm-engine/lstm/src",
    ] {
        let outside = [
            "std::fs",
            "std::net",
            "std::env::",
            "Instant",
            "SystemTime",
            "std::process",
            "wasm_bindgen::",
            "web_sys",
        ];
        let mut files = holding(crate_folder, &outside);
        // Tests may look for models on this machine.
        files.retain(|file| !file.ends_with("/tests.rs"));
        assert_eq!(files, [""; 0], "{crate_folder}");
    }
}

#[test]
fn the_document_depends_on_serde_alone() {
    let dependencies = dependencies("wasm-engine/document");
    assert_eq!(
        dependencies.trim(),
        "[dependencies]\nserde.workspace = true"
    );
}

#[test]
fn dependencies_point_one_way() {
    for (crate_folder, forbidden) in [
        (
            "wasm-engine/engine",
            &[
                "ocr-chat-export",
                "ocr-chat-sources",
                "ocr-chat-worker",
                "ocr-chat-server",
            ][..],
        ),
        (
            "wasm-engine/export",
            &["ocr-chat-engine", "ocr-chat-worker", "ocr-chat-server"],
        ),
        (
            "wasm-engine/sources",
            &["ocr-chat-worker", "ocr-chat-server"],
        ),
        (
            "wasm-engine/lstm",
            &["ocr-chat-engine", "ocr-chat-document"],
        ),
        (
            "wasm-engine/langid",
            &["ocr-chat-engine", "ocr-chat-document"],
        ),
        (
            "wasm-engine/language",
            &["ocr-chat-engine", "ocr-chat-document"],
        ),
        ("wasm-engine/worker", &["ocr-chat-server", "ocr-chat-app"]),
        ("server", &["ocr-chat-app", "ocr-chat-worker"]),
        (
            "server/vision",
            &[
                "ocr-chat-engine",
                "ocr-chat-export",
                "ocr-chat-server",
                "axum",
                "sqlx",
                "tracing",
            ],
        ),
        ("app", &["ocr-chat-server"]),
        (
            "app/pages",
            &["ocr-chat-server", "ocr-chat-app", "ocr-chat-engine"],
        ),
    ] {
        let dependencies = dependencies(crate_folder);
        for name in forbidden {
            assert!(
                !dependencies.contains(name),
                "{crate_folder} depends on {name}"
            );
        }
    }
}

#[test]
fn a_stage_knows_no_other_stage() {
    for (stage, others) in [
        (
            "wasm-engine/engine/src/source",
            &[
                "crate::detect",
                "crate::classify",
                "crate::recognise",
                "crate::layout",
                "crate::read",
                "crate::pipeline",
            ][..],
        ),
        (
            "wasm-engine/engine/src/detect",
            &[
                "crate::source",
                "crate::recognise",
                "crate::layout",
                "crate::pipeline",
            ],
        ),
        (
            "wasm-engine/engine/src/recognise",
            &[
                "crate::source",
                "crate::detect",
                "crate::layout",
                "crate::pipeline",
            ],
        ),
        (
            "wasm-engine/engine/src/classify",
            &[
                "crate::source",
                "crate::detect",
                "crate::recognise",
                "crate::layout",
                "crate::read",
                "crate::pipeline",
            ],
        ),
        (
            "wasm-engine/engine/src/layout",
            &[
                "crate::source",
                "crate::detect",
                "crate::recognise",
                "crate::pipeline",
            ],
        ),
    ] {
        assert_eq!(holding(stage, others), [""; 0], "{stage}");
    }
}

#[test]
fn sql_and_http_stay_where_they_belong() {
    let mut sql = holding(
        "server/src",
        &["sqlx::query", "SELECT ", "INSERT INTO", "UPDATE "],
    );
    sql.retain(|file| !file.contains("/db/"));
    assert_eq!(sql, [""; 0], "SQL outside of server/src/db");
    let mut http = holding("app/src", &["fetch_with", "Request::new", "RequestInit"]);
    http.retain(|file| !file.contains("/api/"));
    assert_eq!(http, [""; 0], "HTTP outside of app/src/api");
}

/// Paths in backquotes that look like files of the project.
#[test]
fn every_path_that_architecture_names_exists() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let folders = ["", "server/src", "wasm-engine/engine/src", "app/src"];
    for (word_idx, word) in text.split('`').enumerate() {
        let is_path = word_idx % 2 == 1
            && word.contains('/')
            && !word.contains([' ', '{', '<', '*', '?', '\n'])
            && !word.starts_with(['/', '~']);
        let is_build_output = word.starts_with("target/") || word.starts_with("dist/");
        if is_path && !is_build_output {
            let exists = folders
                .iter()
                .any(|folder| root().join(folder).join(word).exists());
            assert!(exists, "ARCHITECTURE.md names {word}, which does not exist");
        }
    }
}
