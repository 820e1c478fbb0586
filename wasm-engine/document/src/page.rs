//! Pages and the document they make.

use serde::{Deserialize, Serialize};

use crate::block::{Block, mean_confidence};
use crate::correct::Correction;
use crate::diagnostics::{Warning, WarningCode};

/// How far a page has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PageStatus {
    /// Not read yet.
    Pending,
    /// Read.
    Done,
    /// Read, and no text was found.
    Blank,
    /// Could not be read; `warnings` says why.
    Failed,
}

/// What read a page. Its price depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ReadBy {
    /// The engine of the `cpu` tier; nothing had to be recognised on blank pages and on those with sound text of their own.
    #[default]
    Cpu,
    /// The local premium pipeline of the `vlm` tier.
    LocalPremium,
    /// A vision-language model, see the answer's `engine`.
    Model,
}

/// One page as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Position in the document, from 0.
    pub index: u32,
    /// How far the page has come.
    pub status: PageStatus,
    /// Width of the upright page in pixels; 0 where it could not be opened.
    pub width: u32,
    /// Height of the upright page in pixels; 0 where it could not be opened.
    pub height: u32,
    /// Dots per inch at which the pixels were rendered or scanned, where known.
    pub dpi: Option<f32>,
    /// Degrees clockwise by which the stored page was turned to stand upright: 0, 90, 180 or 270.
    pub rotation: u16,
    /// Language found on the page as a BCP 47 tag, where one was determined.
    pub detected_language: Option<String>,
    /// Mean over characters, 0 to 1; `None` where nothing was read.
    pub mean_confidence: Option<f32>,
    /// What read the page.
    #[serde(default)]
    pub read_by: ReadBy,
    /// Blocks in reading order.
    pub blocks: Vec<Block>,
    /// What a reader should know of the page.
    pub warnings: Vec<Warning>,
    /// What a person corrected, see [`Page::correct`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
}

impl Page {
    /// A page that waits to be read.
    pub fn pending(index: u32) -> Self {
        Self {
            index,
            status: PageStatus::Pending,
            width: 0,
            height: 0,
            dpi: None,
            rotation: 0,
            detected_language: None,
            mean_confidence: None,
            read_by: ReadBy::Cpu,
            blocks: Vec::new(),
            warnings: Vec::new(),
            corrections: Vec::new(),
        }
    }

    /// A page that could not be read, with the reason.
    pub fn failed(index: u32, reason: impl Into<String>) -> Self {
        Self {
            status: PageStatus::Failed,
            warnings: vec![Warning::new(WarningCode::Unreadable, reason)],
            ..Self::pending(index)
        }
    }

    /// The page's text: one line of the page a line, blocks parted by an empty line.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Figures have labels, and no text.
        for block in self.blocks.iter().filter(|block| !block.text.is_empty()) {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(&block.text);
        }
        text
    }

    /// Mean confidence over the page's blocks.
    pub fn compute_mean_confidence(&self) -> Option<f32> {
        mean_confidence(self.blocks.iter().map(|b| (b.text.as_str(), b.confidence)))
    }

    /// The same page with its lines' words left out.
    pub fn without_words(mut self) -> Self {
        for line in self.blocks.iter_mut().flat_map(|block| &mut block.lines) {
            line.words = Vec::new();
        }
        self
    }
}

/// What read a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineInfo {
    /// Name of the engine.
    pub name: String,
    /// Version of the engine.
    pub version: String,
    /// The models that read, by the names of the manifest.
    pub models: Vec<String>,
}

/// A document as it was read: the only input of every export and of chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// What read it.
    pub engine: EngineInfo,
    /// All pages, in order.
    pub pages: Vec<Page>,
    /// What a reader should know of the document as a whole.
    pub warnings: Vec<Warning>,
}

impl Document {
    /// The text of all pages, joined by a form feed.
    pub fn text(&self) -> String {
        let texts: Vec<String> = self.pages.iter().map(Page::text).collect();
        texts.join("\u{c}")
    }

    /// The language that most of the text is in, by characters, as a BCP 47 tag; `None` where none was determined.
    pub fn detected_language(&self) -> Option<String> {
        let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
        for page in &self.pages {
            for block in &page.blocks {
                let language = block
                    .detected_language
                    .as_ref()
                    .or(page.detected_language.as_ref());
                if let Some(language) = language {
                    *counts.entry(language).or_default() += block.text.chars().count();
                }
            }
        }
        let most = counts.into_iter().max_by_key(|(_, n_chars)| *n_chars);
        most.map(|(language, _)| language.to_owned())
    }

    /// Mean over the characters of all pages, 0 to 1; `None` where nothing was read.
    pub fn mean_confidence(&self) -> Option<f32> {
        mean_confidence(
            self.pages
                .iter()
                .flat_map(|page| &page.blocks)
                .map(|block| (block.text.as_str(), block.confidence)),
        )
    }
}
