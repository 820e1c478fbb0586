//! Translators: models behind OpenAI's chat completions, and Apertium on this machine.

mod apertium;

mod chat;

mod faithful;

use std::future::Future;
use std::pin::Pin;

use crate::client::{ModelError, Place, TokenUsage};

pub use apertium::{Apertium, ApertiumError, Mode};
pub use chat::ChatTranslator;
pub use faithful::is_faithful;

/// The passages of one language that are translated together.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// The passages.
    pub texts: &'a [String],
    /// Their language as a BCP 47 tag; `None` where it is not known.
    pub from: Option<&'a str>,
    /// The language to translate into, as a BCP 47 tag.
    pub to: &'a str,
    /// Its name in English, for models.
    pub to_name: &'a str,
}

/// Why nothing was translated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TranslateError {
    /// The model gave no answer.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Apertium did not do it.
    #[error(transparent)]
    Apertium(#[from] ApertiumError),
    /// There is no translator for this pair of languages.
    #[error("there is no translator from {from} to {to}")]
    NoPair {
        /// What it is in.
        from: String,
        /// What it should be in.
        to: String,
    },
}

/// What came of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translated {
    /// For each passage its translation; `None` where there is none that can be trusted.
    pub texts: Vec<Option<String>>,
    /// Tokens that it took.
    pub usage: TokenUsage,
}

/// A future of [`Translated`]; dropped, it ends the work.
pub type Translating<'a> =
    Pin<Box<dyn Future<Output = Result<Translated, TranslateError>> + Send + 'a>>;

/// What translates.
pub trait Translator: Send + Sync {
    /// What it is called in answers and logs.
    fn name(&self) -> &str;

    /// Whether it is this host.
    fn place(&self) -> Place;

    /// Whether it translates into `to`, from `from` where that is known.
    fn can(&self, from: Option<&str>, to: &str) -> bool;

    /// The pairs it has, as people read them; `None` where it takes all languages.
    fn pairs(&self) -> Option<Vec<String>>;

    /// Translates.
    fn translate<'a>(&'a self, task: Task<'a>) -> Translating<'a>;
}
