//! Results as files.

use super::support::{Server, TempDir, pages, uuid};

#[tokio::test]
async fn every_format_has_its_type_and_a_safe_name() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let job = server.post("FAKE ok ok", &[]).await.json();
    let id = uuid(&job);
    let cases = [
        (
            "",
            "text/plain; charset=utf-8",
            "txt",
            "text of page 1\u{c}text of page 2\n",
        ),
        (
            "?format=txt",
            "text/plain; charset=utf-8",
            "txt",
            "text of page 1\u{c}",
        ),
        (
            "?format=md",
            "text/markdown; charset=utf-8",
            "md",
            "text of page 2",
        ),
        (
            "?format=csv",
            "text/csv; charset=utf-8",
            "csv",
            "2,1,1,paragraph,10,20,110,40,0.9,text of page 2",
        ),
        (
            "?format=html",
            "text/html; charset=utf-8",
            "html",
            "<p>text of page 2</p>",
        ),
        (
            "?format=hocr",
            "text/html; charset=utf-8",
            "hocr",
            "<div class=\"ocr_page\" id=\"page_2\"",
        ),
        (
            "?format=alto",
            "application/xml",
            "xml",
            "<Page ID=\"page-2\"",
        ),
        (
            "?format=docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "docx",
            "word/document.xml",
        ),
        (
            "?format=xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
            "xl/workbook.xml",
        ),
        ("?format=pdf", "application/pdf", "pdf", "%PDF-1.7"),
        (
            "?format=html",
            "text/html; charset=utf-8",
            "html",
            "<!DOCTYPE html>",
        ),
        (
            "?format=hocr",
            "text/html; charset=utf-8",
            "hocr",
            "ocr_page",
        ),
        ("?format=alto", "application/xml", "xml", "<alto"),
        (
            "?format=json",
            "application/json",
            "json",
            "\"page_count\": 2",
        ),
    ];
    for (query, mime_type, extension, content) in cases {
        let answer = server
            .get(&format!("/api/v1/ocr/{id}/download/{query}"))
            .await;
        assert_eq!(answer.status, 200, "{query}");
        assert_eq!(answer.header("content-type"), mime_type);
        let disposition = format!("attachment; filename=\"ocr-{}.{extension}\"", &id[..8]);
        assert_eq!(answer.header("content-disposition"), disposition);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(
            answer.text().contains(content),
            "{query}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn a_format_or_a_detail_that_is_not_there_is_told() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let id = uuid(&server.post("FAKE ok", &[]).await.json());
    let get = async |query: &str| {
        server
            .get(&format!("/api/v1/ocr/{id}/download/?{query}"))
            .await
    };
    let message = get("format=exe")
        .await
        .expect_error(400, "invalid_parameter");
    assert!(message.contains("format"), "{message}");
    get("format=json&detail=all")
        .await
        .expect_error(400, "invalid_parameter");
    for (query, values) in [
        ("format=txt&layout=columns", "flowing or kept"),
        ("format=json&markdown_map=yes", "true or false"),
    ] {
        let message = get(query).await.expect_error(400, "invalid_parameter");
        assert!(message.contains(values), "{message}");
    }
}

#[tokio::test]
async fn text_is_set_as_it_is_asked_for() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let id = uuid(&server.post("FAKE columns ok", &[]).await.json());
    let get = async |query: &str| {
        let path = format!("/api/v1/ocr/{id}/download/?format=txt{query}");
        server.get(&path).await.text()
    };
    let flowing = "left\n\nright\u{c}text of page 2\n";
    assert_eq!(get("").await, flowing);
    assert_eq!(get("&layout=flowing").await, flowing);
    let kept = get("&layout=kept").await;
    let rows: Vec<&str> = kept.lines().collect();
    assert!(
        rows[0].starts_with("left   ") && rows[0].ends_with("  right"),
        "{kept:?}"
    );
}

#[tokio::test]
async fn json_says_where_its_markdown_was_read_where_that_is_asked_for() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let parameters = [("markdown_map", "true")];
    let sent = server.post("FAKE columns ok", &parameters).await.json();
    let job = format!("/api/v1/ocr/{}", uuid(&sent));
    let polled = server
        .get(&format!("{job}/?markdown_map=true"))
        .await
        .json();
    assert_eq!(polled, sent);
    let query = "?format=json&markdown_map=true";
    let saved = server.get(&format!("{job}/download/{query}")).await.json();
    assert_eq!(saved, sent);
    let markdown: Vec<char> = sent["markdown"].as_str().unwrap().chars().collect();
    let spans = sent["markdown_map"].as_array().unwrap();
    let found: Vec<(String, serde_json::Value)> = spans
        .iter()
        .map(|span| {
            let at = |key: &str| usize::try_from(span[key].as_u64().unwrap()).unwrap();
            let place = serde_json::json!([span["page"], span["block"], span["bbox"]]);
            (markdown[at("start")..at("end")].iter().collect(), place)
        })
        .collect();
    let expected = [
        ("left", serde_json::json!([0, 0, [10, 20, 50, 40]])),
        ("right", serde_json::json!([0, 1, [140, 20, 190, 40]])),
        (
            "text of page 2",
            serde_json::json!([1, 0, [10, 20, 110, 40]]),
        ),
    ]
    .map(|(text, place)| (text.to_owned(), place));
    assert_eq!(found, expected);
    for off in ["", "?markdown_map=false"] {
        let plain = server.get(&format!("{job}/{off}")).await.json();
        assert!(plain.get("markdown_map").is_none(), "{off}");
    }
    let plain = server.get(&format!("{job}/download/?format=json")).await;
    assert!(plain.json().get("markdown_map").is_none());
    for answer in [
        server.post("FAKE ok", &[("markdown_map", "1")]).await,
        server.get(&format!("{job}/?markdown_map=yes")).await,
    ] {
        let message = answer.expect_error(400, "invalid_parameter");
        assert!(message.contains("true or false"), "{message}");
    }
}

#[tokio::test]
async fn there_is_nothing_to_download_before_the_job_is_done() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let job = server.post(&pages(6, "wait"), &[]).await.json();
    let path = format!("/api/v1/ocr/{}/download/?format=md", uuid(&job));
    server.get(&path).await.expect_error(409, "not_done");
    server.reader.go_on();
    server.ended(&uuid(&job)).await;
    assert_eq!(server.get(&path).await.status, 200);
}

#[tokio::test]
async fn an_expired_result_is_gone_and_its_content_swept() {
    let folder = TempDir::new();
    let one_second = std::time::Duration::from_secs(1);
    let server = Server::start_with(&folder, |config| config.retention = one_second).await;
    let id = uuid(&server.post("FAKE ok", &[]).await.json());
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    server
        .get(&format!("/api/v1/ocr/{id}/"))
        .await
        .expect_error(410, "expired");
    server
        .get(&format!("/api/v1/ocr/{id}/download/"))
        .await
        .expect_error(410, "expired");
    let job = ocr_chat_server::ids::JobId::parse(&id).unwrap();
    assert_eq!(
        server.app.db().finished_pages(&job).await.unwrap().len(),
        1,
        "not swept yet"
    );
    drop(server);
    // The sweeper looks at once when a server starts.
    let server = Server::start(&folder).await;
    super::support::eventually(async || {
        let pages = server.app.db().finished_pages(&job).await.unwrap();
        pages.is_empty().then_some(())
    })
    .await;
    super::support::eventually(async || (server.n_uploads(&folder) == 0).then_some(())).await;
    server
        .get(&format!("/api/v1/ocr/{id}/"))
        .await
        .expect_error(410, "expired");
}
