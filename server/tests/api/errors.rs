//! The envelope of every error.

use axum::body::Body;
use axum::http::{Method, Request, header};

use super::support::{Server, TempDir, multipart, upload, without_file};

#[tokio::test]
async fn parameters_are_checked_by_value() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let cases = [
        ("tier", "gpu", "invalid_parameter"),
        ("language", "th-Zzzz", "invalid_parameter"),
        ("language", "klingon", "invalid_parameter"),
        ("detail", "letters", "invalid_parameter"),
        ("ocr", "never", "invalid_parameter"),
        ("tool", "translate", "not_available"),
        ("tool", "pdf-to-gold", "invalid_parameter"),
        ("translate_to", "de", "no_translator"),
        ("store", "no", "invalid_parameter"),
        ("pages", "3-1", "invalid_parameter"),
        ("pages", "2-9", "invalid_parameter"),
    ];
    for (parameter, value, code) in cases {
        let message = server
            .post("FAKE ok", &[(parameter, value)])
            .await
            .expect_error(400, code);
        assert!(
            message.contains(parameter),
            "{parameter}={value}: {message}"
        );
    }
    assert_eq!(server.n_uploads(&folder), 0);
    for parameters in [
        [("tier", "cpu")],
        [("ocr", "force")],
        [("ocr", "off")],
        [("language", "zh-Hant")],
        [("tool", "")],
        [("later", "x")],
    ] {
        assert_eq!(
            server.post("FAKE ok", &parameters).await.status,
            200,
            "{parameters:?}"
        );
    }
}

#[tokio::test]
async fn a_locked_file_opens_with_its_password_and_with_no_other() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    for parameters in [&[][..], &[("password", "open")]] {
        server
            .post("LOCKED ok", parameters)
            .await
            .expect_error(400, "password_needed");
    }
    assert_eq!(server.n_uploads(&folder), 0);
    let answer = server
        .post("LOCKED ok", &[("password", "open sesame")])
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["status"], "done");
}

#[tokio::test]
async fn files_that_cannot_be_opened_are_refused_and_not_kept() {
    let folder = TempDir::new();
    let limit = std::time::Duration::from_millis(100);
    let server = Server::start_with(&folder, |config| config.open_time_limit = limit).await;
    let cases = [
        ("", "empty_file"),
        ("some text", "unsupported_type"),
        ("LOCKED", "password_needed"),
        ("FAKE", "damaged_file"),
        ("PANIC", "damaged_file"),
        ("ENDLESS", "damaged_file"),
    ];
    for (file, code) in cases {
        let message = server.post(file, &[]).await.expect_error(400, code);
        assert!(!message.contains("the text of a document"), "{message}");
    }
    assert_eq!(server.n_uploads(&folder), 0);
    assert!(server.app.db().open_jobs().await.unwrap().is_empty());
    // The thread that hangs was replaced.
    assert_eq!(server.post("FAKE ok", &[]).await.json()["status"], "done");
}

#[tokio::test]
async fn requests_without_a_file_and_broken_ones_are_told() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    server
        .send(multipart("/api/v1/ocr/", without_file()))
        .await
        .expect_error(400, "no_file");
    let empty = Request::post("/api/v1/ocr/").body(Body::empty()).unwrap();
    server.send(empty).await.expect_error(400, "no_file");
    let json = Request::post("/api/v1/ocr/")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{}"))
        .unwrap();
    server.send(json).await.expect_error(400, "no_file");
    let mut cut = without_file();
    cut.truncate(60);
    server
        .send(multipart("/api/v1/ocr/", cut))
        .await
        .expect_error(400, "bad_request");
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let whole = axum::body::to_bytes(upload(&vec![b' '; 1 << 20], &[]).into_body(), usize::MAX)
        .await
        .unwrap();
    let cut = whole[..whole.len() / 2].to_vec();
    server
        .send(multipart("/api/v1/ocr/", cut))
        .await
        .expect_error(400, "bad_request");
    assert_eq!(server.n_uploads(&folder), 0);
    assert!(server.reader.started().is_empty());
}

#[tokio::test]
async fn a_file_over_the_limit_is_a_400_and_leaves_nothing() {
    let folder = TempDir::new();
    let server = Server::start_with(&folder, |config| config.max_upload_bytes = 3 << 20).await;
    let mut file = b"FAKE ok".to_vec();
    // Larger than the 2 MB that axum allows by itself, and taken.
    file.resize(3 << 20, b' ');
    assert_eq!(server.send(upload(&file, &[])).await.status, 200);
    file.push(b' ');
    let message = server
        .send(upload(&file, &[]))
        .await
        .expect_error(400, "file_too_large");
    assert!(message.contains("3 MB"), "{message}");
    file.resize(20 << 20, b' ');
    server
        .send(upload(&file, &[]))
        .await
        .expect_error(400, "file_too_large");
    assert_eq!(server.n_uploads(&folder), 1, "the one that fitted");
}

#[tokio::test]
async fn the_router_s_own_errors_wear_the_envelope() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    for path in [
        "/api",
        "/api/v1/nothing",
        "/nothing",
        "/nothing.js",
        "/models/other.onnx",
        "/models/..%2fdata",
    ] {
        server.get(path).await.expect_error(404, "not_found");
    }
    let unknown = "/api/v1/ocr/00000000000040008000000000000000";
    for path in [
        unknown,
        "/api/v1/ocr/not-a-uuid/",
        "/api/v1/ocr/not-a-uuid/download/",
    ] {
        server.get(path).await.expect_error(404, "job_not_found");
    }
    for (method, path) in [
        (Method::PUT, "/api/v1/ocr/"),
        (Method::POST, "/health"),
        (Method::PATCH, "/api/v1/ocr/"),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(Body::empty())
            .unwrap();
        let answer = server.send(request).await;
        answer.expect_error(405, "method_not_allowed");
        assert!(!answer.header("allow").is_empty(), "{path}");
    }
    server
        .get(&format!("{unknown}/?detail=words&detail=words"))
        .await
        .expect_error(400, "bad_request");
}

#[tokio::test]
async fn failures_inside_tell_nothing_outside() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    server.reader.make_info_panic();
    let message = server
        .get("/api/v1/version/")
        .await
        .expect_error(500, "internal_error");
    assert!(!message.contains("the text of a document"), "{message}");
    server.app.db().close().await;
    server.get("/health").await.expect_error(503, "unhealthy");
    let path = "/api/v1/ocr/00000000000040008000000000000000/";
    server.get(path).await.expect_error(500, "internal_error");
}

#[tokio::test]
async fn any_page_may_call_the_api_and_read_its_errors() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let preflight = Request::options("/api/v1/ocr/")
        .header(header::ORIGIN, "https://example.com")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization")
        .body(Body::empty())
        .unwrap();
    let answer = server.send(preflight).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("authorization")
    );
    let wrong = Request::get("/api/v1/ocr/x/")
        .header(header::ORIGIN, "https://example.com")
        .body(Body::empty())
        .unwrap();
    let answer = server.send(wrong).await;
    answer.expect_error(404, "job_not_found");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
}
