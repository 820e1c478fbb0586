//! Rows of the table `jobs` as the rest of the server sees them.

use ocr_chat_document::{Detail, EngineInfo, JobStatus, Tier, Warning};
use ocr_chat_engine::TextLayers;
use sqlx::Row as _;

use crate::db::{Row, corrupt};
use crate::ids::{AccountId, JobId};
use crate::jobs::translate::TranslationUse;
use crate::reader::text_layers;

/// Why a job has no content any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tombstone {
    /// Its caller deleted it.
    Deleted,
    /// Its time was up.
    Expired,
}

/// How far a job has come, tombstones included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// It has content.
    Kept(JobStatus),
    /// Its content is gone.
    Buried(Tombstone),
}

/// The model that may read a job's pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelUse {
    /// Its name.
    pub name: String,
    /// Whose it is: `server`, or the name of a provider elsewhere.
    pub at: String,
}

/// A job as it is stored.
#[derive(Debug, Clone)]
pub struct Job {
    /// The job's id.
    pub id: JobId,
    /// Whose it is; `None` for an anonymous one.
    pub account: Option<AccountId>,
    /// Credits charged so far, of the allowance too.
    pub charged: i64,
    /// Whether the result is kept after its finished answer was handed out.
    pub is_stored: bool,
    /// The tool it was sent for.
    pub tool: Option<String>,
    /// The model that may read its pages.
    pub model: Option<ModelUse>,
    /// What it is translated into, and by whom.
    pub translation: Option<TranslationUse>,
    /// How far it has come.
    pub state: JobState,
    /// The engine asked for.
    pub tier: Tier,
    /// The language asked for.
    pub language: String,
    /// The detail asked for.
    pub detail: Detail,
    /// What becomes of text that pages bring along.
    pub text_layers: TextLayers,
    /// What opens an encrypted PDF.
    pub password: Option<String>,
    /// Number of pages.
    pub page_count: u32,
    /// Pages that were read.
    pub pages_done: u32,
    /// The engine that reads.
    pub engine: EngineInfo,
    /// What opening the file had to tell.
    pub warnings: Vec<Warning>,
    /// Why it failed.
    pub error: Option<String>,
    /// When it was accepted, unix milliseconds.
    pub created_ms: i64,
    /// When its result goes, unix milliseconds.
    pub expires_ms: i64,
}

pub(super) fn uuid(row: &Row) -> Result<JobId, sqlx::Error> {
    let uuid: String = row.try_get("uuid")?;
    JobId::parse(&uuid).ok_or_else(|| corrupt("a job without a uuid"))
}

pub(super) fn job(row: &Row) -> Result<Job, sqlx::Error> {
    let status: String = row.try_get("status")?;
    let tier: String = row.try_get("tier")?;
    let detail: String = row.try_get("detail")?;
    Ok(Job {
        id: uuid(row)?,
        account: row
            .try_get::<Option<String>, _>("account_id")?
            .map(AccountId),
        charged: row.try_get("charged")?,
        is_stored: row.try_get::<i64, _>("is_stored")? != 0,
        tool: row.try_get("tool")?,
        model: {
            let name: Option<String> = row.try_get("model")?;
            let at: Option<String> = row.try_get("model_at")?;
            name.zip(at).map(|(name, at)| ModelUse { name, at })
        },
        translation: {
            let to: Option<String> = row.try_get("translate_to")?;
            let at: Option<String> = row.try_get("translator_at")?;
            to.zip(at).map(|(to, at)| TranslationUse { to, at })
        },
        state: match status.as_str() {
            "pending" => JobState::Kept(JobStatus::Pending),
            "processing" => JobState::Kept(JobStatus::Processing),
            "done" => JobState::Kept(JobStatus::Done),
            "failed" => JobState::Kept(JobStatus::Failed),
            "deleted" => JobState::Buried(Tombstone::Deleted),
            "expired" => JobState::Buried(Tombstone::Expired),
            _ => return Err(corrupt("a job of an unknown status")),
        },
        tier: match tier.as_str() {
            "cpu" => Tier::Cpu,
            "vlm" => Tier::Vlm,
            _ => return Err(corrupt("a job of an unknown tier")),
        },
        language: row.try_get("language")?,
        detail: match detail.as_str() {
            "words" => Detail::Words,
            _ => Detail::Lines,
        },
        text_layers: text_layers(&row.try_get::<String, _>("ocr")?)
            .ok_or_else(|| corrupt("a job with an unknown value of ocr"))?,
        password: row.try_get("password")?,
        page_count: count(row, "page_count")?,
        pages_done: count(row, "pages_done")?,
        engine: from_json(row, "engine_json")?,
        warnings: from_json(row, "warnings_json")?,
        error: row.try_get("error")?,
        created_ms: row.try_get("created_ms")?,
        expires_ms: row.try_get("expires_ms")?,
    })
}

fn count(row: &Row, column: &str) -> Result<u32, sqlx::Error> {
    u32::try_from(row.try_get::<i64, _>(column)?).map_err(|_| corrupt("a count out of range"))
}

fn from_json<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> Result<T, sqlx::Error> {
    let json: String = row.try_get(column)?;
    serde_json::from_str(&json).map_err(|error| sqlx::Error::Decode(error.into()))
}
