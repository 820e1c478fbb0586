//! Tables `payments` and `payment_events`: what is bought, and each event of a provider once.

use serde_json::json;
use sqlx::Row as _;

use crate::audit::{Action, Actor, Event, of_account};
use crate::clock::now_ms;
use crate::db::accounts::change_plan;
use crate::db::audit::record;
use crate::db::metering::add_credits;
use crate::db::{Connection, Database, Row};
use crate::ids::AccountId;
use crate::metering::Plan;
use crate::payment::{EventKind, PaymentEvent};

/// How long the ids of events are remembered: 90 days, in milliseconds. Providers repeat theirs for a few days, and signatures are
/// good for minutes.
const KEEP_EVENTS_MS: i64 = 90 * 24 * 3_600 * 1_000;

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Our id.
    pub id: String,
    /// Whose it is; `None` once the account is gone.
    pub account: Option<AccountId>,
    /// The pack that was ordered.
    pub pack: String,
    /// Its credits.
    pub credits: i64,
    /// Its price, in the smallest unit of the currency.
    pub amount: i64,
    /// ISO 4217, in lower case.
    pub currency: String,
    /// `open`, `paid`, `partly_refunded`, `refunded`, `expired` or `mismatch`.
    pub status: String,
    /// What went back, in the smallest unit of the currency.
    pub refunded_amount: i64,
    /// The credits that went back with it.
    pub refunded_credits: i64,
    /// The provider's receipt.
    pub receipt_url: Option<String>,
    /// When it was begun, unix milliseconds.
    pub created_ms: i64,
    /// When it was paid, unix milliseconds.
    pub paid_ms: Option<i64>,
}

/// What came of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handled {
    /// It counted.
    Done,
    /// It, or what it tells, was known.
    Known,
    /// It is about nothing of ours.
    Foreign,
    /// What was paid is not what was ordered: nothing was granted.
    Mismatch,
    /// A refund of a payment that is not known to be paid yet; it has to come again.
    TooEarly,
}

impl Database {
    /// Stores a payment that begins.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_payment(
        &self,
        payment: &Payment,
        provider: &str,
    ) -> Result<(), sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query(
            "INSERT INTO payments (id, account_id, provider, session_ref, payment_ref, pack, credits, amount, currency, status, \
             refunded_amount, refunded_credits, receipt_url, created_ms, paid_ms) \
             VALUES ($1, $2, $3, NULL, NULL, $4, $5, $6, $7, 'open', 0, 0, NULL, $8, NULL)",
        )
        .bind(&payment.id)
        .bind(payment.account.as_ref().map(|account| account.0.as_str()))
        .bind(provider)
        .bind(&payment.pack)
        .bind(payment.credits)
        .bind(payment.amount)
        .bind(&payment.currency)
        .bind(payment.created_ms)
        .execute(&mut *connection)
        .await
        .map(drop)
    }

    /// Writes down the provider's checkout of a payment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_checkout(&self, payment: &str, session: &str) -> Result<(), sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("UPDATE payments SET session_ref = $1 WHERE id = $2 AND session_ref IS NULL")
            .bind(session)
            .bind(payment)
            .execute(&mut *connection)
            .await
            .map(drop)
    }

    /// Removes a payment whose checkout could not be opened.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_payment(&self, payment: &str) -> Result<(), sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query(
            "DELETE FROM payments WHERE id = $1 AND status = 'open' AND session_ref IS NULL",
        )
        .bind(payment)
        .execute(&mut *connection)
        .await
        .map(drop)
    }

    /// The newest payments of an account, those that were only begun left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn payments_of(
        &self,
        account: &AccountId,
        limit: u32,
    ) -> Result<Vec<Payment>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query(
            "SELECT * FROM payments WHERE account_id = $1 AND status NOT IN ('open', 'expired') \
             ORDER BY created_ms DESC, id DESC LIMIT $2",
        )
        .bind(&account.0)
        .bind(i64::from(limit))
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(payment)
        .collect()
    }

    /// Does what an event says, once: the id of the event, the payment, the ledger and the audit log change together or not at all.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then, and the event has to come again.
    pub async fn handle_payment_event(
        &self,
        provider: &str,
        event: &PaymentEvent,
        actor: &Actor,
    ) -> Result<Handled, sqlx::Error> {
        let mut transaction = self.begin().await?;
        // Of several that come at the same moment the others wait here, and then find the row.
        let is_new = sqlx::query(
            "INSERT INTO payment_events (provider, id, created_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(provider)
        .bind(&event.id)
        .bind(now_ms())
        .execute(&mut *transaction)
        .await?
        .rows_affected()
            == 1;
        if !is_new {
            transaction.rollback().await?;
            return Ok(Handled::Known);
        }
        let handled = handle(&mut transaction, provider, &event.kind, actor).await?;
        if handled == Handled::TooEarly {
            transaction.rollback().await?;
        } else {
            transaction.commit().await?;
        }
        Ok(handled)
    }

    /// Forgets events that no provider repeats any more, and checkouts that were never opened, at `now_ms`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_payment_events(&self, now_ms: i64) -> Result<(), sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("DELETE FROM payment_events WHERE created_ms < $1")
            .bind(now_ms - KEEP_EVENTS_MS)
            .execute(&mut *connection)
            .await?;
        sqlx::query("DELETE FROM payments WHERE status IN ('open', 'expired') AND created_ms < $1")
            .bind(now_ms - KEEP_EVENTS_MS)
            .execute(&mut *connection)
            .await
            .map(drop)
    }
}

