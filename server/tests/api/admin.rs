//! What admins see and do, and the audit log.

use axum::body::Body;
use axum::http::{Method, Request, header};
use ocr_chat_server::ids::AccountId;
use ocr_chat_server::metering::Plan;
use serde_json::{Value, json};

use super::accounts::{Browser, PASSWORD};
use super::support::{Answer, Server, TempDir, eventually, pages, uuid, with_token};

/// An admin with a token: the operator of a new data folder.
struct Admin<'a> {
    server: &'a Server,
    token: String,
}

impl<'a> Admin<'a> {
    fn of(server: &'a Server) -> Self {
        let token = server.app.first_token.clone().unwrap();
        Self { server, token }
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1/admin{path}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
            .unwrap();
        self.server.send(with_token(request, &self.token)).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.send(Method::GET, path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// The log, oldest first: action, actor, subject.
    async fn log(&self) -> Vec<Value> {
        let mut entries = self.get("/audit/?limit=200").await["entries"]
            .as_array()
            .unwrap()
            .clone();
        entries.reverse();
        entries
    }

    /// The newest row of this action.
    async fn last(&self, action: &str) -> Value {
        let found = self.get(&format!("/audit/?action={action}&limit=1")).await;
        found["entries"][0].clone()
    }
}

fn subject(id: &AccountId) -> String {
    format!("account:{}", id.0)
}

#[tokio::test]
async fn an_admin_grants_books_and_shuts_and_each_is_written_down_once() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let admin = Admin::of(&server);
    let (id, token) = server.account(Plan::Free, 0).await;
    let path = format!("/users/{}", id.0);

    let granted = admin
        .post(
            &format!("{path}/grant/"),
            json!({"credits": 70, "note": "for the tests"}),
        )
        .await;
    assert_eq!(granted.json()["credits"], 70, "{}", granted.text());
    let row = admin.last("credits.granted").await;
    assert_eq!(row["detail"], json!({"credits": 70, "balance": 70}));
    assert_eq!(row["subject"], subject(&id));
    assert_eq!(row["request_id"], granted.header("x-request-id"));
    assert!(row["actor"].as_str().unwrap().starts_with("account:"));
    let row = admin.last("plan.changed").await;
    assert_eq!(
        row["detail"]["plan"], "paid",
        "a grant makes a free account a paid one"
    );
    for wrong in [
        json!({"credits": 0}),
        json!({"credits": -5}),
        json!({"credits": 1, "note": "\0"}),
    ] {
        let answer = admin.post(&format!("{path}/grant/"), wrong).await;
        answer.expect_error(400, "invalid_parameter");
    }
    let nobody = admin
        .post("/users/nobody/grant/", json!({"credits": 5}))
        .await;
    nobody.expect_error(404, "account_not_found");

    let booked = admin
        .post(&format!("{path}/plan/"), json!({"plan": "operator"}))
        .await;
    assert_eq!(booked.status, 204, "{}", booked.text());
    for wrong in ["gold", "anonymous"] {
        let answer = admin
            .post(&format!("{path}/plan/"), json!({"plan": wrong}))
            .await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
    let user = admin.get(&path).await;
    assert_eq!(
        (&user["plan"], &user["credits"]),
        (&json!("operator"), &json!(70))
    );
    assert_eq!(user["tokens"][0]["name"], "test");
    assert!(!user.to_string().contains(&token), "no token is shown");

    let n_before = admin.log().await.len();
    let shut = admin.post(&format!("{path}/disable/"), json!({})).await;
    assert_eq!(shut.status, 204);
    server
        .post_as(&token, "FAKE ok")
        .await
        .expect_error(401, "invalid_token");
    assert_eq!(admin.get(&path).await["is_disabled"], true);
    let open = admin.post(&format!("{path}/enable/"), json!({})).await;
    assert_eq!(open.status, 204);
    assert_eq!(server.post_as(&token, "FAKE ok").await.status, 200);
    let log = admin.log().await;
    let actions: Vec<&Value> = log[n_before..].iter().map(|row| &row["action"]).collect();
    assert_eq!(actions, ["account.disabled", "account.enabled"]);

    let own = admin.get("/users/?search=").await["users"]
        .as_array()
        .unwrap()
        .clone();
    let own = own.iter().find(|user| user["is_admin"] == true).unwrap();
    let path = format!("/users/{}/disable/", own["id"].as_str().unwrap());
    admin
        .post(&path, json!({}))
        .await
        .expect_error(409, "own_account");
    assert!(server.wrong_in_the_books().await.is_empty());
}

#[tokio::test]
async fn an_admin_s_cookie_counts_from_pages_of_this_server_alone() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let mut browser = Browser::new(&server);
    browser.join(&folder, "ann@example.com").await;
    let audit = |origin: Option<&str>, cookie: &str| {
        let mut request = Request::get("/api/v1/admin/queue/").header(header::COOKIE, cookie);
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        request.body(Body::empty()).unwrap()
    };
    let cookie = browser.cookie.clone().unwrap();
    let no_admin = server.send(audit(None, &cookie)).await;
    no_admin.expect_error(404, "not_found");
    let url = folder.config().await.database_url;
    make_admin(&folder, url.as_deref(), "ann@example.com").await;
    assert_eq!(server.send(audit(None, &cookie)).await.status, 200);
    let (id, _) = server.account(Plan::Free, 0).await;
    let grant = |origin: &str| {
        Request::post(format!("/api/v1/admin/users/{}/grant/", id.0))
            .header(header::COOKIE, &cookie)
            .header(header::HOST, "ocr.test")
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(r#"{"credits": 5}"#))
            .unwrap()
    };
    let foreign = server.send(grant("http://evil.test")).await;
    foreign.expect_error(404, "not_found");
    assert_eq!(server.send(grant("http://ocr.test")).await.status, 200);
    let standing = server.app.db().ledger_of(&id).await.unwrap();
    assert_eq!(standing.len(), 1, "one grant");
}

/// Sets what no route can.
async fn make_admin(folder: &TempDir, url: Option<&str>, email: &str) {
    sqlx::any::install_default_drivers();
    let file = folder.path().join("data/ocr-chat.sqlite");
    let url = url.map_or_else(|| format!("sqlite://{}", file.display()), str::to_owned);
    let mut connection = <sqlx::AnyConnection as sqlx::Connection>::connect(&url)
        .await
        .unwrap();
    sqlx::query("UPDATE accounts SET is_admin = 1 WHERE email = $1")
        .bind(email.to_owned())
        .execute(&mut connection)
        .await
        .unwrap();
}

#[tokio::test]
async fn lists_are_searched_and_come_page_by_page_each_entry_once() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let admin = Admin::of(&server);
    let mut browser = Browser::new(&server);
    browser.join(&folder, "ann_x@example.com").await;
    browser.join(&folder, "annyx@example.com").await;
    let found = admin.get("/users/?search=ANN_X").await;
    let emails: Vec<&Value> = found["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| &user["email"])
        .collect();
    assert_eq!(emails, ["ann_x@example.com"], "an underscore is itself");
    let (_, token) = server.account(Plan::Free, 0).await;
    for file in ["FAKE ok", "FAKE fail", "FAKE ok fail ok"] {
        server.post_as(&token, file).await;
    }
    server.post("FAKE ok", &[]).await;
    for (path, list, n) in [
        ("/users/?limit=1", "users", 4),
        ("/jobs/?limit=3", "jobs", 4),
        ("/audit/?limit=2", "entries", admin.log().await.len()),
    ] {
        let (mut seen, mut next) = (Vec::new(), String::new());
        loop {
            let page = admin.get(&format!("{path}&cursor={next}")).await;
            seen.extend(
                page[list]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(ToString::to_string),
            );
            match page["next"].as_str() {
                Some(cursor) => next = cursor.to_owned(),
                None => break,
            }
        }
        assert_eq!(seen.len(), n, "{path}: {seen:?}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), n, "{path}");
    }
    assert_eq!(
        admin.get("/jobs/?status=failed").await["jobs"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        admin.get("/jobs/?failed=true").await["jobs"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let failures = admin.get("/failures/").await;
    assert_eq!(failures["counts"], json!({"unreadable": 2}));
    assert_eq!(failures["failures"].as_array().unwrap().len(), 2);
    assert!(
        !failures.to_string().contains("smudged"),
        "codes, no messages"
    );
    for wrong in [
        "/users/?limit=0",
        "/users/?limit=x",
        "/users/?cursor=x",
        "/jobs/?status=odd",
        "/audit/?action=odd",
    ] {
        let answer = admin.send(Method::GET, wrong, None).await;
        answer.expect_error(400, "invalid_parameter");
    }
    let nul = admin.send(Method::GET, "/users/?search=%00", None).await;
    nul.expect_error(400, "bad_request");
}

#[tokio::test]
async fn a_job_is_deleted_by_the_beginning_of_its_uuid_and_the_queue_is_seen() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let admin = Admin::of(&server);
    let empty = admin.get("/queue/").await;
    assert_eq!(
        (&empty["pages_waiting"], &empty["oldest_waits_s"]),
        (&json!(0), &Value::Null)
    );
    let job = server.post(&pages(7, "wait"), &[]).await.json();
    let id = uuid(&job);
    server.reader.wait_for_start_of(1).await;
    let queue = admin.get("/queue/").await;
    assert_eq!(queue["pages_waiting"], 6);
    assert_eq!(queue["pages_in_work"], 1);
    assert_eq!(queue["jobs_open"], 1);
    assert!(queue["oldest_waits_s"].as_i64().unwrap() >= 0);
    let listed = admin.get("/jobs/").await;
    assert!(
        !listed.to_string().contains(&id),
        "a whole uuid opens an anonymous job"
    );
    let name = listed["jobs"][0]["id"].as_str().unwrap();
    assert!(id.starts_with(name));
    for wrong in ["9f2c", "zzzzzzzzzzzz", "000000000000"] {
        let answer = admin
            .send(Method::DELETE, &format!("/jobs/{wrong}/"), None)
            .await;
        answer.expect_error(404, "job_not_found");
    }
    let deleted = admin
        .send(Method::DELETE, &format!("/jobs/{name}/"), None)
        .await;
    assert_eq!(deleted.status, 204);
    server
        .get(&format!("/api/v1/ocr/{id}/"))
        .await
        .expect_error(410, "deleted");
    assert_eq!(
        admin.last("job.deleted").await["subject"],
        format!("job:{name}")
    );
    let again = admin
        .send(Method::DELETE, &format!("/jobs/{name}/"), None)
        .await;
    assert_eq!(again.status, 204);
    let n = admin
        .log()
        .await
        .iter()
        .filter(|row| row["action"] == "job.deleted")
        .count();
    assert_eq!(n, 1, "nothing was deleted the second time");
}

#[tokio::test]
async fn what_people_do_is_written_down_without_their_addresses() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let admin = Admin::of(&server);
    let mut browser = Browser::new(&server);
    browser.join(&folder, "ann@example.com").await;
    let made = browser
        .post("/tokens/", json!({"name": "secret project"}))
        .await;
    let token_id = made.json()["id"].as_str().unwrap().to_owned();
    browser
        .send(Method::DELETE, &format!("/tokens/{token_id}/"), None)
        .await;
    for email in ["ann@example.com", "ann@example.com", "bob@example.com"] {
        let failed = Browser::new(&server)
            .sign_in(email, "a wrong password")
            .await;
        failed.expect_error(401, "sign_in_failed");
    }
    let change = json!({"password": PASSWORD, "new_password": "another battery"});
    assert_eq!(browser.post("/password/", change).await.status, 204);
    let log = admin.log().await;
    let of = |action: &str| -> Vec<Value> {
        log.iter()
            .filter(|row| row["action"] == action)
            .cloned()
            .collect()
    };
    assert_eq!(of("token.revoked")[0]["detail"]["token"], token_id);
    assert_eq!(of("token.revoked")[0]["actor_email"], "ann@example.com");
    assert_eq!(of("password.changed").len(), 1);
    let failed = of("sign_in.failed");
    assert_eq!(failed.len(), 2, "a row an hour and account: {failed:?}");
    let times: i64 = failed
        .iter()
        .map(|row| row["n_times"].as_i64().unwrap())
        .sum();
    assert_eq!(times, 3);
    assert!(!json!(log).to_string().contains("bob@example.com"));
    assert!(!json!(log).to_string().contains("secret project"));

    let gone = browser
        .send(
            Method::DELETE,
            "/",
            Some(json!({"password": "another battery"})),
        )
        .await;
    assert_eq!(gone.status, 204, "{}", gone.text());
    let log = eventually(async || {
        let log = admin.log().await;
        log.iter()
            .any(|row| row["action"] == "account.deleted")
            .then_some(log)
    })
    .await;
    assert!(!json!(log).to_string().contains("ann@example.com"));
}
