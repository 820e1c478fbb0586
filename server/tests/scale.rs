//! Two servers and two workers, real processes, on one PostgreSQL database and one bucket: every page is read once and charged once,
//! and the books add up when a worker and a server are killed in the middle.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has to stop, in helpers too"
)]

#[path = "api/database.rs"]
mod database;

mod client;

mod process;

mod text_tiff;

mod weights;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use ocr_chat_server::audit::Actor;
use ocr_chat_server::blob::{BlobStore, BucketSettings, BucketStore};
use ocr_chat_server::db::Database;
use ocr_chat_server::db::accounts::Account;
use ocr_chat_server::db::metering::owner_of;
use ocr_chat_server::ids::{AccountId, JobId};
use ocr_chat_server::metering::Plan;
use ocr_chat_server::secret::SecretKeys;
use ocr_chat_server::web::tokens;
use serde_json::Value;

use client::request;
use process::{Deployment, Process, eventually, moto_python};

const PRICES: &str = "\
    [prices]\ncpu = 1\nvlm = 3\nvlm_local = 2\n\
    [plans.anonymous]\nallowance = 0\nperiod = \"day\"\npages_per_file = 9\n\
    [plans.free]\npages_per_file = 9\n\
    [plans.paid]\npages_per_file = 9\n\
    [plans.operator]\nunmetered = true\npages_per_file = 9\n";

const N_JOBS: usize = 40;

/// More than all pages cost.
const CREDITS: i64 = 100;

/// Clients that send at the same time.
const N_CLIENTS: usize = 8;

/// Every fifth job is a file of 6 pages, which is answered before it is read; the others have one.
fn texts(job_idx: usize) -> Vec<String> {
    let n_pages = if job_idx.is_multiple_of(5) { 6 } else { 1 };
    (0..n_pages)
        .map(|page| format!("PAGE{}", 100 + job_idx * 10 + page))
        .collect()
}

fn n_pages_in_all() -> usize {
    (0..N_JOBS).map(|job| texts(job).len()).sum()
}

/// A deployment with an account that has [`CREDITS`], and its token; `None` where PostgreSQL or moto is missing.
struct Scene {
    deployment: Deployment,
    database_url: String,
    account: AccountId,
    token: String,
}

fn scene() -> Option<Scene> {
    let python = moto_python()?;
    let name = format!(
        "ocr-chat-scale-{}",
        ocr_chat_server::hex::random(6).unwrap()
    );
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database_url = runtime.block_on(database::new_database(&name))?;
    let folder = std::env::temp_dir().join(&name);
    let deployment = Deployment::new(&python, folder, &database_url, PRICES);
    let keys = SecretKeys::parse(&"0123456789abcdef".repeat(2)).unwrap();
    let (account, token) = with_database(&database_url, async |database| {
        let account = Account::new(None, Plan::Paid).unwrap();
        assert!(database.insert_account(&account).await.unwrap());
        let actor = Actor::server();
        let grant = database.grant_credits(&account.id, CREDITS, None, &actor);
        grant.await.unwrap();
        let (new, token) = tokens::make(&keys, account.id.clone(), "test", None).unwrap();
        database.insert_token(&new, &actor).await.unwrap();
        (account.id, token)
    });
    Some(Scene {
        deployment,
        database_url,
        account,
        token,
    })
}

fn with_database<T>(url: &str, ask: impl AsyncFnOnce(Database) -> T) -> T {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let no_folder = std::path::Path::new("");
        let database = Database::open(Some(url), no_folder).await.unwrap();
        let answer = ask(database.clone()).await;
        database.close().await;
        answer
    })
}

