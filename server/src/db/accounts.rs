//! Table `accounts`.

use sqlx::Row as _;

use crate::clock::now_ms;
use crate::db::{Database, Row, corrupt};
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
        let n_changed = sqlx::query(
            "INSERT INTO accounts (id, email, password_hash, plan, is_admin, verified_ms, created_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(&account.id.0)
        .bind(&account.email)
        .bind(&account.password_hash)
        .bind(account.plan.as_str())
        .bind(i64::from(account.is_admin))
        .bind(account.verified_ms)
        .bind(account.created_ms)
        .execute(&mut *connection)
        .await?
        .rows_affected();
        Ok(n_changed == 1)
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
    pub async fn delete_account(&self, id: &AccountId) -> Result<(), sqlx::Error> {
        let mut transaction = self.begin().await?;
        for sql in [
            "DELETE FROM jobs WHERE account_id = $1 AND status IN ('deleted', 'expired')",
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

    /// Changes what an account has booked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_plan(&self, id: &AccountId, plan: Plan) -> Result<(), sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("UPDATE accounts SET plan = $1 WHERE id = $2")
            .bind(plan.as_str())
            .bind(&id.0)
            .execute(&mut *connection)
            .await
            .map(drop)
    }
}

fn account(row: &Row) -> Result<Account, sqlx::Error> {
    let plan: String = row.try_get("plan")?;
    Ok(Account {
        id: AccountId(row.try_get("id")?),
        email: row.try_get("email")?,
        password_hash: row.try_get("password_hash")?,
        plan: Plan::parse(&plan).ok_or_else(|| corrupt("an account of an unknown plan"))?,
        is_admin: row.try_get::<i64, _>("is_admin")? != 0,
        verified_ms: row.try_get("verified_ms")?,
        created_ms: row.try_get("created_ms")?,
    })
}