async fn handle(
    connection: &mut Connection,
    provider: &str,
    kind: &EventKind,
    actor: &Actor,
) -> Result<Handled, sqlx::Error> {
    match kind {
        EventKind::Paid {
            payment,
            session,
            payment_ref,
            amount,
            currency,
        } => {
            let Some(found) = lock(connection, provider, Some(payment), None).await? else {
                return Ok(Handled::Foreign);
            };
            let paid = Paid {
                session,
                payment_ref: payment_ref.as_deref(),
                amount: *amount,
                currency,
            };
            settle(connection, &found, &paid, actor).await
        }
        EventKind::Expired { payment } => {
            let n_changed = sqlx::query(
                "UPDATE payments SET status = 'expired' WHERE id = $1 AND provider = $2 AND status = 'open'",
            )
            .bind(payment)
            .bind(provider)
            .execute(connection)
            .await?
            .rows_affected();
            Ok(if n_changed == 1 {
                Handled::Done
            } else {
                Handled::Known
            })
        }
        EventKind::Receipt { payment, url } => {
            let n_changed =
                sqlx::query("UPDATE payments SET receipt_url = $1 WHERE id = $2 AND provider = $3 AND account_id IS NOT NULL")
                    .bind(url)
                    .bind(payment)
                    .bind(provider)
                    .execute(connection)
                    .await?
                    .rows_affected();
            Ok(if n_changed == 1 {
                Handled::Done
            } else {
                Handled::Foreign
            })
        }
        EventKind::Refunded {
            payment,
            payment_ref,
            amount,
        } => {
            let (id, reference) = (payment.as_deref(), payment_ref.as_deref());
            match lock(connection, provider, id, reference).await? {
                None => Ok(Handled::Foreign),
                Some(found) => refund(connection, &found, *amount, actor).await,
            }
        }
        EventKind::Other => Ok(Handled::Foreign),
    }
}

/// What a provider says was paid.
struct Paid<'a> {
    session: &'a str,
    payment_ref: Option<&'a str>,
    amount: i64,
    currency: &'a str,
}

/// A payment, locked until the end of the transaction: by our id, or by the provider's name of it.
async fn lock(
    connection: &mut Connection,
    provider: &str,
    id: Option<&str>,
    payment_ref: Option<&str>,
) -> Result<Option<Payment>, sqlx::Error> {
    // A change of nothing locks on either database.
    sqlx::query(
        "UPDATE payments SET status = status \
         WHERE provider = $1 AND (id = $2 OR ($2 = '' AND payment_ref = $3)) RETURNING *",
    )
    .bind(provider)
    .bind(id.unwrap_or_default())
    .bind(payment_ref.unwrap_or_default())
    .fetch_optional(connection)
    .await?
    .map(|row| payment(&row))
    .transpose()
}

