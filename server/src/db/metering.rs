//! Tables `balances` and `ledger`: what is held, charged and given back, inside the transactions that change jobs and pages.
//!
//! A balance changes together with a row of the ledger, or not at all, so the sum of the ledger is the balance, always.
//! Rows are locked in one order: the job, the token, the allowance, the credits.

use ocr_chat_document::Page;
use serde_json::json;
use sqlx::Row as _;

use crate::audit::{Action, Actor, Event, of_account};
use crate::clock::now_ms;
use crate::db::accounts::change_plan;
use crate::db::audit::record;
use crate::db::{Connection, Database};
use crate::hex;
use crate::ids::{AccountId, JobId, TokenId};
use crate::metering::{Amounts, Plan, reserve, settle};

/// The source of bought and granted credits; allowances are `allowance:` and their period.
pub const CREDITS: &str = "credits";

/// Who pays for a job, and of what.
#[derive(Debug, Clone)]
pub struct Bill {
    /// Whose balances: `account:` and an id, or `anonymous:` and a hash.
    pub owner: String,
    /// The allowance of the current period.
    pub allowance_source: String,
    /// Credits of that allowance.
    pub allowance: i64,
    /// Held for each page.
    pub price: i64,
    /// The token that is used.
    pub token: Option<TokenId>,
}

/// Which limit a job ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The allowance, and there were never any credits.
    Allowance,
    /// The allowance and all credits.
    Credits,
    /// What the token may spend.
    Token,
}

/// Why a job is refused: it does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortage {
    /// Which limit.
    pub limit: Limit,
    /// What of it is used, credits held for pages in work included.
    pub used: i64,
    /// All of it.
    pub cap: i64,
}

/// What an owner has and used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Used of the period's allowance, with what is held.
    pub allowance_used: i64,
    /// Credits left.
    pub credits: i64,
    /// Held for pages in work, of both.
    pub held: i64,
}

/// What a change of a balance is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payment<'a> {
    pub(super) owner: &'a str,
    pub(super) allowance_source: &'a str,
    pub(super) token: Option<&'a TokenId>,
    pub(super) job: &'a JobId,
    pub(super) page_index: Option<u32>,
}

/// One row of the ledger.
struct Entry<'a> {
    owner: &'a str,
    source: &'a str,
    kind: &'a str,
    amount: i64,
    held: i64,
    job: Option<&'a JobId>,
    page_index: Option<u32>,
    token: Option<&'a TokenId>,
    note: Option<&'a str>,
}

/// The owner of an account's balances.
pub fn owner_of(account: &AccountId) -> String {
    format!("account:{}", account.0)
}

impl Database {
    /// Adds credits to an account by an admin; a free one is a paid one from then on. The new balance comes back, `None` when
    /// there is no such account.
    ///
    /// # Errors
    /// When the database fails; nothing is added then.
    pub async fn grant_credits(
        &self,
        account: &AccountId,
        credits: i64,
        note: Option<&str>,
        actor: &Actor,
    ) -> Result<Option<i64>, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let balance = add_credits(&mut transaction, account, "grant", credits, note).await?;
        let row = sqlx::query("SELECT plan FROM accounts WHERE id = $1")
            .bind(&account.0)
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(row) = row else {
            transaction.rollback().await?;
            return Ok(None);
        };
        let event = Event {
            actor,
            action: Action::CreditsGranted,
            subject: of_account(account),
            detail: Some(json!({"credits": credits, "balance": balance})),
        };
        record(&mut transaction, &event).await?;
        if row.try_get::<String, _>("plan")? == Plan::Free.as_str() {
            change_plan(&mut transaction, account, Plan::Paid, actor).await?;
        }
        transaction.commit().await?;
        Ok(Some(balance))
    }

    /// What `owner` has and used, with the allowance of `allowance_source`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn standing(
        &self,
        owner: &str,
        allowance_source: &str,
    ) -> Result<Standing, sqlx::Error> {
        let mut connection = self.connection().await?;
        let rows = sqlx::query("SELECT source, balance, held FROM balances WHERE owner = $1")
            .bind(owner)
            .fetch_all(&mut *connection)
            .await?;
        let mut standing = Standing::default();
        for row in rows {
            let (source, balance): (String, i64) =
                (row.try_get("source")?, row.try_get("balance")?);
            standing.held += row.try_get::<i64, _>("held")?;
            if source == CREDITS {
                standing.credits = balance;
            } else if source == allowance_source {
                standing.allowance_used = -balance;
            }
        }
        Ok(standing)
    }
}

