//! `cargo xtask test`: every check, in the order in which they fail fastest.

use std::fs;
use std::process::Command;
use std::time::Instant;

use crate::command::{self, step};
use crate::{Outcome, contract, exports, paths, setup, tools, wasm, web};

type Check = fn() -> Outcome;

const STEPS: [(&str, Check); 11] = [
    ("fmt", fmt),
    ("setup", setup),
    ("clippy", clippy),
    ("native", native),
    ("contract", contract::check),
    ("wasm", wasm_unit),
    ("web", web::build),
    ("parity", parity),
    ("exports", exports::check),
    ("browser", browser),
    ("licences", licences),
];

/// S3-compatible storage for the server's tests, each package with its version.
const STORAGE_REQUIREMENTS: &str = "tests/storage/requirements.txt";

/// Runs all steps, or those named; the first that fails ends it.
#[expect(
    clippy::disallowed_methods,
    reason = "progress for a person at a terminal, natively"
)]
pub(crate) fn run(names: &[String]) -> Outcome {
    if let Some(unknown) = names
        .iter()
        .find(|name| STEPS.iter().all(|(step, _)| step != name))
    {
        let known: Vec<&str> = STEPS.iter().map(|(name, _)| *name).collect();
        return Err(format!(
            "unknown step {unknown:?}: it is one of {}",
            known.join(", ")
        ));
    }
    let selected = STEPS
        .iter()
        .filter(|(name, _)| names.is_empty() || names.iter().any(|n| n == name));
    let mut summary = Vec::new();
    let (mut n_passed, mut failure) = (0, None);
    for (name, check) in selected {
        eprintln!("\n######## {name}");
        let start = Instant::now();
        let outcome = check();
        let seconds = start.elapsed().as_secs();
        summary.push(format!(
            "{name:<10} {seconds:>5} s  {}",
            if outcome.is_ok() { "passed" } else { "FAILED" }
        ));
        match outcome {
            Ok(()) => n_passed += 1,
            Err(error) => {
                failure = Some(format!("{name}: {error}"));
                break;
            }
        }
    }
    eprintln!("\n{}", summary.join("\n"));
    // On standard output, the line that a machine reads.
    #[expect(clippy::print_stdout, reason = "the closing line of a test runner")]
    {
        println!(
            "{n_passed} passed, {} failed",
            usize::from(failure.is_some())
        );
    }
    failure.map_or(Ok(()), Err)
}

fn fmt() -> Outcome {
    command::run(&mut command::cargo(["fmt", "--all", "--check"]))
}

fn clippy() -> Outcome {
    step("clippy, native", || {
        let mut cargo = command::cargo([
            "clippy",
            "--locked",
            "--workspace",
            "--exclude",
            "ocr-chat-app",
            "--all-targets",
        ]);
        command::run(cargo.args(["--", "-D", "warnings"]))
    })?;
    step("clippy, WebAssembly", || {
        let mut cargo = command::cargo([
            "clippy",
            "--locked",
            "--target",
            "wasm32-unknown-unknown",
            "-p",
            "ocr-chat-app",
            "-p",
            "ocr-chat-worker",
        ]);
        cargo.args([
            "--features",
            "ocr-chat-worker/ocr,ocr-chat-worker/pdf,ocr-chat-worker/export",
        ]);
        cargo.env("CARGO_TARGET_DIR", paths::wasm_target());
        command::run(cargo.args(["--", "-D", "warnings"]))
    })
}

fn native() -> Outcome {
    let mut cargo = command::cargo([
        "test",
        "--locked",
        "--workspace",
        "--exclude",
        "ocr-chat-app",
    ]);
    let moto = tools::python_environment("storage-venv", STORAGE_REQUIREMENTS)?;
    cargo.env("OCR_CHAT_TEST_MOTO_PYTHON", moto);
    command::run(cargo.env("OCR_CHAT_MODELS_DIR", paths::models()))?;
    // By itself: among the others its features would have half of their dependencies built again, and it needs no engine.
    step("The app's unit tests", || {
        command::run(&mut command::cargo([
            "test",
            "--locked",
            "-p",
            "ocr-chat-app",
        ]))
    })
}

