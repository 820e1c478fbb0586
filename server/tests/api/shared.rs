//! Several processes on one PostgreSQL database, here as servers of one process. On SQLite there is one, and nothing to test.

use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::http::Request;
use ocr_chat_models::Manifest;
use ocr_chat_server::config::BlobPlace;
use ocr_chat_server::metering::Plan;
use ocr_chat_server::secret::SecretKeys;
use ocr_chat_server::{App, Config, Worker};

use super::support::{
    Server, TempDir, eventually, nothing_to_read, pages, send, upload, uuid, with_token,
};

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// Makes a server one of several: a data folder of its own, the uploads and the key in common.
fn shared(folder: &TempDir, name: &str) -> impl FnOnce(&mut Config) {
    let data_dir = folder.path().join(name);
    let blobs = folder.path().join("data/blobs");
    move |config| {
        config.data_dir = data_dir;
        config.blobs = BlobPlace::Folder(Some(blobs));
        config.secret_keys = Some(SecretKeys::parse(KEY).unwrap());
    }
}

/// A server that takes jobs and one that reads them; `None` on SQLite.
async fn front_and_back(folder: &TempDir) -> Option<(Server, Server)> {
    folder.config().await.database_url?;
    let front = Server::start_with(folder, |config| {
        shared(folder, "front")(config);
        config.pages_in_parallel = 0;
    });
    let front = front.await;
    let back = Server::start_with(folder, shared(folder, "back")).await;
    Some((front, back))
}

#[tokio::test]
async fn a_job_sent_to_one_is_read_by_another_and_answered_inline() {
    let folder = TempDir::new();
    let Some((front, back)) = front_and_back(&folder).await else {
        return;
    };
    for _ in 0..5 {
        let started = tokio::time::Instant::now();
        let job = front.post("FAKE ok fail", &[]).await.json();
        assert_eq!(job["status"], "done", "{job}");
        // It was told of the end: who is not looks again after five seconds.
        assert!(started.elapsed() < Duration::from_secs(4));
    }
    assert!(front.reader.started().is_empty());
    assert_eq!(back.reader.started().len(), 10);
    assert_eq!(front.wrong_in_the_books().await, [""; 0]);

    let id = uuid(&front.post(&pages(6, "wait"), &[]).await.json());
    back.reader.wait_for_start_of(11).await;
    let path = format!("/api/v1/ocr/{id}");
    let wait = Request::get(format!("{path}/?wait=30")).body(Body::empty());
    let waiting = tokio::spawn(send(front.router.clone(), wait.unwrap()));
    let events = Request::get(format!("{path}/events/")).body(Body::empty());
    let events = tokio::spawn(send(front.router.clone(), events.unwrap()));
    tokio::time::sleep(Duration::from_millis(200)).await;
    back.reader.go_on();
    assert_eq!(waiting.await.unwrap().json()["status"], "done");
    let events = events.await.unwrap().text();
    assert!(events.contains("event: end"), "{events}");
    assert!(events.contains("\"status\":\"processing\""), "{events}");
}

#[tokio::test]
async fn a_job_deleted_at_one_stops_at_the_other() {
    let folder = TempDir::new();
    let Some((front, back)) = front_and_back(&folder).await else {
        return;
    };
    let id = uuid(&front.post(&pages(8, "wait"), &[]).await.json());
    back.reader.wait_for_start_of(1).await;
    let delete = Request::delete(format!("/api/v1/ocr/{id}/")).body(Body::empty());
    assert_eq!(front.send(delete.unwrap()).await.status, 204);
    // Its page is given up although nobody let it go on, and the next job has its turn.
    let job = front.post("FAKE ok", &[]).await.json();
    assert_eq!(job["status"], "done");
    assert_eq!(
        back.reader.started(),
        [0, 0],
        "no other page of it was read"
    );
    assert_eq!(front.n_uploads(&folder), 1);
}

#[tokio::test]
async fn two_readers_share_a_long_job_and_none_reads_a_page_twice() {
    let folder = TempDir::new();
    if folder.config().await.database_url.is_none() {
        return;
    }
    let first = Server::start_with(&folder, shared(&folder, "first")).await;
    let second = Server::start_with(&folder, shared(&folder, "second")).await;
    let id = uuid(&first.post(&pages(40, "wait"), &[]).await.json());
    // A page each is in work.
    first.reader.wait_for_start_of(1).await;
    second.reader.wait_for_start_of(1).await;
    first.reader.go_on();
    second.reader.go_on();
    let job = second.ended(&id).await;
    assert_eq!(job["usage"]["pages"], 40);
    let mut read = first.reader.started();
    read.extend(second.reader.started());
    read.sort_unstable();
    assert_eq!(read, (0..40).collect::<Vec<usize>>());
    // What a stopped process had in work goes to the other at once, not after it counts as lost.
    let id = uuid(&first.post("FAKE ok ok ok ok ok ok", &[]).await.json());
    second.app.stop().await;
    assert_eq!(first.ended(&id).await["status"], "done");
}

