//! Whether the books are right: for `ocr-chat admin check` and for tests.

use std::collections::BTreeMap;

use sqlx::Row as _;

use crate::db::metering::CREDITS;
use crate::db::{Connection, Database, Row};

/// Sums by name: two figures each.
type Sums = BTreeMap<String, (i64, i64)>;

impl Database {
    /// What does not add up: a sentence each; none when all is right. Read in one transaction.
    ///
    /// - the ledger of each owner and source sums up to the balance and to what is held,
    /// - what is held is what open pages hold,
    /// - what a token spent is what the ledger says it was used for,
    /// - what jobs were charged is what the ledger says, and no page was charged twice.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn check_books(&self) -> Result<Vec<String>, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let connection = &mut *transaction;
        if self.engine() == crate::db::Engine::Postgres {
            // Of one moment, while others write.
            sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                .execute(&mut *connection)
                .await?;
        }
        let balances = sums(
            connection,
            "SELECT owner || ' ' || source AS name, balance AS a, held AS b FROM balances",
        )
        .await?;
        let ledger = sums(
            connection,
            "SELECT owner || ' ' || source AS name, CAST(SUM(amount) AS BIGINT) AS a, CAST(SUM(held) AS BIGINT) AS b \
             FROM ledger GROUP BY owner, source",
        )
        .await?;
        let mut wrong = differences("balance and held, by the ledger", &balances, &ledger);

        let open = open_holds(connection).await?;
        let held = balances
            .iter()
            .map(|(name, (_, held))| (name.clone(), (*held, 0)));
        wrong.extend(differences(
            "held, by the open pages",
            &held.collect(),
            &open,
        ));

        let tokens = sums(
            connection,
            "SELECT id AS name, spent AS a, CAST(0 AS BIGINT) AS b FROM api_tokens",
        )
        .await?;
        let used = sums(
            connection,
            "SELECT token_id AS name, CAST(-SUM(amount) AS BIGINT) AS a, CAST(0 AS BIGINT) AS b FROM ledger \
             WHERE token_id IN (SELECT id FROM api_tokens) GROUP BY token_id",
        )
        .await?;
        wrong.extend(differences(
            "spent by a token, by the ledger",
            &tokens,
            &used,
        ));

        let jobs = sums(
            connection,
            "SELECT uuid AS name, charged AS a, CAST(0 AS BIGINT) AS b FROM jobs WHERE owner LIKE 'account:%'",
        )
        .await?;
        let charged = sums(
            connection,
            "SELECT job_uuid AS name, CAST(-SUM(held) AS BIGINT) AS a, CAST(0 AS BIGINT) AS b FROM ledger \
             WHERE kind = 'charge' AND owner LIKE 'account:%' AND job_uuid IN (SELECT uuid FROM jobs) GROUP BY job_uuid",
        )
        .await?;
        wrong.extend(differences(
            "charged for a job, by the ledger",
            &jobs,
            &charged,
        ));

        let twice = sqlx::query(
            "SELECT job_uuid, page_index FROM ledger WHERE kind = 'charge' \
             GROUP BY job_uuid, page_index, source HAVING COUNT(*) > 1",
        )
        .fetch_all(&mut *connection)
        .await?;
        for row in twice {
            let (job, page): (String, Option<i64>) =
                (row.try_get("job_uuid")?, row.try_get("page_index")?);
            wrong.push(format!("page {page:?} of job {job} was charged twice"));
        }
        transaction.rollback().await?;
        Ok(wrong)
    }
}

/// What pages without an answer hold, by owner and source.
async fn open_holds(connection: &mut Connection) -> Result<Sums, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT jobs.owner, jobs.allowance_source, CAST(SUM(pages.held_allowance) AS BIGINT) AS allowance, \
         CAST(SUM(pages.held_credits) AS BIGINT) AS credits FROM pages JOIN jobs ON jobs.uuid = pages.job_uuid \
         WHERE pages.status IN ('pending', 'claimed') AND jobs.owner IS NOT NULL \
         GROUP BY jobs.owner, jobs.allowance_source",
    )
    .fetch_all(connection)
    .await?;
    let mut sums = Sums::new();
    for row in rows {
        let owner: String = row.try_get("owner")?;
        let source: String = row.try_get("allowance_source")?;
        let mut add = |source: &str, n: i64| {
            sums.entry(format!("{owner} {source}")).or_default().0 += n;
        };
        add(&source, row.try_get("allowance")?);
        add(CREDITS, row.try_get("credits")?);
    }
    Ok(sums)
}

async fn sums(connection: &mut Connection, sql: &'static str) -> Result<Sums, sqlx::Error> {
    let pair = |row: &Row| Ok((row.try_get("name")?, (row.try_get("a")?, row.try_get("b")?)));
    let rows = sqlx::query(sql).fetch_all(connection).await?;
    rows.iter().map(pair).collect()
}

/// What the two disagree about; a name that one lacks counts as nothing.
fn differences(what: &str, kept: &Sums, summed: &Sums) -> Vec<String> {
    let names = kept
        .keys()
        .chain(summed.keys().filter(|name| !kept.contains_key(*name)));
    let figures = |sums: &Sums, name: &str| sums.get(name).copied().unwrap_or_default();
    names
        .filter(|name| figures(kept, name) != figures(summed, name))
        .map(|name| {
            let (kept, summed) = (figures(kept, name), figures(summed, name));
            format!("{what}: {name} has {kept:?}, the sum is {summed:?}")
        })
        .collect()
}
