//! What is kept of a document beside its file and its pages.

use std::collections::BTreeSet;

use ocr_chat_document::{Answer, EngineInfo, Tier, Warning};
use serde::{Deserialize, Serialize};

use crate::messages::Problem;
use crate::settings::{ModelSize, Place};

/// How far a kept document has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeptStatus {
    /// Not every page has its answer: reading was broken off, or goes on in another tab.
    #[default]
    Reading,
    Done,
    Failed,
    Cancelled,
}

/// Why it failed; shown again by its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) advice: String,
}

impl From<&Problem> for Failure {
    fn from(problem: &Problem) -> Self {
        Self {
            code: problem.code.clone(),
            advice: problem.advice.clone(),
        }
    }
}

/// A document without its file, its pages and their pictures. Fields may be added; what an older version of the app wrote is
/// read with their defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) size_bytes: f64,
    /// When it was added, in milliseconds of UTC since 1970.
    pub(crate) added_ms: f64,
    pub(crate) place: Place,
    pub(crate) model: ModelSize,
    /// Code of the language that was asked for, or `auto`.
    pub(crate) language: String,
    /// How the server reads it, where the server does.
    #[serde(default)]
    pub(crate) tier: Tier,
    #[serde(default)]
    pub(crate) status: KeptStatus,
    #[serde(default)]
    pub(crate) failure: Option<Failure>,
    /// 0 until it was opened.
    #[serde(default)]
    pub(crate) n_pages: u32,
    #[serde(default)]
    pub(crate) engine: Option<EngineInfo>,
    #[serde(default)]
    pub(crate) warnings: Vec<Warning>,
    /// The server's answer without what is made of its pages, where the server reads.
    #[serde(default)]
    pub(crate) answer: Option<Box<Answer>>,
    /// Pages that this device read first and the server again, from 0.
    #[serde(default)]
    pub(crate) handed_over: BTreeSet<u32>,
}

impl Record {
    /// The record in `json`; `None` where it is not one.
    pub(crate) fn parse(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_first_version_wrote_is_read() {
        let json = r#"{"name":"a.png","size_bytes":12.0,"added_ms":1.0,"place":"device","model":"tiny","language":"auto"}"#;
        let record = Record::parse(json).unwrap();
        assert_eq!(record.status, KeptStatus::Reading);
        assert_eq!(record.n_pages, 0);
        assert!(record.handed_over.is_empty());
    }

    #[test]
    fn a_record_survives_the_trip() {
        let record = Record {
            name: "page.pdf".to_owned(),
            size_bytes: 1.0,
            added_ms: 2.0,
            place: Place::Server,
            model: ModelSize::Small,
            language: "th".to_owned(),
            tier: Tier::Vlm,
            status: KeptStatus::Failed,
            failure: Some(Failure::from(&Problem::new("damaged_file", ""))),
            n_pages: 3,
            engine: None,
            warnings: Vec::new(),
            answer: None,
            handed_over: BTreeSet::from([1, 2]),
        };
        let json = serde_json::to_string(&record).unwrap();
        assert_eq!(Record::parse(&json), Some(record));
        assert_eq!(Record::parse("{}"), None);
    }
}
