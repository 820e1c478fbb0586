//! Signing up and in, sessions, tokens, and what is somebody's own.

use axum::body::Body;
use axum::http::{Method, Request, header};
use ocr_chat_server::metering::Plan;
use serde_json::{Value, json};

use super::support::{Answer, Server, TempDir, eventually, pages, upload, uuid, with_token};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A browser: it keeps its cookie and says where its page is from.
pub(crate) struct Browser<'a> {
    server: &'a Server,
    pub(crate) cookie: Option<String>,
    origin: &'static str,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        Self {
            server,
            cookie: None,
            origin: "http://ocr.test",
        }
    }

    pub(crate) async fn send(&mut self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1/account{path}"))
            .header(header::HOST, "ocr.test")
            .header(header::ORIGIN, self.origin);
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, format!("theme=dark; {cookie}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let answer = self.server.send(request.body(body).unwrap()).await;
        if let Some((cookie, _)) = answer.header("set-cookie").split_once(';') {
            self.cookie = (!cookie.ends_with('=')).then(|| cookie.to_owned());
        }
        answer
    }

    pub(crate) async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        self.post("/sign-in/", json!({"email": email, "password": password}))
            .await
    }

    /// Signs up and confirms the address.
    pub(crate) async fn join(&mut self, folder: &TempDir, email: &str) {
        let body = json!({"email": email, "password": PASSWORD});
        assert_eq!(self.post("/sign-up/", body).await.status, 202);
        let code = code_for(folder, email).await;
        let body = json!({"code": code, "password": PASSWORD});
        let answer = self.post("/verify/", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["email"], email);
    }
}

/// The messages to `email`, oldest first.
fn messages(folder: &TempDir, email: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder.path().join("data/outbox")) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    paths.sort();
    let texts = paths
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok());
    texts
        .filter(|text| text.contains(&format!("To: {email}")))
        .collect()
}

/// The code in the newest message to `email`; the message goes.
async fn code_for(folder: &TempDir, email: &str) -> String {
    let text = eventually(async || messages(folder, email).pop()).await;
    for entry in std::fs::read_dir(folder.path().join("data/outbox")).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    code_in(&text)
}

/// The code in the link of a message.
pub(super) fn code_in(text: &str) -> String {
    // Long lines are sent as quoted-printable.
    let text = text.replace("=\r\n", "").replace("=3D", "=");
    let (_, code) = text.split_once("?code=").unwrap();
    code.chars().take_while(char::is_ascii_hexdigit).collect()
}

#[tokio::test]
async fn signing_up_takes_the_mail_and_the_password_and_signing_out_ends_it() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let mut browser = Browser::new(&server);
    let sign_up = json!({"email": " Ann@Example.com ", "password": PASSWORD});
    let answer = browser.post("/sign-up/", sign_up).await;
    assert_eq!(answer.status, 202);
    assert_eq!(answer.header("set-cookie"), "");
    browser
        .sign_in("ann@example.com", PASSWORD)
        .await
        .expect_error(401, "sign_in_failed");
    let code = code_for(&folder, "ann@example.com").await;
    let wrong = json!({"code": code, "password": "another password"});
    browser
        .post("/verify/", wrong)
        .await
        .expect_error(400, "invalid_code");
    let right = json!({"code": code, "password": PASSWORD});
    let answer = browser.post("/verify/", right.clone()).await;
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
    assert!(!cookie.contains("Secure"), "plain HTTP: {cookie}");
    browser
        .post("/verify/", right)
        .await
        .expect_error(400, "invalid_code");

    let me = browser.get("/").await.json();
    assert_eq!(me["email"], "ann@example.com");
    assert_eq!(me["plan"], "free");
    assert_eq!(me["allowance"]["cap"], 5000);
    assert_eq!(me["is_admin"], false);
    let old = browser.cookie.clone();
    assert_eq!(
        browser.sign_in("ann@example.com", PASSWORD).await.status,
        200
    );
    assert_ne!(browser.cookie, old, "a new id at every sign-in");
    let mut other = Browser::new(&server);
    other.cookie = old;
    other.get("/").await.expect_error(401, "sign_in_needed");
    assert_eq!(other.sign_in("ann@example.com", PASSWORD).await.status, 200);
    let kept = browser.cookie.clone();
    assert_eq!(
        browser.send(Method::POST, "/sign-out/", None).await.status,
        204
    );
    assert_eq!(browser.cookie, None);
    browser.cookie = kept;
    browser.get("/").await.expect_error(401, "sign_in_needed");
    assert_eq!(
        other.get("/").await.status,
        200,
        "only this browser's session ended"
    );
    browser.sign_in("ann@example.com", PASSWORD).await;
    let all = browser
        .send(Method::POST, "/sign-out-everywhere/", None)
        .await;
    assert_eq!(all.status, 204);
    other.get("/").await.expect_error(401, "sign_in_needed");
}

