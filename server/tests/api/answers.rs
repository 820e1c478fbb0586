//! What a job answers: inline and pending, keys, detail, bad pages.

use super::support::{Server, TempDir, eventually, pages, send, upload, uuid};

const KEYS: [&str; 20] = [
    "created_at",
    "detected_language",
    "engine",
    "error",
    "expires_at",
    "fields",
    "language",
    "markdown",
    "mean_confidence",
    "page_count",
    "pages",
    "processed_by",
    "schema_version",
    "status",
    "text",
    "tier",
    "tool",
    "usage",
    "uuid",
    "warnings",
];

fn expect_every_key(job: &serde_json::Value) {
    let keys: Vec<&String> = job.as_object().unwrap().keys().collect();
    assert_eq!(keys, KEYS, "{job}");
}

#[tokio::test]
async fn five_pages_are_answered_inline_with_the_keys_of_the_specification() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let answer = server
        .post(&pages(5, "ok"), &[("language", "en"), ("tier", "cpu")])
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let job = answer.json();
    expect_every_key(&job);
    assert_eq!(uuid(&job).len(), 32);
    assert_eq!(job["status"], "done");
    assert_eq!(job["tier"], "cpu");
    assert_eq!(job["language"], "en");
    assert_eq!(job["page_count"], 5);
    assert_eq!(job["mean_confidence"], 0.9);
    assert_eq!(job["processed_by"], "server");
    assert_eq!(job["usage"]["pages"], 5);
    assert_eq!(job["engine"]["name"], "fake-cpu");
    assert!(
        job["text"]
            .as_str()
            .unwrap()
            .starts_with("text of page 1\u{c}text of page 2")
    );
    assert!(job["markdown"].as_str().unwrap().contains("text of page 5"));
    let page = &job["pages"][4];
    assert_eq!(page["index"], 4);
    assert_eq!(page["text"], "text of page 5");
    assert_eq!(page["blocks"][0]["text"], "text of page 5");
    assert_eq!(
        page["blocks"][0]["bbox"],
        serde_json::json!([10, 20, 110, 40])
    );
    assert_eq!(page["blocks"][0]["confidence"], 0.9);
    assert_eq!(
        server.n_uploads(&folder),
        1,
        "the file stays as the source of searchable PDFs, as long as the result"
    );
    assert_eq!(server.reader.n_opened(), 1);
}

#[tokio::test]
async fn six_pages_are_pending_at_once_with_all_keys_and_then_polled() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let answer = server.post(&pages(6, "wait"), &[]).await;
    assert_eq!(answer.status, 200);
    let job = answer.json();
    expect_every_key(&job);
    assert!(
        job["status"] == "pending" || job["status"] == "processing",
        "{job}"
    );
    assert_eq!(job["page_count"], 6);
    assert_eq!(job["text"], "");
    assert_eq!(job["pages"], serde_json::json!([]));
    assert!(job["mean_confidence"].is_null());
    assert_eq!(server.n_uploads(&folder), 1);
    server.reader.go_on();
    let job = server.ended(&uuid(&job)).await;
    assert_eq!(job["status"], "done");
    assert_eq!(job["pages"].as_array().unwrap().len(), 6);
    assert_eq!(
        server.reader.n_opened(),
        1,
        "a document is opened once for all its pages"
    );
    assert_eq!(server.n_uploads(&folder), 1);
}

#[tokio::test]
async fn an_inline_job_that_takes_too_long_answers_as_it_stands() {
    let folder = TempDir::new();
    let server = Server::start_with(&folder, |config| {
        config.inline_wait = std::time::Duration::from_millis(50);
    })
    .await;
    let job = server.post("FAKE ok wait", &[]).await.json();
    assert_eq!(job["status"], "processing");
    server.reader.go_on();
    assert_eq!(server.ended(&uuid(&job)).await["status"], "done");
}

#[tokio::test]
async fn a_job_goes_on_when_its_caller_goes_away() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let request = tokio::spawn(send(server.router.clone(), upload(b"FAKE wait", &[])));
    server.reader.wait_for_start_of(1).await;
    request.abort();
    assert!(request.await.is_err_and(|error| error.is_cancelled()));
    let open_jobs = server.app.db().open_jobs().await.unwrap();
    server.reader.go_on();
    assert_eq!(
        server.ended(open_jobs[0].as_str()).await["text"],
        "text of page 1"
    );
}

