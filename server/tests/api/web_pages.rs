//! The pages that the server writes.

use axum::body::Body;
use axum::http::{Method, Request, header};

use ocr_chat_server::db::accounts::Account;
use ocr_chat_server::metering::Plan;
use ocr_chat_server::password::Passwords;

use super::accounts::{Browser, PASSWORD};
use super::oidc::provider;
use super::payment::{stripe, with_stripe};
use super::support::{Answer, Server, TempDir, pages, upload, uuid};

/// A form as a browser sends it from a page of `origin`.
async fn form(
    server: &Server,
    cookie: Option<&str>,
    origin: Option<&str>,
    path: &str,
    body: &str,
) -> Answer {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, "ocr.test")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(origin) = origin {
        request = request.header(header::ORIGIN, origin);
    }
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    server
        .send(request.body(Body::from(body.to_owned())).unwrap())
        .await
}

async fn open(server: &Server, cookie: Option<&str>, path: &str) -> Answer {
    let mut request = Request::get(path).header(header::HOST, "ocr.test");
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    server.send(request.body(Body::empty()).unwrap()).await
}

/// Somebody who signed up and confirmed the address.
async fn member<'a>(server: &'a Server, folder: &TempDir, email: &str) -> Browser<'a> {
    let mut browser = Browser::new(server);
    browser.join(folder, email).await;
    browser
}

const HERE: Option<&str> = Some("http://ocr.test");

#[tokio::test]
async fn pages_are_kept_by_nobody_and_framed_by_nobody() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    for path in [
        "/sign-in",
        "/sign-up/",
        "/verify?code=1",
        "/forgot-password",
        "/reset-password",
        "/prices",
    ] {
        let answer = open(&server, None, path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'")
        );
        assert!(answer.text().starts_with("<!doctype html>"), "{path}");
    }
}

#[tokio::test]
async fn forms_count_only_from_pages_of_this_server() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let ann = member(&server, &folder, "ann@example.com").await;
    let cookie = ann.cookie.as_deref();
    for path in [
        "/sign-in",
        "/sign-up",
        "/verify",
        "/forgot-password",
        "/reset-password",
        "/account/checkout",
        "/account/tokens",
        "/account/tokens/1/revoke",
        "/account/password",
        "/account/sign-out",
        "/account/sign-out-everywhere",
        "/account/delete",
    ] {
        for origin in [None, Some("https://evil.example"), Some("null")] {
            let answer = form(&server, cookie, origin, path, "").await;
            answer.expect_error(403, "wrong_origin");
        }
    }
    let answer = open(&server, cookie, "/account").await;
    assert!(answer.text().contains("ann@example.com"));
}

#[tokio::test]
async fn without_a_session_the_account_asks_to_sign_in() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    for path in ["/account", "/account/"] {
        let answer = open(&server, None, path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, "/sign-in"),
            "{path}"
        );
    }
    for path in [
        "/account/tokens",
        "/account/tokens/1/revoke",
        "/account/sign-out",
    ] {
        let answer = form(&server, Some("ocr_session=nothing"), HERE, path, "name=x").await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, "/sign-in"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_somebody_entered_is_text_and_never_html() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let ann = member(&server, &folder, "ann@example.com").await;
    let cookie = ann.cookie.as_deref();
    let body = "name=%3Cscript%3Ealert(1)%3C%2Fscript%3E%22'&spending_cap=";
    let answer = form(&server, cookie, HERE, "/account/tokens", body).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, "/account?done=token")
    );
    let html = open(&server, cookie, "/account?done=%3Cb%3E")
        .await
        .text()
        .to_owned();
    assert!(html.contains("&lt;script&gt;alert(1)"), "{html}");
    assert!(!html.contains("<script>alert"));

    let answer = form(
        &server,
        None,
        HERE,
        "/sign-in",
        "email=%22%3E%3Cb%3E&password=x",
    )
    .await;
    assert_eq!(answer.status, 400, "no address");
    assert!(!answer.text().contains("\"><b>"), "{}", answer.text());
    assert!(answer.text().contains("role=\"alert\""));
}

