//! Table `accounts`.

use serde_json::json;
use sqlx::Row as _;

use crate::audit::{Action, Actor, Event, of_account};
use crate::clock::now_ms;
use crate::db::audit::record;
use crate::db::{Connection, Database, Row, corrupt};
use crate::hex;
use crate::ids::AccountId;
use crate::metering::Plan;

/// Somebody.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its address, in lower case; the operator's account of a new data folder has none.
    pub email: Option<String>,
    /// The hash of its password, where it has one.
    pub password_hash: Option<String>,
    /// What it has booked.
    pub plan: Plan,
    /// Whether it may see and change what is others'.
    pub is_admin: bool,
    /// When its address was confirmed, unix milliseconds.
    pub verified_ms: Option<i64>,
    /// When it was made, unix milliseconds.
    pub created_ms: i64,
    /// When an admin shut it, unix milliseconds; nobody is let in since.
    pub disabled_ms: Option<i64>,
    /// Whether its documents may go to models elsewhere.
    pub allows_external: bool,
}

impl Account {
    /// A new account, not stored yet.
    ///
    /// # Errors
    /// When the operating system has no random numbers.
    pub fn new(email: Option<String>, plan: Plan) -> Result<Self, getrandom::Error> {
        Ok(Self {
            id: AccountId(hex::random(12)?),
            email,
            password_hash: None,
            plan,
            is_admin: false,
            verified_ms: None,
            created_ms: now_ms(),
            disabled_ms: None,
            allows_external: false,
        })
    }
}

