//! Webhooks, to a receiver on the loopback interface that takes, refuses, hangs and leads elsewhere.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use ocr_chat_server::Config;
use ocr_chat_server::metering::Plan;
use ocr_chat_server::webhooks::{Reach, WebhookRules, secret};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::accounts::Browser;
use super::support::{Answer, Server, TempDir, eventually, pages, upload, uuid, with_token};

/// A message as it came.
#[derive(Debug, Clone)]
struct Got {
    path: String,
    headers: HeaderMap,
    body: String,
}

#[derive(Clone, Default)]
struct Receiver {
    got: Arc<Mutex<Vec<Got>>>,
    /// Whether `/hook` fails.
    fails: Arc<Mutex<bool>>,
}

impl Receiver {
    /// Listens; its address comes back.
    async fn start() -> (Self, String) {
        let receiver = Self::default();
        let router = Router::new()
            .route("/{path}", any(receive))
            .with_state(receiver.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, url)
    }

    fn got(&self, path: &str) -> Vec<Got> {
        let all = self.got.lock().unwrap().clone();
        all.into_iter().filter(|got| got.path == path).collect()
    }

    async fn wait_for(&self, path: &str, n: usize) -> Vec<Got> {
        eventually(async || {
            let got = self.got(path);
            (got.len() >= n).then_some(got)
        })
        .await
    }
}

