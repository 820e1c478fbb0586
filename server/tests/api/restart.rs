//! Jobs outlive the process.

use std::sync::Arc;

use ocr_chat_document::Page;
use ocr_chat_server::db::Stored;
use ocr_chat_server::ids::JobId;

use ocr_chat_server::config::BlobPlace;

use super::support::{Server, TempDir, uuid};

/// 30 pages, of which the one at `wait` is not read before it is told to.
fn thirty_pages_waiting_at(wait: usize) -> String {
    let pages: Vec<&str> = (0..30)
        .map(|index| if index == wait { "wait" } else { "ok" })
        .collect();
    format!("FAKE {}", pages.join(" "))
}

#[tokio::test]
async fn a_crash_in_the_middle_loses_no_page_and_stores_none_twice() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let id = uuid(&server.post(&thirty_pages_waiting_at(12), &[]).await.json());
    server.reader.wait_for_start_of(13).await;
    let before = server.get(&format!("/api/v1/ocr/{id}/")).await.json();
    assert_eq!(before["status"], "processing");
    assert_eq!(before["pages"].as_array().unwrap().len(), 12);
    let first = Arc::clone(&server.reader);
    // Without a stop: its tasks end where they are, as in a crash.
    drop(server);
    first.go_on();

    let server = Server::start(&folder).await;
    server.reader.go_on();
    let job = server.ended(&id).await;
    assert_eq!(job["status"], "done");
    assert_eq!(job["usage"]["pages"], 30);
    let indices: Vec<u64> = job["pages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["index"].as_u64().unwrap())
        .collect();
    assert_eq!(
        indices,
        (0..30).collect::<Vec<u64>>(),
        "every page once, in order"
    );
    assert_eq!(first.started(), (0..13).collect::<Vec<usize>>());
    let mut started = server.reader.started();
    if server.is_on_postgres() {
        // The page in work comes back once its process counts as lost, behind pages that waited.
        started.sort_unstable();
    }
    assert_eq!(
        started,
        (12..30).collect::<Vec<usize>>(),
        "only the page in work is read again"
    );
    assert_eq!(server.reader.n_opened(), 1);
    assert_eq!(server.n_uploads(&folder), 1);
}

#[tokio::test]
async fn an_answer_that_comes_late_or_twice_is_not_stored() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let id = uuid(&server.post(&thirty_pages_waiting_at(0), &[]).await.json());
    server.reader.wait_for_start_of(1).await;
    let job = JobId::parse(&id).unwrap();
    let page = Page::failed(0, "stored while the worker still reads");
    let store = async |page: &Page| server.app.db().store_page(&job, page, 1).await.unwrap();
    assert_eq!(store(&page).await, Stored::Page);
    assert_eq!(store(&page).await, Stored::NotOurs, "it has its answer");
    assert_eq!(
        store(&Page::failed(29, "not claimed")).await,
        Stored::NotOurs
    );
    server.reader.go_on();
    let ended = server.ended(&id).await;
    assert_eq!(
        ended["pages"][0]["warnings"][0]["message"],
        "stored while the worker still reads"
    );
    assert_eq!(ended["usage"]["pages"], 29, "counted once, as failed");
    assert_eq!(store(&page).await, Stored::NotOurs, "the job has ended");
}

#[tokio::test]
async fn a_page_that_stops_the_process_again_and_again_is_given_up() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let id = uuid(&server.post(&thirty_pages_waiting_at(0), &[]).await.json());
    let mut server = server;
    for _ in 0..3 {
        server.reader.wait_for_page(0).await;
        let reader = Arc::clone(&server.reader);
        drop(server);
        reader.go_on();
        server = Server::start(&folder).await;
    }
    let job = server.ended(&id).await;
    assert_eq!(job["status"], "done");
    assert_eq!(job["pages"][0]["status"], "failed");
    assert_eq!(job["usage"]["pages"], 29);
    assert!(!server.reader.started().contains(&0), "not a fourth time");
}

#[tokio::test]
async fn a_stop_puts_the_page_in_work_back_without_counting_it() {
    let folder = TempDir::new();
    let mut server = Server::start(&folder).await;
    let id = uuid(&server.post(&thirty_pages_waiting_at(0), &[]).await.json());
    for _ in 0..4 {
        server.reader.wait_for_start_of(1).await;
        server.app.stop().await;
        server = Server::start(&folder).await;
    }
    server.reader.go_on();
    let job = server.ended(&id).await;
    assert_eq!(job["pages"][0]["status"], "done");
    assert_eq!(job["usage"]["pages"], 30);
}

#[tokio::test]
async fn a_request_that_waits_is_answered_when_the_server_stops() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let waiting = tokio::spawn(super::support::send(
        server.router.clone(),
        super::support::upload(b"FAKE wait", &[]),
    ));
    server.reader.wait_for_start_of(1).await;
    server.app.jobs().begin_stop();
    let job = waiting.await.unwrap().json();
    assert_eq!(job["status"], "processing");
    server.app.stop().await;
}

#[tokio::test]
async fn leftovers_of_a_crash_are_cleared_and_two_servers_refused() {
    let folder = TempDir::new();
    if folder.config().await.database_url.is_some() {
        // Several processes may be at work on PostgreSQL, see shared.rs.
        return;
    }
    let blobs = folder.path().join("data/blobs");
    std::fs::create_dir_all(&blobs).unwrap();
    std::fs::write(blobs.join("unfinished-0123"), "half").unwrap();
    std::fs::write(
        blobs.join("0123456789abcdef0123456789abcdef"),
        "no job has it",
    )
    .unwrap();
    let server = Server::start(&folder).await;
    assert_eq!(server.n_uploads(&folder), 0);
    let config = folder.config().await;
    let engine = super::support::nothing_to_read();
    let second = ocr_chat_server::App::start(
        config,
        engine,
        ocr_chat_models::Manifest::built_in().unwrap(),
    )
    .await;
    let error = second.err().unwrap().to_string();
    assert!(error.contains("in use"), "{error}");
}

#[tokio::test]
async fn a_store_with_the_uploads_of_another_database_is_refused_and_stays_as_it_is() {
    let (first, second) = (TempDir::new(), TempDir::new());
    let store = first.path().join("shared");
    let place = BlobPlace::Folder(Some(store.clone()));
    let server = Server::start_with(&first, |config| config.blobs = place.clone()).await;
    server.app.stop().await;
    let upload = store.join("0123456789abcdef0123456789abcdef");
    std::fs::write(&upload, "of a job that the second database does not know").unwrap();
    let mut config = second.config().await;
    config.blobs = place.clone();
    let engine = super::support::nothing_to_read();
    let manifest = ocr_chat_models::Manifest::built_in().unwrap();
    let refused = ocr_chat_server::App::start(config, engine, manifest).await;
    let error = refused.err().unwrap().to_string();
    assert!(error.contains("another database"), "{error}");
    assert!(upload.exists());
    // Its own database takes it up again.
    let server = Server::start_with(&first, |config| config.blobs = place).await;
    server.app.stop().await;
}
