//! Signing in elsewhere, at a provider on the loopback interface that signs what a test wants. `peers.rs` has a real one.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, Request, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ocr_chat_server::Config;
use ocr_chat_server::oidc::OidcSettings;
use openidconnect::core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::accounts::{Browser, PASSWORD};
use super::support::{Answer, Server, TempDir};

const CLIENT: &str = "ocr-chat";

/// What the provider is asked to say next, and what it was asked.
#[derive(Default)]
pub(super) struct Said {
    url: String,
    key_seed: u8,
    /// Changes to the claims of the ID token.
    claims: Value,
    /// Another algorithm in the header, with the signature left as it is.
    algorithm: Option<&'static str>,
    /// What the user info endpoint says.
    user_info: Option<Value>,
    challenge: String,
    nonce: String,
    n_key_requests: usize,
}

pub(super) type Provider = Arc<Mutex<Said>>;

/// An Ed25519 key of a seed.
fn key(seed: u8) -> CoreEdDsaPrivateSigningKey {
    // PKCS#8 (RFC 8410) around 32 bytes.
    let mut der = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    der.extend([seed; 32]);
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der)
    );
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(
        &pem,
        Some(JsonWebKeyId::new(format!("key-{seed}"))),
    )
    .unwrap()
}

async fn metadata(State(provider): State<Provider>) -> Json<Value> {
    let url = provider.lock().unwrap().url.clone();
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "userinfo_endpoint": format!("{url}/me"),
        "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
    }))
}

async fn keys(State(provider): State<Provider>) -> Json<Value> {
    let mut said = provider.lock().unwrap();
    said.n_key_requests += 1;
    Json(json!({"keys": [key(said.key_seed).as_verification_key()]}))
}

async fn token(
    State(provider): State<Provider>,
    body: String,
) -> (axum::http::StatusCode, Json<Value>) {
    let said = provider.lock().unwrap();
    let form: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let of = |name: &str| {
        form.iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.clone())
    };
    let verifier = of("code_verifier").unwrap_or_default();
    let is_proven = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == said.challenge;
    if of("code").as_deref() != Some("the-code") || !is_proven {
        return (
            axum::http::StatusCode::BAD_REQUEST,
            Json(json!({"error": "invalid_grant"})),
        );
    }
    let now = ocr_chat_server::clock::now_ms() / 1_000;
    let mut claims = json!({"iss": said.url, "sub": "ann-at-home", "aud": CLIENT, "exp": now + 300, "iat": now,
        "nonce": said.nonce, "email": "Ann@Example.com", "email_verified": true});
    for (name, value) in said.claims.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    let algorithm = said.algorithm.unwrap_or("EdDSA");
    let head = json!({"alg": algorithm, "kid": format!("key-{}", said.key_seed)});
    let signed = [head, claims]
        .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
        .join(".");
    let signature = match algorithm {
        "EdDSA" => key(said.key_seed)
            .sign(&CoreJwsSigningAlgorithm::EdDsa, signed.as_bytes())
            .unwrap(),
        // Under the client's secret, which a thief of it would know.
        "HS256" => {
            let mut mac =
                <hmac::Hmac<Sha256> as hmac::Mac>::new_from_slice(b"a client secret").unwrap();
            hmac::Mac::update(&mut mac, signed.as_bytes());
            hmac::Mac::finalize(mac).into_bytes().to_vec()
        }
        _ => Vec::new(),
    };
    let id_token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
    let answer = json!({"access_token": "an-access-token", "token_type": "Bearer", "expires_in": 300, "id_token": id_token});
    (axum::http::StatusCode::OK, Json(answer))
}

async fn user_info(State(provider): State<Provider>) -> Json<Value> {
    Json(
        provider
            .lock()
            .unwrap()
            .user_info
            .clone()
            .unwrap_or_default(),
    )
}

