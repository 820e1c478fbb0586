//! Requests that are sent again.

use axum::body::Body;
use axum::http::Request;

use ocr_chat_server::metering::Plan;

use super::support::{Answer, Server, TempDir, send, upload, uuid, with_token};

fn with_key(mut request: Request<Body>, key: &str) -> Request<Body> {
    let value = key.parse().unwrap();
    request.headers_mut().insert("idempotency-key", value);
    request
}

async fn post(server: &Server, key: &str, file: &str, parameters: &[(&str, &str)]) -> Answer {
    server
        .send(with_key(upload(file.as_bytes(), parameters), key))
        .await
}

#[tokio::test]
async fn the_same_request_is_the_same_job_and_is_charged_once() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let first = post(
        &server,
        "k1",
        "FAKE ok ok",
        &[("language", "en"), ("ocr", "off")],
    )
    .await;
    assert_eq!(first.status, 200);
    assert_eq!(first.header("idempotent-replayed"), "");
    let again = post(
        &server,
        "k1",
        "FAKE ok ok",
        &[("ocr", "off"), ("language", "en")],
    )
    .await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.json(), first.json());
    assert_eq!(server.n_uploads(&folder), 1, "the second upload is gone");
    assert_eq!(server.reader.started().len(), 2);
    for (file, parameters) in [
        ("FAKE ok", &[("language", "en"), ("ocr", "off")][..]),
        ("FAKE ok ok", &[("language", "de"), ("ocr", "off")]),
    ] {
        post(&server, "k1", file, parameters)
            .await
            .expect_error(409, "idempotency_key_reused");
    }
    let other = post(&server, "k2", "FAKE ok ok", &[]).await.json();
    assert_ne!(uuid(&other), uuid(&first.json()));
    let (_, token) = server.account(Plan::Free, 0).await;
    let mine = with_token(with_key(upload(b"FAKE ok", &[]), "k1"), &token);
    assert_eq!(
        server.send(mine).await.status,
        200,
        "keys are each caller's own"
    );
    assert_eq!(server.wrong_in_the_books().await, [""; 0]);
}

#[tokio::test]
async fn requests_at_the_same_moment_make_one_job() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let (account, token) = server.account(Plan::Paid, 1_000).await;
    let requests: Vec<_> = (0..20)
        .map(|_| {
            let request = with_token(with_key(upload(b"FAKE ok ok ok", &[]), "k"), &token);
            tokio::spawn(send(server.router.clone(), request))
        })
        .collect();
    let mut uuids = Vec::new();
    for request in requests {
        let answer = request.await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        uuids.push(uuid(&answer.json()));
    }
    uuids.dedup();
    assert_eq!(uuids.len(), 1);
    assert_eq!(server.reader.started().len(), 3);
    let owner = ocr_chat_server::db::metering::owner_of(&account);
    let standing = server.app.db().standing(&owner, "").await.unwrap();
    assert_eq!(
        (standing.held, standing.credits),
        (0, 1_000),
        "the allowance paid"
    );
    assert_eq!(server.wrong_in_the_books().await, [""; 0]);
}

#[tokio::test]
async fn a_refused_request_may_be_sent_again_and_a_silly_key_is_refused() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    post(&server, "k", "some text", &[])
        .await
        .expect_error(400, "unsupported_type");
    assert_eq!(post(&server, "k", "FAKE ok", &[]).await.status, 200);
    for key in [String::new(), "x".repeat(256)] {
        post(&server, &key, "FAKE ok", &[])
            .await
            .expect_error(400, "invalid_parameter");
    }
}
