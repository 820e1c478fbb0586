//! A server for one test.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use ocr_chat_document::{
    BBox, Block, BlockKind, EngineInfo, Line, Page, PageStatus, Point, ReadBy, Tier, Warning, Word,
};
use ocr_chat_engine::{OpenError, PageError, PageImage};
use ocr_chat_models::Manifest;
use ocr_chat_server::audit::Actor;
use ocr_chat_server::db::Engine;
use ocr_chat_server::db::accounts::Account;
use ocr_chat_server::ids::AccountId;
use ocr_chat_server::metering::Plan;
use ocr_chat_server::web::tokens;
use ocr_chat_server::{App, Config, OpenDocument, Opening, PageReader};
use serde_json::Value;
use tower::ServiceExt;

use super::database;

/// A folder that goes with the test, and its database.
pub(crate) struct TempDir {
    path: PathBuf,
    database_url: tokio::sync::OnceCell<Option<String>>,
}

impl TempDir {
    pub(crate) fn new() -> Self {
        let name = format!("ocr-chat-test-{}", ocr_chat_server::hex::random(8).unwrap());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self {
            path,
            database_url: tokio::sync::OnceCell::new(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The configuration of a server on this folder and its database.
    pub(crate) async fn config(&self) -> Config {
        let name = self.path.file_name().unwrap().to_str().unwrap();
        let url = self
            .database_url
            .get_or_init(|| database::new_database(name));
        Config {
            database_url: url.await.clone(),
            web_dir: self.path.join("dist"),
            models_dir: self.path.join("models"),
            // A process that was dropped in the middle is missed soon.
            lost_after: Duration::from_secs(2),
            // Tests ask more often than people, and all from nowhere.
            requests_per_minute: None,
            ..Config::with_data_dir(self.path.join("data")).unwrap()
        }
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Reads `FAKE ok fail ...`, a word a page:
/// `ok` is read, `layer` had its own text, `columns` has two lines side by side, `receipt` a total, `formula` a formula, `fail` and `panic` do what they say, `wait` is read once [`FakeReader::go_on`] was called.
#[derive(Default)]
pub(crate) struct FakeReader {
    may_go_on: AtomicBool,
    info_panics: AtomicBool,
    opened: Mutex<usize>,
    started: Mutex<Vec<usize>>,
}

impl FakeReader {
    pub(crate) fn go_on(&self) {
        self.may_go_on.store(true, Ordering::SeqCst);
    }

    pub(crate) fn make_info_panic(&self) {
        self.info_panics.store(true, Ordering::SeqCst);
    }

    /// How many documents were opened.
    pub(crate) fn n_opened(&self) -> usize {
        *self.opened.lock().unwrap()
    }

    /// The pages that were started, in this order.
    pub(crate) fn started(&self) -> Vec<usize> {
        self.started.lock().unwrap().clone()
    }

    /// Waits until the page `index` was started.
    pub(crate) async fn wait_for_page(&self, index: usize) {
        eventually(async || self.started().contains(&index).then_some(())).await;
    }

    /// Waits until `n` pages were started.
    pub(crate) async fn wait_for_start_of(&self, n: usize) {
        eventually(async || (self.started().len() >= n).then_some(())).await;
    }
}

/// [`FakeReader`] as the server takes it.
struct Reader(Arc<FakeReader>);

struct Document {
    reader: Arc<FakeReader>,
    tier: Tier,
    pages: Vec<String>,
}

impl PageReader for Reader {
    fn info(&self, tier: Tier) -> EngineInfo {
        assert!(
            !self.0.info_panics.load(Ordering::SeqCst),
            "the text of a document"
        );
        EngineInfo {
            name: format!("fake-{}", tier.as_str()),
            version: "1".into(),
            models: vec!["none".into()],
        }
    }

    fn open(&self, bytes: Vec<u8>, how: &Opening) -> Result<Arc<dyn OpenDocument>, OpenError> {
        *self.0.opened.lock().unwrap() += 1;
        let text = String::from_utf8(bytes).map_err(|_| OpenError::UnsupportedFormat)?;
        let mut words = text.split_ascii_whitespace();
        match words.next() {
            None => Err(OpenError::Empty),
            Some("FAKE") => Ok(Arc::new(Document {
                reader: Arc::clone(&self.0),
                tier: how.tier,
                pages: words.map(str::to_owned).collect(),
            })),
            Some("LOCKED") if how.password.as_deref() == Some("open sesame") => {
                Ok(Arc::new(Document {
                    reader: Arc::clone(&self.0),
                    tier: how.tier,
                    pages: words.map(str::to_owned).collect(),
                }))
            }
            Some("LOCKED") => Err(OpenError::PasswordNeeded),
            Some("TEXT") => Ok(Arc::new(Paragraphs(text.clone()))),
            Some("PANIC") => panic!("the text of a document"),
            Some("ENDLESS") => loop {
                std::thread::sleep(Duration::from_millis(20));
            },
            Some(_) => Err(OpenError::UnsupportedFormat),
        }
    }
}

impl OpenDocument for Document {
    fn n_pages(&self) -> usize {
        self.pages.len()
    }

    fn warnings(&self) -> Vec<Warning> {
        Vec::new()
    }

    fn picture(&self, _: usize, _: u16) -> Option<PageImage> {
        // Ink where the page has its line.
        let ink = |at: usize| (20..40).contains(&(at / 200)) && at.is_multiple_of(3);
        let rgb = (0..200 * 100).flat_map(|at| [if ink(at) { 0 } else { 255 }; 3]);
        PageImage::from_rgb(200, 100, rgb.collect())
    }

    fn read_page(
        &self,
        index: usize,
        should_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Page, PageError> {
        self.reader.started.lock().unwrap().push(index);
        match self.pages[index].as_str() {
            "fail" => return Ok(Page::failed(index as u32, "smudged")),
            "panic" => panic!("the text of a document"),
            "columns" => return Ok(columns(index as u32)),
            "receipt" => return Ok(receipt(index as u32)),
            "layer" => return Ok(page(index as u32)),
            "formula" => {
                return Ok(Page {
                    read_by: match self.tier {
                        Tier::Vlm => ReadBy::LocalPremium,
                        _ => ReadBy::Cpu,
                    },
                    ..formula(index as u32)
                });
            }
            "wait" => {
                while !self.reader.may_go_on.load(Ordering::SeqCst) {
                    if should_stop() {
                        return Err(PageError::Cancelled);
                    }
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
            _ => {}
        }
        let read_by = match self.tier {
            Tier::Vlm => ReadBy::LocalPremium,
            _ => ReadBy::Cpu,
        };
        Ok(Page {
            read_by,
            ..page(index as u32)
        })
    }
}

/// `TEXT` and lines: each is a paragraph, pages are parted by form feeds.
struct Paragraphs(String);

impl OpenDocument for Paragraphs {
    fn n_pages(&self) -> usize {
        self.0.split('\u{c}').count()
    }

    fn warnings(&self) -> Vec<Warning> {
        Vec::new()
    }

    fn read_page(&self, index: usize, _: &(dyn Fn() -> bool + Sync)) -> Result<Page, PageError> {
        let text = self.0.split('\u{c}').nth(index).unwrap_or_default();
        let lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && *line != "TEXT");
        let blocks = lines.map(|line| block(line, line, (10, 190)));
        Ok(with_blocks(index as u32, blocks.collect()))
    }
}

/// A page with the text `text of page N`, N from 1.
fn page(index: u32) -> Page {
    let text = format!("text of page {}", index + 1);
    with_blocks(index, vec![block(&text, "text", (10, 110))])
}

/// A page with the words `left` and `right` in one row.
fn columns(index: u32) -> Page {
    let blocks = vec![
        block("left", "left", (10, 50)),
        block("right", "right", (140, 190)),
    ];
    with_blocks(index, blocks)
}

/// A page with a formula.
fn formula(index: u32) -> Page {
    let mut formula = block("E = mc2", "E", (10, 110));
    formula.kind = BlockKind::Formula;
    with_blocks(index, vec![formula])
}

/// A page with the name of a shop above what was paid.
fn receipt(index: u32) -> Page {
    let blocks = vec![
        block("CORNER SHOP LTD", "CORNER", (10, 110)),
        block("TOTAL", "TOTAL", (10, 50)),
        block("$4.20", "$4.20", (140, 190)),
    ];
    let mut page = with_blocks(index, blocks);
    for block in &mut page.blocks[1..] {
        for line in &mut block.lines {
            line.bbox = BBox::new(line.bbox.x0, 60, line.bbox.x1, 80);
            line.polygon = line.polygon.map(|point| Point {
                y: point.y + 40,
                ..point
            });
            line.words[0].bbox = line.bbox;
        }
    }
    page
}

fn with_blocks(index: u32, blocks: Vec<Block>) -> Page {
    Page {
        status: PageStatus::Done,
        width: 200,
        height: 100,
        mean_confidence: Some(0.9),
        blocks,
        ..Page::pending(index)
    }
}

/// A paragraph of one line between `x0` and `x1`, with one word.
fn block(text: &str, word: &str, (x0, x1): (i32, i32)) -> Block {
    let bbox = BBox::new(x0, 20, x1, 40);
    let corner = |x, y| Point { x, y };
    Block {
        detected_language: Some("en".into()),
        ..Block::new(
            BlockKind::Paragraph,
            text,
            vec![Line {
                text: text.to_owned(),
                bbox,
                polygon: [
                    corner(x0, 20),
                    corner(x1, 20),
                    corner(x1, 40),
                    corner(x0, 40),
                ],
                confidence: Some(0.9),
                words: vec![Word {
                    text: word.to_owned(),
                    bbox,
                    confidence: 0.9,
                }],
            }],
        )
    }
}

/// A server of one test.
pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) reader: Arc<FakeReader>,
    pub(crate) router: Router,
}

impl Server {
    pub(crate) async fn start(folder: &TempDir) -> Self {
        Self::start_with(folder, |_| {}).await
    }

    pub(crate) async fn start_with(folder: &TempDir, change: impl FnOnce(&mut Config)) -> Self {
        collect_log();
        let mut config = folder.config().await;
        change(&mut config);
        let reader = Arc::new(FakeReader::default());
        let app = App::start(
            config,
            Arc::new(Reader(Arc::clone(&reader))),
            Manifest::built_in().unwrap(),
        )
        .await
        .unwrap();
        Self {
            router: app.router.clone(),
            app,
            reader,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        send(self.router.clone(), request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    /// Sends a file with parameters.
    pub(crate) async fn post(&self, file: &str, parameters: &[(&str, &str)]) -> Answer {
        self.send(upload(file.as_bytes(), parameters)).await
    }

    /// Waits until a job has ended and hands its answer out.
    pub(crate) async fn ended(&self, uuid: &str) -> Value {
        eventually(async || {
            let answer = self.get(&format!("/api/v1/ocr/{uuid}/")).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
            let job = answer.json();
            (job["status"] == "done" || job["status"] == "failed").then_some(job)
        })
        .await
    }

    /// A new account with credits, and a token of it.
    pub(crate) async fn account(&self, plan: Plan, credits: i64) -> (AccountId, String) {
        let account = Account::new(None, plan).unwrap();
        let db = self.app.db();
        assert!(db.insert_account(&account).await.unwrap());
        if credits > 0 {
            db.grant_credits(&account.id, credits, None, &Actor::server())
                .await
                .unwrap();
        }
        let token = self.token(&account.id, None).await;
        (account.id, token)
    }

    /// A new token of an account.
    pub(crate) async fn token(&self, account: &AccountId, cap: Option<i64>) -> String {
        let (new, token) = tokens::make(self.app.secrets(), account.clone(), "test", cap).unwrap();
        self.app
            .db()
            .insert_token(&new, &Actor::server())
            .await
            .unwrap();
        token
    }

    /// Sends a file with a token.
    pub(crate) async fn post_as(&self, token: &str, file: &str) -> Answer {
        self.send(with_token(upload(file.as_bytes(), &[]), token))
            .await
    }

    /// What does not add up.
    pub(crate) async fn wrong_in_the_books(&self) -> Vec<String> {
        self.app.db().check_books().await.unwrap()
    }

    /// Number of uploads in the data folder, unfinished ones among them.
    pub(crate) fn n_uploads(&self, folder: &TempDir) -> usize {
        std::fs::read_dir(folder.path().join("data/blobs"))
            .unwrap()
            .filter(|entry| {
                let name = entry.as_ref().unwrap().file_name();
                // By it processes on PostgreSQL know that they share the folder.
                !name.to_string_lossy().starts_with("store-")
            })
            .count()
    }

    /// Whether its database is PostgreSQL.
    pub(crate) fn is_on_postgres(&self) -> bool {
        self.app.db().engine() == Engine::Postgres
    }
}

/// `request` with a token in its header.
pub(crate) fn with_token(mut request: Request<Body>, token: &str) -> Request<Body> {
    let value = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert(header::AUTHORIZATION, value);
    request
}

pub(crate) async fn send(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: axum::body::to_bytes(body, usize::MAX)
            .await
            .unwrap()
            .to_vec(),
    }
}

/// A response that was read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Checks the whole envelope: exactly the three keys, and the id of the header.
    pub(crate) fn expect_error(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        let json = self.json();
        let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["code", "error", "request_id"], "{json}");
        assert_eq!(json["code"], code, "{json}");
        assert_eq!(json["request_id"], self.header("x-request-id"));
        assert_eq!(self.header("content-type"), "application/json");
        assert!(!self.header("x-request-id").is_empty());
        let message = json["error"].as_str().unwrap().to_owned();
        assert!(message.len() > 10 && message.ends_with('.'), "{message}");
        message
    }
}

const BOUNDARY: &str = "a-boundary-of-these-tests";

fn fields(parameters: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in parameters {
        body.extend(
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
            .bytes(),
        );
    }
    body
}

/// A multipart form without a file.
pub(crate) fn form(parameters: &[(&str, &str)]) -> Request<Body> {
    let mut body = fields(parameters);
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    multipart("/api/v1/ocr/", body)
}

/// A multipart upload, the file last: parameters and file may come in any order.
pub(crate) fn upload(file: &[u8], parameters: &[(&str, &str)]) -> Request<Body> {
    let mut body = fields(parameters);
    body.extend(
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../a.png\"\r\n\r\n").bytes(),
    );
    body.extend(file);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    multipart("/api/v1/ocr/", body)
}

pub(crate) fn multipart(path: &str, body: Vec<u8>) -> Request<Body> {
    Request::post(path)
        .header(
            header::CONTENT_TYPE,
            format!("multipart/form-data; boundary={BOUNDARY}"),
        )
        .body(Body::from(body))
        .unwrap()
}

/// A multipart body without a file.
pub(crate) fn without_file() -> Vec<u8> {
    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"tier\"\r\n\r\ncpu\r\n--{BOUNDARY}--\r\n").into_bytes()
}

/// Asks again and again, for 30 seconds at most.
pub(crate) async fn eventually<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..3_000 {
        if let Some(answer) = ask().await {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen within 30 seconds");
}

/// The document of `n` pages that all do `what`.
pub(crate) fn pages(n: usize, what: &str) -> String {
    format!("FAKE {}", vec![what; n].join(" "))
}

pub(crate) fn uuid(job: &Value) -> String {
    job["uuid"].as_str().unwrap().to_owned()
}

/// A reader for servers that must not start.
pub(crate) fn nothing_to_read() -> Arc<dyn PageReader> {
    Arc::new(Reader(Arc::default()))
}

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Collects the log of every test of this binary at every level. One for all: the library remembers by place in the
/// code, not by thread, whether anybody listens.
fn collect_log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(|| Log)
            .init();
    });
}

/// What was logged so far.
pub(crate) fn log() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned()
}