#[tokio::test]
async fn somebody_elses_token_is_not_revoked_and_a_wrong_limit_is_told() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let mut ann = member(&server, &folder, "ann@example.com").await;
    let bob = member(&server, &folder, "bob@example.com").await;
    let id = ann.get("/tokens/").await.json()["tokens"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let answer = form(
        &server,
        bob.cookie.as_deref(),
        HERE,
        &format!("/account/tokens/{id}/revoke"),
        "",
    )
    .await;
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("no such token"), "{}", answer.text());
    assert!(
        open(&server, ann.cookie.as_deref(), "/account")
            .await
            .text()
            .contains(&id)
    );
    let answer = form(
        &server,
        ann.cookie.as_deref(),
        HERE,
        "/account/tokens",
        "name=x&spending_cap=much",
    )
    .await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("whole number"), "{}", answer.text());
}

/// An admin who is signed in; the cookie and the id of the account.
async fn admin(server: &Server) -> (String, String) {
    let hash = Passwords::new().unwrap().hash(PASSWORD.to_owned()).await;
    let account = Account {
        password_hash: Some(hash.unwrap()),
        is_admin: true,
        verified_ms: Some(1),
        ..Account::new(Some("boss@example.com".to_owned()), Plan::Operator).unwrap()
    };
    assert!(server.app.db().insert_account(&account).await.unwrap());
    let body = format!(
        "email=boss%40example.com&password={}",
        PASSWORD.replace(' ', "+")
    );
    let answer = form(server, None, HERE, "/sign-in", &body).await;
    assert_eq!(answer.header("location"), "/account", "{}", answer.text());
    let cookie = answer.header("set-cookie").split(';').next().unwrap();
    (cookie.to_owned(), account.id.0)
}

#[tokio::test]
async fn an_admin_finds_accounts_and_changes_them_and_the_log_says_so() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let (cookie, own) = admin(&server).await;
    let cookie = Some(cookie.as_str());
    let mut ann = member(&server, &folder, "ann@example.com").await;
    let id = ann.get("/").await.json()["id"].as_str().unwrap().to_owned();

    let html = open(&server, cookie, "/admin/users?search=ann")
        .await
        .text();
    assert!(html.contains(&format!("/admin/users/{id}")), "{html}");
    assert!(!html.contains(&own), "only what was looked for");
    let html = open(&server, cookie, "/admin/users?limit=1").await.text();
    let next = html.split("href=\"/admin/users?cursor=").nth(1).unwrap();
    let next = format!("/admin/users?cursor={}", next.split('"').next().unwrap());
    assert!(open(&server, cookie, &next).await.text().contains(&own));

    let path = format!("/admin/users/{id}");
    let answer = form(
        &server,
        cookie,
        HERE,
        &format!("{path}/grant"),
        "credits=70&note=tests",
    )
    .await;
    // Loading the page again grants nothing again.
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, format!("{path}?done=granted").as_str())
    );
    let html = open(&server, cookie, answer.header("location"))
        .await
        .text();
    assert!(
        html.contains("The credits are granted.") && html.contains("<dd>70</dd>"),
        "{html}"
    );
    let answer = form(
        &server,
        cookie,
        HERE,
        &format!("{path}/grant"),
        "credits=-1&note=",
    )
    .await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("role=\"alert\""));
    let answer = form(
        &server,
        cookie,
        HERE,
        &format!("{path}/plan"),
        "plan=operator",
    )
    .await;
    assert_eq!(answer.header("location"), format!("{path}?done=plan"));
    let answer = form(&server, cookie, HERE, &format!("{path}/disable"), "").await;
    assert_eq!(answer.header("location"), format!("{path}?done=shut"));
    assert_eq!(ann.get("/").await.status, 401, "signed out");
    let answer = form(
        &server,
        cookie,
        HERE,
        &format!("/admin/users/{own}/disable"),
        "",
    )
    .await;
    assert_eq!(answer.status, 409, "not one's own");

    let html = open(&server, cookie, &format!("/admin/log?account={id}"))
        .await
        .text();
    for action in ["credits.granted", "plan", "disabled"] {
        assert!(html.contains(action), "{action}: {html}");
    }
    assert!(html.contains("boss@example.com"));
}

