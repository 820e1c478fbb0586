//! `ocr-chat worker`.

use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use clap::Args;
use tokio::net::TcpListener;

use crate::api::health;
use crate::app::Worker;
use crate::cli::serve::{reader, run_long, stop_signal};
use crate::config::Config;

/// What `ocr-chat worker` is asked.
#[derive(Debug, Args)]
pub(super) struct WorkerArguments {
    /// Answer `GET /health` at this address and port, such as 127.0.0.1:9080; otherwise nothing is listened on.
    #[arg(long, value_name = "ADDRESS")]
    health: Option<SocketAddr>,
}

pub(super) fn worker(config: Config, arguments: &WorkerArguments) -> ExitCode {
    run_long(&config.clone(), run(config, arguments.health))
}

async fn run(config: Config, health: Option<SocketAddr>) -> Result<(), Box<dyn Error>> {
    if config.pages_in_parallel == 0 {
        return Err("a worker reads pages: OCR_CHAT_PAGES_IN_PARALLEL is 1 or more".into());
    }
    let reader = reader(&config)?;
    let listener = match health {
        Some(address) => Some(
            TcpListener::bind(address)
                .await
                .map_err(|error| format!("cannot listen on {address}: {error}"))?,
        ),
        None => None,
    };
    let worker = Worker::start(config, Arc::clone(&reader)).await?;
    announce(listener.as_ref())?;
    match listener {
        None => stop_signal().await,
        Some(listener) => {
            let db = worker.db().clone();
            let report = move || {
                let (db, reader) = (db.clone(), Arc::clone(&reader));
                async move { health::report(&db, &*reader).await }
            };
            let routes = Router::new().route("/health", get(report));
            let routes = crate::web::with_envelope(routes);
            tokio::select! {
                served = axum::serve(listener, routes) => served?,
                () = stop_signal() => {}
            }
        }
    }
    tracing::info!("stopping");
    worker.jobs().begin_stop();
    worker.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// That pages are read from now on, and where to ask for its health. In one go: who reads it may leave after the first line.
fn announce(listener: Option<&TcpListener>) -> std::io::Result<()> {
    let mut lines = String::new();
    if let Some(listener) = listener {
        lines = format!("Health on http://{}/health\n", listener.local_addr()?);
    }
    lines += "Reading\n";
    let mut out = std::io::stdout().lock();
    out.write_all(lines.as_bytes())?;
    out.flush()
}