/// A provider, and the configuration of a server that asks it.
pub(super) async fn provider() -> (Provider, impl Fn(&mut Config)) {
    let provider = Provider::default();
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/keys", get(keys))
        .route("/token", post(token))
        .route("/me", get(user_info))
        .with_state(Arc::clone(&provider));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    provider.lock().unwrap().url = issuer.clone();
    provider.lock().unwrap().key_seed = 1;
    tokio::spawn(async move { axum::serve(listener, router).await });
    let configure = move |config: &mut Config| {
        config.oidc = Some(OidcSettings {
            issuer: issuer.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: "a client secret".to_owned(),
            name: "Example".to_owned(),
        });
    };
    (provider, configure)
}

/// Follows the first redirect as a browser: its cookie, and the state; the provider learns the rest.
async fn start(server: &Server, provider: &Provider) -> (String, String) {
    let answer = server.get("/api/v1/account/oidc/start/").await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let cookie = answer.header("set-cookie").to_owned();
    for part in [
        "Path=/api/v1/account/oidc;",
        "HttpOnly",
        "SameSite=Lax",
        "Max-Age=600",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let to = url::Url::parse(answer.header("location")).unwrap();
    let of = |name: &str| {
        to.query_pairs()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.into_owned())
            .unwrap()
    };
    assert_eq!(of("code_challenge_method"), "S256");
    assert_eq!(of("client_id"), CLIENT);
    assert!(of("redirect_uri").ends_with("/api/v1/account/oidc/callback/"));
    assert!(of("scope").contains("openid") && of("scope").contains("email"));
    let mut said = provider.lock().unwrap();
    said.challenge = of("code_challenge");
    said.nonce = of("nonce");
    let (cookie, _) = cookie.split_once(';').unwrap();
    (cookie.to_owned(), of("state"))
}

async fn back(server: &Server, cookie: &str, query: &str) -> Answer {
    let request = Request::get(format!("/api/v1/account/oidc/callback/?{query}"))
        .header(header::COOKIE, cookie)
        .body(Body::empty())
        .unwrap();
    server.send(request).await
}

/// Signs in; where the browser was sent, and its session.
async fn sign_in(server: &Server, provider: &Provider) -> (String, Option<String>) {
    let (cookie, state) = start(server, provider).await;
    let answer = back(server, &cookie, &format!("code=the-code&state={state}")).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let session = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|value| value.to_str().unwrap().split_once(';'))
        .find(|(cookie, _)| cookie.starts_with("ocr_session="))
        .map(|(cookie, _)| cookie.to_owned());
    (answer.header("location").to_owned(), session)
}

async fn me(server: &Server, session: Option<String>) -> Value {
    let mut browser = Browser::new(server);
    browser.cookie = session;
    let answer = browser.get("/").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn without_a_provider_nobody_is_sent_anywhere() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    for path in ["start", "callback"] {
        let answer = server.get(&format!("/api/v1/account/oidc/{path}/")).await;
        answer.expect_error(404, "oidc_not_configured");
    }
    let server = {
        server.app.stop().await;
        Server::start_with(&folder, |config| {
            config.oidc = Some(OidcSettings {
                issuer: "http://127.0.0.1:1".to_owned(),
                client_id: CLIENT.to_owned(),
                client_secret: "s".to_owned(),
                name: "Gone".to_owned(),
            });
        })
        .await
    };
    let answer = server.get("/api/v1/account/oidc/start/").await;
    assert_eq!(answer.header("location"), "/sign-in?error=oidc_unavailable");
}