#[tokio::test]
async fn administration_is_for_admins_and_jobs_are_deleted_there() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let (cookie, own) = admin(&server).await;
    let cookie = Some(cookie.as_str());
    let ann = member(&server, &folder, "ann@example.com").await;
    let sent = server.send(upload(pages(2, "text").as_bytes(), &[])).await;
    let job = uuid(&sent.json());
    let beginning = &job[..8];
    let get = [
        "/admin".to_owned(),
        "/admin/users".to_owned(),
        format!("/admin/users/{own}"),
        "/admin/jobs".to_owned(),
        "/admin/log".to_owned(),
    ];
    for path in &get {
        assert_eq!(open(&server, cookie, path).await.status, 200, "{path}");
        let answer = open(&server, ann.cookie.as_deref(), path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(
            answer.text().contains("There is nothing here"),
            "{}",
            answer.text()
        );
        assert_eq!(
            open(&server, None, path).await.header("location"),
            "/sign-in",
            "{path}"
        );
    }
    let delete = format!("/admin/jobs/{beginning}/delete");
    let users =
        ["grant", "plan", "disable", "enable"].map(|what| format!("/admin/users/{own}/{what}"));
    for path in users.iter().chain([&delete]) {
        let body = "credits=5&note=&plan=free";
        let answer = form(&server, ann.cookie.as_deref(), HERE, path, body).await;
        assert_eq!(answer.status, 404, "{path}");
        let answer = form(&server, cookie, Some("https://evil.example"), path, body).await;
        assert_eq!(answer.status, 403, "{path}");
    }
    let html = open(&server, cookie, "/th/admin/jobs").await.text();
    for thai in [
        "<html lang=\"th\"",
        "เสร็จแล้ว",
        "ลบงานนี้",
        "action=\"/th/admin/jobs\"",
    ] {
        assert!(html.contains(thai), "{thai}: {html}");
    }
    let html = open(&server, cookie, "/admin/jobs?status=done")
        .await
        .text();
    assert!(html.contains(beginning) && !html.contains(&job), "{html}");
    let answer = form(&server, cookie, HERE, &delete, "").await;
    assert_eq!(
        answer.header("location"),
        "/admin/jobs",
        "{}",
        answer.text()
    );
    server
        .get(&format!("/api/v1/ocr/{job}/"))
        .await
        .expect_error(410, "deleted");
}

#[tokio::test]
async fn credits_are_bought_on_the_provider_s_page_where_there_is_one() {
    let folder = TempDir::new();
    let (url, _asked) = stripe().await;
    let server = Server::start_with(&folder, with_stripe(url)).await;
    let ann = member(&server, &folder, "ann@example.com").await;
    let cookie = ann.cookie.as_deref();
    let html = open(&server, cookie, "/account?payment=cancelled")
        .await
        .text();
    assert!(html.contains("Buy 1000 credits for 9.00 USD"), "{html}");
    assert!(html.contains("Nothing was paid."));
    let answer = form(&server, cookie, HERE, "/account/checkout", "pack=small").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(
        answer
            .text()
            .contains("href=\"https://checkout.stripe.com/"),
        "{}",
        answer.text()
    );
    // The provider refuses this one.
    let answer = form(&server, cookie, HERE, "/account/checkout", "pack=medium").await;
    assert_eq!(answer.status, 502);
    assert!(
        answer.text().contains("nothing was charged"),
        "{}",
        answer.text()
    );
    assert!(
        open(&server, None, "/prices")
            .await
            .text()
            .contains("5000 credits for 39.00 USD")
    );

    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let html = open(&server, None, "/prices").await.text();
    assert!(
        html.contains("its operator grants credits") && !html.contains("USD"),
        "{html}"
    );
}

#[tokio::test]
async fn the_page_to_sign_in_offers_the_provider_and_says_what_failed_there() {
    let folder = TempDir::new();
    let (_provider, configure) = provider().await;
    let server = Server::start_with(&folder, configure).await;
    let html = open(&server, None, "/sign-in?error=oidc_denied")
        .await
        .text();
    assert!(
        html.contains("href=\"/api/v1/account/oidc/start/\""),
        "{html}"
    );
    assert!(
        html.contains("Sign in with Example") && html.contains("You were not signed in there.")
    );
    assert!(html.contains("role=\"alert\""));

    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let html = open(&server, None, "/sign-in?error=%3Cb%3E").await.text();
    assert!(
        !html.contains("Sign in with") && !html.contains("role=\"alert\""),
        "{html}"
    );
}

