//! What the API adds to the engine's own time: `cargo xtask bench service [--runs N] FILE...`.
//!
//! Each file of one page is sent to a server over the loopback interface. Its engine's own time is measured inside, in the same run
//! (opening the file and reading the page), so that what else the machine does is in both and not in the difference. Settings are those of `ocr-chat serve` (`OCR_CHAT_*`), but the data folder, which is a new one.

#![expect(clippy::print_stdout, reason = "figures go to standard output")]

use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ocr_chat_document::{EngineInfo, Page, Tier, Warning};
use ocr_chat_engine::{Limits, OpenError, PageError};
use ocr_chat_models::Manifest;
use ocr_chat_server::reader::{EngineReader, load_engine};
use ocr_chat_server::{App, Config, OpenDocument, Opening, PageReader};
use tokio::net::TcpListener;
use tokio::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Runs that count, unless told otherwise; there are some more before them.
const N_RUNS: usize = 100;
const N_WARM_UP: usize = 5;

#[tokio::main]
async fn main() -> Outcome<()> {
    let (n_runs, files) = arguments()?;
    let folder = std::env::temp_dir().join(format!("ocr-chat-bench-{}", std::process::id()));
    let measured = measure(&folder, n_runs, &files).await;
    let _ = std::fs::remove_dir_all(&folder);
    measured
}

fn arguments() -> Outcome<(usize, Vec<PathBuf>)> {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let mut n_runs = N_RUNS;
    if words.first().is_some_and(|word| word == "--runs") && words.len() > 1 {
        n_runs = words.remove(1).parse()?;
        words.remove(0);
    }
    if words.is_empty() || n_runs == 0 {
        return Err("usage: overhead [--runs N] FILE...".into());
    }
    Ok((n_runs, words.into_iter().map(PathBuf::from).collect()))
}

async fn measure(folder: &Path, n_runs: usize, files: &[PathBuf]) -> Outcome<()> {
    let config = Config {
        data_dir: folder.to_path_buf(),
        requests_per_minute: None,
        ..Config::from_env()?
    };
    let limits = Limits::server();
    let engine = load_engine(&config.model, &config.models_dir, limits, config.n_threads)?;
    println!(
        "{} on {} threads, {n_runs} runs after {N_WARM_UP} more, milliseconds",
        config.model, config.n_threads
    );
    let stopwatch = Stopwatch::default();
    let reader = Timed(Arc::new(EngineReader(engine)), stopwatch.clone());
    let app = App::start(config, Arc::new(reader), Manifest::built_in()?).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let service = app.router.clone();
    let service = service.into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(async move { axum::serve(listener, service).await });
    println!(
        "{:<28}{:>12}{:>12}{:>12}{:>12}",
        "file", "engine p50", "API p50", "added p50", "added p90"
    );
    for file in files {
        let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let body = form(&bytes);
        let (mut of_engine, mut of_api, mut added) = (Vec::new(), Vec::new(), Vec::new());
        for run in 0..N_WARM_UP + n_runs {
            let body = body.clone();
            let api_ms = tokio::task::spawn_blocking(move || send(address, &body)).await??;
            let engine_ms = stopwatch.take();
            if run >= N_WARM_UP {
                of_engine.push(engine_ms);
                of_api.push(api_ms);
                added.push(api_ms - engine_ms);
            }
        }
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        println!(
            "{name:<28}{:>12.1}{:>12.1}{:>12.1}{:>12.1}",
            quantile(&mut of_engine, 0.5),
            quantile(&mut of_api, 0.5),
            quantile(&mut added, 0.5),
            quantile(&mut added, 0.9)
        );
    }
    server.abort();
    app.stop().await;
    Ok(())
}

/// Milliseconds that the engine took since somebody asked.
#[derive(Clone, Default)]
struct Stopwatch(Arc<Mutex<f64>>);

impl Stopwatch {
    fn time<T>(&self, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = work();
        *self.ms() += started.elapsed().as_secs_f64() * 1e3;
        result
    }

    fn take(&self) -> f64 {
        std::mem::take(&mut *self.ms())
    }

    fn ms(&self) -> MutexGuard<'_, f64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reader, timed; and a document of it.
struct Timed<T: ?Sized>(Arc<T>, Stopwatch);

impl PageReader for Timed<EngineReader> {
    fn info(&self, tier: Tier) -> EngineInfo {
        self.0.info(tier)
    }

    fn open(&self, bytes: Vec<u8>, how: &Opening) -> Result<Arc<dyn OpenDocument>, OpenError> {
        let document = self.1.time(|| self.0.open(bytes, how))?;
        Ok(Arc::new(Timed(document, self.1.clone())))
    }
}

impl OpenDocument for Timed<dyn OpenDocument> {
    fn n_pages(&self) -> usize {
        self.0.n_pages()
    }

    fn warnings(&self) -> Vec<Warning> {
        self.0.warnings()
    }

    fn read_page(
        &self,
        index: usize,
        should_stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Page, PageError> {
        self.1.time(|| self.0.read_page(index, should_stop))
    }
}

/// Milliseconds from a new connection to the last byte of the answer.
fn send(address: SocketAddr, body: &[u8]) -> Outcome<f64> {
    let started = Instant::now();
    let mut stream = TcpStream::connect(address)?;
    let head = format!(
        "POST /api/v1/ocr/ HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let ms = started.elapsed().as_secs_f64() * 1e3;
    let answer = String::from_utf8_lossy(&answer);
    if !answer.starts_with("HTTP/1.1 200") || !answer.contains("\"status\":\"done\"") {
        return Err(format!(
            "the server answered {}",
            answer.lines().next().unwrap_or("")
        )
        .into());
    }
    Ok(ms)
}

fn form(file: &[u8]) -> Vec<u8> {
    let mut body =
        b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n".to_vec();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--x--\r\n");
    body
}

fn quantile(values: &mut [f64], at: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let position = ((values.len() - 1) as f64 * at).round() as usize;
    values.get(position).copied().unwrap_or(f64::NAN)
}
