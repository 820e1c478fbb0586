//! Buying credits, against a Stripe that answers with the bodies of its documentation, and events that are signed as it signs them.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing::post;
use hmac::{Hmac, Mac};
use ocr_chat_server::Config;
use ocr_chat_server::metering::Plan;
use ocr_chat_server::payment::StripeSettings;
use serde_json::{Value, json};
use sha2::Sha256;

use super::accounts::Browser;
use super::support::{Answer, Server, TempDir, with_token};

const SECRET: &str = "whsec_new";
const OLD_SECRET: &str = "whsec_old";
const SESSION: &str = "cs_test_a11YYufWQzNY63zpQ6QSNRQhkUpVph4WRmzW0zWJO2znZKdVujZ0N0S22u";

/// What a fake Stripe was asked: the headers and the form, each time.
pub(super) type Asked = Arc<Mutex<Vec<(HeaderMap, Vec<(String, String)>)>>>;

/// Stripe's `POST /v1/checkout/sessions`: its answer, or a refusal for an amount of 3900.
async fn sessions(
    State(asked): State<Asked>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, String) {
    let form: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let is_refused = form.iter().any(|(_, value)| value == "3900");
    asked.lock().unwrap().push((headers, form));
    if is_refused {
        let error = json!({"error": {"code": "amount_too_large", "type": "invalid_request_error", "message": "ann@example.com"}});
        return (StatusCode::BAD_REQUEST, error.to_string());
    }
    (
        StatusCode::OK,
        include_str!("stripe/checkout_session.json").to_owned(),
    )
}

/// A Stripe on loopback.
pub(super) async fn stripe() -> (String, Asked) {
    let asked = Asked::default();
    let router = Router::new()
        .route("/v1/checkout/sessions", post(sessions))
        .with_state(Arc::clone(&asked));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, asked)
}

pub(super) fn with_stripe(api_url: String) -> impl FnOnce(&mut Config) {
    move |config| {
        config.stripe = Some(StripeSettings {
            secret_key: "sk_test_key".to_owned(),
            webhook_secrets: vec![SECRET.to_owned(), OLD_SECRET.to_owned()],
            api_url,
        });
    }
}

fn now_s() -> i64 {
    ocr_chat_server::clock::now_ms() / 1_000
}

/// A request as Stripe sends it.
fn signed(body: &str, secret: &str, time: i64) -> Request<Body> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}.{body}").as_bytes());
    let signature = ocr_chat_server::hex::encode(&mac.finalize().into_bytes());
    Request::post("/api/v1/payment/stripe/")
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .header("stripe-signature", format!("t={time},v1={signature}"))
        .body(Body::from(body.to_owned()))
        .unwrap()
}

/// An event around an object.
fn event(id: &str, kind: &str, object: &Value) -> String {
    json!({"id": id, "object": "event", "api_version": "2024-06-20", "created": now_s(), "type": kind,
        "livemode": false, "pending_webhooks": 1, "data": {"object": object}})
    .to_string()
}

/// A checkout session that was paid.
fn paid(payment: &str) -> Value {
    let text = include_str!("stripe/checkout_session.json").replace("PAYMENT", payment);
    let mut session: Value = serde_json::from_str(&text).unwrap();
    session["payment_status"] = json!("paid");
    session["status"] = json!("complete");
    session["payment_intent"] = json!("pi_1GszsK2eZvKYlo2CfhZyoZLp");
    session
}

fn charge(payment: &str, refunded: i64) -> Value {
    let text = include_str!("stripe/charge.json").replace("PAYMENT", payment);
    let mut charge: Value = serde_json::from_str(&text).unwrap();
    charge["amount_refunded"] = json!(refunded);
    charge["refunded"] = json!(refunded == 900);
    charge
}

async fn tell(server: &Server, body: &str) -> Answer {
    server.send(signed(body, SECRET, now_s())).await
}

