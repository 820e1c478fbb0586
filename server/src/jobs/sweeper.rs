//! Deletes what has expired.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::clock::now_ms;
use crate::db::jobs::Tombstone;
use crate::jobs::submit::KEEP_REQUESTS_MS;
use crate::jobs::{Jobs, payment};

/// How often the sweeper looks. Answers are checked against the clock themselves: this is when the bytes go.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// How often uploads without a job are looked for where other processes take uploads too. Alone, the start does it.
const LOOK_FOR_UPLOADS_EVERY: Duration = Duration::from_secs(24 * 3_600);

/// Age up to which an upload may have its job still to come: one that another process is opening.
const OLDEST_UPLOAD_ON_ITS_WAY_MS: i64 = 24 * 3_600 * 1_000;

/// How long a tombstone tells 410 from 404.
const KEEP_TOMBSTONES_MS: i64 = 30 * 24 * 3_600 * 1_000;

/// Sweeps until the server stops. Several processes on one database may: each row is changed by one of them.
pub(super) async fn run(jobs: Arc<Jobs>) {
    let mut stopping = jobs.stopping.subscribe();
    let mut next_look_for_uploads = Instant::now();
    loop {
        if let Err(error) = sweep(&jobs).await {
            tracing::error!(%error, "sweeping failed");
        }
        if jobs.queue.get().is_some() && Instant::now() >= next_look_for_uploads {
            next_look_for_uploads = Instant::now() + LOOK_FOR_UPLOADS_EVERY;
            let before_ms = now_ms() - OLDEST_UPLOAD_ON_ITS_WAY_MS;
            if let Err(error) = jobs.remove_uploads_without_job(before_ms).await {
                tracing::error!(%error, "uploads without a job could not be removed");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP_EVERY) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}

async fn sweep(jobs: &Jobs) -> Result<(), sqlx::Error> {
    jobs.db.add_missing_pages().await?;
    for id in jobs.db.expired_jobs(now_ms()).await? {
        if jobs.db.bury_job(&id, Tombstone::Expired, None).await? {
            jobs.remove_source(&id).await;
            jobs.library().forget(&id);
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
    jobs.db
        .forget_deliveries(now_ms - KEEP_TOMBSTONES_MS)
        .await?;
    let current = payment::current_anonymous_sources(&jobs.config, now_ms);
    jobs.db.forget_anonymous_usage(&current).await
}
