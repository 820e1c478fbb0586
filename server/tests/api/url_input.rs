//! Documents by their address.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::http::Request;
use ocr_chat_server::config::UrlInput;
use ocr_chat_server::net::fetch::Fetcher;
use ocr_chat_server::net::resolver::{Lookup, LookupFuture};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::support::{Answer, Server, TempDir, form, send, upload, uuid};

/// A web server on the loopback interface.
struct Web {
    address: SocketAddr,
    n_requests: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Web {
    fn drop(&mut self) {
        self.task.abort();
    }
}

const ENDLESS: &str = "endless";

impl Web {
    /// Answers a path with what `answer` says for it, head and body.
    async fn start(ip: &str, answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((ip, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let n_requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&n_requests);
        let answer = Arc::new(answer);
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let answer = Arc::clone(&answer);
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        match stream.read_u8().await {
                            Ok(byte) => head.push(byte),
                            Err(_) => return,
                        }
                    }
                    let head = String::from_utf8(head).unwrap();
                    assert!(!head.contains("api_token"), "{head}");
                    let path = head.split(' ').nth(1).unwrap();
                    let answer = answer(path);
                    if answer == ENDLESS {
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nFAKE ok").await;
                        while stream.write_all(&[b' '; 65_536]).await.is_ok() {}
                    }
                    let _ = stream.write_all(answer.as_bytes()).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self {
            address,
            n_requests,
            task,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn n_requests(&self) -> usize {
        self.n_requests.load(Ordering::SeqCst)
    }
}

fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn redirect(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
}

fn rules(web: &Web) -> UrlInput {
    UrlInput {
        allowed: vec!["127.0.0.1/32".parse().unwrap()],
        ports: vec![web.address.port()],
    }
}

async fn post(server: &Server, url: &str) -> Answer {
    server.send(form(&[("url", url)])).await
}

async fn start(folder: &TempDir, web: &Web) -> Server {
    let rules = rules(web);
    Server::start_with(folder, |config| config.url_input = Some(rules)).await
}

#[tokio::test]
async fn a_document_is_fetched_read_and_with_a_key_fetched_once() {
    let web = Web::start("127.0.0.1", |_| ok("FAKE ok ok")).await;
    let folder = TempDir::new();
    let server = start(&folder, &web).await;
    let answer = post(&server, &web.url("/a.pdf?x=1")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["status"], "done");
    assert_eq!(answer.json()["page_count"], 2);
    assert_eq!(web.n_requests(), 1);

    let with_key = |url: &str| -> Request<Body> {
        let mut request = form(&[("url", url), ("language", "en")]);
        let headers = request.headers_mut();
        headers.insert("idempotency-key", "k".parse().unwrap());
        request
    };
    let first = server.send(with_key(&web.url("/b"))).await;
    let again = server.send(with_key(&web.url("/b"))).await;
    assert_eq!(uuid(&first.json()), uuid(&again.json()));
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(web.n_requests(), 2, "fetched once");
    let other = server.send(with_key(&web.url("/c"))).await;
    other.expect_error(409, "idempotency_key_reused");
    assert_eq!(web.n_requests(), 2);

    let both = upload(b"FAKE ok", &[("url", &web.url("/"))]);
    let both = server.send(both).await;
    assert!(both.expect_error(400, "invalid_parameter").contains("url"));
}

#[tokio::test]
async fn it_is_off_unless_the_operator_says_so() {
    let web = Web::start("127.0.0.1", |_| ok("FAKE ok")).await;
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    post(&server, &web.url("/"))
        .await
        .expect_error(400, "not_available");
    assert_eq!(web.n_requests(), 0);
    assert_eq!(server.n_uploads(&folder), 0);
}

#[tokio::test]
async fn what_may_not_be_asked_is_refused_without_a_connection() {
    let web = Web::start("127.0.0.1", |_| ok("FAKE ok")).await;
    let folder = TempDir::new();
    let server = start(&folder, &web).await;
    let port = web.address.port();
    let open = format!("127.0.0.1:{port}");
    for (url, code) in [
        ("", "no_file"),
        ("scan.pdf", "invalid_url"),
        ("//example.com/a", "invalid_url"),
        ("http://", "invalid_url"),
        ("http://[::1/", "invalid_url"),
        ("file:///etc/passwd", "url_not_allowed"),
        ("ftp://127.0.0.1/a", "url_not_allowed"),
        ("gopher://127.0.0.1:70/_", "url_not_allowed"),
        ("data:image/png;base64,AA", "url_not_allowed"),
        (&format!("http://user@{open}/"), "url_not_allowed"),
        (&format!("http://:secret@{open}/"), "url_not_allowed"),
        ("http://127.0.0.1/", "url_not_allowed"),
        ("http://127.0.0.1:22/", "url_not_allowed"),
        ("https://127.0.0.1/", "url_not_allowed"),
        (&format!("http://127.0.0.2:{port}/"), "url_not_allowed"),
        (&format!("http://0:{port}/"), "url_not_allowed"),
        (&format!("http://0.0.0.0:{port}/"), "url_not_allowed"),
        // 127.0.0.2, 10.0.0.1 and 169.254.169.254 in other figures.
        (&format!("http://2130706434:{port}/"), "url_not_allowed"),
        (&format!("http://0x7f.2:{port}/"), "url_not_allowed"),
        (&format!("http://012.0.0.1:{port}/"), "url_not_allowed"),
        (&format!("http://0xa9fea9fe:{port}/"), "url_not_allowed"),
        (
            &format!("http://１６９.254.169.254:{port}/"),
            "url_not_allowed",
        ),
        (&format!("http://[::1]:{port}/"), "url_not_allowed"),
        (
            &format!("http://[::ffff:10.0.0.1]:{port}/"),
            "url_not_allowed",
        ),
        (
            &format!("http://[::ffff:7f00:2]:{port}/"),
            "url_not_allowed",
        ),
        (
            &format!("http://[64:ff9b::7f00:1]:{port}/"),
            "url_not_allowed",
        ),
        (
            &format!("http://[2002:7f00:1::]:{port}/"),
            "url_not_allowed",
        ),
        (&format!("http://[fe80::1]:{port}/"), "url_not_allowed"),
        (
            &format!("http://[fd00:ec2::254]:{port}/"),
            "url_not_allowed",
        ),
    ] {
        let answer = post(&server, url).await;
        assert_eq!(answer.json()["code"], code, "{url}: {}", answer.text());
        let message = answer.expect_error(400, code);
        assert!(
            !message.contains("secret") && !message.contains("169"),
            "{message}"
        );
    }
    assert_eq!(web.n_requests(), 0);
    assert_eq!(server.n_uploads(&folder), 0);
    // The address that is open, in figures that mean the same.
    for host in ["127.1", "0x7f000001", "[::ffff:127.0.0.1]"] {
        let answer = post(&server, &format!("http://{host}:{port}/")).await;
        let code = answer.json()["code"].clone();
        assert!(
            answer.status == 200 || code == "url_unreachable",
            "{host}: {code}"
        );
    }
}

#[tokio::test]
async fn every_redirect_is_checked_and_counted() {
    let inner = Web::start("127.0.0.3", |_| ok("FAKE ok")).await;
    let port = inner.address.port();
    let web = Web::start("127.0.0.1", move |path| match path {
        "/1" => redirect("/2"),
        "/2" => redirect("3"),
        "/3" => redirect("/end"),
        "/end" => ok("FAKE ok"),
        "/4" => redirect("/1"),
        "/loop" => redirect("/loop"),
        "/inner" => redirect(&format!("http://127.0.0.3:{port}/")),
        "/file" => redirect("file:///etc/passwd"),
        "/user" => redirect("http://a:b@127.0.0.1/"),
        "/port" => redirect("http://127.0.0.1:22/"),
        "/nowhere" => "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n".to_owned(),
        "/broken" => redirect("http://["),
        _ => "HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\nsecret".to_owned(),
    })
    .await;
    let folder = TempDir::new();
    let mut rules = rules(&web);
    rules.ports.push(port);
    let server = Server::start_with(&folder, |config| config.url_input = Some(rules)).await;
    assert_eq!(post(&server, &web.url("/1")).await.status, 200);
    for (path, code) in [
        ("/4", "too_many_redirects"),
        ("/loop", "too_many_redirects"),
        ("/inner", "url_not_allowed"),
        ("/file", "url_not_allowed"),
        ("/user", "url_not_allowed"),
        ("/port", "url_not_allowed"),
        ("/nowhere", "url_unreachable"),
        ("/broken", "url_unreachable"),
        ("/missing", "url_unreachable"),
    ] {
        let message = post(&server, &web.url(path)).await.expect_error(400, code);
        assert!(!message.contains("secret"), "{message}");
    }
    assert_eq!(
        inner.n_requests(),
        0,
        "nothing behind the redirect was asked"
    );
    assert_eq!(server.n_uploads(&folder), 1);
}

#[tokio::test]
async fn size_and_kind_are_the_file_s_not_what_its_server_says() {
    let web = Web::start("127.0.0.1", |path| match path {
        "/declared" => "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nFAKE ok".to_owned(),
        "/endless" => ENDLESS.to_owned(),
        "/short" => "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nFAKE ok".to_owned(),
        "/page" => ok("<html>"),
        _ => ok(""),
    })
    .await;
    let folder = TempDir::new();
    let rules = rules(&web);
    let server = Server::start_with(&folder, |config| {
        config.url_input = Some(rules);
        config.max_upload_bytes = 1 << 20;
    })
    .await;
    for (path, code) in [
        ("/declared", "file_too_large"),
        ("/endless", "file_too_large"),
        ("/short", "url_unreachable"),
        ("/page", "unsupported_type"),
        ("/empty", "empty_file"),
    ] {
        post(&server, &web.url(path)).await.expect_error(400, code);
    }
    assert_eq!(server.n_uploads(&folder), 0);
    // Nobody listens any more.
    let url = web.url("/");
    drop(web);
    post(&server, &url)
        .await
        .expect_error(400, "url_unreachable");
}

/// Says something else each time it is asked.
struct Changing {
    answers: Vec<Vec<IpAddr>>,
    n_asked: AtomicUsize,
}

impl Lookup for Changing {
    fn lookup(&self, host: String) -> LookupFuture {
        assert_eq!(host, "documents.example");
        let n = self.n_asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers[n.min(self.answers.len() - 1)].clone();
        Box::pin(async move { Ok(answer) })
    }
}

#[tokio::test]
async fn a_name_that_changes_its_address_gains_nothing() {
    let web = Web::start("127.0.0.1", |path| match path {
        "/again" => redirect("/"),
        _ => ok("FAKE ok"),
    })
    .await;
    let folder = TempDir::new();
    let server = Server::start(&folder).await;
    let fetch = async |path: &str, answers: &[&[&str]]| {
        let answers = answers.iter().map(|answer| {
            let answer = answer.iter().map(|address| address.parse().unwrap());
            answer.collect()
        });
        let lookup = Arc::new(Changing {
            answers: answers.collect(),
            n_asked: AtomicUsize::new(0),
        });
        ocr_chat_server::net::use_ring();
        let fetcher = Fetcher::new(rules(&web), Arc::clone(&lookup) as Arc<dyn Lookup>).unwrap();
        let mut upload = server.app.jobs().begin_upload().await.unwrap();
        let url = format!("http://documents.example:{}{path}", web.address.port());
        let code = fetcher.fetch(&url, &mut upload).await.err();
        (
            code.map_or("fetched", |error| error.code),
            lookup.n_asked.load(Ordering::SeqCst),
        )
    };
    // Resolved once: what it would mean a moment later is not asked.
    assert_eq!(
        fetch("/", &[&["127.0.0.1"], &["127.0.0.9"]]).await,
        ("fetched", 1)
    );
    // A redirect resolves again, and is checked again.
    let changed = [&["127.0.0.1"][..], &["127.0.0.9"]];
    assert_eq!(fetch("/again", &changed).await, ("url_not_allowed", 2));
    let n_before = web.n_requests();
    for answers in [
        &["127.0.0.9"][..],
        &["127.0.0.1", "127.0.0.9"],
        &["1.1.1.1", "10.0.0.1"],
        &["::ffff:10.0.0.1"],
        &["64:ff9b::a00:1"],
        &["fe80::1"],
    ] {
        assert_eq!(
            fetch("/", &[answers]).await,
            ("url_not_allowed", 1),
            "{answers:?}"
        );
    }
    assert_eq!(fetch("/", &[&[]]).await, ("url_unreachable", 1));
    assert_eq!(web.n_requests(), n_before);
}

#[tokio::test]
async fn slow_servers_of_others_leave_places_for_uploads() {
    // They take the connection and say nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let folder = TempDir::new();
    let server = Server::start_with(&folder, |config| {
        config.url_input = Some(UrlInput {
            allowed: vec!["127.0.0.1/32".parse().unwrap()],
            ports: vec![address.port()],
        });
    })
    .await;
    let mut waiting = tokio::task::JoinSet::new();
    let mut connections = Vec::new();
    for _ in 0..16 {
        let url = format!("http://{address}/");
        let request = form(&[("url", &url)]);
        waiting.spawn(send(server.router.clone(), request));
        connections.push(silent.accept().await.unwrap());
    }
    post(&server, &format!("http://{address}/"))
        .await
        .expect_error(503, "busy");
    assert_eq!(server.post("FAKE ok", &[]).await.status, 200);
    drop((connections, silent));
    while let Some(answer) = waiting.join_next().await {
        answer.unwrap().expect_error(400, "url_unreachable");
    }
    // The places are free again.
    post(&server, &format!("http://{address}/"))
        .await
        .expect_error(400, "url_unreachable");
}
