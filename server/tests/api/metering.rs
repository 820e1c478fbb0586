//! What is held, charged, given back and refused.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use ocr_chat_server::Config;
use ocr_chat_server::db::metering::{Standing, owner_of};
use ocr_chat_server::ids::AccountId;
use ocr_chat_server::metering::{Plan, Prices};
use serde_json::json;

use super::support::{Answer, Server, TempDir, eventually, pages, send, upload, uuid, with_token};

fn allow(plan: Plan, allowance: i64) -> impl FnOnce(&mut Config) {
    move |config| config.prices = config.prices.clone().with_allowance(plan, allowance)
}

fn from(mut request: Request<Body>, address: &str) -> Request<Body> {
    let address: SocketAddr = address.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

/// Checks a 402 and hands out what it says about the limit.
fn expect_402(answer: &Answer, code: &str, limit: &str, unit: &str) -> (i64, i64) {
    assert_eq!(answer.status, 402, "{}", answer.text());
    let json = answer.json();
    let mut keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    keys.sort();
    let expected = [
        "cap",
        "code",
        "error",
        "limit",
        "request_id",
        "resets_at",
        "unit",
        "used",
    ];
    assert_eq!(keys, expected);
    assert_eq!(json["code"], code, "{json}");
    assert_eq!(json["limit"], limit, "{json}");
    assert_eq!(json["unit"], unit, "{json}");
    (
        json["used"].as_i64().unwrap(),
        json["cap"].as_i64().unwrap(),
    )
}

async fn standing(server: &Server, account: &AccountId) -> Standing {
    let now_ms = ocr_chat_server::clock::now_ms();
    let source = ocr_chat_server::metering::Period::Month.name(now_ms);
    let db = server.app.db();
    db.standing(&owner_of(account), &format!("allowance:{source}"))
        .await
        .unwrap()
}

#[tokio::test]
async fn anonymous_callers_have_an_allowance_a_day_and_address() {
    let folder = TempDir::new();
    let server = Server::start_with(&folder, allow(Plan::Anonymous, 3)).await;
    let post = async |file: &str, address: &str| {
        server
            .send(from(upload(file.as_bytes(), &[]), address))
            .await
    };
    assert_eq!(
        post("FAKE ok ok", "1.2.3.4:5").await.json()["usage"]["credits"],
        2
    );
    let answer = post("FAKE ok ok", "1.2.3.4:6").await;
    let figures = expect_402(&answer, "limit_reached", "anonymous_per_day", "pages");
    assert_eq!(figures, (2, 3));
    let resets_at = answer.json()["resets_at"].as_str().unwrap().to_owned();
    assert!(resets_at.ends_with("T00:00:00Z"), "{resets_at}");
    assert_eq!(server.n_uploads(&folder), 1, "the refused file is gone");
    assert_eq!(
        post("FAKE ok", "1.2.3.4:5").await.status,
        200,
        "one was left"
    );
    assert_eq!(post("FAKE ok ok ok", "1.2.3.5:5").await.status, 200);
    assert_eq!(post("FAKE ok ok ok", "[2001:db8::1]:5").await.status, 200);
    let neighbour = post("FAKE ok", "[2001:db8::ffff:1]:5").await;
    expect_402(&neighbour, "limit_reached", "anonymous_per_day", "pages");
    assert_eq!(server.wrong_in_the_books().await, [""; 0]);
    assert_eq!(server.reader.started().len(), 9);
}

#[tokio::test]
async fn the_allowance_goes_first_then_credits_then_nothing() {
    let folder = TempDir::new();
    let server = Server::start_with(&folder, allow(Plan::Paid, 2)).await;
    let (account, token) = server.account(Plan::Paid, 5).await;
    let job = server.post_as(&token, "FAKE ok ok ok").await.json();
    assert_eq!(job["usage"], json!({"pages": 3, "credits": 3}));
    let now = standing(&server, &account).await;
    assert_eq!((now.allowance_used, now.credits, now.held), (2, 4, 0));
    let answer = server.post_as(&token, &pages(5, "ok")).await;
    let figures = expect_402(&answer, "no_credits", "credits", "credits");
    assert_eq!(figures, (1, 5));
    assert_eq!(server.post_as(&token, &pages(4, "ok")).await.status, 200);
    assert_eq!(standing(&server, &account).await.credits, 0);
    let (free, token) = server.account(Plan::Free, 0).await;
    assert_eq!(server.post_as(&token, "FAKE ok").await.status, 200);
    assert_eq!(standing(&server, &free).await.allowance_used, 1);
    assert_eq!(server.wrong_in_the_books().await, [""; 0]);
}

#[tokio::test]
async fn pages_that_fail_and_jobs_that_are_deleted_are_given_back() {
    let folder = TempDir::new();
    let server = Server::start_with(&folder, allow(Plan::Paid, 2)).await;
    let (account, token) = server.account(Plan::Paid, 10).await;
    let job = server.post_as(&token, "FAKE fail ok panic ok").await.json();
    assert_eq!(job["usage"], json!({"pages": 2, "credits": 2}));
    let now = standing(&server, &account).await;
    assert_eq!((now.allowance_used, now.credits, now.held), (1, 9, 0));

    // Six pages: five have to wait, one is in work.
    let job = server.post_as(&token, &pages(6, "wait")).await.json();
    server.reader.wait_for_start_of(5).await;
    let now = standing(&server, &account).await;
    assert_eq!((now.allowance_used, now.credits, now.held), (2, 4, 6));
    assert_eq!(
        server.wrong_in_the_books().await,
        [""; 0],
        "while pages are held, too"
    );
    let path = format!("/api/v1/ocr/{}/", uuid(&job));
    let delete = Request::delete(&path).body(Body::empty()).unwrap();
    assert_eq!(server.send(with_token(delete, &token)).await.status, 204);
    let now = standing(&server, &account).await;
    assert_eq!((now.allowance_used, now.credits, now.held), (1, 9, 0));
    server.reader.go_on();
    assert_eq!(server.post_as(&token, "FAKE ok").await.status, 200);
    assert_eq!(server.wrong_in_the_books().await, [""; 0]);
}

#[tokio::test]
async fn a_token_spends_no_more_than_its_cap() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let (account, other) = server.account(Plan::Free, 0).await;
    let token = server.token(&account, Some(3)).await;
    assert_eq!(server.post_as(&token, "FAKE ok fail").await.status, 200);
    assert_eq!(server.post_as(&token, "FAKE ok ok").await.status, 200);
    let answer = server.post_as(&token, "FAKE ok").await;
    let figures = expect_402(
        &answer,
        "token_cap_reached",
        "token_spending_cap",
        "credits",
    );
    assert_eq!(figures, (3, 3));
    assert!(answer.json()["resets_at"].is_null());
    assert_eq!(server.post_as(&other, "FAKE ok").await.status, 200);
    assert_eq!(server.wrong_in_the_books().await, [""; 0]);
}