#[tokio::test]
async fn somebody_new_gets_an_account_and_comes_back_to_it() {
    let folder = TempDir::new();
    let (provider, configure) = provider().await;
    let server = Server::start_with(&folder, configure).await;
    let (to, session) = sign_in(&server, &provider).await;
    assert_eq!(to, "/account");
    let first = me(&server, session.clone()).await;
    assert_eq!(first["email"], "ann@example.com");
    let (_, again) = sign_in(&server, &provider).await;
    assert_ne!(again, session, "a new session each time");
    assert_eq!(me(&server, again.clone()).await["id"], first["id"]);
    // The address that the provider knows may change; the person is the same.
    provider.lock().unwrap().claims = json!({"email": "ann@elsewhere.example"});
    let (_, later) = sign_in(&server, &provider).await;
    assert_eq!(me(&server, later).await["id"], first["id"]);
    // Without a password the session is enough to set one, or to leave.
    let mut browser = Browser::new(&server);
    browser.cookie = again;
    assert_eq!(
        browser.get("/tokens/").await.json()["tokens"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let export = browser.get("/export/").await.json();
    assert_eq!(export["identities"][0]["subject"], "ann-at-home");
    let gone = browser
        .send(Method::DELETE, "/", Some(json!({"password": ""})))
        .await;
    assert_eq!(gone.status, 204, "{}", gone.text());
    provider.lock().unwrap().claims = Value::Null;
    let (_, session) = sign_in(&server, &provider).await;
    assert_ne!(
        me(&server, session).await["id"],
        first["id"],
        "the account was deleted"
    );
}

#[tokio::test]
async fn only_a_verified_address_leads_to_an_account_that_is_there() {
    let folder = TempDir::new();
    let (provider, configure) = provider().await;
    let server = Server::start_with(&folder, configure).await;
    let mut browser = Browser::new(&server);
    browser.join(&folder, "ann@example.com").await;
    let ann = browser.get("/").await.json();
    for (n, claims) in [
        json!({"email_verified": false}),
        json!({"email_verified": null}),
        json!({"email": null, "email_verified": null}),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = claims;
        claims["sub"] = json!(format!("stranger-{n}"));
        provider.lock().unwrap().claims = claims;
        // User info of another subject says nothing about this one.
        provider.lock().unwrap().user_info =
            Some(json!({"sub": "ann-at-home", "email": "ann@example.com", "email_verified": true}));
        let (to, session) = sign_in(&server, &provider).await;
        assert_eq!(to, "/account");
        let stranger = me(&server, session).await;
        assert_ne!(stranger["id"], ann["id"], "{n}");
        assert_eq!(stranger["email"], Value::Null, "{n}");
    }
    provider.lock().unwrap().claims = json!({"email": null, "email_verified": null});
    let (_, session) = sign_in(&server, &provider).await;
    assert_eq!(
        me(&server, session).await["id"],
        ann["id"],
        "verified, by user info"
    );
    assert_eq!(
        browser.sign_in("ann@example.com", PASSWORD).await.status,
        200,
        "the password stays"
    );

    // Somebody signed up with another's address and waits for its owner to confirm it.
    let mut thief = Browser::new(&server);
    thief
        .post(
            "/sign-up/",
            json!({"email": "bob@example.com", "password": PASSWORD}),
        )
        .await;
    super::support::eventually(async || {
        server
            .app
            .db()
            .account_by_email("bob@example.com")
            .await
            .unwrap()
    })
    .await;
    provider.lock().unwrap().claims = json!({"sub": "bob", "email": "bob@example.com"});
    let (_, session) = sign_in(&server, &provider).await;
    assert_eq!(me(&server, session).await["email"], "bob@example.com");
    thief
        .sign_in("bob@example.com", PASSWORD)
        .await
        .expect_error(401, "sign_in_failed");
}

#[tokio::test]
async fn what_is_forged_old_or_another_s_signs_nobody_in() {
    let folder = TempDir::new();
    let (provider, configure) = provider().await;
    let server = Server::start_with(&folder, configure).await;
    let now = ocr_chat_server::clock::now_ms() / 1_000;
    for claims in [
        json!({"nonce": "another"}),
        json!({"nonce": null}),
        json!({"aud": "another-client"}),
        json!({"aud": [CLIENT, "another-client"]}),
        json!({"iss": "https://id.example.com"}),
        json!({"exp": now - 1}),
        json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
    ] {
        provider.lock().unwrap().claims = claims.clone();
        let (to, session) = sign_in(&server, &provider).await;
        assert_eq!(
            (to.as_str(), session),
            ("/sign-in?error=oidc_failed", None),
            "{claims}"
        );
    }
    provider.lock().unwrap().claims = Value::Null;
    for algorithm in ["HS256", "none"] {
        provider.lock().unwrap().algorithm = Some(algorithm);
        let (to, session) = sign_in(&server, &provider).await;
        assert_eq!(
            (to.as_str(), session),
            ("/sign-in?error=oidc_failed", None),
            "{algorithm}"
        );
    }
    provider.lock().unwrap().algorithm = None;

    let (cookie, state) = start(&server, &provider).await;
    let (other_cookie, _) = start(&server, &provider).await;
    let mut changed = cookie.clone();
    changed.pop();
    changed.push(if cookie.ends_with('0') { '1' } else { '0' });
    for (cookie, query, error) in [
        (
            cookie.as_str(),
            "code=the-code&state=another".to_owned(),
            "oidc_expired",
        ),
        (cookie.as_str(), "code=the-code".to_owned(), "oidc_expired"),
        (
            other_cookie.as_str(),
            format!("code=the-code&state={state}"),
            "oidc_expired",
        ),
        (
            changed.as_str(),
            format!("code=the-code&state={state}"),
            "oidc_expired",
        ),
        ("", format!("code=the-code&state={state}"), "oidc_expired"),
        (
            cookie.as_str(),
            format!("error=access_denied&state={state}"),
            "oidc_denied",
        ),
        (cookie.as_str(), format!("state={state}"), "oidc_failed"),
        (
            cookie.as_str(),
            format!("code=another-code&state={state}"),
            "oidc_failed",
        ),
    ] {
        let answer = back(&server, cookie, &query).await;
        assert_eq!(
            answer.header("location"),
            format!("/sign-in?error={error}"),
            "{query}"
        );
        assert!(answer.header("set-cookie").contains("Max-Age=0"));
    }
    // The provider's keys change: they are fetched again, once.
    let n_before = provider.lock().unwrap().n_key_requests;
    provider.lock().unwrap().key_seed = 2;
    let (to, session) = sign_in(&server, &provider).await;
    assert_eq!(to, "/account");
    let id = me(&server, session.clone()).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(provider.lock().unwrap().n_key_requests, n_before + 1);
    // An account that was shut stays shut.
    let id = ocr_chat_server::ids::AccountId(id);
    let actor = ocr_chat_server::audit::Actor::server();
    assert!(
        server
            .app
            .db()
            .set_disabled(&id, true, &actor)
            .await
            .unwrap()
    );
    let (to, session) = sign_in(&server, &provider).await;
    assert_eq!(
        (to.as_str(), session),
        ("/sign-in?error=account_disabled", None)
    );
}

#[tokio::test]
async fn two_tabs_at_once_make_one_account() {
    let folder = TempDir::new();
    let (provider, configure) = provider().await;
    let server = Server::start_with(&folder, configure).await;
    let identity = ocr_chat_server::oidc::Identity {
        issuer: provider.lock().unwrap().url.clone(),
        subject: "ann-at-home".to_owned(),
        verified_email: Some("ann@example.com".to_owned()),
    };
    let request_id = ocr_chat_server::audit::RequestId("r".to_owned());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (db, identity, request_id) = (
            server.app.db().clone(),
            identity.clone(),
            request_id.clone(),
        );
        tasks.spawn(async move {
            db.account_of_identity(&identity, &request_id)
                .await
                .unwrap()
        });
    }
    let mut ids: Vec<String> = Vec::new();
    while let Some(id) = tasks.join_next().await {
        ids.push(id.unwrap().0);
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
}