impl Database {
    /// Stores a new account; `false` when its address has one already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_account(&self, account: &Account) -> Result<bool, sqlx::Error> {
        let mut connection = self.connection().await?;
        insert(&mut connection, account).await
    }

    /// Whether there is any account yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_accounts(&self) -> Result<bool, sqlx::Error> {
        let mut connection = self.connection().await?;
        let row = sqlx::query("SELECT COUNT(*) AS n FROM accounts")
            .fetch_one(&mut *connection)
            .await?;
        Ok(row.try_get::<i64, _>("n")? > 0)
    }

    /// The account called `id`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("SELECT * FROM accounts WHERE id = $1")
            .bind(&id.0)
            .fetch_optional(&mut *connection)
            .await?
            .map(|row| account(&row))
            .transpose()
    }

    /// The account with the address `email`, which is in lower case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<Account>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("SELECT * FROM accounts WHERE email = $1")
            .bind(email)
            .fetch_optional(&mut *connection)
            .await?
            .map(|row| account(&row))
            .transpose()
    }

    /// All accounts, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accounts(&self) -> Result<Vec<Account>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("SELECT * FROM accounts ORDER BY created_ms, id")
            .fetch_all(&mut *connection)
            .await?
            .iter()
            .map(account)
            .collect()
    }

    /// Deletes an account with its jobs' tombstones, tokens, sessions and codes. The ledger and the balances stay: they carry
    /// nothing but an id and figures.
    ///
    /// # Errors
    /// When the database fails; nothing is deleted then.
    pub async fn delete_account(&self, id: &AccountId, actor: &Actor) -> Result<(), sqlx::Error> {
        let mut transaction = self.begin().await?;
        let event = Event {
            actor,
            action: Action::AccountDeleted,
            subject: of_account(id),
            detail: None,
        };
        record(&mut transaction, &event).await?;
        for sql in [
            "DELETE FROM jobs WHERE account_id = $1 AND status IN ('deleted', 'expired')",
            // A receipt names its buyer.
            "UPDATE payments SET receipt_url = NULL WHERE account_id = $1",
            "DELETE FROM accounts WHERE id = $1",
            "DELETE FROM idempotency WHERE owner = 'account:' || $1",
            "UPDATE ledger SET note = NULL WHERE owner = 'account:' || $1",
        ] {
            sqlx::query(sql)
                .bind(&id.0)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    }

    /// Changes what an account has booked; `false` when there is no such account.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn set_plan(
        &self,
        id: &AccountId,
        plan: Plan,
        actor: &Actor,
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let is_there = change_plan(&mut transaction, id, plan, actor).await?;
        transaction.commit().await?;
        Ok(is_there)
    }

    /// Shuts an account or opens it again; `false` when there is no such account. All sessions of one that is shut end. Its
    /// running jobs go on.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn set_disabled(
        &self,
        id: &AccountId,
        is_disabled: bool,
        actor: &Actor,
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let n_changed = sqlx::query("UPDATE accounts SET disabled_ms = $1 WHERE id = $2")
            .bind(is_disabled.then(now_ms))
            .bind(&id.0)
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        if n_changed == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        if is_disabled {
            sqlx::query("DELETE FROM sessions WHERE account_id = $1")
                .bind(&id.0)
                .execute(&mut *transaction)
                .await?;
        }
        let action = if is_disabled {
            Action::AccountDisabled
        } else {
            Action::AccountEnabled
        };
        let event = Event {
            actor,
            action,
            subject: of_account(id),
            detail: None,
        };
        record(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Says whether the documents of an account may go to models elsewhere; `false` when there is no such account.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn set_allows_external(
        &self,
        id: &AccountId,
        is_allowed: bool,
        actor: &Actor,
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let n_changed = sqlx::query("UPDATE accounts SET allows_external = $1 WHERE id = $2")
            .bind(i64::from(is_allowed))
            .bind(&id.0)
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        if n_changed == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        let event = Event {
            actor,
            action: Action::ExternalModelsSet,
            subject: of_account(id),
            detail: Some(json!({"allow_external": is_allowed})),
        };
        record(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Stores an account that an admin made; `false` when its address has one already.
    ///
    /// # Errors
    /// When the database fails; nothing is stored then.
    pub async fn make_account(
        &self,
        account: &Account,
        actor: &Actor,
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = self.begin().await?;
        if !insert(&mut transaction, account).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        let event = Event {
            actor,
            action: Action::AccountMade,
            subject: of_account(&account.id),
            detail: Some(json!({"plan": account.plan.as_str(), "is_admin": account.is_admin})),
        };
        record(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Changes what an account has booked and writes it down; `false` when there is no such account.
pub(super) async fn change_plan(
    connection: &mut Connection,
    id: &AccountId,
    plan: Plan,
    actor: &Actor,
) -> Result<bool, sqlx::Error> {
    let n_changed = sqlx::query("UPDATE accounts SET plan = $1 WHERE id = $2")
        .bind(plan.as_str())
        .bind(&id.0)
        .execute(&mut *connection)
        .await?
        .rows_affected();
    if n_changed == 0 {
        return Ok(false);
    }
    let event = Event {
        actor,
        action: Action::PlanChanged,
        subject: of_account(id),
        detail: Some(json!({"plan": plan.as_str()})),
    };
    record(connection, &event).await?;
    Ok(true)
}

/// Stores a new account; `false` when its address has one already.
pub(super) async fn insert(
    connection: &mut Connection,
    account: &Account,
) -> Result<bool, sqlx::Error> {
    let n_changed = sqlx::query(
        "INSERT INTO accounts (id, email, password_hash, plan, is_admin, verified_ms, created_ms, disabled_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
    )
    .bind(&account.id.0)
    .bind(&account.email)
    .bind(&account.password_hash)
    .bind(account.plan.as_str())
    .bind(i64::from(account.is_admin))
    .bind(account.verified_ms)
    .bind(account.created_ms)
    .bind(account.disabled_ms)
    .execute(connection)
    .await?
    .rows_affected();
    Ok(n_changed == 1)
}

pub(super) fn account(row: &Row) -> Result<Account, sqlx::Error> {
    let plan: String = row.try_get("plan")?;
    Ok(Account {
        id: AccountId(row.try_get("id")?),
        email: row.try_get("email")?,
        password_hash: row.try_get("password_hash")?,
        plan: Plan::parse(&plan).ok_or_else(|| corrupt("an account of an unknown plan"))?,
        is_admin: row.try_get::<i64, _>("is_admin")? != 0,
        verified_ms: row.try_get("verified_ms")?,
        created_ms: row.try_get("created_ms")?,
        disabled_ms: row.try_get("disabled_ms")?,
        allows_external: row.try_get::<i64, _>("allows_external")? != 0,
    })
}