#[tokio::test]
async fn a_file_over_the_plan_s_pages_is_a_400_and_nothing_is_counted_where_metering_is_off() {
    let folder = TempDir::new();
    let small = include_str!("../../../prices.toml")
        .replace("pages_per_file = 1000", "pages_per_file = 100");
    let server = Server::start_with(&folder, |config| {
        config.prices = Prices::parse(&small).unwrap();
    })
    .await;
    let message = server
        .post(&pages(101, "ok"), &[])
        .await
        .expect_error(400, "too_many_pages");
    assert!(
        message.contains("101") && message.contains("100"),
        "{message}"
    );
    let operator = server.app.first_token.clone().unwrap();
    let job = server.post_as(&operator, &pages(101, "ok")).await.json();
    assert_eq!(job["page_count"], 101);
    server.app.stop().await;

    let server = Server::start_with(&folder, |config| {
        config.is_metered = false;
        allow(Plan::Anonymous, 0)(config);
    })
    .await;
    let job = server.post(&pages(101, "ok"), &[]).await.json();
    assert_eq!(
        server.ended(&uuid(&job)).await["usage"],
        json!({"pages": 101, "credits": 0})
    );
    assert_eq!(server.wrong_in_the_books().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_requests_at_once_against_fifty_pages_charge_exactly_fifty() {
    let folder = TempDir::new();
    let server = Server::start_with(&folder, allow(Plan::Paid, 20)).await;
    let (account, token) = server.account(Plan::Paid, 30).await;
    let token = Arc::new(token);
    let requests: Vec<_> = (0..200)
        .map(|_| {
            let (router, token) = (server.router.clone(), Arc::clone(&token));
            tokio::spawn(async move {
                loop {
                    let request = with_token(upload(b"FAKE ok", &[]), &token);
                    let answer = send(router.clone(), request).await;
                    // Busy is not refused: the client tries again, as it is told.
                    if answer.status != 503 && answer.status != 429 {
                        return answer;
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                }
            })
        })
        .collect();
    let (mut n_done, mut n_refused) = (0, 0);
    for request in requests {
        let answer = request.await.unwrap();
        if answer.status == 200 {
            n_done += 1;
        } else {
            expect_402(&answer, "no_credits", "credits", "credits");
            n_refused += 1;
        }
    }
    assert_eq!((n_done, n_refused), (50, 150));
    eventually(async || {
        let now = standing(&server, &account).await;
        (now.held == 0).then_some(())
    })
    .await;
    let now = standing(&server, &account).await;
    assert_eq!((now.allowance_used, now.credits), (20, 0));
    assert_eq!(server.reader.started().len(), 50);
    assert_eq!(server.wrong_in_the_books().await, [""; 0]);
}

#[tokio::test]
async fn a_crash_charges_no_page_twice_and_forgets_none() {
    let folder = TempDir::new();
    let server = Server::start_with(&folder, allow(Plan::Paid, 0)).await;
    let (account, token) = server.account(Plan::Paid, 100).await;
    let file = "FAKE ok ok ok wait ok ok ok ok fail ok";
    let job = server.post_as(&token, file).await.json();
    server.reader.wait_for_start_of(4).await;
    let reader = Arc::clone(&server.reader);
    // Without a stop: its tasks end where they are, as in a crash.
    drop(server);
    reader.go_on();
    let server = Server::start_with(&folder, allow(Plan::Paid, 0)).await;
    server.reader.go_on();
    let path = format!("/api/v1/ocr/{}/", uuid(&job));
    let ended = eventually(async || {
        let request = Request::get(&path).body(Body::empty()).unwrap();
        let job = server.send(with_token(request, &token)).await.json();
        (job["status"] == "done").then_some(job)
    })
    .await;
    assert_eq!(ended["usage"], json!({"pages": 9, "credits": 9}));
    let now = standing(&server, &account).await;
    assert_eq!((now.credits, now.held), (91, 0));
    assert_eq!(server.wrong_in_the_books().await, [""; 0]);
}

#[tokio::test]
async fn results_are_kept_as_long_as_the_plan_says() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let (_, token) = server.account(Plan::Paid, 0).await;
    let days = |job: &serde_json::Value| {
        let day = |key: &str| job[key].as_str().unwrap()[8..10].parse::<i64>().unwrap();
        day("expires_at") - day("created_at")
    };
    let kept = days(&server.post_as(&token, "FAKE ok").await.json());
    // The day of the month, which may have begun anew.
    assert!(kept == 7 || kept < 0, "{kept:?}");
    let anonymous = days(&server.post("FAKE ok", &[]).await.json());
    assert!(anonymous == 1 || anonymous < 0, "{anonymous:?}");
}

#[tokio::test]
async fn what_anonymous_callers_used_is_forgotten_once_nothing_is_held() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let done = uuid(&server.post("FAKE ok", &[]).await.json());
    let open = server
        .send(from(upload(pages(6, "wait").as_bytes(), &[]), "1.2.3.4:5"))
        .await;
    let open = uuid(&open.json());
    let (account, token) = server.account(Plan::Free, 0).await;
    server.reader.go_on();
    assert_eq!(server.post_as(&token, "FAKE ok").await.status, 200);
    server.ended(&open).await;
    // As after midnight: no period of an anonymous caller is the current one.
    server.app.db().forget_anonymous_usage(&[]).await.unwrap();
    assert_eq!(server.wrong_in_the_books().await, [""; 0]);
    assert_eq!(
        standing(&server, &account).await.allowance_used,
        1,
        "accounts stay"
    );
    for id in [&done, &open] {
        let job = server.get(&format!("/api/v1/ocr/{id}/")).await.json();
        assert_eq!(job["status"], "done", "the result stays");
    }
    let again = server
        .send(from(upload(pages(100, "ok").as_bytes(), &[]), "1.2.3.4:5"))
        .await;
    assert_eq!(again.status, 200, "nothing is used");
}

/// The check itself can fail: a balance that somebody changed without the ledger is found.
#[tokio::test]
async fn the_check_finds_what_does_not_add_up() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let (account, token) = server.account(Plan::Paid, 7).await;
    server.post_as(&token, "FAKE ok").await;
    assert_eq!(server.wrong_in_the_books().await, [""; 0]);
    let config = folder.config().await;
    let url = config.database_url.unwrap_or_else(|| {
        let path = folder.path().join("data/ocr-chat.sqlite");
        format!("sqlite:{}", path.display())
    });
    let mut connection = <sqlx::AnyConnection as sqlx::Connection>::connect(&url)
        .await
        .unwrap();
    for sql in [
        "UPDATE balances SET balance = balance + 1 WHERE source = 'credits'",
        "UPDATE api_tokens SET spent = spent + 5 WHERE spent > 0",
        "UPDATE jobs SET charged = 9",
    ] {
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    }
    let wrong = server.wrong_in_the_books().await;
    assert_eq!(wrong.len(), 3, "{wrong:?}");
    assert!(wrong[0].contains(&account.0), "{wrong:?}");
}
