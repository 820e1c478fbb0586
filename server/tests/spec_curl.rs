//! The curl calls of the public specification, run by a shell as they stand there but for host, token and uuid.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has to stop, in helpers too"
)]

mod weights;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// "Send a document", "Get the result", "Download formats" of the specification, then its three steps at the end.
const SUBMIT: &str = r#"curl -X POST https://ocr.chat/api/v1/ocr/ \
  -H "Authorization: Bearer YOUR_API_TOKEN" \
  -F "file=@invoice.pdf" \
  -F "tier=vlm" \
  -F "language=auto""#;
const POLL: &str = r#"curl https://ocr.chat/api/v1/ocr/9f2c1b7e4a.../ \
  -H "Authorization: Bearer YOUR_API_TOKEN""#;
const DOWNLOAD: &str = r#"curl -L "https://ocr.chat/api/v1/ocr/9f2c1b7e4a.../download/?format=docx" \
  -H "Authorization: Bearer YOUR_API_TOKEN" -o result.docx"#;
const STEP_1: &str = r#"curl -X POST https://ocr.chat/api/v1/ocr/ \
  -H "Authorization: Bearer YOUR_API_TOKEN" \
  -F "file=@invoice.pdf" -F "tier=vlm""#;
const STEP_2: &str = r#"curl https://ocr.chat/api/v1/ocr/UUID/ \
  -H "Authorization: Bearer YOUR_API_TOKEN""#;
const STEP_3: &str = r#"curl -L "https://ocr.chat/api/v1/ocr/UUID/download/?format=md" \
  -H "Authorization: Bearer YOUR_API_TOKEN" -o result.md"#;

/// `ocr-chat serve` on a new data folder, with the token that it prints; killed and cleared away when dropped.
struct Server {
    process: Child,
    address: String,
    token: String,
    folder: PathBuf,
}

impl Server {
    fn start() -> Self {
        let name = format!("ocr-chat-curl-{}", ocr_chat_server::hex::random(8).unwrap());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_ocr-chat"))
            .arg("serve")
            .env("OCR_CHAT_LISTEN", "127.0.0.1:0")
            .env("OCR_CHAT_DATA_DIR", folder.join("data"))
            .env("OCR_CHAT_MODELS_DIR", weights::models_dir())
            .env("OCR_CHAT_MODEL", "tiny")
            .env("OCR_CHAT_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut token = None;
        let mut address = None;
        for line in BufReader::new(process.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if let Some((_, printed)) = line.split_once("(shown this once): ") {
                token = Some(printed.to_owned());
            }
            address = line.strip_prefix("Listening on ").map(str::to_owned);
            if address.is_some() {
                break;
            }
        }
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/page-en.pdf");
        std::fs::copy(fixture, folder.join("invoice.pdf")).unwrap();
        Self {
            process,
            address: address.expect("the server ended before it listened"),
            token: token.expect("a new data folder has a token"),
            folder,
        }
    }

    /// Runs a call of the specification in the folder with the invoice; what it prints.
    fn run(&self, call: &str, uuid: &str) -> String {
        let script = call
            .replace("https://ocr.chat", &self.address)
            .replace("YOUR_API_TOKEN", &self.token)
            .replace("9f2c1b7e4a...", uuid)
            .replace("UUID", uuid);
        let done = Command::new("sh")
            .args(["-c", &script])
            .current_dir(&self.folder)
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{call}\n{}",
            String::from_utf8_lossy(&done.stderr)
        );
        String::from_utf8(done.stdout).unwrap()
    }

    fn json(&self, call: &str, uuid: &str) -> Value {
        let text = self.run(call, uuid);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{call}: {error}: {text}"))
    }

    fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.join(name)).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn the_calls_of_the_specification_run_as_they_stand() {
    let server = Server::start();
    let job = server.json(SUBMIT, "");
    assert_eq!(
        (&job["status"], &job["language"]),
        (&"done".into(), &"auto".into()),
        "{job}"
    );
    for key in [
        "uuid",
        "tier",
        "page_count",
        "mean_confidence",
        "text",
        "markdown",
    ] {
        assert!(!job[key].is_null(), "{key}: {job}");
    }
    let page = &job["pages"][0];
    assert_eq!(page["index"], 0);
    let block = &page["blocks"][0];
    assert!(
        block["text"].is_string() && block["confidence"].is_number(),
        "{block}"
    );
    assert_eq!(block["bbox"].as_array().map(Vec::len), Some(4), "{block}");

    let uuid = job["uuid"].as_str().unwrap();
    let polled = server.json(POLL, uuid);
    assert_eq!(polled["text"], job["text"]);
    server.run(DOWNLOAD, uuid);
    assert!(server.file("result.docx").starts_with(b"PK"));

    let uuid = server.json(STEP_1, "")["uuid"].as_str().unwrap().to_owned();
    let polled = server.json(STEP_2, &uuid);
    server.run(STEP_3, &uuid);
    let markdown = String::from_utf8(server.file("result.md")).unwrap();
    assert_eq!(
        markdown.trim_end(),
        polled["markdown"].as_str().unwrap().trim_end()
    );
}
