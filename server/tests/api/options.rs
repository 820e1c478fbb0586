//! Chosen pages, waiting, not storing, and the limit on requests.

use std::time::{Duration, SystemTime};

use super::support::{Server, TempDir, pages, uuid};

#[tokio::test]
async fn chosen_pages_are_read_charged_and_keep_their_numbers() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let answer = server
        .post(&pages(150, "ok"), &[("pages", "2-3, 140")])
        .await;
    assert_eq!(
        answer.status,
        200,
        "a plan's cap counts what is read: {}",
        answer.text()
    );
    let job = answer.json();
    assert_eq!(job["page_count"], 3);
    assert_eq!(job["status"], "done");
    assert_eq!(job["usage"]["credits"], 3);
    let indices: Vec<u64> = job["pages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|page| page["index"].as_u64().unwrap())
        .collect();
    assert_eq!(indices, [1, 2, 139]);
    let docx = format!("/api/v1/ocr/{}/download/?format=docx", uuid(&job));
    assert_eq!(server.get(&docx).await.status, 200);
    assert_eq!(server.wrong_in_the_books().await, [""; 0]);
}

#[tokio::test]
async fn a_poll_may_wait_for_the_end() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let job = server.post(&pages(6, "wait"), &[]).await.json();
    let path = format!("/api/v1/ocr/{}/", uuid(&job));
    server.reader.wait_for_start_of(1).await;
    let started = SystemTime::now();
    let early = server.get(&format!("{path}?wait=1")).await.json();
    assert_eq!(early["status"], "processing");
    assert!(started.elapsed().unwrap() >= Duration::from_millis(900));
    let waiting = tokio::spawn(super::support::send(
        server.router.clone(),
        axum::http::Request::get(format!("{path}?wait=30"))
            .body(axum::body::Body::empty())
            .unwrap(),
    ));
    server.reader.go_on();
    assert_eq!(waiting.await.unwrap().json()["status"], "done");
    server
        .get(&format!("{path}?wait=61"))
        .await
        .expect_error(400, "invalid_parameter");
}

#[tokio::test]
async fn what_is_not_stored_goes_with_its_answer() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let job = server.post("FAKE ok", &[("store", "false")]).await.json();
    assert_eq!(job["text"], "text of page 1");
    let path = format!("/api/v1/ocr/{}/", uuid(&job));
    server.get(&path).await.expect_error(410, "deleted");
    assert_eq!(server.n_uploads(&folder), 0);

    let job = server
        .post(&pages(6, "wait"), &[("store", "false")])
        .await
        .json();
    let path = format!("/api/v1/ocr/{}/", uuid(&job));
    server.reader.wait_for_start_of(2).await;
    assert_eq!(server.get(&path).await.json()["status"], "processing");
    server.reader.go_on();
    super::support::eventually(async || {
        let open = server.app.db().open_jobs().await.unwrap();
        open.is_empty().then_some(())
    })
    .await;
    let download = format!("{path}download/");
    server.get(&download).await.expect_error(410, "not_stored");
    let ended = server.get(&path).await.json();
    assert_eq!(ended["usage"]["pages"], 6);
    server.get(&path).await.expect_error(410, "deleted");
    server.get(&download).await.expect_error(410, "deleted");
    assert_eq!(server.n_uploads(&folder), 0);
    assert_eq!(server.wrong_in_the_books().await, [""; 0]);
}

#[tokio::test]
async fn requests_are_limited_and_told_so() {
    let folder = TempDir::new();
    let server = Server::start_with(&folder, |config| config.requests_per_minute = Some(3)).await;
    for left in ["2", "1", "0"] {
        let answer = server.get("/api/v1/version/").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-limit"), "3");
        assert_eq!(answer.header("ratelimit-remaining"), left);
    }
    let other_site = axum::http::Request::get("/api/v1/version/")
        .header("origin", "https://example.com")
        .body(axum::body::Body::empty())
        .unwrap();
    let answer = server.send(other_site).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    answer.expect_error(429, "too_many_requests");
    assert_eq!(answer.header("ratelimit-remaining"), "0");
    let seconds: u32 = answer.header("retry-after").parse().unwrap();
    assert!((1..=61).contains(&seconds));
    assert_eq!(answer.header("ratelimit-reset"), seconds.to_string());
    assert_eq!(
        server.get("/health").await.status,
        200,
        "health is not the API"
    );
}