impl Scene {
    /// Sends all jobs from all clients, to the servers of `addresses` in turn, each again with the same Idempotency-Key until it is
    /// answered. `watch` is told how many were answered.
    fn send_all(
        &self,
        addresses: &Mutex<Vec<String>>,
        watch: impl FnOnce(&AtomicUsize),
    ) -> Vec<Value> {
        let (next, n_answered) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let answers = Mutex::new(vec![Value::Null; N_JOBS]);
        std::thread::scope(|scope| {
            for _ in 0..N_CLIENTS {
                scope.spawn(|| {
                    loop {
                        let job_idx = next.fetch_add(1, Ordering::SeqCst);
                        if job_idx >= N_JOBS {
                            return;
                        }
                        let answer = self.send(addresses, job_idx);
                        answers.lock().unwrap()[job_idx] = answer;
                        n_answered.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            watch(&n_answered);
        });
        answers.into_inner().unwrap()
    }

    fn send(&self, addresses: &Mutex<Vec<String>>, job_idx: usize) -> Value {
        let headers = format!(
            "Content-Type: multipart/form-data; boundary=x\r\nAuthorization: Bearer {}\r\nIdempotency-Key: job-{job_idx}\r\n",
            self.token
        );
        // The letters of these pictures are as good as Cyrillic ones.
        let mut body = b"--x\r\nContent-Disposition: form-data; name=\"language\"\r\n\r\nen\r\n\
            --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.tiff\"\r\n\r\n"
            .to_vec();
        body.extend(text_tiff::tiff(&texts(job_idx)));
        body.extend(b"\r\n--x--\r\n");
        let mut n_tries = 0;
        eventually(|| {
            let address = {
                let addresses = addresses.lock().unwrap();
                addresses[(job_idx + n_tries) % addresses.len()].clone()
            };
            n_tries += 1;
            let answer = request(&address, "POST", "/api/v1/ocr/", &headers, &body);
            let (status, job) = answer.filter(|(status, _)| *status != 503)?;
            assert_eq!(status, 200, "{job}");
            Some(job)
        })
    }

    /// The job with its end, from the server at `address`.
    fn ended(&self, address: &str, job: &Value) -> Value {
        let path = format!("/api/v1/ocr/{}/?wait=20", job["uuid"].as_str().unwrap());
        let headers = format!("Authorization: Bearer {}\r\n", self.token);
        eventually(|| {
            let (status, job) = request(address, "GET", &path, &headers, b"")?;
            assert_eq!(status, 200, "{job}");
            (job["status"] == "done" || job["status"] == "failed").then_some(job)
        })
    }

    /// Every job has its own text, on every page, and the credits of all pages are gone.
    fn check(&self, address: &str, jobs: &[Value], max_lost_uploads: usize) {
        let mut uuids = Vec::new();
        for (job_idx, job) in jobs.iter().enumerate() {
            let job = self.ended(address, job);
            assert_eq!(job["status"], "done", "{job}");
            let read: Vec<String> = job["pages"]
                .as_array()
                .unwrap()
                .iter()
                .map(|page| text_tiff::letters_of(page["text"].as_str().unwrap()))
                .collect();
            assert_eq!(read, texts(job_idx));
            assert_eq!(job["usage"]["credits"], texts(job_idx).len());
            uuids.push(job["uuid"].as_str().unwrap().to_owned());
        }
        uuids.sort_unstable();
        uuids.dedup();
        assert_eq!(uuids.len(), N_JOBS, "a job each");
        let standing = with_database(&self.database_url, async |database| {
            database
                .standing(&owner_of(&self.account), "")
                .await
                .unwrap()
        });
        let left = CREDITS - i64::try_from(n_pages_in_all()).unwrap();
        assert_eq!((standing.credits, standing.held), (left, 0));
        let books = self
            .deployment
            .command("admin", &["admin", "check"])
            .output();
        let books = books.unwrap();
        assert!(books.status.success(), "{books:?}");
        assert_eq!(books.stdout, b"everything adds up\n");
        let objects = self.deployment.objects();
        for uuid in &uuids {
            assert!(objects.contains(&format!("uploads/{uuid}")), "{objects:?}");
        }
        // The sign by which processes know each other's uploads, and what a killed server had not made a job of.
        let n_others = objects.len() - N_JOBS;
        assert!(
            (1..=1 + max_lost_uploads).contains(&n_others),
            "{objects:?}"
        );
    }
}

fn n_read(processes: &[&Process]) -> Vec<usize> {
    let n_read = |process: &&Process| process.n_logged("page read");
    processes.iter().map(n_read).collect()
}

#[test]
fn two_servers_and_two_workers_read_and_charge_every_page_once() {
    let Some(scene) = scene() else { return };
    let first = scene.deployment.server("first", 1);
    let second = scene.deployment.server("second", 0);
    let (third, fourth) = (
        scene.deployment.worker("third"),
        scene.deployment.worker("fourth"),
    );
    let health = request(&third.address, "GET", "/health", "", b"").unwrap();
    assert_eq!((health.0, &health.1["status"]), (200, &"ok".into()));
    let lost = request(&third.address, "GET", "/api/v1/version/", "", b"").unwrap();
    assert_eq!(lost.0, 404, "a worker serves nothing else");

    let addresses = Mutex::new(vec![first.address.clone(), second.address.clone()]);
    let jobs = scene.send_all(&addresses, |_| ());
    for (job_idx, job) in jobs.iter().enumerate() {
        if texts(job_idx).len() == 1 {
            assert_eq!(job["status"], "done", "answered inline, whoever read it");
        }
    }
    scene.check(&second.address, &jobs, 0);
    let n_read = n_read(&[&first, &second, &third, &fourth]);
    assert_eq!(n_read.iter().sum::<usize>(), n_pages_in_all(), "{n_read:?}");
    assert_eq!(n_read[1], 0);
    assert!(n_read[2] > 0 && n_read[3] > 0, "{n_read:?}");
}

#[test]
fn the_books_add_up_when_a_worker_and_a_server_are_killed_in_the_middle() {
    let Some(scene) = scene() else { return };
    let mut first = scene.deployment.server("first", 1);
    let second = scene.deployment.server("second", 0);
    let mut third = scene.deployment.worker("third");
    let _fourth = scene.deployment.worker("fourth");
    let addresses = Mutex::new(vec![first.address.clone(), second.address.clone()]);
    let mut later = Vec::new();
    let jobs = scene.send_all(&addresses, |n_answered| {
        let wait_for = |n| {
            while n_answered.load(Ordering::SeqCst) < n {
                sleep(Duration::from_millis(5));
            }
        };
        wait_for(6);
        third.kill();
        wait_for(14);
        first.kill();
        assert!(
            n_answered.load(Ordering::SeqCst) < N_JOBS,
            "killed too late to mean anything"
        );
        // Another worker comes; the server's place stays empty for a while, and its clients go on with the other.
        later.push(scene.deployment.worker("fifth"));
        wait_for(24);
        let sixth = scene.deployment.server("sixth", 1);
        addresses.lock().unwrap()[0].clone_from(&sixth.address);
        later.push(sixth);
    });
    scene.check(&second.address, &jobs, N_CLIENTS);
    assert_eq!(later.len(), 2);
}

#[test]
fn a_bucket_has_what_was_committed_and_nothing_else() {
    let Some(scene) = scene() else { return };
    let settings: BucketSettings = "s3://scans/other".parse().unwrap();
    let settings = settings.with_variables(|name| scene.deployment.variable(name));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = BucketStore::new(&settings).unwrap();
        let (small, large, dropped) = (
            JobId::random().unwrap(),
            JobId::random().unwrap(),
            JobId::random().unwrap(),
        );
        // 22 MB goes in parts, of which the last is shorter.
        let bytes: Vec<u8> = (0..22_000_000_u32).map(|n| (n % 251) as u8).collect();
        for (id, bytes) in [(&small, &bytes[..7]), (&large, &bytes), (&dropped, &bytes)] {
            let mut writer = store.create(id).await.unwrap();
            for chunk in bytes.chunks(1_000_003) {
                writer.write(chunk).await.unwrap();
            }
            let before = store.read(id).await.unwrap_err();
            assert_eq!(before.kind(), std::io::ErrorKind::NotFound);
            if id == &dropped {
                assert_eq!(scene.deployment.n_unfinished(), 1);
            } else {
                writer.commit().await.unwrap();
                assert_eq!(store.read(id).await.unwrap(), bytes);
            }
        }
        store.put_sign("store-1").await.unwrap();
        let signs = store.signs().await.unwrap();
        assert!(signs.contains(&"store-1".to_owned()), "{signs:?}");
        assert!(!signs.contains(&"store-2".to_owned()), "{signs:?}");
        assert_eq!(store.recover(0).await.unwrap(), [], "none is that old");
        let mut there = store.recover(i64::MAX).await.unwrap();
        there.sort_unstable();
        let mut wanted = vec![small.clone(), large.clone()];
        wanted.sort_unstable();
        assert_eq!(there, wanted);
        for id in [&small, &small, &dropped] {
            store.delete(id).await.unwrap();
        }
        assert_eq!(store.recover(i64::MAX).await.unwrap(), [large]);
    });
    // Another store's objects are not among them, and an abandoned upload in parts is given up.
    assert!(eventually(
        || (scene.deployment.n_unfinished() == 0).then_some(true)
    ));
}
