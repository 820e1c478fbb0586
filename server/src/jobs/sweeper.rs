//! Deletes what has expired.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::now_ms;
use crate::db::jobs::Tombstone;
use crate::jobs::Jobs;

/// How often the sweeper looks. Answers are checked against the clock themselves: this is when the bytes go.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// How long a tombstone tells 410 from 404.
const KEEP_TOMBSTONES_MS: i64 = 30 * 24 * 3_600 * 1_000;

pub(super) async fn run(jobs: Arc<Jobs>) {
    let mut stopping = jobs.stopping.subscribe();
    loop {
        if let Err(error) = sweep(&jobs).await {
            tracing::error!(%error, "sweeping failed");
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP_EVERY) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}

async fn sweep(jobs: &Jobs) -> Result<(), sqlx::Error> {
    for id in jobs.db.expired_jobs(now_ms()).await? {
        if jobs.db.bury_job(&id, Tombstone::Expired).await? {
            jobs.remove_source(&id).await;
            tracing::info!(job = id.short(), "job expired");
        }
    }
    jobs.db
        .remove_tombstones(now_ms() - KEEP_TOMBSTONES_MS)
        .await
}
