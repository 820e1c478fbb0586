//! Models that read pages.

mod chat;

mod mistral;

use std::future::Future;
use std::pin::Pin;

use ocr_chat_document::{BBox, Page};

use crate::client::{ModelError, TokenUsage};
use crate::formula::FormulaModel;
use crate::parse::ParsedBlock;
use crate::picture::Picture;

pub use chat::ChatVision;
pub use mistral::MistralOcr;

/// A page to be read.
#[derive(Clone, Copy)]
pub struct PageTask<'a> {
    /// The upright page.
    pub picture: &'a Picture,
    /// What the local engine read of it.
    pub local: &'a Page,
    /// Tokens that may be spent on it; `None` for as many as it takes.
    pub max_tokens: Option<u64>,
}

/// A block as a model told of it, its box in pixels of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedBlock {
    /// The block; its own `bbox` says nothing any more.
    pub block: ParsedBlock,
    /// Where it stands, where the model said so.
    pub bbox: Option<BBox>,
}

/// What a model read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelReading {
    /// The blocks in reading order.
    pub blocks: Vec<PlacedBlock>,
    /// Whether the answer broke off or does not have its form: something may be missing.
    pub is_damaged: bool,
    /// The language that the model names.
    pub language: Option<String>,
}

/// Why a model's reading cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The model gave no answer.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// It wrote the same again and again, twice.
    #[error("the model repeated itself")]
    Repetition,
    /// Nothing in its answer could be used.
    #[error("the model's answer could not be used")]
    Unusable,
    /// The job's budget is spent.
    #[error("the job's budget for models is spent")]
    OverBudget,
    /// The page could not be made a picture.
    #[error("the page could not be made a picture for the model")]
    Picture,
    /// Its answer has little to do with the page.
    #[error("the model's answer does not agree with the page")]
    Invented,
    /// The model's server failed too often lately.
    #[error("the model's server is left alone for a while after failures")]
    Resting,
}

/// What came of a page, and what it took in any case.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Tokens of all requests for the page.
    pub usage: TokenUsage,
    /// Pages that a provider that charges by the page has read.
    pub n_pages: u32,
    /// The reading.
    pub outcome: Result<ModelReading, ReadError>,
}

/// A future of an [`Attempt`]; dropped, it ends the request.
pub type Reading<'a> = Pin<Box<dyn Future<Output = Attempt> + Send + 'a>>;

/// A model that reads pages.
pub trait VisionModel: Send + Sync {
    /// The model's name as its server knows it.
    fn name(&self) -> &str;

    /// The model as one that writes single formulas, where it can be asked for them.
    fn formulas(&self) -> Option<&dyn FormulaModel> {
        None
    }

    /// Reads a page.
    fn read<'a>(&'a self, task: PageTask<'a>) -> Reading<'a>;
}