/// Adds credits to an account: by an admin (`grant`), by a payment (`purchase`) or back (`refund`, negative). The new balance comes
/// back.
pub(super) async fn add_credits(
    connection: &mut Connection,
    account: &AccountId,
    kind: &str,
    credits: i64,
    note: Option<&str>,
) -> Result<i64, sqlx::Error> {
    let owner = owner_of(account);
    lock(connection, &owner, CREDITS).await?;
    let entry = Entry {
        owner: &owner,
        source: CREDITS,
        kind,
        amount: credits,
        held: 0,
        job: None,
        page_index: None,
        token: None,
        note,
    };
    write(connection, &entry).await?;
    balance(connection, &owner, CREDITS).await
}

/// Holds the price of all pages, the allowance first; what is held for each comes back. Refused whole when they do not fit.
pub(super) async fn hold(
    connection: &mut Connection,
    bill: &Bill,
    job: &JobId,
    n_pages: u32,
) -> Result<Result<Vec<Amounts>, Shortage>, sqlx::Error> {
    let cost = bill.price.saturating_mul(i64::from(n_pages));
    if let Some(token) = &bill.token
        && let Some(shortage) = spend(connection, token, cost).await?
    {
        return Ok(Err(shortage));
    }
    lock(connection, &bill.owner, &bill.allowance_source).await?;
    lock(connection, &bill.owner, CREDITS).await?;
    let used = -balance(connection, &bill.owner, &bill.allowance_source).await?;
    let credits = balance(connection, &bill.owner, CREDITS).await?;
    let available = Amounts {
        allowance: bill.allowance - used,
        credits,
    };
    let Some(holds) = reserve(n_pages, bill.price, available) else {
        let granted = granted(connection, &bill.owner).await?;
        return Ok(Err(if granted > 0 {
            Shortage {
                limit: Limit::Credits,
                used: granted - credits,
                cap: granted,
            }
        } else {
            Shortage {
                limit: Limit::Allowance,
                used,
                cap: bill.allowance,
            }
        }));
    };
    let total = holds.iter().fold(Amounts::default(), |sum, hold| Amounts {
        allowance: sum.allowance + hold.allowance,
        credits: sum.credits + hold.credits,
    });
    let payment = Payment {
        owner: &bill.owner,
        allowance_source: &bill.allowance_source,
        token: bill.token.as_ref(),
        job,
        page_index: None,
    };
    change(connection, &payment, "reserve", total, -1, 1).await?;
    Ok(Ok(holds))
}

/// Charges `price` of what was held for a page and gives the rest back; what was charged comes back.
pub(super) async fn charge(
    connection: &mut Connection,
    payment: &Payment<'_>,
    held: Amounts,
    price: i64,
) -> Result<i64, sqlx::Error> {
    let (charged, rest) = settle(held, price);
    give_back(connection, payment, rest).await?;
    change(connection, payment, "charge", charged, 0, -1).await?;
    Ok(charged.total())
}

/// Gives back what was held for pages that will not be read.
pub(super) async fn give_back(
    connection: &mut Connection,
    payment: &Payment<'_>,
    held: Amounts,
) -> Result<(), sqlx::Error> {
    if held.total() == 0 {
        return Ok(());
    }
    if let Some(token) = payment.token {
        sqlx::query("UPDATE api_tokens SET spent = spent - $1 WHERE id = $2")
            .bind(held.total())
            .bind(&token.0)
            .execute(&mut *connection)
            .await?;
    }
    change(connection, payment, "give_back", held, 1, -1).await
}

/// Whether a page that has its answer was read.
pub(super) fn is_read(page: &Page) -> bool {
    page.status != ocr_chat_document::PageStatus::Failed
}