#[tokio::test]
async fn a_tool_that_works_sets_the_format_of_downloads_and_others_say_why() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let list = server.get("/api/v1/tools/").await.json();
    let document = server.get("/api/openapi.json").await.json();
    let documented = &document["components"]["schemas"]["Upload"]["properties"]["tool"]["enum"];
    let slugs: Vec<&serde_json::Value> = list["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| &tool["slug"])
        .collect();
    assert_eq!(*documented, serde_json::json!(slugs));
    for tool in list["tools"].as_array().unwrap() {
        let slug = tool["slug"].as_str().unwrap();
        let answer = server.post("FAKE ok columns", &[("tool", slug)]).await;
        if tool["available"] == false {
            let message = answer.expect_error(400, "not_available");
            assert!(
                message.contains(tool["reason"].as_str().unwrap()),
                "{message}"
            );
            continue;
        }
        assert_eq!(answer.status, 200, "{slug}: {}", answer.text());
        assert_eq!(answer.json()["tier"], tool["tier"]);
        let path = format!("/api/v1/ocr/{}/download/", uuid(&answer.json()));
        let format = tool["format"].as_str().unwrap();
        let by_default = server.get(&path).await;
        let asked = server.get(&format!("{path}?format={format}")).await;
        assert_eq!(by_default.status, 200, "{slug}");
        assert_eq!(
            by_default.header("content-type"),
            asked.header("content-type"),
            "{slug}"
        );
        assert!(
            by_default
                .header("content-disposition")
                .contains(&format!(".{format}\"")),
            "{slug}"
        );
        let other = server.get(&format!("{path}?format=json")).await;
        assert_eq!(
            other.header("content-type"),
            "application/json",
            "{slug}: what is asked for goes first"
        );
    }
    let message = server
        .post("FAKE ok", &[("tool", "pdf-to-gold")])
        .await
        .expect_error(400, "invalid_parameter");
    assert!(
        message.contains("image-to-text") && message.contains("translate"),
        "{message}"
    );
}

#[tokio::test]
async fn the_premium_tier_says_what_read_and_costs_accordingly() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let job = server
        .post("FAKE ok layer fail", &[("tier", "vlm")])
        .await
        .json();
    assert_eq!(job["tier"], "vlm");
    assert_eq!(job["engine"]["name"], "fake-vlm");
    assert_eq!(job["pages"][0]["read_by"], "local-premium");
    assert_eq!(job["pages"][1]["read_by"], "cpu");
    // Two for the page that the premium engine read, one for the one with its own text, none for the one that failed.
    assert_eq!(job["usage"]["credits"], 3);
    let job = server.post("FAKE ok", &[("tier", "cpu")]).await.json();
    assert_eq!(
        (&job["usage"]["credits"], &job["engine"]["name"]),
        (&1.into(), &"fake-cpu".into())
    );
    let handwriting = server
        .post("FAKE ok", &[("tool", "handwriting-to-text")])
        .await
        .json();
    assert_eq!(handwriting["tier"], "vlm");
    let cheap = [("tool", "handwriting-to-text"), ("tier", "cpu")];
    assert_eq!(server.post("FAKE ok", &cheap).await.json()["tier"], "cpu");
}

#[tokio::test]
async fn a_tool_with_fields_answers_with_values_and_their_places() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let job = server
        .post("FAKE receipt", &[("tool", "receipt-to-json")])
        .await
        .json();
    assert_eq!(job["tool"], "receipt-to-json");
    let fields = &job["fields"];
    assert_eq!(fields["kind"], "receipt");
    assert_eq!(fields["company"]["value"], "CORNER SHOP LTD");
    let total = serde_json::json!({"value": 4.2, "text": "4.20", "page": 1, "bbox": [140, 60, 190, 80], "confidence": 0.9});
    assert_eq!(fields["total"], total);
    assert_eq!(fields["currency"]["value"], "USD");
    let again = server
        .get(&format!("/api/v1/ocr/{}/", uuid(&job)))
        .await
        .json();
    assert_eq!(again["fields"], *fields);
    let file = server
        .get(&format!("/api/v1/ocr/{}/download/", uuid(&job)))
        .await
        .json();
    assert_eq!(file["fields"], *fields, "the download of the tool is JSON");
    let plain = server.post("FAKE receipt", &[]).await.json();
    assert!(plain["fields"].is_null() && plain["tool"].is_null());
}
