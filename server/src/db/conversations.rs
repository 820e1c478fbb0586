//! Tables `conversations`, `conversation_documents` and `messages`.

use sqlx::Row as _;

use crate::clock::now_ms;
use crate::db::metering::{Bill, Payment, Shortage};
use crate::db::{Connection, Database, Row, jobs, metering};
use crate::hex;
use crate::ids::{AccountId, ConversationId, JobId};

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// What its owner calls it, or how it began.
    pub title: String,
    /// What it is about.
    pub documents: Vec<JobId>,
    /// When it began, unix milliseconds.
    pub created_ms: i64,
    /// When its last message came, unix milliseconds.
    pub updated_ms: i64,
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `user` or `assistant`.
    pub role: String,
    /// What is said.
    pub content: String,
    /// Of an answer: what came with it, as JSON.
    pub detail_json: Option<String>,
    /// When it came, unix milliseconds.
    pub created_ms: i64,
}

/// A question and its answer, to be stored together.
#[derive(Debug, Clone)]
pub struct Exchange<'a> {
    /// The conversation.
    pub conversation: &'a ConversationId,
    /// Whether it begins with this.
    pub is_new: bool,
    /// Whose it is.
    pub account: &'a AccountId,
    /// What it is about.
    pub documents: &'a [JobId],
    /// What was asked.
    pub question: &'a str,
    /// What was answered.
    pub answer: &'a str,
    /// What came with the answer, as JSON.
    pub detail_json: &'a str,
    /// Who pays for the answer; `None` where it costs nothing.
    pub bill: Option<&'a Bill>,
}

/// What came of storing an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredExchange {
    /// It is stored, and paid.
    Stored,
    /// Nothing is stored: it does not fit what its account may spend.
    Short(Shortage),
    /// Nothing is stored: a document or the conversation went in between.
    Gone,
}

/// Characters of the question that a conversation is called by at first.
const TITLE_CHARS: usize = 60;

/// A new id of a conversation.
///
/// # Errors
/// When the operating system has no random numbers.
pub fn new_id() -> Result<ConversationId, getrandom::Error> {
    hex::random(16).map(ConversationId)
}

impl Database {
    /// The latest conversation of `account` about `job` alone; `None` where there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn latest_conversation(
        &self,
        account: &AccountId,
        job: &JobId,
    ) -> Result<Option<Conversation>, sqlx::Error> {
        let found = self.conversations_about(account, job).await?;
        Ok(found
            .into_iter()
            .find(|conversation| conversation.documents.len() == 1))
    }

    /// The conversations of `account` about `job`, the latest first; those about other documents, too, among them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn conversations_about(
        &self,
        account: &AccountId,
        job: &JobId,
    ) -> Result<Vec<Conversation>, sqlx::Error> {
        let mut connection = self.connection().await?;
        let rows = sqlx::query(
            "SELECT * FROM conversations WHERE account_id = $1 AND id IN \
             (SELECT conversation_id FROM conversation_documents WHERE job_uuid = $2) ORDER BY updated_ms DESC, id",
        )
        .bind(&account.0)
        .bind(job.as_str())
        .fetch_all(&mut *connection)
        .await?;
        with_documents(&mut connection, &rows).await
    }

    /// The conversations of `account`, the latest first, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn conversations_of(
        &self,
        account: &AccountId,
        limit: i64,
    ) -> Result<Vec<Conversation>, sqlx::Error> {
        let mut connection = self.connection().await?;
        let rows = sqlx::query(
            "SELECT * FROM conversations WHERE account_id = $1 ORDER BY updated_ms DESC, id LIMIT $2",
        )
        .bind(&account.0)
        .bind(limit)
        .fetch_all(&mut *connection)
        .await?;
        with_documents(&mut connection, &rows).await
    }

    /// The conversation called `id`, if it is `account`'s.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn conversation(
        &self,
        account: &AccountId,
        id: &ConversationId,
    ) -> Result<Option<Conversation>, sqlx::Error> {
        let mut connection = self.connection().await?;
        let rows = sqlx::query("SELECT * FROM conversations WHERE id = $1 AND account_id = $2")
            .bind(&id.0)
            .bind(&account.0)
            .fetch_all(&mut *connection)
            .await?;
        Ok(with_documents(&mut connection, &rows).await?.pop())
    }

    /// The messages of a conversation, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn messages(&self, id: &ConversationId) -> Result<Vec<Message>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("SELECT * FROM messages WHERE conversation_id = $1 ORDER BY position")
            .bind(&id.0)
            .fetch_all(&mut *connection)
            .await?
            .iter()
            .map(|row| {
                Ok(Message {
                    role: row.try_get("role")?,
                    content: row.try_get("content")?,
                    detail_json: row.try_get("detail_json")?,
                    created_ms: row.try_get("created_ms")?,
                })
            })
            .collect()
    }

    /// What was asked last in a conversation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_question(&self, id: &ConversationId) -> Result<Option<String>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query(
            "SELECT content FROM messages WHERE conversation_id = $1 AND role = 'user' \
             ORDER BY position DESC LIMIT 1",
        )
        .bind(&id.0)
        .fetch_optional(&mut *connection)
        .await?
        .map(|row| row.try_get("content"))
        .transpose()
    }

    /// Number of messages of a conversation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn n_messages(&self, id: &ConversationId) -> Result<i64, sqlx::Error> {
        let mut connection = self.connection().await?;
        count_messages(&mut connection, id).await
    }

    /// Stores a question with its answer, and charges the answer, in one transaction.
    ///
    /// # Errors
    /// When the database fails; nothing is stored then.
    pub async fn store_exchange(
        &self,
        exchange: &Exchange<'_>,
    ) -> Result<StoredExchange, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let Some(paying) = exchange.documents.first() else {
            return Ok(StoredExchange::Gone);
        };
        let now_ms = now_ms();
        // The first of the documents is locked, so that it cannot go in between and leave its text behind; all are looked at.
        for job in exchange.documents {
            if !jobs::lock_kept(&mut transaction, job).await? {
                transaction.rollback().await?;
                return Ok(StoredExchange::Gone);
            }
        }
        let updated = sqlx::query(
            "UPDATE conversations SET updated_ms = $1 WHERE id = $2 AND account_id = $3",
        )
        .bind(now_ms)
        .bind(&exchange.conversation.0)
        .bind(&exchange.account.0)
        .execute(&mut *transaction)
        .await?;
        match (updated.rows_affected(), exchange.is_new) {
            (0, true) => insert(&mut transaction, exchange, now_ms).await?,
            // It was deleted while the answer was made.
            (0, false) => {
                transaction.rollback().await?;
                return Ok(StoredExchange::Gone);
            }
            _ => {}
        }
        let position = count_messages(&mut transaction, exchange.conversation).await?;
        let messages = [
            ("user", exchange.question, None),
            ("assistant", exchange.answer, Some(exchange.detail_json)),
        ];
        for (offset, (role, content, detail_json)) in (0_i64..).zip(messages) {
            sqlx::query(
                "INSERT INTO messages (conversation_id, position, role, content, detail_json, created_ms) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(&exchange.conversation.0)
            .bind(position + offset)
            .bind(role)
            .bind(content)
            .bind(detail_json)
            .bind(now_ms)
            .execute(&mut *transaction)
            .await?;
        }
        if let Some(bill) = exchange.bill {
            let held = match metering::hold(&mut transaction, bill, paying, 1).await? {
                Ok(holds) => holds.first().copied().unwrap_or_default(),
                Err(shortage) => {
                    transaction.rollback().await?;
                    return Ok(StoredExchange::Short(shortage));
                }
            };
            let payment = Payment {
                owner: &bill.owner,
                allowance_source: &bill.allowance_source,
                token: bill.token.as_ref(),
                job: paying,
                page_index: None,
            };
            let charged = metering::charge(&mut transaction, &payment, held, bill.price).await?;
            jobs::add_charge(&mut transaction, paying, charged).await?;
        }
        transaction.commit().await?;
        Ok(StoredExchange::Stored)
    }

    /// Calls a conversation something else; `false` when it is not there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rename_conversation(
        &self,
        account: &AccountId,
        id: &ConversationId,
        title: &str,
    ) -> Result<bool, sqlx::Error> {
        let mut connection = self.connection().await?;
        let changed =
            sqlx::query("UPDATE conversations SET title = $1 WHERE id = $2 AND account_id = $3")
                .bind(title)
                .bind(&id.0)
                .bind(&account.0)
                .execute(&mut *connection)
                .await?;
        Ok(changed.rows_affected() > 0)
    }

    /// Deletes a conversation with its messages; `false` when it is not there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_conversation(
        &self,
        account: &AccountId,
        id: &ConversationId,
    ) -> Result<bool, sqlx::Error> {
        let mut connection = self.connection().await?;
        let deleted = sqlx::query("DELETE FROM conversations WHERE id = $1 AND account_id = $2")
            .bind(&id.0)
            .bind(&account.0)
            .execute(&mut *connection)
            .await?;
        Ok(deleted.rows_affected() > 0)
    }
}