/// Grants what was bought, once.
async fn settle(
    connection: &mut Connection,
    found: &Payment,
    paid: &Paid<'_>,
    actor: &Actor,
) -> Result<Handled, sqlx::Error> {
    if !matches!(found.status.as_str(), "open" | "expired") {
        return Ok(Handled::Known);
    }
    let is_ordered = found.amount == paid.amount && found.currency == paid.currency;
    let status = if is_ordered { "paid" } else { "mismatch" };
    let n_changed = sqlx::query(
        "UPDATE payments SET status = $1, session_ref = $2, payment_ref = $3, paid_ms = $4 \
         WHERE id = $5 AND (session_ref IS NULL OR session_ref = $2)",
    )
    .bind(status)
    .bind(paid.session)
    .bind(paid.payment_ref)
    .bind(now_ms())
    .bind(&found.id)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    if n_changed == 0 {
        // Another checkout claims the payment.
        return Ok(Handled::Foreign);
    }
    let detail = json!({"payment": found.id, "pack": found.pack, "credits": found.credits, "amount": paid.amount,
        "currency": paid.currency});
    let event = |action| Event {
        actor,
        action,
        subject: found.account.as_ref().and_then(of_account),
        detail: Some(detail.clone()),
    };
    if !is_ordered {
        record(connection, &event(Action::PaymentMismatch)).await?;
        return Ok(Handled::Mismatch);
    }
    record(connection, &event(Action::CreditsPurchased)).await?;
    // The money of an account that is gone is the operator's to send back; the row and the log say so.
    if let Some(account) = &found.account {
        add_credits(
            connection,
            account,
            "purchase",
            found.credits,
            Some(&found.pack),
        )
        .await?;
        let row = sqlx::query("SELECT plan FROM accounts WHERE id = $1")
            .bind(&account.0)
            .fetch_one(&mut *connection)
            .await?;
        if row.try_get::<String, _>("plan")? == Plan::Free.as_str() {
            change_plan(connection, account, Plan::Paid, actor).await?;
        }
    }
    Ok(Handled::Done)
}

/// Takes credits back as far as money went back: `refunded` of the whole, all of it so far. The balance may go below zero.
async fn refund(
    connection: &mut Connection,
    found: &Payment,
    refunded: i64,
    actor: &Actor,
) -> Result<Handled, sqlx::Error> {
    match found.status.as_str() {
        "open" | "expired" => return Ok(Handled::TooEarly),
        // Nothing was granted, so nothing goes back.
        "mismatch" => return Ok(Handled::Done),
        _ => {}
    }
    let refunded = refunded.clamp(0, found.amount);
    if refunded <= found.refunded_amount {
        return Ok(Handled::Known);
    }
    let credits = credits_of(refunded, found.amount, found.credits);
    let taken = credits - found.refunded_credits;
    let is_all = refunded == found.amount;
    sqlx::query(
        "UPDATE payments SET status = $1, refunded_amount = $2, refunded_credits = $3 WHERE id = $4",
    )
    .bind(if is_all { "refunded" } else { "partly_refunded" })
    .bind(refunded)
    .bind(credits)
    .bind(&found.id)
    .execute(&mut *connection)
    .await?;
    let event = Event {
        actor,
        action: Action::CreditsRefunded,
        subject: found.account.as_ref().and_then(of_account),
        detail: Some(
            json!({"payment": found.id, "credits": taken, "amount": refunded - found.refunded_amount,
            "currency": found.currency}),
        ),
    };
    record(connection, &event).await?;
    if let Some(account) = &found.account {
        add_credits(connection, account, "refund", -taken, Some(&found.pack)).await?;
    }
    Ok(Handled::Done)
}

/// The part of `credits` that `refunded` is of `amount`, rounded down; all for all.
fn credits_of(refunded: i64, amount: i64, credits: i64) -> i64 {
    let part = i128::from(refunded) * i128::from(credits) / i128::from(amount.max(1));
    i64::try_from(part).unwrap_or(credits)
}

fn payment(row: &Row) -> Result<Payment, sqlx::Error> {
    let account: Option<String> = row.try_get("account_id")?;
    Ok(Payment {
        id: row.try_get("id")?,
        account: account.map(AccountId),
        pack: row.try_get("pack")?,
        credits: row.try_get("credits")?,
        amount: row.try_get("amount")?,
        currency: row.try_get("currency")?,
        status: row.try_get("status")?,
        refunded_amount: row.try_get("refunded_amount")?,
        refunded_credits: row.try_get("refunded_credits")?,
        receipt_url: row.try_get("receipt_url")?,
        created_ms: row.try_get("created_ms")?,
        paid_ms: row.try_get("paid_ms")?,
    })
}

#[cfg(test)]
mod tests {
    use super::credits_of;

    #[test]
    fn parts_add_up_to_the_whole() {
        assert_eq!(credits_of(900, 900, 1_000), 1_000);
        assert_eq!(credits_of(450, 900, 1_001), 500);
        assert_eq!(credits_of(0, 900, 1_000), 0);
        assert_eq!(credits_of(i64::MAX, i64::MAX, i64::MAX), i64::MAX);
    }
}
