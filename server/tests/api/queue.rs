//! The queue: its bound and its order.

use super::support::{Server, TempDir, pages, uuid};

#[tokio::test]
async fn a_full_queue_refuses_with_503_and_keeps_nothing() {
    let folder = TempDir::new();
    let server = Server::start_with(&folder, |config| config.max_queued_pages = 10).await;
    // More pages than the queue holds are taken while nothing waits: they could never be read otherwise.
    let first = server.post(&pages(12, "wait"), &[]).await.json();
    let answer = server.post("FAKE ok", &[]).await;
    answer.expect_error(503, "busy");
    assert_eq!(answer.header("retry-after"), "30");
    assert_eq!(server.n_uploads(&folder), 1);
    server.reader.go_on();
    server.ended(&uuid(&first)).await;
    assert_eq!(server.post("FAKE ok", &[]).await.status, 200);
}

#[tokio::test]
async fn a_job_that_does_not_fit_is_refused_and_a_smaller_one_taken() {
    let folder = TempDir::new();
    let server = Server::start_with(&folder, |config| config.max_queued_pages = 10).await;
    server.post(&pages(6, "wait"), &[]).await;
    server
        .post(&pages(6, "ok"), &[])
        .await
        .expect_error(503, "busy");
    assert_eq!(server.n_uploads(&folder), 1, "the refused upload is gone");
    server.reader.go_on();
    assert_eq!(server.post(&pages(3, "ok"), &[]).await.status, 200);
}

#[tokio::test]
async fn a_short_job_overtakes_a_long_one() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let long = server.post(&pages(20, "wait"), &[]).await.json();
    server.reader.wait_for_start_of(1).await;
    let short = tokio::spawn(super::support::send(
        server.router.clone(),
        super::support::upload(b"FAKE ok", &[]),
    ));
    super::support::eventually(async || {
        (server.app.db().open_jobs().await.unwrap().len() == 2).then_some(())
    })
    .await;
    server.reader.go_on();
    assert_eq!(short.await.unwrap().json()["status"], "done");
    server.ended(&uuid(&long)).await;
    assert_eq!(
        server.reader.started()[..2],
        [0, 0],
        "the first page of the short job is the second to be read"
    );
}
