//! `ocr-chat serve`.

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ocr_chat_engine::Limits;
use ocr_chat_models::Manifest;
use tokio::net::TcpListener;

use crate::app::App;
use crate::cli::failed;
use crate::config::Config;
use crate::reader::{EngineReader, LoadError, PageReader, load_engine};

/// How long connections may take to end once the server stops. Service managers kill after 10 seconds.
const CONNECTIONS_LIMIT: Duration = Duration::from_secs(5);

pub(super) fn serve(config: Config) -> ExitCode {
    run_long(&config.clone(), run(config))
}

/// Runs what goes on until it is stopped, with a log.
pub(super) fn run_long(
    config: &Config,
    work: impl Future<Output = Result<(), Box<dyn std::error::Error>>>,
) -> ExitCode {
    tracing_subscriber::fmt()
        .with_max_level(config.log_level)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    log_panics_without_content();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failed(error),
    };
    let ended = runtime.block_on(work);
    // A thread that hangs in a decoder must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(error),
    }
}

async fn run(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    let reader = reader(&config)?;
    // The port first: a server that cannot be reached should not take up work.
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
    if !config.web_dir.join("index.html").is_file() {
        tracing::warn!(folder = %config.web_dir.display(), "the web app is not here; the API works without it");
    }
    let app = App::start(config, reader, Manifest::built_in()?).await?;
    announce(&app, &listener)?;

    let jobs = Arc::clone(app.jobs());
    let stop = async move {
        stop_signal().await;
        tracing::info!("stopping");
        // Requests that wait for their text answer as they stand, or their connections would never end.
        jobs.begin_stop();
    };
    let (stopped_tx, stopped_rx) = tokio::sync::oneshot::channel::<()>();
    let router = app.router.clone();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        let _ = stopped_tx.send(());
    });
    let too_late = async {
        let _ = stopped_rx.await;
        tokio::time::sleep(CONNECTIONS_LIMIT).await;
    };
    tokio::select! {
        served = server => served?,
        () = too_late => tracing::warn!("connections were open for too long and are cut"),
    }
    app.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// The engine of the configuration.
pub(super) fn reader(config: &Config) -> Result<Arc<dyn PageReader>, LoadError> {
    let mut limits = Limits::server();
    limits.max_file_bytes = config.max_upload_bytes;
    let engine = load_engine(&config.model, &config.models_dir, limits, config.n_threads)?;
    Ok(Arc::new(EngineReader(engine)))
}

/// Where the server is and, once in the life of a data folder, its token. Not through the log: logs are kept.
fn announce(app: &App, listener: &TcpListener) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if let Some(token) = &app.first_token {
        writeln!(
            out,
            "API token of the operator's account (shown this once): {token}"
        )?;
    }
    writeln!(out, "Listening on http://{}", listener.local_addr()?)?;
    out.flush()
}

/// A panic's message may quote a document, so only its place is logged.
fn log_panics_without_content() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "panic");
    }));
}

/// Waits for SIGINT (Ctrl-C) or SIGTERM.
pub(super) async fn stop_signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
