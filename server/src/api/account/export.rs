//! `GET /api/v1/account/export/`: everything that is kept of an account, as JSON.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use http_body::Frame;
use ocr_chat_document::Detail;
use serde::Serialize;
use tokio::sync::mpsc;

use crate::app::AppState;
use crate::db::accounts::Account;
use crate::db::jobs::JobState;
use crate::error::ApiError;
use crate::ids::JobId;
use crate::jobs::answer;
use crate::web::session::SignedIn;

/// Pieces that wait for a client to take them: a job's answer may have tens of megabytes.
const MAX_WAITING_PIECES: usize = 2;

/// The account, its tokens (without the tokens themselves), its ledger, its payments, its webhook (without its secret) and the log of it, and its jobs with their results.
///
/// # Errors
/// 401 without a session.
pub async fn export(
    State(state): State<AppState>,
    SignedIn(account): SignedIn,
) -> Result<impl IntoResponse, ApiError> {
    let me = super::me::answer(&state, account.clone()).await?;
    let tokens = state.db.tokens_of(&account.id).await?;
    let tokens: Vec<super::tokens::Entry> = tokens.into_iter().map(Into::into).collect();
    let ledger = state.db.ledger_of(&account.id).await?;
    let identities = state.db.identities_of(&account.id).await?;
    let payments = super::payments::entries(&state, &account.id).await?;
    let webhook = super::webhooks::kept(&state, &account.id).await?;
    let jobs = state.db.jobs_of(&account.id).await?;
    let head = format!(
        "{{\"account\":{},\"tokens\":{},\"identities\":{},\"ledger\":{},\"payments\":{},\"webhook\":{},\"jobs\":[",
        json(&me)?,
        json(&tokens)?,
        json(&identities)?,
        json(&ledger)?,
        json(&payments)?,
        json(&webhook)?
    );
    let (pieces, body) = mpsc::channel(MAX_WAITING_PIECES);
    tokio::spawn(async move {
        // It ends early when the client goes away.
        let _ = write_jobs(&state, &account, jobs, head, &pieces).await;
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"ocr-chat-account.json\"",
        ),
    ];
    Ok((headers, Body::new(Pieces(body))))
}

fn json(value: &impl Serialize) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(ApiError::internal)
}

/// Writes the head, the jobs one by one, and the end; `None` when the client has gone or a job could not be read: the JSON breaks
/// off then, so that nobody takes it for whole.
async fn write_jobs(
    state: &AppState,
    account: &Account,
    jobs: Vec<JobId>,
    head: String,
    pieces: &mpsc::Sender<Bytes>,
) -> Option<()> {
    pieces.send(head.into()).await.ok()?;
    let mut separator = "";
    for id in jobs {
        let job = state.db.job(&id).await.ok()?;
        let Some(job) = job.filter(|job| job.account.as_ref() == Some(&account.id)) else {
            continue;
        };
        let JobState::Kept(status) = job.state else {
            continue;
        };
        let answer = answer::answer(&state.db, job, status, Detail::Words)
            .await
            .ok()?;
        let answer = answer::json(answer, false).await.ok()?;
        pieces.send(separator.into()).await.ok()?;
        pieces.send(answer.into()).await.ok()?;
        separator = ",";
    }
    pieces.send("]}".into()).await.ok()
}

/// A body of pieces that come one by one.
struct Pieces(mpsc::Receiver<Bytes>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0
            .poll_recv(context)
            .map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}