async fn receive(
    State(receiver): State<Receiver>,
    Path(path): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let got = Got {
        path: path.clone(),
        headers,
        body,
    };
    receiver.got.lock().unwrap().push(got);
    let fails = *receiver.fails.lock().unwrap();
    match path.as_str() {
        "hook" if fails => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        "hang" => {
            tokio::time::sleep(Duration::from_secs(20)).await;
            StatusCode::OK.into_response()
        }
        "redirect" => (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response(),
        "gone" => StatusCode::GONE.into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

fn rules(config: &mut Config) {
    config.webhooks = WebhookRules {
        reach: Reach::Any,
        time_limit: Duration::from_millis(700),
        pauses: vec![Duration::from_millis(30); 2],
        ..WebhookRules::default()
    };
}

/// Somebody with a webhook at `url`: a browser, a token and the secret.
async fn owner<'a>(
    server: &'a Server,
    folder: &TempDir,
    url: Option<&str>,
) -> (Browser<'a>, String, String) {
    let mut browser = Browser::new(server);
    browser.join(folder, "ann@example.com").await;
    let set = browser
        .send(Method::PUT, "/webhooks/", Some(json!({"url": url})))
        .await;
    assert_eq!(set.status, 200, "{}", set.text());
    let secret = set.json()["secret"].as_str().unwrap().to_owned();
    let id = browser.get("/tokens/").await.json()["tokens"][0]["id"].clone();
    let path = format!("/tokens/{}/", id.as_str().unwrap());
    let token = browser.get(&path).await.json()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    (browser, token, secret)
}

async fn send(server: &Server, token: &str, file: &str, url: &str) -> Answer {
    let request = upload(file.as_bytes(), &[("webhook_url", url)]);
    server.send(with_token(request, token)).await
}

/// The newest delivery once it has left `pending`.
async fn ended(browser: &mut Browser<'_>) -> Value {
    for _ in 0..3_000 {
        let log = browser.get("/webhooks/deliveries/").await.json();
        let newest = &log["deliveries"][0];
        if newest["status"].is_string() && newest["status"] != "pending" {
            return newest.clone();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no delivery came to its end");
}

#[tokio::test]
async fn the_end_of_a_job_is_told_signed_and_without_its_text() {
    let folder = TempDir::new();
    let (receiver, url) = Receiver::start().await;
    let server = Server::start_with(&folder, rules).await;
    let hook = format!("{url}/hook");
    let (mut browser, token, secret) = owner(&server, &folder, Some(&hook)).await;
    let done = uuid(&server.post_as(&token, "FAKE ok fail").await.json());
    let failed = uuid(&server.post_as(&token, "FAKE fail").await.json());
    let got = receiver.wait_for("hook", 2).await;
    for (job, event, failures) in [(done, "job.done", 1), (failed, "job.failed", 1)] {
        let got = got.iter().find(|got| got.body.contains(&job)).unwrap();
        let body: Value = serde_json::from_str(&got.body).unwrap();
        assert_eq!(body["type"], event);
        assert_eq!(body["data"]["pages_failed"], failures);
        assert!(!got.body.contains("text of page") && !got.body.contains("smudged"));
        let header = |name: &str| got.headers[name].to_str().unwrap().to_owned();
        let seconds: i64 = header("webhook-timestamp").parse().unwrap();
        assert!(seconds.abs_diff(ocr_chat_server::clock::now_ms() / 1_000) < 60);
        let signature = secret::sign(&secret, &header("webhook-id"), seconds, &got.body);
        assert_eq!(Some(header("webhook-signature")), signature);
        assert_eq!(header("content-type"), "application/json");
    }
    let log = browser.get("/webhooks/deliveries/").await.json();
    assert_eq!(log["deliveries"].as_array().unwrap().len(), 2);
    let delivered = ended(&mut browser).await;
    assert_eq!(
        (
            &delivered["status"],
            &delivered["last_status"],
            &delivered["attempts"]
        ),
        (&json!("delivered"), &json!(204), &json!(1))
    );

    // The same message again, by hand: the same id, the same bytes.
    let id = delivered["id"].as_str().unwrap();
    let path = format!("/webhooks/deliveries/{id}/redeliver/");
    assert_eq!(browser.send(Method::POST, &path, None).await.status, 202);
    let got = receiver.wait_for("hook", 3).await;
    assert_eq!(got[2].headers["webhook-id"], id);
    assert!(got[..2].iter().any(|first| first.body == got[2].body));
    let other = server.account(Plan::Free, 0).await.1;
    let foreign = Request::post(format!("/api/v1/account{path}"))
        .body(Body::empty())
        .unwrap();
    server
        .send(with_token(foreign, &other))
        .await
        .expect_error(404, "delivery_not_found");

    // Another secret: both sign for a day.
    let rotated = browser
        .send(Method::POST, "/webhooks/secret/", None)
        .await
        .json();
    let new = rotated["secret"].as_str().unwrap();
    assert_ne!(new, secret);
    browser.send(Method::POST, &path, None).await;
    let got = receiver.wait_for("hook", 4).await.pop().unwrap();
    let header = |name: &str| got.headers[name].to_str().unwrap().to_owned();
    let seconds = header("webhook-timestamp").parse().unwrap();
    let by = |secret: &str| secret::sign(secret, id, seconds, &got.body).unwrap();
    assert_eq!(
        header("webhook-signature"),
        format!("{} {}", by(new), by(&secret))
    );
    let shown = browser.get("/webhooks/").await;
    assert!(shown.json()["secret"].is_null() && shown.json()["old_secret_until"].is_string());
    for entry in std::fs::read_dir(folder.path().join("data")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = if path.is_file() {
            std::fs::read(&path).unwrap()
        } else {
            Vec::new()
        };
        let is_inside = bytes
            .windows(new.len())
            .any(|window| window == new.as_bytes());
        assert!(
            !is_inside,
            "the secret is kept encrypted: {}",
            path.display()
        );
    }
    let export = browser.get("/export/").await.json();
    assert_eq!(export["webhook"]["deliveries"].as_array().unwrap().len(), 2);
    assert_eq!(
        browser
            .send(Method::DELETE, "/webhooks/", None)
            .await
            .status,
        204
    );
    server.post_as(&token, "FAKE ok").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(receiver.got("hook").len(), 4, "nobody is told any more");
}

#[tokio::test]
async fn what_fails_is_tried_again_and_what_leads_elsewhere_or_hangs_is_not_followed() {
    let folder = TempDir::new();
    let (receiver, url) = Receiver::start().await;
    let server = Server::start_with(&folder, rules).await;
    let (mut browser, token, _) = owner(&server, &folder, None).await;
    for (path, tries, http, why) in [
        ("redirect", 3, json!(302), "Redirects are not followed."),
        ("hang", 3, Value::Null, "The server took too long."),
        ("gone", 1, json!(410), "The server answered with 410."),
    ] {
        let sent = send(&server, &token, "FAKE ok", &format!("{url}/{path}")).await;
        assert_eq!(sent.status, 200, "{}", sent.text());
        let delivery = ended(&mut browser).await;
        assert_eq!(delivery["status"], "failed", "{path}");
        assert_eq!(delivery["attempts"], tries, "{path}");
        assert_eq!(
            (&delivery["last_status"], &delivery["last_error"]),
            (&http, &json!(why)),
            "{path}"
        );
        assert_eq!(receiver.got(path).len(), tries, "{path}");
    }
    assert!(receiver.got("elsewhere").is_empty());
    assert!(browser.get("/webhooks/").await.json()["failing_since"].is_string());
    let sent = send(&server, &token, "FAKE ok", &endless().await).await;
    assert_eq!(sent.status, 200);
    assert_eq!(
        ended(&mut browser).await["status"],
        "delivered",
        "only the status counts"
    );
    assert!(browser.get("/webhooks/").await.json()["failing_since"].is_null());
    let nobody = format!("http://127.0.0.1:{}/", free_port().await);
    send(&server, &token, "FAKE ok", &nobody).await;
    assert_eq!(
        ended(&mut browser).await["last_error"],
        "The server cannot be reached."
    );
}

/// The address of a server that says yes and then goes on for ever.
async fn endless() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n";
        let mut sent = stream.write_all(head).await;
        while sent.is_ok() {
            sent = stream.write_all(&[b'x'; 4_096]).await;
        }
    });
    url
}

async fn free_port() -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test]
async fn tries_survive_a_restart_and_failures_for_long_turn_it_off() {
    let folder = TempDir::new();
    let (receiver, url) = Receiver::start().await;
    *receiver.fails.lock().unwrap() = true;
    let slow = |config: &mut Config| {
        rules(config);
        config.webhooks.pauses = vec![Duration::from_secs(1); 2];
    };
    let server = Server::start_with(&folder, slow).await;
    let hook = format!("{url}/hook");
    let (_, token, _) = owner(&server, &folder, Some(&hook)).await;
    server.post_as(&token, "FAKE ok").await;
    receiver.wait_for("hook", 1).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.app.stop().await;
    *receiver.fails.lock().unwrap() = false;
    let server = Server::start_with(&folder, slow).await;
    let got = receiver.wait_for("hook", 2).await;
    assert_eq!(got[0].headers["webhook-id"], got[1].headers["webhook-id"]);
    assert_eq!(got[0].body, got[1].body);
    server.app.stop().await;

    *receiver.fails.lock().unwrap() = true;
    let server = Server::start_with(&folder, |config| {
        rules(config);
        config.webhooks.gives_up_after = Duration::ZERO;
    })
    .await;
    server.post_as(&token, "FAKE ok").await;
    let hook_of = async || {
        let request = Request::get("/api/v1/account/webhooks/")
            .body(Body::empty())
            .unwrap();
        server.send(with_token(request, &token)).await.json()
    };
    eventually(async || (hook_of().await["is_disabled"] == true).then_some(())).await;
    let n_before = receiver.got("hook").len();
    assert_eq!(server.post_as(&token, "FAKE ok").await.status, 200);
    send(&server, &token, "FAKE ok", &hook)
        .await
        .expect_error(400, "webhook_disabled");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(receiver.got("hook").len(), n_before, "it is off");
    let told = eventually(async || {
        let entries = std::fs::read_dir(folder.path().join("data/outbox")).ok()?;
        let texts = entries.filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok());
        texts.into_iter().find(|text| text.contains("turned off"))
    })
    .await;
    assert!(told.contains("To: ann@example.com"), "{told}");
    // Set again, it goes on.
    *receiver.fails.lock().unwrap() = false;
    let mut browser = Browser::new(&server);
    browser
        .sign_in("ann@example.com", super::accounts::PASSWORD)
        .await;
    let set = browser
        .send(Method::PUT, "/webhooks/", Some(json!({"url": hook})))
        .await
        .json();
    assert_eq!(
        (&set["is_disabled"], &set["secret"]),
        (&json!(false), &Value::Null)
    );
    server.post_as(&token, "FAKE ok").await;
    receiver.wait_for("hook", n_before + 1).await;
}