/// Deletes the conversations about a job: they quote it.
pub(super) async fn delete_of_job(
    connection: &mut Connection,
    job: &JobId,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM conversations WHERE id IN \
         (SELECT conversation_id FROM conversation_documents WHERE job_uuid = $1)",
    )
    .bind(job.as_str())
    .execute(connection)
    .await
    .map(drop)
}

async fn insert(
    connection: &mut Connection,
    exchange: &Exchange<'_>,
    now_ms: i64,
) -> Result<(), sqlx::Error> {
    let title: String = exchange.question.chars().take(TITLE_CHARS).collect();
    sqlx::query(
        "INSERT INTO conversations (id, account_id, title, created_ms, updated_ms) VALUES ($1, $2, $3, $4, $4)",
    )
    .bind(&exchange.conversation.0)
    .bind(&exchange.account.0)
    .bind(title)
    .bind(now_ms)
    .execute(&mut *connection)
    .await?;
    for (position, job) in (0_i64..).zip(exchange.documents) {
        sqlx::query(
            "INSERT INTO conversation_documents (conversation_id, position, job_uuid) VALUES ($1, $2, $3)",
        )
        .bind(&exchange.conversation.0)
        .bind(position)
        .bind(job.as_str())
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn count_messages(
    connection: &mut Connection,
    id: &ConversationId,
) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT COUNT(*) AS n FROM messages WHERE conversation_id = $1")
        .bind(&id.0)
        .fetch_one(connection)
        .await?
        .try_get("n")
}

async fn with_documents(
    connection: &mut Connection,
    rows: &[Row],
) -> Result<Vec<Conversation>, sqlx::Error> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let id: String = row.try_get("id")?;
        let documents = sqlx::query(
            "SELECT job_uuid FROM conversation_documents WHERE conversation_id = $1 ORDER BY position",
        )
        .bind(&id)
        .fetch_all(&mut *connection)
        .await?;
        let documents = documents.iter().filter_map(|row| {
            let uuid: Result<String, _> = row.try_get("job_uuid");
            uuid.map(|uuid| JobId::parse(&uuid)).transpose()
        });
        found.push(Conversation {
            documents: documents.collect::<Result<_, _>>()?,
            id: ConversationId(id),
            title: row.try_get("title")?,
            created_ms: row.try_get("created_ms")?,
            updated_ms: row.try_get("updated_ms")?,
        });
    }
    Ok(found)
}