#[tokio::test]
async fn nothing_tells_whether_an_address_has_an_account() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let mut browser = Browser::new(&server);
    browser.join(&folder, "ann@example.com").await;
    browser.cookie = None;
    let strip = |answer: Answer| {
        let mut json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if let Some(object) = json.as_object_mut() {
            object.remove("request_id");
        }
        (answer.status, json)
    };
    for (path, password) in [
        ("/sign-in/", "a wrong password"),
        ("/sign-up/", "another password"),
        ("/password-reset/", ""),
    ] {
        let body = |email: &str| json!({"email": email, "password": password});
        let known = browser.post(path, body("ann@example.com")).await;
        let unknown = browser.post(path, body("bob@example.com")).await;
        assert_eq!(strip(known), strip(unknown), "{path}");
    }
    // The owner is told, and nothing was changed.
    let told = eventually(async || {
        let messages = messages(&folder, "ann@example.com");
        (messages.len() == 2).then_some(messages)
    })
    .await;
    assert!(told.iter().any(|text| text.contains("You have an account")));
    assert_eq!(
        browser.sign_in("ann@example.com", PASSWORD).await.status,
        200
    );
}

#[tokio::test]
async fn a_forgotten_password_is_set_by_mail_and_ends_all_sessions() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let mut browser = Browser::new(&server);
    browser.join(&folder, "ann@example.com").await;
    let mut forgetful = Browser::new(&server);
    let ask = json!({"email": "ann@example.com"});
    assert_eq!(forgetful.post("/password-reset/", ask).await.status, 202);
    let code = code_for(&folder, "ann@example.com").await;
    let reset = |password: &str| json!({"code": code, "password": password});
    forgetful
        .post("/password-reset/confirm/", reset("short"))
        .await
        .expect_error(400, "weak_password");
    let path = "/password-reset/confirm/";
    assert_eq!(
        forgetful.post(path, reset("another horse")).await.status,
        204
    );
    forgetful
        .post(path, reset("a third horse"))
        .await
        .expect_error(400, "invalid_code");
    browser.get("/").await.expect_error(401, "sign_in_needed");
    browser
        .sign_in("ann@example.com", PASSWORD)
        .await
        .expect_error(401, "sign_in_failed");
    assert_eq!(
        browser
            .sign_in("ann@example.com", "another horse")
            .await
            .status,
        200
    );
    let change = json!({"password": "another horse", "new_password": PASSWORD});
    assert_eq!(browser.post("/password/", change.clone()).await.status, 204);
    assert_eq!(browser.get("/").await.status, 200);
    browser
        .post("/password/", change)
        .await
        .expect_error(403, "wrong_password");
}