#[tokio::test]
async fn nobody_makes_the_server_call_its_own_network() {
    let folder = TempDir::new();
    let (receiver, url) = Receiver::start().await;
    let server = Server::start(&folder).await;
    let mut browser = Browser::new(&server);
    browser.join(&folder, "ann@example.com").await;
    for wrong in [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/",
        "https://user:pw@example.com/",
        "ftp://example.com/",
        "no address",
        &format!("https://example.com/{}", "x".repeat(2_100)),
    ] {
        let answer = browser
            .send(Method::PUT, "/webhooks/", Some(json!({"url": wrong})))
            .await;
        answer.expect_error(400, "invalid_parameter");
    }
    // A name is looked up when it is called: localhost is this machine.
    let port = url.rsplit(':').next().unwrap();
    let local = format!("https://localhost:{port}/hook");
    let set = browser
        .send(Method::PUT, "/webhooks/", Some(json!({"url": local})))
        .await;
    assert_eq!(set.status, 200, "{}", set.text());
    let id = browser.get("/tokens/").await.json()["tokens"][0]["id"].clone();
    let path = format!("/tokens/{}/", id.as_str().unwrap());
    let token = browser.get(&path).await.json()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    server.post_as(&token, "FAKE ok").await;
    let delivery = eventually(async || {
        let request = Request::get("/api/v1/account/webhooks/deliveries/")
            .body(Body::empty())
            .unwrap();
        let log = server.send(with_token(request, &token)).await.json();
        let newest = log["deliveries"][0].clone();
        newest["last_error"].is_string().then_some(newest)
    })
    .await;
    assert_eq!(
        delivery["last_error"],
        "The address is not on the public internet."
    );
    assert!(
        receiver.got.lock().unwrap().is_empty(),
        "nothing was called"
    );
}

#[tokio::test]
async fn who_has_no_secret_is_not_told() {
    let folder = TempDir::new();
    let (_, url) = Receiver::start().await;
    let server = Server::start_with(&folder, rules).await;
    let hook = format!("{url}/hook");
    let anonymous = server.post("FAKE ok", &[("webhook_url", &hook)]).await;
    anonymous.expect_error(401, "token_needed");
    let (_, token) = server.account(Plan::Free, 0).await;
    send(&server, &token, "FAKE ok", &hook)
        .await
        .expect_error(400, "webhook_secret_needed");
    assert_eq!(server.n_uploads(&folder), 0, "refused before it was kept");
    server.app.stop().await;
    let server = Server::start_with(&folder, |config| config.webhooks.reach = Reach::Off).await;
    send(&server, &token, "FAKE ok", "https://example.com/")
        .await
        .expect_error(400, "not_available");
    assert_eq!(server.post_as(&token, &pages(1, "ok")).await.status, 200);
}
