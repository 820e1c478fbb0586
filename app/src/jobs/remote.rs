//! Reading on the server: send, then ask until it is done.

use gloo_timers::future::TimeoutFuture;
use ocr_chat_document::{Answer, JobStatus};
use web_sys::AbortSignal;

use super::document::{Doc, DocStatus};
use crate::api::server::{self, Wanted};
use crate::messages::Problem;
use leptos::prelude::*;

/// Pause between two questions, in milliseconds: pages take about a second each.
const POLL_MS: u32 = 1_000;

/// How many questions may go unanswered in a row: a train in a tunnel should not lose a document.
const MAX_MISSES: u32 = 30;

/// Has the server read `doc`. Cancelling through `signal` deletes the job.
pub(super) async fn read(doc: Doc, signal: &AbortSignal) {
    doc.status.set(DocStatus::Reading);
    let wanted = Wanted {
        language: &doc.language.get_value(),
        tier: doc.keeping.tier.get_value(),
        pages: None,
    };
    match server::submit(&doc.file.get_value(), &wanted, signal).await {
        Ok(answer) => follow(doc, answer, signal).await,
        Err(problem) => fail(doc, problem),
    }
}

/// Goes on asking about the job that was sent in an earlier visit.
pub(super) async fn resume(doc: Doc, uuid: &str, signal: &AbortSignal) {
    doc.status.set(DocStatus::Reading);
    match server::job(uuid, signal).await {
        Ok(answer) => follow(doc, answer, signal).await,
        Err(problem) => fail(doc, problem),
    }
}

/// Asks until the job is done.
async fn follow(doc: Doc, mut answer: Answer, signal: &AbortSignal) {
    let mut n_misses = 0;
    loop {
        if !doc.is_open() {
            if let Some(uuid) = &answer.uuid {
                server::delete(uuid).await;
            }
            return;
        }
        let (status, uuid) = (answer.status, answer.uuid.clone());
        let error = answer.error.clone();
        doc.put_answer(answer.clone());
        match (status, uuid) {
            (JobStatus::Done, _) => return doc.status.set(DocStatus::Done),
            (JobStatus::Failed, _) => {
                return fail(doc, Problem::new("job_failed", &error.unwrap_or_default()));
            }
            (_, None) => return fail(doc, Problem::new("bad_answer", "")),
            (_, Some(uuid)) => {
                TimeoutFuture::new(POLL_MS).await;
                match server::job(&uuid, signal).await {
                    Ok(next) => {
                        answer = next;
                        n_misses = 0;
                    }
                    Err(problem) if problem.code == "server_offline" && n_misses < MAX_MISSES => {
                        n_misses += 1;
                    }
                    Err(problem) => return fail(doc, problem),
                }
            }
        }
    }
}

fn fail(doc: Doc, problem: Problem) {
    if doc.is_open() {
        doc.status.set(DocStatus::Failed(problem));
    }
}
