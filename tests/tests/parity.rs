//! The WebAssembly build reads what the native one reads. Run by `cargo xtask test parity`, which builds it for Node first.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use ocr_chat_engine::{Limits, ReadOptions, Source};
use ocr_chat_tests::{models, score};

/// Pictures only: the OCR Worker has no PDF renderer.
const FILES: [&str; 5] = [
    "page-en.png",
    "receipt-en.jpg",
    "line-en.png",
    "exif-6.jpg",
    "two-pages.tiff",
];

/// Share of the characters that may differ.
const MAX_DIFFERENCE: f64 = 0.001;

#[test]
#[ignore = "needs the WebAssembly build: cargo xtask test parity"]
fn webassembly_and_native_read_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut node = Command::new("node")
        .args(["tests/wasm/read.mjs", "--serve", "--model", "tiny"])
        .current_dir(&root)
        .env("OCR_CHAT_MODELS_DIR", models::models_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = node.stdin.take().unwrap();
    let mut lines = BufReader::new(node.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    let engine = models::engine("tiny", 2).unwrap();
    let (mut differing, mut total) = (0, 0);
    for file in FILES {
        let path = root.join("tests/fixtures").join(file);
        writeln!(input, "{}", path.display()).unwrap();
        let answer: serde_json::Value =
            serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        let source = Source::open(fs::read(&path).unwrap(), &Limits::server(), None).unwrap();
        let document = engine
            .read_document(&source, &ReadOptions::default(), |_| ())
            .unwrap();
        let native = document.text();
        let difference = score::distance(&native, answer["text"].as_str().unwrap());
        eprintln!(
            "{file}: {difference} of {} characters differ",
            native.chars().count()
        );
        assert!(native.chars().count() > 20, "{file} was not read");
        differing += difference;
        total += native.chars().count();
    }
    drop(input);
    assert!(node.wait().unwrap().success());
    let share = differing as f64 / total as f64;
    assert!(
        share <= MAX_DIFFERENCE,
        "{differing} of {total} characters differ"
    );
}
