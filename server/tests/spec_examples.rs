//! The examples of the public specification, run as they stand there but for host, token and uuid: curl by a shell, Python and Node
//! by their interpreters.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has to stop, in helpers too"
)]

mod weights;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
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

/// "Chat with the document".
const CHAT: &str = r#"curl -X POST https://ocr.chat/api/v1/chat/9f2c1b7e4a.../ \
  -H "Authorization: Bearer YOUR_API_TOKEN" \
  -H "Content-Type: application/json" \
  -d '{"message": "What is the invoice total and due date?"}'"#;

/// The example in Python.
const PYTHON: &str = r#"import requests, time

API = "https://ocr.chat/api/v1/ocr/"
H = {"Authorization": "Bearer YOUR_API_TOKEN"}

# Submit
with open("invoice.pdf", "rb") as f:
    job = requests.post(API, headers=H,
        files={"file": f}, data={"tier": "vlm"}).json()

# Poll until done
while job["status"] in ("pending", "processing"):
    time.sleep(2)
    job = requests.get(API + job["uuid"] + "/", headers=H).json()

print(job["markdown"])

# Download as DOCX
r = requests.get(API + job["uuid"] + "/download/",
                 headers=H, params={"format": "docx"})
open("result.docx", "wb").write(r.content)
"#;

/// The example for Node.
const NODE: &str = r#"import fs from "fs";

const API = "https://ocr.chat/api/v1/ocr/";
const H = { Authorization: "Bearer YOUR_API_TOKEN" };

const form = new FormData();
form.append("file", new Blob([fs.readFileSync("invoice.pdf")]), "invoice.pdf");
form.append("tier", "vlm");

let job = await (await fetch(API, { method: "POST", headers: H, body: form })).json();

while (["pending", "processing"].includes(job.status)) {
  await new Promise(r => setTimeout(r, 2000));
  job = await (await fetch(API + job.uuid + "/", { headers: H })).json();
}
console.log(job.markdown);
"#;

/// The invoice of the examples: a PDF with text of its own.
fn invoice() -> Vec<u8> {
    let lines = [
        "INVOICE",
        "Acme Corp",
        "Invoice No: INV-17",
        "Due date: 3 March 2027",
        "Hammer 3 x 71.50",
        "Total: 215.00 USD",
    ];
    let mut content = String::from("BT /F1 14 Tf 72 720 Td 28 TL\n");
    for line in lines {
        content.push_str(&format!("({line}) Tj T*\n"));
    }
    content.push_str("ET\n");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{content}endstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let mut pdf = String::from("%PDF-1.4\n");
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(objects) {
        offsets.push(pdf.len());
        pdf.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let start = pdf.len();
    pdf.push_str("xref\n0 6\n0000000000 65535 f \n");
    for offset in offsets {
        pdf.push_str(&format!("{offset:010} 00000 n \n"));
    }
    pdf.push_str(&format!(
        "trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    ));
    pdf.into_bytes()
}

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
        std::fs::write(folder.join("invoice.pdf"), invoice()).unwrap();
        Self {
            process,
            address: address.expect("the server ended before it listened"),
            token: token.expect("a new data folder has a token"),
            folder,
        }
    }

    /// An example with our host, token and uuid.
    fn filled(&self, example: &str, uuid: &str) -> String {
        example
            .replace("https://ocr.chat", &self.address)
            .replace("YOUR_API_TOKEN", &self.token)
            .replace("9f2c1b7e4a...", uuid)
            .replace("UUID", uuid)
    }

    /// Runs a call of the specification in the folder with the invoice; what it prints.
    fn run(&self, call: &str, uuid: &str) -> String {
        let mut shell = Command::new("sh");
        shell.args(["-c", &self.filled(call, uuid)]);
        self.output(shell, call)
    }

    fn output(&self, mut command: Command, call: &str) -> String {
        let done = command.current_dir(&self.folder).output().unwrap();
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

#[test]
fn the_document_answers_the_question_of_the_specification() {
    let server = Server::start();
    let job = server.json(STEP_1, "");
    let uuid = job["uuid"].as_str().unwrap();
    let answer = server.json(CHAT, uuid);
    assert!(answer["conversation"].is_string(), "{answer}");
    let message = &answer["message"];
    assert_eq!(message["role"], "assistant");
    let content = message["content"].as_str().unwrap();
    assert!(
        content.contains("215.00")
            && content.contains("3 March 2027")
            && content.contains("(p. 1)"),
        "{content}"
    );
    let text = job["text"].as_str().unwrap();
    for citation in message["citations"].as_array().unwrap() {
        assert_eq!(citation["page"], 1);
        let snippet = citation["snippet"].as_str().unwrap();
        let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(spaced(text).contains(&spaced(snippet)), "{snippet}");
    }
    let history = r#"curl https://ocr.chat/api/v1/chat/UUID/history/ -H "Authorization: Bearer YOUR_API_TOKEN""#;
    let told = server.json(history, uuid);
    assert_eq!(told["conversation"], answer["conversation"]);
    assert_eq!(told["messages"][1]["content"], message["content"]);
}

/// Python with requests comes with `cargo xtask test contract`, Node is there.
#[test]
#[ignore = "cargo xtask test contract"]
fn the_programs_of_the_specification_run_as_they_stand() {
    let server = Server::start();
    let python = std::env::var_os("OCR_CHAT_TEST_PYTHON")
        .expect("OCR_CHAT_TEST_PYTHON names an interpreter with requests");
    let mut command = Command::new(python);
    command.args(["-c", &server.filled(PYTHON, "")]);
    let printed = server.output(command, PYTHON);
    assert!(
        printed.contains("Acme Corp") && printed.contains("215.00"),
        "{printed}"
    );
    assert!(server.file("result.docx").starts_with(b"PK"));
    let script = server.folder.join("example.mjs");
    std::fs::write(&script, server.filled(NODE, "")).unwrap();
    let mut command = Command::new("node");
    command.arg(script);
    let printed = server.output(command, NODE);
    assert!(
        printed.contains("Acme Corp") && printed.contains("215.00"),
        "{printed}"
    );
}
