//! Tokens: who may open what, and that they are written down nowhere.

use axum::body::Body;
use axum::http::{Request, header};

use ocr_chat_server::audit::Actor;
use ocr_chat_server::db::tokens::{NewToken, new_id};
use ocr_chat_server::metering::Plan;
use ocr_chat_server::secret::SecretKeys;
use ocr_chat_server::web::tokens;

use super::support::{Server, TempDir, upload, uuid};

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
    let (_, other) = server.account(Plan::Free, 0).await;
    server
        .send(get(&path, &other))
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
async fn the_token_is_made_once_and_stands_nowhere_in_clear() {
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
    let log = super::support::log();
    assert!(
        log.contains("/api/v1/ocr/") && log.contains("request_id"),
        "{log}"
    );
    for secret in [
        token.as_str(),
        id.as_str(),
        "wrong-secret",
        "api_token=",
        "text of page",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}

#[tokio::test]
async fn a_token_of_which_only_the_hash_was_kept_works_on_and_is_kept_encrypted_from_then() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let (account, _) = server.account(Plan::Operator, 0).await;
    let token = "ocr_of_an_older_version";
    let lookup = format!("sha256:{}", ocr_chat_server::hex::sha256(token.as_bytes()));
    let old = NewToken {
        id: new_id().unwrap(),
        account: account.clone(),
        name: "first".into(),
        lookup: lookup.clone(),
        sealed: String::new(),
        spending_cap: None,
    };
    let db = server.app.db();
    db.insert_token(&old, &Actor::server()).await.unwrap();
    let path = "/api/v1/ocr/x/";
    for _ in 0..2 {
        server
            .send(get(path, token))
            .await
            .expect_error(404, "job_not_found");
    }
    assert!(db.find_token(&lookup).await.unwrap().is_none());
    let all = db.tokens_of(&account).await.unwrap();
    let stored = all.iter().find(|token| token.id == old.id).unwrap();
    let shown = tokens::shown(server.app.secrets(), stored);
    assert_eq!(shown.as_deref(), Some(token));
    assert!(stored.last_used_ms.is_some());
    db.revoke_token(&account, &old.id, &Actor::server())
        .await
        .unwrap();
    server
        .send(get(path, token))
        .await
        .expect_error(401, "invalid_token");
}

#[tokio::test]
async fn the_server_key_can_be_changed_and_tokens_follow() {
    let folder = TempDir::new();
    let (old, new) = (
        "an old key of thirty-two letters!",
        "a new key of thirty-two letters!!",
    );
    let with_keys = async |list: &str| {
        let keys = SecretKeys::parse(&list.replace(' ', "-")).unwrap();
        Server::start_with(&folder, |config| config.secret_keys = Some(keys)).await
    };
    let server = with_keys(old).await;
    let token = server.app.first_token.clone().unwrap();
    let path = "/api/v1/ocr/x/";
    server.app.stop().await;
    let both = format!("{new},{old}");
    for (keys, status) in [(both.as_str(), 404), (new, 404), (old, 401)] {
        if keys == old && folder.config().await.database_url.is_some() {
            // What several processes have in common; one that is late does not start, see shared.rs.
            continue;
        }
        let server = with_keys(keys).await;
        assert_eq!(
            server.send(get(path, &token)).await.status,
            status,
            "used under both, it is under the new key from then on"
        );
        server.app.stop().await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_server_key_is_made_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new();
    let _server = Server::start(&folder).await;
    let file = folder.path().join("data/secret_key");
    let mode = std::fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