#[tokio::test]
async fn a_bad_page_loses_no_other_and_a_panic_neither() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let job = server.post("FAKE ok fail panic ok", &[]).await.json();
    assert_eq!(job["status"], "done");
    assert_eq!(job["usage"]["pages"], 2);
    let status: Vec<&str> = job["pages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["status"].as_str().unwrap())
        .collect();
    assert_eq!(status, ["done", "failed", "failed", "done"]);
    assert_eq!(job["pages"][1]["warnings"][0]["message"], "smudged");
    assert!(
        !job.to_string().contains("the text of a document"),
        "a panic's message is not sent"
    );
    assert!(job["error"].is_null());
}

#[tokio::test]
async fn a_job_without_a_readable_page_has_failed() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let answer = server.post("FAKE fail fail", &[]).await;
    assert_eq!(answer.status, 200);
    let job = answer.json();
    assert_eq!(job["status"], "failed");
    assert!(job["error"].as_str().unwrap().contains("smudged"), "{job}");
    server
        .get(&format!("/api/v1/ocr/{}/download/", uuid(&job)))
        .await
        .expect_error(422, "job_failed");
}

#[tokio::test]
async fn words_are_shown_where_they_are_asked_for() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let words = |job: &serde_json::Value| {
        job["pages"][0]["blocks"][0]["lines"][0]
            .get("words")
            .cloned()
    };
    let job = server.post("FAKE ok", &[]).await.json();
    assert_eq!(words(&job), None);
    let path = format!("/api/v1/ocr/{}/?detail=words", uuid(&job));
    assert_eq!(
        words(&server.get(&path).await.json()).unwrap()[0]["text"],
        "text"
    );
    let job = server.post("FAKE ok", &[("detail", "words")]).await.json();
    assert!(words(&job).is_some());
    let plain = server
        .get(&format!("/api/v1/ocr/{}/", uuid(&job)))
        .await
        .json();
    assert!(
        words(&plain).is_some(),
        "a job keeps the detail it was sent with"
    );
}

#[tokio::test]
async fn addresses_work_with_and_without_a_final_slash_and_uuids_with_hyphens() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let job = server.post("FAKE ok", &[]).await.json();
    let id = uuid(&job);
    let hyphens = format!(
        "{}-{}-{}-{}-{}",
        &id[..8],
        &id[8..12],
        &id[12..16],
        &id[16..20],
        &id[20..]
    );
    for path in [
        format!("/api/v1/ocr/{id}"),
        format!("/api/v1/ocr/{hyphens}/"),
        format!("/api/v1/ocr/{}/", id.to_uppercase()),
    ] {
        assert_eq!(server.get(&path).await.json(), job, "{path}");
    }
    assert_eq!(
        server
            .get(&format!("/api/v1/ocr/{id}/download"))
            .await
            .status,
        200
    );
    for path in ["/health", "/health/", "/api/v1/version", "/api/v1/version/"] {
        assert_eq!(server.get(path).await.status, 200, "{path}");
    }
    let request = upload(b"FAKE ok", &[]);
    let (mut parts, body) = request.into_parts();
    parts.uri = "/api/v1/ocr".parse().unwrap();
    assert_eq!(
        server
            .send(axum::http::Request::from_parts(parts, body))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_page_over_its_time_fails_alone() {
    let folder = TempDir::new();
    let limit = std::time::Duration::from_millis(100);
    let server = Server::start_with(&folder, |config| config.page_time_limit = limit).await;
    let job = server.post("FAKE wait ok", &[]).await.json();
    assert_eq!(job["pages"][0]["status"], "failed");
    assert_eq!(job["pages"][1]["status"], "done");
}

#[tokio::test]
async fn deleting_cancels_a_running_job_and_leaves_a_tombstone() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let job = server.post(&pages(6, "wait"), &[]).await.json();
    server.reader.wait_for_start_of(1).await;
    let path = format!("/api/v1/ocr/{}/", uuid(&job));
    let request = axum::http::Request::delete(&path)
        .body(axum::body::Body::empty())
        .unwrap();
    assert_eq!(server.send(request).await.status, 204);
    server.get(&path).await.expect_error(410, "deleted");
    assert_eq!(server.n_uploads(&folder), 0);
    // The page in work stops, and the worker is free for the next job.
    server.reader.go_on();
    let next = server.post("FAKE ok", &[]).await.json();
    assert_eq!(next["status"], "done");
    eventually(async || (server.app.db().n_waiting_pages().await.unwrap() == 0).then_some(()))
        .await;
    assert_eq!(
        server
            .reader
            .started()
            .iter()
            .filter(|index| **index > 0)
            .count(),
        0,
        "no other page was read"
    );
}
