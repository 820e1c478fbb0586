//! What processes on one PostgreSQL database tell each other: `LISTEN` and `NOTIFY`. On SQLite there is one process, and nothing to tell.

use sqlx::postgres::PgListener;

use crate::db::{Connection, Database, Engine};
use crate::ids::JobId;

/// Our channel.
const CHANNEL: &str = "ocr_chat";

/// The channel on which the queue's library tells of new rows.
const WORK_CHANNEL: &str = "jobs:insert";

/// Something that another process, or this one, did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// There may be pages to read.
    Work,
    /// A page of the job was taken up or has its answer.
    Page(JobId),
    /// The job has ended.
    Ended(JobId),
    /// The job was deleted or has expired.
    Gone(JobId),
    /// The connection was lost for a while: anything may have happened.
    Missed,
}

impl Told {
    fn parse(channel: &str, payload: &str) -> Option<Self> {
        if channel == WORK_CHANNEL {
            return Some(Self::Work);
        }
        let (what, job) = payload.split_once(' ')?;
        let job = JobId::parse(job)?;
        match what {
            "page" => Some(Self::Page(job)),
            "ended" => Some(Self::Ended(job)),
            "gone" => Some(Self::Gone(job)),
            _ => None,
        }
    }

    fn payload(&self) -> Option<String> {
        match self {
            Self::Page(job) => Some(format!("page {job}")),
            Self::Ended(job) => Some(format!("ended {job}")),
            Self::Gone(job) => Some(format!("gone {job}")),
            Self::Work | Self::Missed => None,
        }
    }
}

/// Hears what is told, on a connection of its own.
pub struct Listener(PgListener);

impl Listener {
    /// Waits for the next news. A lost connection is made anew.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn next(&mut self) -> Result<Told, sqlx::Error> {
        loop {
            let Some(told) = self.0.try_recv().await? else {
                return Ok(Told::Missed);
            };
            if let Some(told) = Told::parse(told.channel(), told.payload()) {
                return Ok(told);
            }
        }
    }
}

impl Database {
    /// Begins to listen; `None` on SQLite.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn listen(&self) -> Result<Option<Listener>, sqlx::Error> {
        if self.typed_pool.is_none() {
            return Ok(None);
        }
        let mut listener = PgListener::connect(&self.address).await?;
        listener.listen_all([CHANNEL, WORK_CHANNEL]).await?;
        Ok(Some(Listener(listener)))
    }

    /// Tells the others, once the transaction of `connection` is committed.
    pub(super) async fn tell(
        &self,
        connection: &mut Connection,
        news: &Told,
    ) -> Result<(), sqlx::Error> {
        let Some(payload) = news.payload().filter(|_| self.engine == Engine::Postgres) else {
            return Ok(());
        };
        sqlx::query("SELECT CAST(pg_notify($1, $2) AS TEXT) AS told")
            .bind(CHANNEL)
            .bind(payload)
            .execute(connection)
            .await
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_heard_as_it_was_meant() {
        let job = JobId::random().unwrap();
        for told in [
            Told::Page(job.clone()),
            Told::Ended(job.clone()),
            Told::Gone(job),
        ] {
            let payload = told.payload().unwrap();
            assert_eq!(Told::parse(CHANNEL, &payload), Some(told));
        }
        assert_eq!(Told::parse(WORK_CHANNEL, "{\"count\":1}"), Some(Told::Work));
        for other in [
            "",
            "page",
            "page x",
            "later 00000000000000000000000000000000",
        ] {
            assert_eq!(Told::parse(CHANNEL, other), None);
        }
    }
}