/// The unit tests of the crates that run in the browser, as WebAssembly in Node.
fn wasm_unit() -> Outcome {
    let mut cargo = command::cargo([
        "test",
        "--locked",
        "--target",
        "wasm32-unknown-unknown",
        "-p",
        "ocr-chat-document",
        "-p",
        "ocr-chat-export",
        "-p",
        "ocr-chat-sources",
        "-p",
        "ocr-chat-language",
        "-p",
        "ocr-chat-langid",
        "-p",
        "ocr-chat-lstm",
        "-p",
        "ocr-chat-engine",
        "--lib",
    ]);
    cargo.env("CARGO_TARGET_DIR", paths::wasm_target());
    cargo.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
        paths::tools_bin().join("wasm-bindgen-test-runner"),
    );
    command::run(&mut cargo)
}

/// The fixtures read by the WebAssembly build and by the native one: the same text.
fn parity() -> Outcome {
    wasm::build_for_node()?;
    let mut cargo = command::cargo([
        "test",
        "--locked",
        "-p",
        "ocr-chat-tests",
        "--test",
        "parity",
        "--",
        "--ignored",
    ]);
    command::run(cargo.env("OCR_CHAT_MODELS_DIR", paths::models()))
}

fn browser() -> Outcome {
    tools::npm_ci("tests/browser")?;
    step("The server, for the browser tests", || {
        command::run(&mut command::cargo([
            "build",
            "--locked",
            "-p",
            "ocr-chat-server",
        ]))
    })?;
    step("The PDF writer, for the browser tests", || {
        command::run(&mut command::cargo([
            "build",
            "--locked",
            "-p",
            "ocr-chat-export",
            "--example",
            "searchable_pdf",
        ]))
    })?;
    // Named one by one: versions of Node differ in what a folder means to them.
    let folder = paths::root().join("tests/browser");
    let entries =
        fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    files.sort();
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=spec"])
        .args(files)
        .current_dir(paths::root())
        .env("OCR_CHAT_BINARY", paths::target().join("debug/ocr-chat"))
        .env(
            "OCR_CHAT_PDF_WRITER",
            paths::target().join("debug/examples/searchable_pdf"),
        )
        .env("OCR_CHAT_MODELS_DIR", paths::models())
        .env("OCR_CHAT_WEB_DIR", paths::root().join("dist"));
    command::run(&mut node)
}

/// Lighthouse on pages of a server of its own; all of them unless some are named.
pub(crate) fn lighthouse(pages: &[String]) -> Outcome {
    web::build()?;
    // It drives the browser with the tests' own means.
    tools::npm_ci("tests/browser")?;
    tools::npm_ci("tests/lighthouse")?;
    // As it is deployed: a debug build writes its pages some times slower.
    command::run(&mut command::cargo([
        "build",
        "--release",
        "--locked",
        "-p",
        "ocr-chat-server",
    ]))?;
    let mut node = Command::new("node");
    node.arg("tests/lighthouse/run.mjs")
        .args(pages)
        .current_dir(paths::root())
        .env("OCR_CHAT_BINARY", paths::target().join("release/ocr-chat"))
        .env("OCR_CHAT_MODELS_DIR", paths::models())
        .env("OCR_CHAT_WEB_DIR", paths::root().join("dist"));
    command::run(&mut node)
}

fn licences() -> Outcome {
    tools::install_tool(&tools::CARGO_DENY)?;
    let mut deny = command::with_tools("cargo-deny");
    command::run(deny.args([
        "--offline",
        "--all-features",
        "check",
        "licenses",
        "bans",
        "sources",
    ]))
}
