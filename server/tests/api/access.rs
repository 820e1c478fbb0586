//! Who may call what: every route with no token, a wrong one, somebody else's and a revoked one.

use axum::body::Body;
use axum::http::{Method, Request, header};
use ocr_chat_server::audit::Actor;
use ocr_chat_server::metering::Plan;

use super::support::{Answer, Server, TempDir, upload, uuid, with_token};

/// What a route does with callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// It asks nobody who they are.
    Open,
    /// Anybody may call it; a token has to be right.
    Anybody,
    /// A job of an account: there for its account alone.
    Owner,
    /// A job of an account, and an account is needed: there for its account alone.
    OwnerToken,
    /// The caller's own list: an account is needed, by a token.
    Token,
    /// An account is needed: a token in the header or a session.
    Member,
    /// A session is needed; a token does not do.
    Session,
    /// There for admins alone, by session or token.
    Admin,
}

/// Every route and method. `{uuid}` is a job of an account, `{id}` a token of it.
const ROUTES: [(&str, &str, Rule); 62] = [
    ("POST", "/api/v1/ocr", Rule::Anybody),
    ("GET", "/api/v1/ocr", Rule::Token),
    ("GET", "/api/v1/usage", Rule::Member),
    ("GET", "/api/v1/ocr/{uuid}", Rule::Owner),
    ("DELETE", "/api/v1/ocr/{uuid}", Rule::Owner),
    ("GET", "/api/v1/ocr/{uuid}/download", Rule::Owner),
    ("GET", "/api/v1/ocr/{uuid}/events", Rule::Owner),
    ("POST", "/api/v1/chat/{uuid}", Rule::OwnerToken),
    ("GET", "/api/v1/chat/{uuid}/history", Rule::OwnerToken),
    ("GET", "/api/v1/chat/{uuid}/conversations", Rule::OwnerToken),
    ("POST", "/api/v1/chat", Rule::Token),
    ("GET", "/api/v1/chat", Rule::Token),
    ("GET", "/api/v1/chat/conversations/{id}", Rule::Token),
    ("PUT", "/api/v1/chat/conversations/{id}", Rule::Token),
    ("DELETE", "/api/v1/chat/conversations/{id}", Rule::Token),
    ("GET", "/api/v1/chat/conversations/{id}/export", Rule::Token),
    ("GET", "/api/v1/version", Rule::Open),
    ("GET", "/api/v1/languages", Rule::Open),
    ("GET", "/api/v1/prices", Rule::Anybody),
    ("GET", "/api/v1/tools", Rule::Open),
    ("GET", "/api/openapi.json", Rule::Open),
    ("GET", "/health", Rule::Open),
    ("GET", "/api/v1/account", Rule::Member),
    ("DELETE", "/api/v1/account", Rule::Session),
    ("GET", "/api/v1/account/me", Rule::Member),
    ("PUT", "/api/v1/account/settings", Rule::Member),
    ("POST", "/api/v1/account/sign-up", Rule::Open),
    ("POST", "/api/v1/account/verify", Rule::Open),
    ("POST", "/api/v1/account/sign-in", Rule::Open),
    ("POST", "/api/v1/account/sign-out", Rule::Session),
    ("POST", "/api/v1/account/sign-out-everywhere", Rule::Session),
    ("POST", "/api/v1/account/password", Rule::Session),
    ("POST", "/api/v1/account/password-reset", Rule::Open),
    ("POST", "/api/v1/account/password-reset/confirm", Rule::Open),
    ("GET", "/api/v1/account/tokens", Rule::Session),
    ("POST", "/api/v1/account/tokens", Rule::Session),
    ("GET", "/api/v1/account/tokens/{id}", Rule::Session),
    ("DELETE", "/api/v1/account/tokens/{id}", Rule::Session),
    ("POST", "/api/v1/account/claim", Rule::Member),
    ("GET", "/api/v1/account/export", Rule::Session),
    ("POST", "/api/v1/account/checkout", Rule::Session),
    ("GET", "/api/v1/account/payments", Rule::Member),
    ("GET", "/api/v1/account/webhooks", Rule::Member),
    ("PUT", "/api/v1/account/webhooks", Rule::Session),
    ("DELETE", "/api/v1/account/webhooks", Rule::Session),
    ("POST", "/api/v1/account/webhooks/secret", Rule::Session),
    ("GET", "/api/v1/account/webhooks/deliveries", Rule::Member),
    (
        "POST",
        "/api/v1/account/webhooks/deliveries/{id}/redeliver",
        Rule::Member,
    ),
    ("GET", "/api/v1/account/oidc/start", Rule::Open),
    ("GET", "/api/v1/account/oidc/callback", Rule::Open),
    ("POST", "/api/v1/payment/stripe", Rule::Open),
    ("GET", "/api/v1/admin/users", Rule::Admin),
    ("GET", "/api/v1/admin/users/{id}", Rule::Admin),
    ("POST", "/api/v1/admin/users/{id}/grant", Rule::Admin),
    ("POST", "/api/v1/admin/users/{id}/plan", Rule::Admin),
    ("POST", "/api/v1/admin/users/{id}/disable", Rule::Admin),
    ("POST", "/api/v1/admin/users/{id}/enable", Rule::Admin),
    ("GET", "/api/v1/admin/jobs", Rule::Admin),
    ("DELETE", "/api/v1/admin/jobs/{id}", Rule::Admin),
    ("GET", "/api/v1/admin/queue", Rule::Admin),
    ("GET", "/api/v1/admin/failures", Rule::Admin),
    ("GET", "/api/v1/admin/audit", Rule::Admin),
];

