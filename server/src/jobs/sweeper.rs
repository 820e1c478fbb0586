//! Deletes what has expired.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::now_ms;
use crate::db::jobs::Tombstone;
use crate::jobs::submit::KEEP_REQUESTS_MS;
use crate::jobs::{Jobs, payment};

/// How often the sweeper looks. Answers are checked against the clock themselves: this is when the bytes go.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// How long a tombstone tells 410 from 404.
const KEEP_TOMBSTONES_MS: i64 = 30 * 24 * 3_600 * 1_000;

pub(super) async fn run(jobs: Arc<Jobs>) {
    let mut stopping = jobs.stopping.subscribe();
    loop {
        match jobs.db.is_serving().await {
            Ok(true) => {
                if let Err(error) = sweep(&jobs).await {
                    tracing::error!(%error, "sweeping failed");
                }
            }
            Ok(false) => {
                tracing::error!(
                    "another server has taken the database over; no page is read here any more"
                );
                jobs.begin_stop();
                return;
            }
            Err(error) => tracing::error!(%error, "the database does not answer"),
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP_EVERY) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}

async fn sweep(jobs: &Jobs) -> Result<(), sqlx::Error> {
    for id in jobs.db.expired_jobs(now_ms()).await? {
        if jobs.db.bury_job(&id, Tombstone::Expired, None).await? {
            jobs.remove_source(&id).await;
            tracing::info!(job = id.short(), "job expired");
        }
    }
    let now_ms = now_ms();
    jobs.db
        .remove_tombstones(now_ms - KEEP_TOMBSTONES_MS)
        .await?;
    jobs.db.forget_requests(now_ms - KEEP_REQUESTS_MS).await?;
    jobs.db.remove_expired_sessions(now_ms).await?;
    jobs.db.forget_payment_events(now_ms).await?;
    let current = payment::current_anonymous_sources(&jobs.config, now_ms);
    jobs.db.forget_anonymous_usage(&current).await
}
