//! The real binary is killed in the middle of a 30-page job and started again; and stopped as it should be.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has to stop, in helpers too"
)]

mod text_tiff;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

/// A server process on a free port of the loopback interface; killed when dropped.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(data_dir: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_ocr-chat"))
            .arg("serve")
            .env("OCR_CHAT_LISTEN", "127.0.0.1:0")
            .env("OCR_CHAT_DATA_DIR", data_dir)
            .env("OCR_CHAT_MODELS_DIR", text_tiff::models_dir())
            .env("OCR_CHAT_MODEL", "tiny")
            .env("OCR_CHAT_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = loop {
            let line = lines
                .next()
                .expect("the server ended before it listened")
                .unwrap();
            if let Some(address) = line.strip_prefix("Listening on http://") {
                break address.to_owned();
            }
        };
        Self { process, address }
    }

    fn get(&self, path: &str) -> Value {
        self.request("GET", path, "", &[])
    }

    /// The JSON that the server answers with 200.
    fn request(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Value {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        serde_json::from_str(body).unwrap()
    }

    /// SIGTERM, as service managers send it; the server has 10 seconds.
    #[cfg(unix)]
    fn terminate(mut self) -> std::process::ExitStatus {
        let pid = self.process.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        (0..100)
            .find_map(|_| {
                sleep(Duration::from_millis(100));
                self.process.try_wait().unwrap()
            })
            .expect("the server ends within 10 seconds")
    }

    /// SIGKILL: no destructor and no signal handler runs.
    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct DataDir(PathBuf);

impl Drop for DataDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn n_pages_read(job: &Value) -> usize {
    job["pages"].as_array().unwrap().len()
}

fn data_dir() -> DataDir {
    let name = format!(
        "ocr-chat-kill9-{}",
        ocr_chat_server::hex::random(8).unwrap()
    );
    DataDir(std::env::temp_dir().join(name))
}

/// Uploads a file with a page for each of `texts`.
fn upload(server: &Server, texts: &[String]) -> Value {
    let mut body =
        b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.tiff\"\r\n\r\n"
            .to_vec();
    body.extend(text_tiff::tiff(texts));
    body.extend(b"\r\n--x--\r\n");
    let headers = "Content-Type: multipart/form-data; boundary=x\r\n";
    server.request("POST", "/api/v1/ocr/", headers, &body)
}

/// Polls until the job has ended.
fn ended(server: &Server, path: &str) -> Value {
    (0..600)
        .find_map(|_| {
            sleep(Duration::from_millis(100));
            Some(server.get(path))
                .filter(|job| job["status"] == "done" || job["status"] == "failed")
        })
        .expect("the job ends within a minute")
}

fn path_of(job: &Value) -> String {
    format!("/api/v1/ocr/{}/", job["uuid"].as_str().unwrap())
}

#[cfg(unix)]
#[test]
fn a_server_that_is_told_to_stop_ends_well_and_goes_on_later() {
    let data_dir = data_dir();
    let server = Server::start(&data_dir.0);
    let job = upload(&server, &vec!["PAGE157".to_owned(); 12]);
    assert_eq!(server.terminate().code(), Some(0));
    let server = Server::start(&data_dir.0);
    let job = ended(&server, &path_of(&job));
    assert_eq!(job["usage"]["pages"], 12);
}

#[test]
fn a_job_of_30_pages_survives_kill_9_without_a_page_twice() {
    let data_dir = data_dir();
    let texts: Vec<String> = (1..=30).map(|page| format!("PAGE{}", 100 + page)).collect();
    let server = Server::start(&data_dir.0);
    let job = upload(&server, &texts);
    assert_eq!(job["page_count"], 30);
    assert!(
        job["status"] == "pending" || job["status"] == "processing",
        "{job}"
    );
    let path = path_of(&job);

    // Twice, so that the second life is one that took up the work of a first.
    let mut server = server;
    for n_wanted in [5, 15] {
        let job = loop {
            let job = server.get(&path);
            if n_pages_read(&job) >= n_wanted {
                break job;
            }
            sleep(Duration::from_millis(10));
        };
        assert_eq!(
            job["status"], "processing",
            "killed too late to mean anything"
        );
        server.kill();
        server = Server::start(&data_dir.0);
        let kept = n_pages_read(&server.get(&path));
        assert!(
            kept >= n_pages_read(&job),
            "{kept} pages of {}",
            n_pages_read(&job)
        );
    }

    let job = ended(&server, &path);
    assert_eq!(job["status"], "done");
    assert_eq!(job["usage"]["pages"], 30);
    let pages = job["pages"].as_array().unwrap();
    assert_eq!(pages.len(), 30);
    for (index, page) in pages.iter().enumerate() {
        assert_eq!(page["index"], index);
        assert_eq!(page["status"], "done", "{page}");
        let text = text_tiff::letters_of(page["text"].as_str().unwrap());
        assert_eq!(text, texts[index]);
    }
    let n_uploads = std::fs::read_dir(data_dir.0.join("blobs")).unwrap().count();
    assert_eq!(n_uploads, 1, "the file stays as long as the result");
}