#[tokio::test]
async fn pages_are_written_in_the_language_of_their_address() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let thai = open(&server, None, "/th/prices").await;
    assert_eq!(thai.status, 200);
    let html = thai.text();
    assert!(html.contains("<html lang=\"th\" dir=\"ltr\">"), "{html}");
    assert!(html.contains("href=\"/th/tools\""), "{html}");
    let arabic = open(&server, None, "/ar/sign-in").await.text();
    assert!(
        arabic.contains("<html lang=\"ar\" dir=\"rtl\">"),
        "{arabic}"
    );
    // A redirect stays within the language; the API has none.
    let sent = open(&server, None, "/th/account").await;
    assert_eq!(sent.headers[header::LOCATION], "/th/sign-in");
    assert_eq!(open(&server, None, "/th/api/v1/tools/").await.status, 404);
}

#[tokio::test]
async fn the_guide_has_the_token_of_who_is_signed_in_and_nobody_elses() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let stranger = open(&server, None, "/docs").await.text();
    assert!(stranger.contains("Bearer YOUR_API_TOKEN"), "{stranger}");
    let mut ada = member(&server, &folder, "ada@example.org").await;
    let listed = ada.get("/tokens/").await.json();
    let id = listed["tokens"][0]["id"].as_str().unwrap().to_owned();
    let shown = ada.get(&format!("/tokens/{id}/")).await.json();
    let token = shown["token"].as_str().unwrap().to_owned();
    let hers = open(&server, ada.cookie.as_deref(), "/docs").await;
    assert!(hers.text().contains(&format!("Bearer {token}")));
    assert_eq!(hers.headers[header::CACHE_CONTROL], "no-store");
    assert!(!open(&server, None, "/docs").await.text().contains(&token));
}

#[tokio::test]
async fn terms_are_the_operator_s_where_there_are_any() {
    let folder = TempDir::new();
    let texts = folder.path().join("texts");
    std::fs::create_dir_all(&texts).unwrap();
    std::fs::write(texts.join("terms.md"), "# House rules\n\nNo cats.").unwrap();
    std::fs::write(texts.join("terms.th.md"), "# กฎของบ้าน").unwrap();
    let server = Server::start_with(&folder, |config| config.texts_dir = Some(texts)).await;
    let english = open(&server, None, "/terms").await.text();
    assert!(english.contains("<h1>House rules</h1>"), "{english}");
    let thai = open(&server, None, "/th/terms").await.text();
    assert!(thai.contains("<h1>กฎของบ้าน</h1>"), "{thai}");
    // Without a text of their own in it, pages are ours.
    let privacy = open(&server, None, "/privacy").await.text();
    assert!(privacy.contains("Nothing of your file leaves the device"));
}

#[tokio::test]
async fn search_engines_find_the_public_pages_in_all_languages() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let sitemap = open(&server, None, "/sitemap.xml").await;
    assert!(
        sitemap.headers[header::CONTENT_TYPE]
            .to_str()
            .unwrap()
            .starts_with("application/xml")
    );
    let xml = sitemap.text();
    for path in ["/th/tools/receipt-to-json", "/ar/prices", "/docs"] {
        assert!(xml.contains(&format!("{path}</loc>")), "{path}");
        assert_eq!(open(&server, None, path).await.status, 200, "{path}");
    }
    let robots = open(&server, None, "/robots.txt").await.text();
    assert!(robots.contains("Disallow: /account") && robots.contains("/sitemap.xml"));
    assert_eq!(open(&server, None, "/status").await.status, 200);
}

#[tokio::test]
async fn signing_out_clears_the_device_on_request_alone() {
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    for (body, is_cleared) in [("", false), ("clear=device", true)] {
        let mut ada = member(&server, &folder, &format!("ada{}@example.org", body.len())).await;
        let cookie = ada.cookie.take();
        let answer = form(&server, cookie.as_deref(), HERE, "/account/sign-out", body).await;
        assert_eq!(answer.status, 303);
        assert_eq!(answer.headers.contains_key("clear-site-data"), is_cleared);
    }
}