#[tokio::test]
async fn an_address_that_nobody_confirms_is_free_again_after_a_week() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let mut browser = Browser::new(&server);
    browser.join(&folder, "ann@example.com").await;
    let body = json!({"email": "bob@example.com", "password": PASSWORD});
    assert_eq!(browser.post("/sign-up/", body).await.status, 202);
    let code = code_for(&folder, "bob@example.com").await;
    let db = server.app.db();
    let in_a_week = ocr_chat_server::clock::now_ms() + 7 * 86_400_000;
    db.remove_expired_sessions(in_a_week - 3_600_000)
        .await
        .unwrap();
    assert!(
        db.account_by_email("bob@example.com")
            .await
            .unwrap()
            .is_some()
    );
    let body = json!({"code": code, "password": PASSWORD});
    browser
        .post("/verify/", body)
        .await
        .expect_error(400, "invalid_code");
    db.remove_expired_sessions(in_a_week + 1_000).await.unwrap();
    assert!(
        db.account_by_email("bob@example.com")
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        db.account_by_email("ann@example.com")
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(
        browser.get("/").await.status,
        200,
        "a session lasts 30 days"
    );
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let mut browser = Browser::new(&server);
    for _ in 0..10 {
        browser
            .sign_in("ann@example.com", "a wrong password")
            .await
            .expect_error(401, "sign_in_failed");
    }
    let answer = browser.sign_in("ann@example.com", PASSWORD).await;
    answer.expect_error(429, "too_many_requests");
    let seconds: u32 = answer.header("retry-after").parse().unwrap();
    assert!((1..=901).contains(&seconds), "{seconds}");
    browser
        .sign_in("bob@example.com", PASSWORD)
        .await
        .expect_error(401, "sign_in_failed");
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let mut browser = Browser::new(&server);
    browser.join(&folder, "ann@example.com").await;
    for origin in [
        "https://ocr.test.evil.example",
        "null",
        "https://other.test",
    ] {
        browser.origin = origin;
        browser
            .post("/tokens/", json!({"name": "x"}))
            .await
            .expect_error(403, "wrong_origin");
        browser
            .sign_in("ann@example.com", PASSWORD)
            .await
            .expect_error(403, "wrong_origin");
        let answer = browser.get("/").await;
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    // A form of another site sends no JSON, and a request without an origin changes nothing either.
    let cookie = browser.cookie.clone().unwrap();
    let plain = Request::post("/api/v1/account/tokens/")
        .header(header::COOKIE, &cookie)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{\"name\":\"x\"}"))
        .unwrap();
    server.send(plain).await.expect_error(403, "wrong_origin");
    // The cookie on a request of another site counts for nothing: the job is nobody's.
    let mut foreign = upload(b"FAKE ok", &[]);
    let headers = foreign.headers_mut();
    headers.insert(header::COOKIE, cookie.parse().unwrap());
    headers.insert(header::ORIGIN, "https://evil.example".parse().unwrap());
    let id = uuid(&server.send(foreign).await.json());
    assert_eq!(server.get(&format!("/api/v1/ocr/{id}/")).await.status, 200);
}

#[tokio::test]
async fn behind_https_cookies_are_secure_and_the_base_url_is_the_origin() {
    let folder = TempDir::new();
    let server = Server::start_with(&folder, |config| {
        config.base_url = Some("https://ocr.example".into());
    })
    .await;
    let mut browser = Browser::new(&server);
    browser
        .sign_in("ann@example.com", PASSWORD)
        .await
        .expect_error(403, "wrong_origin");
    browser.origin = "https://ocr.example";
    browser.join(&folder, "ann@example.com").await;
    let answer = browser.sign_in("ann@example.com", PASSWORD).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-ocr_session="), "{cookie}");
    assert!(
        cookie.ends_with("; Secure") && cookie.contains("Path=/;"),
        "{cookie}"
    );
}

#[tokio::test]
async fn tokens_are_made_shown_used_and_revoked_and_a_session_uploads_too() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let mut browser = Browser::new(&server);
    browser.join(&folder, "ann@example.com").await;
    for wrong in [
        json!({"name": " "}),
        json!({"name": "x", "spending_cap": -1}),
    ] {
        browser
            .post("/tokens/", wrong)
            .await
            .expect_error(400, "invalid_parameter");
    }
    let made = browser
        .post("/tokens/", json!({"name": "laptop", "spending_cap": 2}))
        .await;
    assert_eq!(made.status, 201);
    let made = made.json();
    let token = made["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("ocr_") && token.len() == 52);
    let id = made["id"].as_str().unwrap();
    let shown = browser.get(&format!("/tokens/{id}/")).await.json();
    assert_eq!(shown["token"], token.as_str(), "it can be shown again");
    let job = server.post_as(&token, "FAKE ok ok").await.json();
    assert_eq!(server.post_as(&token, "FAKE ok").await.status, 402);
    let list = browser.get("/tokens/").await.json();
    assert_eq!(list["tokens"][1]["name"], "laptop");
    assert_eq!(list["tokens"][1]["spent"], 2);
    assert!(list["tokens"][1]["last_used_at"].is_string());
    assert!(!list.to_string().contains(&token), "a list shows none");

    // The browser sees the token's job, and sends its own.
    let mut own = Request::get(format!("/api/v1/ocr/{}/", uuid(&job)));
    own = own.header(header::COOKIE, browser.cookie.clone().unwrap());
    assert_eq!(
        server.send(own.body(Body::empty()).unwrap()).await.status,
        200
    );
    let mut request = upload(b"FAKE ok", &[]);
    let headers = request.headers_mut();
    headers.insert(
        header::COOKIE,
        browser.cookie.clone().unwrap().parse().unwrap(),
    );
    headers.insert(header::HOST, "ocr.test".parse().unwrap());
    headers.insert(header::ORIGIN, "http://ocr.test".parse().unwrap());
    let mine = uuid(&server.send(request).await.json());
    let path = format!("/api/v1/ocr/{mine}/");
    server.get(&path).await.expect_error(404, "job_not_found");
    let get = Request::get(&path).body(Body::empty()).unwrap();
    assert_eq!(server.send(with_token(get, &token)).await.status, 200);

    let revoked = browser
        .send(Method::DELETE, &format!("/tokens/{id}/"), None)
        .await;
    assert_eq!(revoked.status, 204);
    server
        .post_as(&token, "FAKE ok")
        .await
        .expect_error(401, "invalid_token");
    browser
        .get(&format!("/tokens/{id}/"))
        .await
        .expect_error(404, "token_not_found");
    assert_eq!(server.wrong_in_the_books().await, [""; 0]);
}

