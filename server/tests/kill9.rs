//! The real binary is killed in the middle of a 30-page job and started again; and stopped as it should be.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has to stop, in helpers too"
)]

mod client;

mod text_tiff;

mod weights;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use ocr_chat_server::audit::Actor;
use ocr_chat_server::db::Database;
use ocr_chat_server::db::accounts::Account;
use ocr_chat_server::db::metering::owner_of;
use ocr_chat_server::ids::AccountId;
use ocr_chat_server::metering::Plan;
use ocr_chat_server::secret::SecretKeys;
use ocr_chat_server::web::tokens;
use serde_json::Value;

/// A server process on a free port of the loopback interface; killed when dropped.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(data_dir: &Path) -> Self {
        Self::start_with(data_dir, &[])
    }

    fn start_with(data_dir: &Path, variables: &[(&str, &str)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_ocr-chat"))
            .arg("serve")
            .env("OCR_CHAT_LISTEN", "127.0.0.1:0")
            .env("OCR_CHAT_DATA_DIR", data_dir)
            .env("OCR_CHAT_MODELS_DIR", weights::models_dir())
            .env("OCR_CHAT_MODEL", "tiny")
            .env("OCR_CHAT_LOG", "warn")
            .envs(variables.iter().copied())
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
        let (status, json) = request(&self.address, method, path, headers, body).unwrap();
        assert_eq!(status, 200, "{json}");
        json
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

/// The status and the JSON of a server's answer; `None` when the connection breaks or the answer is no JSON.
fn request(
    address: &str,
    method: &str,
    path: &str,
    headers: &str,
    body: &[u8],
) -> Option<(u16, Value)> {
    client::request(address, method, path, headers, body).filter(|(_, json)| !json.is_null())
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

const FORM: &str = "Content-Type: multipart/form-data; boundary=x\r\n";

/// A multipart body with a file that has a page for each of `texts`.
fn form(texts: &[String]) -> Vec<u8> {
    let mut body =
        b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.tiff\"\r\n\r\n"
            .to_vec();
    body.extend(text_tiff::tiff(texts));
    body.extend(b"\r\n--x--\r\n");
    body
}

/// Uploads a file with a page for each of `texts`.
fn upload(server: &Server, texts: &[String]) -> Value {
    server.request("POST", "/api/v1/ocr/", FORM, &form(texts))
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

const PRICES: &str = "\
    [prices]\ncpu = 1\nvlm = 3\nvlm_local = 2\n\
    [plans.anonymous]\nallowance = 0\nperiod = \"day\"\npages_per_file = 9\n\
    [plans.free]\npages_per_file = 9\n\
    [plans.paid]\npages_per_file = 9\n\
    [plans.operator]\nunmetered = true\npages_per_file = 9\n";

/// Runs `ask` on the database of a data folder.
fn with_database<T>(data_dir: &Path, ask: impl AsyncFnOnce(Database) -> T) -> T {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let database = Database::open(None, data_dir).await.unwrap();
        let answer = ask(database.clone()).await;
        database.close().await;
        answer
    })
}

/// An account with `credits` and a token of it.
fn account(data_dir: &Path, credits: i64) -> (AccountId, String) {
    std::fs::create_dir_all(data_dir).unwrap();
    std::fs::write(data_dir.join("prices.toml"), PRICES).unwrap();
    let secrets = SecretKeys::of_file(&data_dir.join("secret_key")).unwrap();
    with_database(data_dir, async |database| {
        let account = Account::new(None, Plan::Paid).unwrap();
        assert!(database.insert_account(&account).await.unwrap());
        let actor = Actor::server();
        let grant = database.grant_credits(&account.id, credits, None, &actor);
        grant.await.unwrap();
        let (new, token) = tokens::make(&secrets, account.id.clone(), "test", None).unwrap();
        database.insert_token(&new, &Actor::server()).await.unwrap();
        (account.id, token)
    })
}

/// 200 requests against 50 credits, from 16 clients that send a request again, with the same Idempotency-Key, until it has its
/// answer; the server is killed twice in the middle.
#[test]
fn two_hundred_requests_against_fifty_pages_charge_fifty_through_kill_9_and_retries() {
    const N_REQUESTS: usize = 200;
    let data_dir = data_dir();
    let (account, token) = account(&data_dir.0, 50);
    let prices = data_dir.0.join("prices.toml");
    let start = || {
        Server::start_with(
            &data_dir.0,
            &[
                ("OCR_CHAT_PRICES", prices.to_str().unwrap()),
                ("OCR_CHAT_REQUESTS_PER_MINUTE", "0"),
            ],
        )
    };
    let mut server = Some(start());
    let address = Mutex::new(server.as_ref().unwrap().address.clone());
    let next = AtomicUsize::new(0);
    let answers = Mutex::new(Vec::new());
    let body = form(&["PAGE157".to_owned()]);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    if n >= N_REQUESTS {
                        return;
                    }
                    let headers = format!(
                        "{FORM}Authorization: Bearer {token}\r\nIdempotency-Key: request-{n}\r\n"
                    );
                    // A minute at most.
                    let answer = (0..600).find_map(|_| {
                        let address = address.lock().unwrap().clone();
                        let answer = request(&address, "POST", "/api/v1/ocr/", &headers, &body);
                        let answer = answer.filter(|(status, _)| *status != 503);
                        if answer.is_none() {
                            sleep(Duration::from_millis(100));
                        }
                        answer
                    });
                    answers.lock().unwrap().push(answer.unwrap());
                }
            });
        }
        for n_wanted in [10, 30] {
            while answers.lock().unwrap().len() < n_wanted {
                sleep(Duration::from_millis(5));
            }
            server.take().unwrap().kill();
            let next_life = server.insert(start());
            address.lock().unwrap().clone_from(&next_life.address);
        }
    });
    let answers = answers.into_inner().unwrap();
    assert_eq!(answers.len(), N_REQUESTS);
    let (taken, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|(status, _)| *status == 200);
    assert!(
        refused.iter().all(|(status, _)| *status == 402),
        "{refused:?}"
    );
    let mut uuids: Vec<&str> = taken
        .iter()
        .map(|(_, job)| job["uuid"].as_str().unwrap())
        .collect();
    uuids.sort_unstable();
    uuids.dedup();
    assert_eq!((uuids.len(), refused.len()), (50, 150));
    // Jobs whose answer came as the server was killed may still be read.
    let standing = (0..300).find_map(|_| {
        let standing = with_database(&data_dir.0, async |database| {
            database.standing(&owner_of(&account), "").await.unwrap()
        });
        sleep(Duration::from_millis(100));
        (standing.held == 0).then_some(standing)
    });
    assert_eq!(standing.unwrap().credits, 0, "exactly 50 were charged");
    server.take().unwrap().kill();
    let wrong = with_database(&data_dir.0, async |database| {
        database.check_books().await.unwrap()
    });
    assert_eq!(wrong, [""; 0]);
}