/// Somebody who has opened a checkout of the small pack: a browser, and our id of the payment.
async fn buyer<'a>(server: &'a Server, folder: &TempDir, asked: &Asked) -> (Browser<'a>, String) {
    let mut browser = Browser::new(server);
    browser.join(folder, "ann@example.com").await;
    let answer = browser.post("/checkout/", json!({"pack": "small"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let url = answer.json()["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("https://checkout.stripe.com/"), "{url}");
    let (_, form) = asked.lock().unwrap().last().cloned().unwrap();
    let (_, payment) = form
        .iter()
        .find(|(name, _)| name == "client_reference_id")
        .unwrap()
        .clone();
    (browser, payment)
}

async fn credits(browser: &mut Browser<'_>) -> i64 {
    browser.get("/").await.json()["credits"].as_i64().unwrap()
}

#[tokio::test]
async fn without_a_key_nothing_can_be_bought_and_that_is_said() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let mut browser = Browser::new(&server);
    browser.join(&folder, "ann@example.com").await;
    let answer = browser.post("/checkout/", json!({"pack": "small"})).await;
    answer.expect_error(404, "payment_not_configured");
    let list = browser.get("/payments/").await.json();
    assert_eq!(list["is_configured"], false);
    assert_eq!(list["packs"][0]["id"], "small");
    let event = tell(&server, &event("evt_1", "charge.refunded", &json!({}))).await;
    event.expect_error(404, "payment_not_configured");
}

#[tokio::test]
async fn a_pack_is_ordered_as_the_price_list_says_and_granted_by_the_signed_event_alone() {
    let folder = TempDir::new();
    let (url, asked) = stripe().await;
    let server = Server::start_with(&folder, with_stripe(url)).await;
    let (mut browser, payment) = buyer(&server, &folder, &asked).await;
    let (headers, form) = asked.lock().unwrap().last().cloned().unwrap();
    assert_eq!(headers["authorization"], "Bearer sk_test_key");
    assert_eq!(headers["idempotency-key"], payment.as_str());
    assert_eq!(headers["stripe-version"], "2024-06-20");
    let of = |name: &str| {
        form.iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    };
    for (name, value) in [
        ("mode", "payment"),
        ("metadata[ocr_chat_payment]", payment.as_str()),
        (
            "payment_intent_data[metadata][ocr_chat_payment]",
            payment.as_str(),
        ),
        ("line_items[0][quantity]", "1"),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "900"),
        (
            "line_items[0][price_data][product_data][name]",
            "OCR.chat: 1000 credits",
        ),
        ("customer_email", "ann@example.com"),
    ] {
        assert_eq!(of(name), Some(value), "{name}");
    }
    assert_eq!(
        credits(&mut browser).await,
        0,
        "opening a checkout grants nothing"
    );
    let empty = browser.get("/payments/").await.json();
    assert_eq!(empty["payments"], json!([]), "begun is not bought");
    let mut unpaid = paid(&payment);
    unpaid["payment_status"] = json!("unpaid");
    let answer = tell(
        &server,
        &event("evt_0", "checkout.session.completed", &unpaid),
    )
    .await;
    assert_eq!(answer.status, 204);
    assert_eq!(
        credits(&mut browser).await,
        0,
        "a bank transfer is not there yet"
    );

    let answer = tell(
        &server,
        &event(
            "evt_1",
            "checkout.session.async_payment_succeeded",
            &paid(&payment),
        ),
    )
    .await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    assert_eq!(credits(&mut browser).await, 1_000);
    // Another event about the same session.
    let answer = tell(
        &server,
        &event("evt_2", "checkout.session.completed", &paid(&payment)),
    )
    .await;
    assert_eq!(answer.status, 204);
    assert_eq!(credits(&mut browser).await, 1_000, "once a session");
    let answer = tell(
        &server,
        &event("evt_3", "charge.succeeded", &charge(&payment, 0)),
    )
    .await;
    assert_eq!(answer.status, 204);
    let list = browser.get("/payments/").await.json();
    let entry = &list["payments"][0];
    assert_eq!(
        (
            &entry["status"],
            &entry["amount"],
            &entry["currency"],
            &entry["credits"]
        ),
        (&json!("paid"), &json!(900), &json!("usd"), &json!(1_000))
    );
    assert!(
        entry["receipt_url"]
            .as_str()
            .unwrap()
            .starts_with("https://pay.stripe.com/")
    );
    let me = browser.get("/").await.json();
    assert_eq!(me["plan"], "paid");
    let other = server.account(Plan::Free, 0).await.1;
    let request = Request::get("/api/v1/account/payments/")
        .body(Body::empty())
        .unwrap();
    let others = server.send(with_token(request, &other)).await.json();
    assert_eq!(others["payments"], json!([]), "somebody else's list");

    browser
        .post("/checkout/", json!({"pack": "huge"}))
        .await
        .expect_error(400, "invalid_parameter");
    let message = browser
        .post("/checkout/", json!({"pack": "medium"}))
        .await
        .expect_error(502, "payment_unavailable");
    assert!(!message.contains("ann@"), "{message}");
    assert!(server.wrong_in_the_books().await.is_empty());
}

#[tokio::test]
async fn what_is_not_signed_now_and_by_stripe_changes_nothing() {
    let folder = TempDir::new();
    let (url, asked) = stripe().await;
    let server = Server::start_with(&folder, with_stripe(url)).await;
    let (mut browser, payment) = buyer(&server, &folder, &asked).await;
    let body = event("evt_1", "checkout.session.completed", &paid(&payment));
    let now = now_s();
    for (secret, time) in [
        ("whsec_wrong", now),
        (SECRET, now - 301),
        (SECRET, now + 301),
        ("", now),
    ] {
        let answer = server.send(signed(&body, secret, time)).await;
        answer.expect_error(400, "invalid_signature");
    }
    let mut changed = signed(&body, SECRET, now);
    *changed.body_mut() = Body::from(body.replace("900", "901"));
    server
        .send(changed)
        .await
        .expect_error(400, "invalid_signature");
    let unsigned = Request::post("/api/v1/payment/stripe/")
        .body(Body::from(body.clone()))
        .unwrap();
    server
        .send(unsigned)
        .await
        .expect_error(400, "invalid_signature");
    for odd in [
        "",
        "[]",
        "{\"id\": 5}",
        "{\"id\": \"evt\", \"type\": \"charge.refunded\"}",
    ] {
        tell(&server, odd).await.expect_error(400, "bad_request");
    }
    assert_eq!(credits(&mut browser).await, 0);
    // The secret before this one still counts while it is set.
    assert_eq!(
        server.send(signed(&body, OLD_SECRET, now)).await.status,
        204
    );
    assert_eq!(credits(&mut browser).await, 1_000);
}

#[tokio::test]
async fn the_same_event_twenty_times_at_once_counts_once() {
    let folder = TempDir::new();
    let (url, asked) = stripe().await;
    let server = Server::start_with(&folder, with_stripe(url)).await;
    let (mut browser, payment) = buyer(&server, &folder, &asked).await;
    let same = event("evt_1", "checkout.session.completed", &paid(&payment));
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        // Half of them under other ids: the session counts once, too.
        let body = if n % 2 == 0 {
            same.clone()
        } else {
            event(
                &format!("evt_{n}"),
                "checkout.session.completed",
                &paid(&payment),
            )
        };
        let request = signed(&body, SECRET, now_s());
        tasks.spawn(super::support::send(server.router.clone(), request));
    }
    while let Some(answer) = tasks.join_next().await {
        let answer = answer.unwrap();
        assert_eq!(answer.status, 204, "{}", answer.text());
    }
    assert_eq!(credits(&mut browser).await, 1_000);
    assert!(server.wrong_in_the_books().await.is_empty());
}

#[tokio::test]
async fn another_amount_currency_or_session_than_ordered_grants_nothing() {
    for (key, value) in [
        ("amount_total", json!(1)),
        ("currency", json!("jpy")),
        ("id", json!("cs_test_other")),
        ("metadata", json!({"ocr_chat_payment": "of nobody"})),
    ] {
        let folder = TempDir::new();
        let (url, asked) = stripe().await;
        let server = Server::start_with(&folder, with_stripe(url)).await;
        let (mut browser, payment) = buyer(&server, &folder, &asked).await;
        let mut session = paid(&payment);
        assert_eq!(session["id"], SESSION);
        session[key] = value;
        let answer = tell(
            &server,
            &event("evt_1", "checkout.session.completed", &session),
        )
        .await;
        assert_eq!(answer.status, 204, "sending it again would not help");
        assert_eq!(credits(&mut browser).await, 0, "{key}");
        let refunded = tell(
            &server,
            &event("evt_2", "charge.refunded", &charge(&payment, 900)),
        )
        .await;
        let is_mismatch = key == "amount_total" || key == "currency";
        assert_eq!(
            refunded.status,
            if is_mismatch { 204 } else { 409 },
            "{key}"
        );
        assert_eq!(
            credits(&mut browser).await,
            0,
            "nothing goes back that was not granted"
        );
        assert!(server.wrong_in_the_books().await.is_empty());
    }
}

#[tokio::test]
async fn a_refund_takes_the_credits_back_even_those_that_were_spent() {
    let folder = TempDir::new();
    let (url, asked) = stripe().await;
    let server = Server::start_with(&folder, |config| {
        with_stripe(url)(config);
        config.prices = config
            .prices
            .clone()
            .with_allowance(Plan::Paid, 0)
            .with_allowance(Plan::Free, 0);
    })
    .await;
    let (mut browser, payment) = buyer(&server, &folder, &asked).await;
    let early = tell(
        &server,
        &event("evt_0", "charge.refunded", &charge(&payment, 450)),
    )
    .await;
    early.expect_error(409, "not_paid_yet");
    tell(
        &server,
        &event("evt_1", "checkout.session.completed", &paid(&payment)),
    )
    .await;
    let token = browser.get("/tokens/").await.json()["tokens"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let token = browser.get(&format!("/tokens/{token}/")).await.json()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(server.post_as(&token, "FAKE ok ok").await.status, 200);
    assert_eq!(credits(&mut browser).await, 998);
    // The early one comes again, as Stripe sends what was not taken.
    let half = tell(
        &server,
        &event("evt_0", "charge.refunded", &charge(&payment, 450)),
    )
    .await;
    assert_eq!(half.status, 204, "{}", half.text());
    assert_eq!(credits(&mut browser).await, 498);
    let mut by_reference = charge(&payment, 900);
    by_reference["metadata"] = json!({});
    for id in ["evt_2", "evt_2", "evt_3"] {
        let all = tell(&server, &event(id, "charge.refunded", &by_reference)).await;
        assert_eq!(all.status, 204);
    }
    assert_eq!(
        credits(&mut browser).await,
        -2,
        "below zero by what was spent"
    );
    // An older event that comes late changes nothing.
    tell(
        &server,
        &event("evt_4", "charge.refunded", &charge(&payment, 450)),
    )
    .await;
    assert_eq!(credits(&mut browser).await, -2);
    assert_eq!(server.post_as(&token, "FAKE ok").await.status, 402);
    let list = browser.get("/payments/").await.json();
    let entry = &list["payments"][0];
    assert_eq!(
        (
            &entry["status"],
            &entry["refunded_amount"],
            &entry["refunded_credits"]
        ),
        (&json!("refunded"), &json!(900), &json!(1_000))
    );
    assert!(server.wrong_in_the_books().await.is_empty());
}

#[tokio::test]
async fn a_payment_outlives_its_account_without_a_grant() {
    let folder = TempDir::new();
    let (url, asked) = stripe().await;
    let server = Server::start_with(&folder, with_stripe(url)).await;
    let (mut browser, payment) = buyer(&server, &folder, &asked).await;
    let body = json!({"password": super::accounts::PASSWORD});
    assert_eq!(
        browser
            .send(axum::http::Method::DELETE, "/", Some(body))
            .await
            .status,
        204
    );
    let answer = tell(
        &server,
        &event("evt_1", "checkout.session.completed", &paid(&payment)),
    )
    .await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    let answer = tell(
        &server,
        &event("evt_2", "charge.refunded", &charge(&payment, 900)),
    )
    .await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    assert!(server.wrong_in_the_books().await.is_empty());
}
