//! The answer in which the API, the browser and the command line hand out a document.

use serde::{Deserialize, Serialize};

use crate::SCHEMA_VERSION;
use crate::diagnostics::Warning;
use crate::fields::Fields;
use crate::page::{Document, EngineInfo, Page};
use crate::translation::TranslatedText;

/// How far a job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum JobStatus {
    /// Accepted, no page read yet.
    Pending,
    /// Being read.
    Processing,
    /// Every page has its answer.
    Done,
    /// No page could be read; `error` says why.
    Failed,
}

impl JobStatus {
    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// Whether the job will change no more.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Done | Self::Failed)
    }
}

/// Which engine reads a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Tier {
    /// The engine of this project on a CPU.
    #[default]
    Cpu,
    /// A vision-language model, or the local premium pipeline.
    Vlm,
}

impl Tier {
    /// The name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Vlm => "vlm",
        }
    }
}

/// How much of a page an answer shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Detail {
    /// Blocks and their lines.
    #[default]
    Lines,
    /// Blocks, lines and words.
    Words,
}

/// What a job has cost so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Pages that were read.
    pub pages: u32,
    /// Credits charged for them.
    pub credits: u32,
}

/// A page in an answer: the page and its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerPage {
    /// The page's text, see [`Page::text`].
    pub text: String,
    /// The page.
    #[serde(flatten)]
    pub page: Page,
}

impl AnswerPage {
    /// The answer's view of `page`.
    pub fn new(page: Page, detail: Detail) -> Self {
        let page = match detail {
            Detail::Words => page,
            Detail::Lines => page.without_words(),
        };
        Self {
            text: page.text(),
            page,
        }
    }
}

/// The job as the public specification shows it, and what DESIGN adds. Every key is always present.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// 32 hexadecimal digits; `None` for a document read on this device without a job.
    pub uuid: Option<String>,
    /// How far the job has come.
    pub status: JobStatus,
    /// Which engine was asked for.
    pub tier: Tier,
    /// The language asked for.
    pub language: String,
    /// Number of pages of the document.
    pub page_count: u32,
    /// Mean over characters, 0 to 1; `None` where nothing was read.
    pub mean_confidence: Option<f32>,
    /// Text of all pages, joined by a form feed.
    pub text: String,
    /// Markdown of all pages, joined by a rule.
    pub markdown: String,
    /// The pages, in order; those of a running job as far as they are read.
    pub pages: Vec<AnswerPage>,
    /// [`SCHEMA_VERSION`] of this JSON.
    pub schema_version: u32,
    /// The language found as a BCP 47 tag, where one was determined.
    pub detected_language: Option<String>,
    /// The engine that read, with version and models.
    pub engine: Option<EngineInfo>,
    /// Who read: `device`, `server`, or the name of an external provider.
    pub processed_by: String,
    /// What the job has cost so far.
    pub usage: Usage,
    /// What a reader should know of the document as a whole.
    pub warnings: Vec<Warning>,
    /// The tool that the job was sent for.
    #[serde(default)]
    pub tool: Option<String>,
    /// What a tool with fields found.
    #[serde(default)]
    pub fields: Option<Fields>,
    /// The text in the language that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub translation: Option<TranslatedText>,
    /// Why the job failed; `None` otherwise.
    pub error: Option<String>,
    /// When the job was accepted (RFC 3339, UTC); `None` without a job.
    pub created_at: Option<String>,
    /// When the result will be deleted (RFC 3339, UTC); `None` without a job.
    pub expires_at: Option<String>,
}

impl Answer {
    /// The answer for a document that was read on this device, without a job. `markdown` is the export's.
    pub fn local(document: Document, language: &str, markdown: String, detail: Detail) -> Self {
        Self {
            uuid: None,
            status: JobStatus::Done,
            tier: Tier::Cpu,
            language: language.to_owned(),
            page_count: u32::try_from(document.pages.len()).unwrap_or(u32::MAX),
            mean_confidence: document.mean_confidence(),
            text: document.text(),
            markdown,
            schema_version: SCHEMA_VERSION,
            detected_language: document.detected_language(),
            processed_by: "device".to_owned(),
            usage: Usage::default(),
            warnings: document.warnings,
            tool: None,
            fields: None,
            translation: None,
            error: None,
            created_at: None,
            expires_at: None,
            engine: Some(document.engine),
            pages: document
                .pages
                .into_iter()
                .map(|page| AnswerPage::new(page, detail))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::block::{Block, BlockKind, Line, Word};
    use crate::geometry::{BBox, Point};
    use crate::page::PageStatus;

    fn document() -> Document {
        let bbox = BBox::new(1, 2, 30, 14);
        let corner = |x, y| Point { x, y };
        Document {
            engine: EngineInfo {
                name: "ocr-chat".into(),
                version: "0.1.0".into(),
                models: vec![],
            },
            pages: vec![Page {
                status: PageStatus::Done,
                width: 100,
                height: 50,
                blocks: vec![Block {
                    detected_language: Some("en".into()),
                    ..Block::new(
                        BlockKind::Paragraph,
                        "INVOICE",
                        vec![Line {
                            text: "INVOICE".into(),
                            bbox,
                            polygon: [corner(1, 2), corner(30, 2), corner(30, 14), corner(1, 14)],
                            confidence: Some(0.98),
                            words: vec![Word {
                                text: "INVOICE".into(),
                                bbox,
                                confidence: 0.98,
                            }],
                        }],
                    )
                }],
                ..Page::pending(0)
            }],
            warnings: vec![],
        }
    }

    #[test]
    fn every_key_of_the_specification_is_there_even_when_empty() {
        let empty = Document {
            pages: vec![],
            ..document()
        };
        let answer = Answer::local(empty, "auto", String::new(), Detail::Lines);
        let json = serde_json::to_value(&answer).unwrap();
        for key in [
            "uuid",
            "status",
            "tier",
            "language",
            "page_count",
            "mean_confidence",
            "text",
            "markdown",
            "pages",
        ] {
            assert!(json.get(key).is_some(), "{key} is missing");
        }
        assert!(json["mean_confidence"].is_null());
    }

    #[test]
    fn pages_look_as_in_the_specification() {
        let answer = Answer::local(document(), "auto", "INVOICE\n".into(), Detail::Lines);
        let json = serde_json::to_value(&answer).unwrap();
        let page = &json["pages"][0];
        assert_eq!(page["index"], 0);
        assert_eq!(page["text"], "INVOICE");
        assert_eq!(page["blocks"][0]["bbox"], serde_json::json!([1, 2, 30, 14]));
        assert_eq!(page["blocks"][0]["kind"], "paragraph");
        assert!(page["blocks"][0]["lines"][0].get("words").is_none());
    }

    #[test]
    fn words_are_shown_when_asked_for_and_survive_a_round_trip() {
        let answer = Answer::local(document(), "auto", String::new(), Detail::Words);
        let json = serde_json::to_string(&answer).unwrap();
        let back: Answer = serde_json::from_str(&json).unwrap();
        assert_eq!(back, answer);
        assert_eq!(back.pages[0].page.blocks[0].lines[0].words.len(), 1);
    }
}