/// Somebody who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Nobody,
    WrongToken,
    OtherToken,
    RevokedToken,
}

/// What an answer to somebody else must not hold.
const OWNERS: &str = "text of page";

fn check(rule: Rule, who: Who, answer: &Answer, what: &str) {
    let status = answer.status.as_u16();
    match (rule, who) {
        (Rule::Open, _) | (Rule::Anybody, Who::Nobody | Who::OtherToken) => {
            assert!(status != 401 && status != 403, "{what}: {}", answer.text());
        }
        (Rule::Anybody | Rule::Owner | Rule::OwnerToken, Who::WrongToken | Who::RevokedToken) => {
            answer.expect_error(401, "invalid_token");
        }
        (Rule::Owner, Who::Nobody) | (Rule::Owner | Rule::OwnerToken, Who::OtherToken) => {
            answer.expect_error(404, "job_not_found");
        }
        (Rule::Token | Rule::OwnerToken, Who::Nobody) => {
            answer.expect_error(401, "token_needed");
        }
        (Rule::Admin, _) => {
            answer.expect_error(404, "not_found");
        }
        (Rule::Member, Who::Nobody) | (Rule::Session, _) => {
            answer.expect_error(401, "sign_in_needed");
        }
        (Rule::Member | Rule::Token, Who::WrongToken | Who::RevokedToken) => {
            answer.expect_error(401, "invalid_token");
        }
        // It is a member, of its own account.
        (Rule::Member | Rule::Token, Who::OtherToken) => {
            assert!(!answer.text().contains(OWNERS), "{what}: {}", answer.text());
            assert!(status != 401 && status != 403, "{what}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn every_route_knows_its_callers() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let (owner, token) = server.account(Plan::Free, 0).await;
    let (other, other_token) = server.account(Plan::Free, 0).await;
    let revoked_token = server.token(&owner, None).await;
    let db = server.app.db();
    let tokens = db.tokens_of(&owner).await.unwrap();
    let (kept, revoked) = (&tokens[0], &tokens[1]);
    assert!(
        !db.revoke_token(&other, &revoked.id, &Actor::server())
            .await
            .unwrap(),
        "another's"
    );
    assert!(
        db.revoke_token(&owner, &revoked.id, &Actor::server())
            .await
            .unwrap()
    );
    let id = uuid(&server.post_as(&token, "FAKE ok").await.json());
    for (method, path, rule) in ROUTES {
        for who in [
            Who::Nobody,
            Who::WrongToken,
            Who::OtherToken,
            Who::RevokedToken,
        ] {
            let what = format!("{method} {path} by {who:?}");
            let address = path.replace("{uuid}", &id).replace("{id}", &kept.id.0);
            let request = if (method, path) == ("POST", "/api/v1/ocr") {
                upload(b"FAKE ok", &[])
            } else {
                let method: Method = method.parse().unwrap();
                Request::builder()
                    .method(method)
                    .uri(address)
                    .header(header::CONTENT_TYPE, "application/json")
                    .body(Body::from("{}"))
                    .unwrap()
            };
            let request = match who {
                Who::Nobody => request,
                Who::WrongToken => with_token(request, "ocr_wrong"),
                Who::OtherToken => with_token(request, &other_token),
                Who::RevokedToken => with_token(request, &revoked_token),
            };
            check(rule, who, &server.send(request).await, &what);
        }
    }
    // A token in the address counts on these addresses alone.
    for (path, status) in [("ocr", 200), ("usage", 401), ("account", 401)] {
        let path = format!("/api/v1/{path}/?api_token={token}");
        assert_eq!(server.get(&path).await.status, status, "{path}");
    }
    let get = Request::get(format!("/api/v1/ocr/{id}/")).body(Body::empty());
    let answer = server.send(with_token(get.unwrap(), &token)).await;
    assert_eq!(answer.status, 200, "nobody else changed it");
    assert_eq!(db.tokens_of(&owner).await.unwrap().len(), 1);
}

/// A route that is added has to say who may call it.
#[tokio::test]
async fn the_table_has_every_route_and_method_of_the_router() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let mut n_entries = 0;
    let mut paths = ocr_chat_server::web::api_paths();
    paths.push("/health".to_owned());
    for path in paths {
        let request = Request::patch(&path).body(Body::empty()).unwrap();
        let answer = server.send(request).await;
        assert_eq!(answer.status, 405, "{path}");
        let allowed = answer.header("allow");
        for method in allowed.split(',').filter(|method| *method != "HEAD") {
            let is_there = |(m, p, _): &(&str, &str, Rule)| *m == method && *p == path;
            assert!(ROUTES.iter().any(is_there), "{method} {path} has no entry");
            n_entries += 1;
        }
    }
    assert_eq!(n_entries, ROUTES.len(), "an entry has no route");
}
