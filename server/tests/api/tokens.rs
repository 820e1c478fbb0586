//! Tokens: who may open what, and that they are written down nowhere.

use axum::body::Body;
use axum::http::{Request, header};

use crate::support::{Server, TempDir, upload, uuid};

fn get(path: &str, token: &str) -> Request<Body> {
    Request::get(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn a_token_s_job_is_not_there_for_anybody_else() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let token = server.app.first_token.clone().unwrap();
    let mut request = upload(b"FAKE ok", &[]);
    request.headers_mut().insert(
        header::AUTHORIZATION,
        format!("Bearer {token}").parse().unwrap(),
    );
    let id = uuid(&server.send(request).await.json());
    let path = format!("/api/v1/ocr/{id}/");
    assert_eq!(server.send(get(&path, &token)).await.status, 200);
    assert_eq!(
        server
            .get(&format!("{path}?api_token={token}"))
            .await
            .status,
        200
    );
    assert_eq!(
        server
            .get(&format!("{path}download/?format=md&api_token={token}"))
            .await
            .status,
        200
    );
    server.get(&path).await.expect_error(404, "job_not_found");
    server
        .get(&format!("{path}download/"))
        .await
        .expect_error(404, "job_not_found");
    let other = "ocr_0123";
    server
        .app
        .db()
        .insert_token(&ocr_chat_server::hex::sha256(other.as_bytes()))
        .await
        .unwrap();
    server
        .send(get(&path, other))
        .await
        .expect_error(404, "job_not_found");
    let delete = Request::delete(&path).body(Body::empty()).unwrap();
    server.send(delete).await.expect_error(404, "job_not_found");
    assert_eq!(
        server.send(get(&path, &token)).await.status,
        200,
        "nobody else deleted it"
    );
}

#[tokio::test]
async fn a_wrong_token_is_refused_everywhere_and_the_header_goes_first() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let token = server.app.first_token.clone().unwrap();
    let id = uuid(&server.post("FAKE ok", &[]).await.json());
    let path = format!("/api/v1/ocr/{id}/");
    let answer = server.send(get(&path, "wrong")).await;
    answer.expect_error(401, "invalid_token");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    server
        .get(&format!("{path}?api_token=wrong"))
        .await
        .expect_error(401, "invalid_token");
    server
        .send(get(&format!("{path}?api_token={token}"), "wrong"))
        .await
        .expect_error(401, "invalid_token");
    assert_eq!(
        server
            .send(get(&format!("{path}?api_token=wrong"), &token))
            .await
            .status,
        200
    );
    let mut request = upload(b"FAKE ok", &[]);
    *request.uri_mut() = "/api/v1/ocr/?api_token=wrong".parse().unwrap();
    server
        .send(request)
        .await
        .expect_error(401, "invalid_token");
    let basic = Request::get(&path)
        .header(header::AUTHORIZATION, "Basic eDp5")
        .body(Body::empty())
        .unwrap();
    server.send(basic).await.expect_error(401, "invalid_token");
    let answer = server.get(&format!("{path}?api_token={token}")).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
}

#[tokio::test]
async fn the_token_is_made_once_and_only_its_hash_is_kept() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let token = server.app.first_token.clone().unwrap();
    server.app.stop().await;
    let server = Server::start(&folder).await;
    assert_eq!(server.app.first_token, None);
    assert_eq!(
        server.send(get("/api/v1/ocr/x/", &token)).await.status,
        404,
        "it still works"
    );
    for entry in std::fs::read_dir(folder.path().join("data")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let is_inside = bytes
                .windows(token.len())
                .any(|window| window == token.as_bytes());
            assert!(!is_inside, "{}", path.display());
        }
    }
}

#[tokio::test]
async fn no_token_no_uuid_and_no_text_is_logged_at_any_level() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let token = server.app.first_token.clone().unwrap();
    let mut request = upload(b"FAKE ok fail", &[]);
    *request.uri_mut() = format!("/api/v1/ocr/?api_token={token}").parse().unwrap();
    let id = uuid(&server.send(request).await.json());
    server
        .get(&format!("/api/v1/ocr/{id}/?api_token={token}"))
        .await;
    server
        .send(get(&format!("/api/v1/ocr/{id}/download/"), &token))
        .await;
    server
        .get(&format!("/api/v1/ocr/{id}/?api_token=wrong-secret"))
        .await
        .expect_error(401, "invalid_token");
    server
        .get(&format!("/api/v1/ocr/{token}/"))
        .await
        .expect_error(404, "job_not_found");
    server.app.stop().await;
    // Of all tests that ran so far, at every level, from every thread.
    let log = crate::support::log();
    assert!(
        log.contains("/api/v1/ocr/") && log.contains("request_id"),
        "{log}"
    );
    for secret in [
        token.as_str(),
        id.as_str(),
        "wrong-secret",
        "api_token",
        "text of page",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}