#[tokio::test]
async fn pages_that_are_missing_in_the_queue_come_back() {
    let folder = TempDir::new();
    let config = folder.config().await;
    let Some(url) = config.database_url.clone() else {
        return;
    };
    let server = Server::start_with(&folder, |config| config.pages_in_parallel = 0).await;
    let id = uuid(&server.post(&pages(6, "ok"), &[]).await.json());
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&url).await.unwrap();
    let removed = sqlx::query("DELETE FROM graphile_worker._private_jobs")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(removed.rows_affected(), 6);
    server.app.stop().await;
    let server = Server::start(&folder).await;
    assert_eq!(server.ended(&id).await["usage"]["pages"], 6);
    // Nothing is left of what was read.
    let left = sqlx::query("SELECT 1 FROM graphile_worker.jobs")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert!(left.is_empty());
    pool.close().await;
}

#[tokio::test]
async fn connections_that_are_cut_lose_no_page() {
    let folder = TempDir::new();
    let Some(url) = folder.config().await.database_url else {
        return;
    };
    let first = Server::start_with(&folder, shared(&folder, "first")).await;
    let second = Server::start_with(&folder, shared(&folder, "second")).await;
    let (_, token) = first.account(Plan::Paid, 60).await;
    let id = uuid(&first.post_as(&token, &pages(60, "ok")).await.json());
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&url).await.unwrap();
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(60)).await;
        sqlx::query(
            "SELECT COUNT(pg_terminate_backend(pid)) AS n FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .execute(&pool)
        .await
        .unwrap();
    }
    let job = eventually(async || {
        let path = format!("/api/v1/ocr/{id}/");
        let get = Request::get(path).body(Body::empty()).unwrap();
        let answer = second.send(with_token(get, &token)).await;
        // A pooled connection that was cut is noticed when it is used.
        let job = (answer.status == 200).then(|| answer.json())?;
        (job["status"] == "done").then_some(job)
    })
    .await;
    assert_eq!(job["usage"]["pages"], 60);
    assert_eq!(job["usage"]["credits"], 60);
    let books = eventually(async || first.app.db().check_books().await.ok()).await;
    assert_eq!(books, [""; 0]);
    pool.close().await;
}

#[tokio::test]
async fn processes_that_do_not_belong_together_are_told_so() {
    let folder = TempDir::new();
    if folder.config().await.database_url.is_none() {
        let worker = Worker::start(
            Config {
                secret_keys: Some(SecretKeys::parse(KEY).unwrap()),
                ..folder.config().await
            },
            nothing_to_read(),
        );
        let error = worker.await.err().unwrap().to_string();
        assert!(error.contains("PostgreSQL"), "{error}");
        return;
    }
    let first = Server::start_with(&folder, shared(&folder, "first")).await;
    assert!(first.app.first_token.is_some());
    let refused = async |change: &dyn Fn(&mut Config)| {
        let mut config = folder.config().await;
        shared(&folder, "second")(&mut config);
        change(&mut config);
        let manifest = Manifest::built_in().unwrap();
        let second = App::start(config, nothing_to_read(), manifest).await;
        second.err().map(|error| error.to_string())
    };
    let other_key = refused(&|config| {
        config.secret_keys = Some(SecretKeys::parse(&KEY.replace('0', "f")).unwrap());
    });
    assert!(other_key.await.unwrap().contains("OCR_CHAT_SECRET_KEY"));
    let other_blobs = refused(&|config| config.blobs = BlobPlace::Folder(None));
    assert!(other_blobs.await.unwrap().contains("OCR_CHAT_BLOBS"));
    let no_key = refused(&|config| {
        config.secret_keys = None;
        config.blobs = BlobPlace::Bucket("s3://scans".parse().unwrap());
    });
    assert!(no_key.await.unwrap().contains("OCR_CHAT_SECRET_KEY"));
    assert_eq!(refused(&|_| ()).await, None);
    // A key is changed by processes that have both; who has the old one alone is late.
    let changing = refused(&|config| {
        config.secret_keys = Some(SecretKeys::parse(&format!("{},{KEY}", "a".repeat(32))).unwrap());
    });
    assert_eq!(changing.await, None);
    assert!(refused(&|_| ()).await.is_some());
    let worker = Worker::start(folder.config().await, nothing_to_read()).await;
    let error = worker.err().unwrap().to_string();
    assert!(error.contains("OCR_CHAT_SECRET_KEY"), "{error}");
}

#[tokio::test]
async fn young_uploads_of_others_stay_and_old_ones_without_a_job_go() {
    let folder = TempDir::new();
    if folder.config().await.database_url.is_none() {
        return;
    }
    let blobs = folder.path().join("data/blobs");
    std::fs::create_dir_all(&blobs).unwrap();
    let old = SystemTime::now() - Duration::from_secs(25 * 3_600);
    for (name, is_old) in [
        ("00000000000000000000000000000001", true),
        ("unfinished-1", true),
        ("00000000000000000000000000000002", false),
        ("unfinished-2", false),
    ] {
        let file = std::fs::File::create(blobs.join(name)).unwrap();
        if is_old {
            file.set_modified(old).unwrap();
        }
    }
    let server = Server::start(&folder).await;
    eventually(async || (server.n_uploads(&folder) == 2).then_some(())).await;
    assert!(blobs.join("00000000000000000000000000000002").exists());
    assert!(blobs.join("unfinished-2").exists());
    let two = server.send(upload(b"FAKE ok", &[])).await;
    assert_eq!(two.status, 200);
}
