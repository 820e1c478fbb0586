//! The server and programs of others on the loopback interface. `cargo xtask test contract` installs them and runs these tests.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ocr_chat_server::oidc::OidcSettings;
use ocr_chat_server::payment::StripeSettings;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};

use super::accounts::{Browser, PASSWORD, code_in};
use super::support::{Server, TempDir, eventually, log};

/// localstripe on the loopback interface alone; by itself it listens on all.
const LOCALSTRIPE: &str = "
import logging, sys
from aiohttp import web
from localstripe.server import app
logger = logging.getLogger('aiohttp.access')
logger.setLevel(logging.DEBUG)
logger.addHandler(logging.StreamHandler(sys.stdout))
web.run_app(app, host='127.0.0.1', port=int(sys.argv[1]), access_log=logger, print=None)
";

/// The Python with the packages of `tests/service/requirements.txt`.
fn python() -> PathBuf {
    let python = std::env::var_os("OCR_CHAT_TEST_PYTHON");
    // `cargo xtask test contract` sets it.
    PathBuf::from(python.unwrap())
}

/// A program of another; killed when dropped.
struct Peer {
    process: Child,
    lines: Receiver<String>,
}

impl Peer {
    /// Starts `python -c code`, unbuffered.
    fn python(code: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(python());
        command.args(["-u", "-c", code]).args(arguments);
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let out = BufReader::new(process.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self { process, lines }
    }

    /// Waits for a line with `text` in it, for 30 seconds at most. It holds its thread up, so the test needs more than one.
    fn expect_line(&self, text: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(30));
            let line = line.unwrap_or_else(|_| panic!("it never said {text:?}"));
            if line.contains(text) {
                return line;
            }
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that is free now.
async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

async fn wait_for(port: u16) {
    eventually(async || TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
}

/// Makes a server reachable; its address comes back.
async fn listen(server: &Server) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = server.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "cargo xtask test contract"]
async fn localstripe_s_webhooks_are_believed_under_their_secret_alone() {
    let port = free_port().await;
    let stripe = Peer::python(LOCALSTRIPE, &[&port.to_string()]);
    wait_for(port).await;
    let api_url = format!("http://127.0.0.1:{port}");
    let folder = TempDir::new();
    let server = Server::start_with(&folder, |config| {
        config.stripe = Some(StripeSettings {
            secret_key: "sk_test_12345".to_owned(),
            webhook_secrets: vec!["whsec_old".to_owned(), "whsec_right".to_owned()],
            api_url: api_url.clone(),
        });
    })
    .await;
    let url = format!("{}/api/v1/payment/stripe/", listen(&server).await);
    let client = ocr_chat_server::net::client(Duration::from_secs(10)).unwrap();
    for (secret, said) in [
        ("whsec_wrong", "failed with response code 400"),
        ("whsec_right", "successfully delivered"),
    ] {
        let hook = json!({"url": url, "secret": secret}).to_string();
        let set = client
            .post(format!("{api_url}/_config/webhooks/ocr"))
            .header("content-type", "application/json");
        assert!(set.body(hook).send().await.unwrap().status().is_success());
        let customer = client
            .post(format!("{api_url}/v1/customers"))
            .bearer_auth("sk_test_12345");
        let made = customer
            .body("email=ann%40example.com")
            .header("content-type", "application/x-www-form-urlencoded");
        assert!(made.send().await.unwrap().status().is_success());
        let line = stripe.expect_line("webhook \"customer.created\"");
        assert!(line.contains(said), "{secret}: {line}");
    }
    // It has no Checkout: what cannot be opened is said, and leaves nothing.
    let mut browser = Browser::new(&server);
    browser.join(&folder, "ann@example.com").await;
    let refused = browser.post("/checkout/", json!({"pack": "small"})).await;
    refused.expect_error(502, "payment_unavailable");
    drop(stripe);
    let gone = browser.post("/checkout/", json!({"pack": "small"})).await;
    gone.expect_error(502, "payment_unavailable");
}

/// A file of `tests/service`.
fn service(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/service");
    folder.join(name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "cargo xtask test contract"]
async fn people_sign_in_at_a_real_provider() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let port = free_port().await;
    let mut node = Command::new("node");
    node.arg(service("provider.mjs"))
        .arg(port.to_string())
        .arg(format!("{base_url}/api/v1/account/oidc/callback/"));
    let provider = Peer::start(node);
    provider.expect_line("ready");
    let folder = TempDir::new();
    let server = Server::start_with(&folder, |config| {
        config.base_url = Some(base_url.clone());
        config.oidc = Some(OidcSettings {
            issuer: format!("http://127.0.0.1:{port}"),
            client_id: "ocr-chat".to_owned(),
            client_secret: "a secret of these tests".to_owned(),
            name: "Provider".to_owned(),
        });
    })
    .await;
    let router = server.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut ids = Vec::new();
    for name in ["ann", "ann", "bob"] {
        let mut browser = Command::new(python());
        browser.arg(service("sign_in.py")).args([&base_url, name]);
        let said = tokio::task::spawn_blocking(move || browser.output().unwrap());
        let said = said.await.unwrap();
        let error = String::from_utf8_lossy(&said.stderr);
        assert!(said.status.success(), "{error}");
        let account: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
        assert_eq!(account["email"], format!("{name}@example.com"));
        ids.push(account["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids[0], ids[1], "the same person is the same account");
    assert_ne!(ids[0], ids[2]);
}

/// An SMTP server that refuses one recipient and prints the others' messages, a line each.
const SMTP: &str = "
import base64, sys, time
from aiosmtpd.controller import Controller
class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('refused@'):
            return '550 5.1.1 no such mailbox'
        envelope.rcpt_tos.append(address)
        return '250 OK'
    async def handle_DATA(self, server, session, envelope):
        text = base64.b64encode(envelope.content).decode()
        print('message', ','.join(envelope.rcpt_tos), text, flush=True)
        return '250 OK'
Controller(Handler(), hostname='127.0.0.1', port=int(sys.argv[1])).start()
print('ready', flush=True)
time.sleep(600)
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "cargo xtask test contract"]
async fn e_mail_goes_by_smtp_and_a_refused_recipient_harms_nobody() {
    let port = free_port().await;
    let smtp = Peer::python(SMTP, &[&port.to_string()]);
    smtp.expect_line("ready");
    let folder = TempDir::new();
    let server = Server::start_with(&folder, |config| {
        config.smtp_url = Some(format!("smtp://127.0.0.1:{port}"));
        config.mail_from = "OCR <no-reply@ocr.test>".to_owned();
    })
    .await;
    let mut browser = Browser::new(&server);
    for email in ["refused@example.com", "ann@example.com"] {
        let sign_up = json!({"email": email, "password": PASSWORD});
        let answer = browser.post("/sign-up/", sign_up).await;
        assert_eq!(answer.status, 202, "nothing tells whether it was refused");
    }
    let line = smtp.expect_line("message");
    let mut words = line.split(' ').skip(1);
    assert_eq!(words.next(), Some("ann@example.com"), "one recipient");
    let text = STANDARD.decode(words.next().unwrap()).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains("From: OCR <no-reply@ocr.test>")
            || text.contains("From: \"OCR\" <no-reply@ocr.test>"),
        "{text}"
    );
    assert!(
        text.contains("Subject: Confirm your e-mail address"),
        "{text}"
    );
    let code = code_in(&text);
    let confirm = json!({"code": code, "password": PASSWORD});
    assert_eq!(browser.post("/verify/", confirm).await.status, 200);
    // What was refused is logged without the address, and the server goes on.
    let said = "an e-mail was not sent";
    let log = eventually(async || Some(log()).filter(|log| log.contains(said))).await;
    assert!(log.contains("the server refused the message"), "the reason");
    assert!(!log.contains("refused@example.com"), "the address");
    drop(smtp);
    let reset = json!({"email": "ann@example.com"});
    assert_eq!(browser.post("/password-reset/", reset).await.status, 202);
}

/// Runs schemathesis for `seconds` against the OpenAPI document of the server at `url`, with more arguments.
async fn try_the_contract(folder: &Path, url: &str, seconds: u32, arguments: &[&str]) {
    let mut tool = Command::new(python().with_file_name("schemathesis"));
    // By hand it can be called in the same words.
    tool.args(["run", &format!("{url}/api/openapi.json"), "--url", url])
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"])
        .args(["--max-time", &seconds.to_string(), "--seed", "20261123", "--continue-on-failure"])
        .args(["--warnings", "off", "--request-timeout", "30", "--no-color"])
        .args(arguments)
        .args(["--generation-database", "none"])
        // It leaves notes where it stands.
        .current_dir(folder)
        .env("PWD", folder);
    let said = tokio::task::spawn_blocking(move || tool.output().unwrap());
    let said = said.await.unwrap();
    let text = String::from_utf8_lossy(&said.stdout);
    let error = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{text}{error}");
    // It must have tried something.
    assert!(
        text.contains("test cases") || text.contains("generated"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "cargo xtask test contract"]
async fn nothing_that_openapi_allows_ends_in_an_error_of_the_server() {
    let folder = TempDir::new();
    let server = Server::start_with(&folder, |config| config.is_metered = false).await;
    let url = listen(&server).await;
    // As an admin, by token.
    let token = format!(
        "Authorization: Bearer {}",
        server.app.first_token.clone().unwrap()
    );
    try_the_contract(folder.path(), &url, 25, &["-H", &token]).await;
    // As somebody who is signed in; what ends the session is left to other tests.
    let mut browser = Browser::new(&server);
    browser.join(&folder, "ann@example.com").await;
    let cookie = format!("Cookie: {}", browser.cookie.clone().unwrap());
    let origin = format!("Origin: {url}");
    let ends = "sign-|password|verify|oidc";
    try_the_contract(
        folder.path(),
        &url,
        12,
        &[
            "-H",
            &cookie,
            "-H",
            &origin,
            "--include-path-regex",
            "/account/",
            "--exclude-path-regex",
            ends,
            "--exclude-path",
            "/api/v1/account/",
        ],
    )
    .await;
    assert_eq!(
        browser.get("/").await.status,
        200,
        "the session is still there"
    );
    assert_eq!(server.get("/health").await.status, 200);
}
