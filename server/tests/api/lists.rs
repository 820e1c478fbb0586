//! Lists of jobs, and what was used.

use axum::body::Body;
use axum::http::Request;
use ocr_chat_server::metering::Plan;

use super::support::{Answer, Server, TempDir, pages, upload, uuid, with_token};

async fn get(server: &Server, token: &str, path: &str) -> Answer {
    let request = Request::get(path).body(Body::empty()).unwrap();
    server.send(with_token(request, token)).await
}

#[tokio::test]
async fn the_jobs_of_an_account_are_listed_page_by_page() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let (_, token) = server.account(Plan::Free, 0).await;
    let (_, other) = server.account(Plan::Free, 0).await;
    let mut sent = Vec::new();
    for language in ["en", "de", "en", "en", "de"] {
        let request = with_token(upload(b"FAKE ok fail", &[("language", language)]), &token);
        sent.push(uuid(&server.send(request).await.json()));
    }
    sent.reverse();
    server.post_as(&other, "FAKE ok").await;
    server.post("FAKE ok", &[]).await;

    let mut listed = Vec::new();
    let mut path = "/api/v1/ocr/?limit=2".to_owned();
    loop {
        let list = get(&server, &token, &path).await.json();
        for job in list["jobs"].as_array().unwrap() {
            assert_eq!(job["status"], "done");
            assert_eq!(job["usage"]["credits"], 1);
            assert_eq!(job["pages_failed"], 1);
            listed.push(uuid(job));
        }
        let Some(next) = list["next"].as_str() else {
            break;
        };
        path = format!("/api/v1/ocr/?limit=2&cursor={next}");
    }
    listed.sort_by_key(|id| sent.iter().position(|sent| sent == id));
    assert_eq!(listed, sent, "each once");

    let german = get(&server, &token, "/api/v1/ocr/?language=de&status=done").await;
    assert_eq!(german.json()["jobs"].as_array().unwrap().len(), 2);
    let delete = Request::delete(format!("/api/v1/ocr/{}/", sent[0])).body(Body::empty());
    server.send(with_token(delete.unwrap(), &token)).await;
    let left = get(&server, &token, "/api/v1/ocr").await.json();
    assert_eq!(left["jobs"].as_array().unwrap().len(), 4);
    for query in [
        "status=gone",
        "limit=0",
        "limit=101",
        "cursor=x",
        "cursor=1-2",
    ] {
        get(&server, &token, &format!("/api/v1/ocr/?{query}"))
            .await
            .expect_error(400, "invalid_parameter");
    }
}

#[tokio::test]
async fn usage_is_told_by_day_in_json_and_csv() {
    let folder = TempDir::new();
    let server = Server::start_with(&folder, |config| {
        config.prices = config.prices.clone().with_allowance(Plan::Paid, 3);
    })
    .await;
    let (_, token) = server.account(Plan::Paid, 10).await;
    assert_eq!(server.post_as(&token, &pages(5, "ok")).await.status, 200);
    server.post_as(&token, "FAKE fail ok").await;
    let report = get(&server, &token, "/api/v1/usage/").await.json();
    assert_eq!(report["total"]["pages"], 6, "{report}");
    assert_eq!(report["total"]["allowance"], 3);
    assert_eq!(report["total"]["credits"], 3);
    let today = report["to"].as_str().unwrap();
    assert!(report["from"].as_str().unwrap().ends_with("-01"));
    let csv = get(&server, &token, "/api/v1/usage/?format=csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    // A test that runs over midnight has two days.
    if report["days"].as_array().unwrap().len() == 1 {
        let expected = format!("date,pages,allowance,credits\r\n{today},6,3,3\r\n");
        assert_eq!(csv.text(), expected);
    }
    let past = "/api/v1/usage/?from=2020-01-01&to=2020-02-01";
    assert_eq!(get(&server, &token, past).await.json()["total"]["pages"], 0);
    for query in [
        "from=2020-01-01",
        "from=x",
        "format=pdf",
        "from=2020-02-01&to=2020-01-01",
    ] {
        get(&server, &token, &format!("/api/v1/usage/?{query}"))
            .await
            .expect_error(400, "invalid_parameter");
    }
}
