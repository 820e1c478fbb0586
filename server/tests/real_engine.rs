//! The API and the command line with the real engine. Needs the models; fails without them.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has to stop, in helpers too"
)]

mod text_tiff;

mod weights;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use ocr_chat_engine::Limits;
use ocr_chat_models::Manifest;
use ocr_chat_server::reader::{EngineReader, load_engine};
use ocr_chat_server::{App, Config};
use serde_json::Value;
use tower::ServiceExt;

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("ocr-chat-real-{}", ocr_chat_server::hex::random(8).unwrap());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn start(folder: &Folder) -> App {
    let engine = load_engine("tiny", &weights::models_dir(), Limits::server(), 2).unwrap();
    let config = Config::with_data_dir(folder.0.join("data")).unwrap();
    App::start(
        config,
        Arc::new(EngineReader(engine)),
        Manifest::built_in().unwrap(),
    )
    .await
    .unwrap()
}

async fn post(router: Router, file: &[u8]) -> (u16, Value) {
    let mut body =
        b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n".to_vec();
    body.extend(file);
    body.extend(
        b"\r\n--x\r\nContent-Disposition: form-data; name=\"detail\"\r\n\r\nwords\r\n--x--\r\n",
    );
    let request = Request::post("/api/v1/ocr/")
        .header("content-type", "multipart/form-data; boundary=x")
        .body(Body::from(body))
        .unwrap();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

/// Runs `ocr-chat ocr` with the tiny model.
fn ocr(arguments: &[&str], stdin: &[u8]) -> Output {
    let mut process = Command::new(env!("CARGO_BIN_EXE_ocr-chat"))
        .args(["ocr", "--model", "tiny"])
        .args(arguments)
        .env("OCR_CHAT_MODELS_DIR", weights::models_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A wrong command line ends before anything is read.
    let _ = process.stdin.take().unwrap().write_all(stdin);
    process.wait_with_output().unwrap()
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn two_pages() -> Vec<u8> {
    text_tiff::tiff(&["PAGE101".to_owned(), "PAGE202".to_owned()])
}

#[tokio::test]
async fn the_api_and_the_command_line_answer_the_same() {
    let folder = Folder::new();
    let app = start(&folder).await;
    let (status, api) = post(app.router.clone(), &two_pages()).await;
    assert_eq!(status, 200, "{api}");
    assert_eq!(api["status"], "done");
    let text = text_tiff::letters_of(api["text"].as_str().unwrap());
    assert_eq!(text, "PAGE101\u{c}PAGE202");
    assert_eq!(api["engine"]["models"][0], "ppocrv6-tiny");
    assert_eq!(api["pages"][1]["width"], 640);

    let words = ["--format", "json", "--detail", "words"];
    let output = ocr(
        &[&words[..], &["--markdown-map", "-"]].concat(),
        &two_pages(),
    );
    assert!(output.status.success(), "{}", text_of(&output.stderr));
    let cli: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(cli["processed_by"], "device");
    for key in [
        "pages",
        "text",
        "markdown",
        "mean_confidence",
        "page_count",
        "engine",
        "status",
    ] {
        assert_eq!(cli[key], api[key], "{key}");
    }
    assert!(api.get("markdown_map").is_none(), "off by default");
    let span = &cli["markdown_map"][1];
    let block = &cli["pages"][1]["blocks"][0];
    assert_eq!((&span["page"], &span["bbox"]), (&1.into(), &block["bbox"]));
}

#[tokio::test]
async fn what_is_no_document_is_refused_with_its_code() {
    let folder = Folder::new();
    let app = start(&folder).await;
    for (file, code) in [
        (&b""[..], "empty_file"),
        (b"just text", "unsupported_type"),
        (b"\x89PNG\r\n\x1a\n", "damaged_file"),
    ] {
        let (status, answer) = post(app.router.clone(), file).await;
        assert_eq!(
            (status, answer["code"].as_str().unwrap()),
            (400, code),
            "{answer}"
        );
    }
}

#[test]
fn the_command_line_writes_a_file_for_each_input_and_goes_on_after_a_bad_one() {
    let folder = Folder::new();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let first = file("a/scan.tiff", &two_pages());
    let bad = file("bad.png", b"no picture");
    let second = file("b/scan.tif", &text_tiff::tiff(&["PAGE157".to_owned()]));
    let out = folder.0.join("out");
    let output = ocr(
        &[
            "--format",
            "md",
            "--out",
            out.to_str().unwrap(),
            &first,
            &bad,
            "missing.png",
            &second,
        ],
        b"",
    );
    assert_eq!(output.status.code(), Some(1));
    let errors = text_of(&output.stderr);
    assert_eq!(
        errors.lines().count(),
        2,
        "no progress without a terminal: {errors}"
    );
    assert!(errors.contains("bad.png: this is not a PNG"), "{errors}");
    assert!(errors.contains("missing.png: cannot be read"), "{errors}");
    assert!(output.stdout.is_empty());
    let read =
        |name: &str| text_tiff::letters_of(&std::fs::read_to_string(out.join(name)).unwrap());
    assert!(read("scan.md").contains("PAGE101") && read("scan.md").contains("PAGE202"));
    let text = read("scan-2.md");
    assert!(text.contains("PAGE157"), "{text}");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 2);
}

#[test]
fn the_command_line_reads_chosen_pages_and_says_what_is_not_available() {
    let output = ocr(&["--pages", "2", "-"], &two_pages());
    assert_eq!(
        text_tiff::letters_of(&text_of(&output.stdout)),
        "PAGE202\n",
        "{}",
        text_of(&output.stderr)
    );
    for (arguments, expected) in [
        (["--pages", "3", "-"], "none of them in --pages"),
        (["--format", "exe", "-"], "unknown format"),
        (["--ocr", "never", "-"], "invalid value"),
        (["--tier", "gpu", "-"], "invalid value"),
        (["--tool", "translate", "-"], "needs a translator"),
        (["--language", "klingon", "-"], "is not known"),
        (
            ["--layout", "columns", "-"],
            "[possible values: flowing, kept]",
        ),
        (["--format=md", "--layout=kept", "-"], "--format txt"),
        (["--format=md", "--markdown-map", "-"], "--format json"),
        (["--model", "huge", "-"], "cannot be used multiple times"),
    ] {
        let output = ocr(&arguments, &two_pages());
        let errors = text_of(&output.stderr);
        assert!(
            !output.status.success() && errors.contains(expected),
            "{arguments:?}: {errors}"
        );
    }
}
