//! The pages of tools: a file in, its fields out, without scripts.

use axum::body::Body;
use axum::http::{Request, header};

use super::support::{Answer, Server, TempDir, form, upload};

async fn open(server: &Server, path: &str) -> Answer {
    let request = Request::get(path)
        .header(header::HOST, "ocr.test")
        .body(Body::empty());
    server.send(request.unwrap()).await
}

/// A form of the page of `slug` as a browser sends it.
async fn send(server: &Server, slug: &str, file: Option<&str>, origin: &str) -> Answer {
    let mut request = match file {
        Some(file) => upload(file.as_bytes(), &[("tool", slug)]),
        None => form(&[("tool", slug)]),
    };
    *request.uri_mut() = format!("/tools/{slug}").parse().unwrap();
    let headers = request.headers_mut();
    headers.insert(header::HOST, "ocr.test".parse().unwrap());
    headers.insert(header::ORIGIN, origin.parse().unwrap());
    server.send(request).await
}

const HERE: &str = "http://ocr.test";

#[tokio::test]
async fn every_tool_has_a_page_and_says_what_it_needs() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let list = open(&server, "/tools").await.text();
    let tools = server.get("/api/v1/tools/").await.json();
    for tool in tools["tools"].as_array().unwrap() {
        let slug = tool["slug"].as_str().unwrap();
        assert!(list.contains(&format!("/tools/{slug}\"")), "{slug}");
        let page = open(&server, &format!("/tools/{slug}")).await;
        assert_eq!(page.status, 200, "{slug}");
        if let Some(reason) = tool["reason"].as_str() {
            assert!(page.text().contains("configured here"), "{slug}: {reason}");
        }
        let has_form = page.text().contains("multipart/form-data");
        assert_eq!(has_form, tool["available"] == true, "{slug}");
        assert!(page.text().contains(&format!("tool={slug}")), "{slug}");
    }
    assert_eq!(open(&server, "/tools/pdf-to-gold").await.status, 404);
}

#[tokio::test]
async fn a_file_is_read_and_its_fields_are_shown_and_deleted() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let sent = send(&server, "receipt-to-json", Some("FAKE receipt"), HERE).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let result = sent.header("location").to_owned();
    let page = open(&server, &result).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    for part in [
        "Receipt to JSON",
        "Total",
        "4.20",
        "Company",
        "CORNER SHOP LTD",
        "format=json",
        "Read on the server",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let deleted = Request::post(format!("{result}/delete"))
        .header(header::HOST, "ocr.test")
        .header(header::ORIGIN, HERE)
        .body(Body::empty())
        .unwrap();
    assert_eq!(server.send(deleted).await.status, 303);
    assert_eq!(open(&server, &result).await.status, 410);
}

#[tokio::test]
async fn a_page_of_a_running_job_looks_again() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let sent = send(
        &server,
        "pdf-to-text",
        Some("FAKE ok ok ok ok ok wait"),
        HERE,
    )
    .await;
    let page = open(&server, sent.header("location")).await;
    assert_eq!(page.header("refresh"), "2");
    assert!(page.text().contains("of 6 pages"), "{}", page.text());
    server.reader.go_on();
}

#[tokio::test]
async fn what_cannot_be_read_is_said_on_the_page() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let refused = send(&server, "pdf-to-text", Some("no document"), HERE).await;
    assert_eq!(refused.status, 400);
    let text = refused.text();
    assert!(
        text.contains("role=\"alert\"") && text.contains("Send a file"),
        "{text}"
    );
    assert_eq!(send(&server, "pdf-to-text", None, HERE).await.status, 400);
    send(
        &server,
        "pdf-to-text",
        Some("FAKE ok"),
        "https://evil.example",
    )
    .await
    .expect_error(403, "wrong_origin");
    assert_eq!(server.n_uploads(&folder), 0);
}