/// Adds `amounts` times `balance_sign` to the balances and times `held_sign` to what is held, the allowance first.
async fn change(
    connection: &mut Connection,
    payment: &Payment<'_>,
    kind: &str,
    amounts: Amounts,
    balance_sign: i64,
    held_sign: i64,
) -> Result<(), sqlx::Error> {
    for (source, n) in [
        (payment.allowance_source, amounts.allowance),
        (CREDITS, amounts.credits),
    ] {
        if n != 0 {
            let entry = Entry {
                owner: payment.owner,
                source,
                kind,
                amount: n * balance_sign,
                held: n * held_sign,
                job: Some(payment.job),
                page_index: payment.page_index,
                token: payment.token,
                note: None,
            };
            write(connection, &entry).await?;
        }
    }
    Ok(())
}

/// One change of a balance and its row in the ledger.
async fn write(connection: &mut Connection, entry: &Entry<'_>) -> Result<(), sqlx::Error> {
    let now_ms = now_ms();
    sqlx::query(
        "UPDATE balances SET balance = balance + $1, held = held + $2 WHERE owner = $3 AND source = $4",
    )
    .bind(entry.amount)
    .bind(entry.held)
    .bind(entry.owner)
    .bind(entry.source)
    .execute(&mut *connection)
    .await?;
    let random = hex::random(10).map_err(|error| sqlx::Error::Io(error.into()))?;
    sqlx::query(
        "INSERT INTO ledger (id, owner, source, kind, amount, held, job_uuid, page_index, token_id, note, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(format!("{now_ms:012x}{random}"))
    .bind(entry.owner)
    .bind(entry.source)
    .bind(entry.kind)
    .bind(entry.amount)
    .bind(entry.held)
    .bind(entry.job.map(JobId::as_str))
    .bind(entry.page_index.map(i64::from))
    .bind(entry.token.map(|token| token.0.as_str()))
    .bind(entry.note)
    .bind(now_ms)
    .execute(connection)
    .await
    .map(drop)
}

/// Makes a balance where there is none and locks it until the end of the transaction.
async fn lock(connection: &mut Connection, owner: &str, source: &str) -> Result<(), sqlx::Error> {
    for sql in [
        "INSERT INTO balances (owner, source, balance, held) VALUES ($1, $2, 0, 0) ON CONFLICT DO NOTHING",
        "UPDATE balances SET balance = balance WHERE owner = $1 AND source = $2",
    ] {
        sqlx::query(sql)
            .bind(owner)
            .bind(source)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn balance(
    connection: &mut Connection,
    owner: &str,
    source: &str,
) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT balance FROM balances WHERE owner = $1 AND source = $2")
        .bind(owner)
        .bind(source)
        .fetch_one(connection)
        .await?
        .try_get("balance")
}

/// All credits that an owner ever got.
async fn granted(connection: &mut Connection, owner: &str) -> Result<i64, sqlx::Error> {
    sqlx::query(
        "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS n FROM ledger \
         WHERE owner = $1 AND kind IN ('grant', 'purchase', 'refund')",
    )
    .bind(owner)
    .fetch_one(connection)
    .await?
    .try_get("n")
}

/// Counts `cost` against what a token may spend; the shortage when it is too much.
async fn spend(
    connection: &mut Connection,
    token: &TokenId,
    cost: i64,
) -> Result<Option<Shortage>, sqlx::Error> {
    let n_changed = sqlx::query(
        "UPDATE api_tokens SET spent = spent + $1 \
         WHERE id = $2 AND (spending_cap IS NULL OR spent + $1 <= spending_cap)",
    )
    .bind(cost)
    .bind(&token.0)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    if n_changed == 1 {
        return Ok(None);
    }
    let row = sqlx::query("SELECT spent, spending_cap FROM api_tokens WHERE id = $1")
        .bind(&token.0)
        .fetch_one(connection)
        .await?;
    Ok(Some(Shortage {
        limit: Limit::Token,
        used: row.try_get("spent")?,
        cap: row.try_get::<Option<i64>, _>("spending_cap")?.unwrap_or(0),
    }))
}