#[tokio::test]
async fn an_anonymous_job_can_be_claimed_once() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let mut ann = Browser::new(&server);
    ann.join(&folder, "ann@example.com").await;
    let (_, bob) = server.account(Plan::Free, 0).await;
    let id = uuid(&server.post("FAKE ok", &[]).await.json());
    let path = format!("/api/v1/ocr/{id}/");
    assert_eq!(ann.post("/claim/", json!({"uuid": id})).await.status, 204);
    server.get(&path).await.expect_error(404, "job_not_found");
    let claim = Request::post("/api/v1/account/claim/")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(json!({"uuid": id}).to_string()))
        .unwrap();
    server
        .send(with_token(claim, &bob))
        .await
        .expect_error(404, "job_not_found");
    let mut mine = Request::get(&path);
    mine = mine.header(header::COOKIE, ann.cookie.clone().unwrap());
    assert_eq!(
        server.send(mine.body(Body::empty()).unwrap()).await.status,
        200
    );
}

#[tokio::test]
async fn everything_of_an_account_is_exported_and_goes_with_it() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let mut browser = Browser::new(&server);
    browser.join(&folder, "ann@example.com").await;
    let made = browser
        .post("/tokens/", json!({"name": "laptop"}))
        .await
        .json();
    let token = made["token"].as_str().unwrap().to_owned();
    let job = uuid(&server.post_as(&token, "FAKE ok ok").await.json());
    server.post_as(&token, &pages(6, "wait")).await;
    server.reader.wait_for_start_of(3).await;
    let export = browser.get("/export/").await.json();
    assert_eq!(export["account"]["email"], "ann@example.com");
    assert_eq!(export["tokens"][1]["name"], "laptop");
    assert_eq!(export["jobs"].as_array().unwrap().len(), 2);
    assert_eq!(export["jobs"][1]["uuid"], job.as_str());
    assert_eq!(
        export["jobs"][1]["text"],
        "text of page 1\u{c}text of page 2"
    );
    assert_eq!(export["ledger"][0]["kind"], "reserve");
    assert!(!export.to_string().contains(&token));

    let delete = json!({"password": "not my password"});
    browser
        .send(Method::DELETE, "/", Some(delete))
        .await
        .expect_error(403, "wrong_password");
    let delete = json!({"password": PASSWORD});
    let answer = browser.send(Method::DELETE, "/", Some(delete)).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    server.reader.go_on();
    server
        .post_as(&token, "FAKE ok")
        .await
        .expect_error(401, "invalid_token");
    server
        .get(&format!("/api/v1/ocr/{job}/"))
        .await
        .expect_error(404, "job_not_found");
    browser.get("/").await.expect_error(401, "sign_in_needed");
    browser
        .sign_in("ann@example.com", PASSWORD)
        .await
        .expect_error(401, "sign_in_failed");
    assert_eq!(server.n_uploads(&folder), 0);
    assert_eq!(
        server.wrong_in_the_books().await,
        [""; 0],
        "the ledger stays"
    );
    for account in server.app.db().accounts().await.unwrap() {
        assert_eq!(account.email, None);
    }
    // No address and no code is logged, in anybody's test.
    let log = super::support::log();
    assert!(!log.contains("example.com"), "an address is in the log");
}
