//! `GET /api/v1/ocr/{uuid}/events/`: the progress of a job as server-sent events.
//!
//! `EventSource` of browsers sends no headers: it reaches an anonymous job by its uuid, one of an account by the session's cookie
//! or by `?api_token=`.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use tokio::time::Instant;

use crate::app::AppState;
use crate::error::ApiError;
use crate::jobs::progress::{News, Progress};
use crate::web::auth::Caller;
use crate::web::client_ip::one_caller;
use crate::web::streams::StreamPermit;

/// How often a silent stream says that it is alive: proxies cut connections that are silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long a stream may last. Clients connect again, and it is asked again who they are.
const MAX_AGE: Duration = Duration::from_secs(3_600);

/// Has nginx and its kin pass events on as they come.
const UNBUFFERED: [(&str, &str); 1] = [("x-accel-buffering", "no")];

/// The id of the last event. A browser connects again when a stream ends and says which event it saw last; 204 stops it.
const LAST_ID: &str = "end";

/// The state of the job at once, then what changes, then how it ended.
///
/// # Errors
/// 401, 404 and 410 as for the job, 429 or 503 when too many streams are open.
pub async fn events(
    State(state): State<AppState>,
    caller: Caller,
    Path(uuid): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (job, _) = caller.job(&state, &uuid).await?;
    let last = headers.get("last-event-id");
    if last.is_some_and(|last| last.as_bytes() == LAST_ID.as_bytes()) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let name = match &caller.account {
        Some(account) => format!("account {}", account.id.0),
        None => format!("address {}", one_caller(caller.address)),
    };
    let permit = state.streams.open(name)?;
    let progress = state.jobs.progress(&job.id);
    let heartbeat = KeepAlive::new().interval(HEARTBEAT);
    let stream = Sse::new(stream_of(progress, permit)).keep_alive(heartbeat);
    Ok((UNBUFFERED, stream).into_response())
}

/// The events of a job; the stream ends with the job, when the server stops, and when it has lasted for long enough.
fn stream_of(
    progress: Progress,
    permit: StreamPermit,
) -> impl Stream<Item = Result<Event, Infallible>> {
    struct Sending {
        progress: Progress,
        news: VecDeque<News>,
        deadline: Instant,
        _permit: StreamPermit,
    }
    let sending = Sending {
        progress,
        news: VecDeque::new(),
        deadline: Instant::now() + MAX_AGE,
        _permit: permit,
    };
    stream::unfold(sending, |mut sending| async move {
        while sending.news.is_empty() {
            let next = tokio::time::timeout_at(sending.deadline, sending.progress.next());
            match next.await {
                Ok(Ok(Some(news))) => sending.news.extend(news),
                Ok(Ok(None)) | Err(_) => return None,
                Ok(Err(error)) => {
                    // The status is sent already; the client connects again.
                    tracing::error!(%error, "the progress of a job cannot be read");
                    return None;
                }
            }
        }
        let news = sending.news.pop_front()?;
        Some((Ok(event(&news)), sending))
    })
}

fn event(news: &News) -> Event {
    let (name, data) = match news {
        News::State(state) => ("state", serde_json::to_string(state)),
        News::Page(page) => ("page", serde_json::to_string(page)),
        News::End(state) => ("end", serde_json::to_string(state)),
    };
    let event = Event::default()
        .event(name)
        // Of numbers and words of ours alone: it is always JSON, and always one line.
        .data(data.unwrap_or_default());
    match news {
        News::End(_) => event.id(LAST_ID),
        _ => event,
    }
}
