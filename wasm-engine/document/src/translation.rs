//! Text in another language, beside the original.

use serde::{Deserialize, Serialize};

/// A block's text in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    /// The language as a BCP 47 tag.
    pub language: String,
    /// The text, set as the block's own: a list item's marker at its start, cells parted by tabs.
    pub text: String,
    /// Of a table, the text of each of its cells, in their order; empty for other blocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<String>,
}

/// A document's text in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranslatedText {
    /// The language as a BCP 47 tag.
    pub language: String,
    /// The pages, joined by a form feed; blocks without a translation as they are.
    pub text: String,
    /// The same as Markdown.
    pub markdown: String,
}
