//! Questions about a document.

use leptos::prelude::*;
use ocr_chat_worker::chat_protocol::Citation;

use crate::settings::Place;

/// A question about a document and its answer. A handle, as [`Doc`](super::Doc) is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exchange {
    /// Its position in the conversation.
    pub(crate) number: usize,
    pub(crate) question: StoredValue<String>,
    pub(crate) said: RwSignal<Said>,
}

/// What is said to a question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// The answer, as far as it came.
    pub(crate) content: String,
    pub(crate) citations: Vec<Citation>,
    pub(crate) step: AskStep,
    /// Whether the server was to be asked and knows nobody here: the device answered.
    pub(crate) wants_sign_in: bool,
}

/// How far a question is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum AskStep {
    /// What answers is being fetched and started, or the server was asked.
    #[default]
    Starting,
    /// Pages are handed over: how many of how many.
    Page { n_done: usize, n_pages: usize },
    /// The answer is looked for, or comes in.
    Looking,
    /// Answered by the device or the server; whether the document has an answer.
    Answered { place: Place, is_found: bool },
    /// The visitor stopped it.
    Cancelled,
    /// There was no way to answer.
    Failed,
}

impl AskStep {
    /// Whether an answer may come still.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Starting | Self::Page { .. } | Self::Looking)
    }
}
