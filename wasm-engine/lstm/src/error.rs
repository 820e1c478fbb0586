//! Why a model cannot be used.

use thiserror::Error;

/// A traineddata file that is damaged or that this crate cannot run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The file, or a part of it, ends early.
    #[error("the model ends inside {part}")]
    Truncated {
        /// What was being read.
        part: &'static str,
    },
    /// A component that every LSTM model has is not there (models of Tesseract 3 have none of them).
    #[error("the model has no {part} component")]
    Missing {
        /// The component's name in Tesseract.
        part: &'static str,
    },
    /// A value that no valid file holds.
    #[error("the model is damaged: {reason}")]
    Damaged {
        /// What is wrong.
        reason: &'static str,
    },
    /// A valid file, but its network is not of the one form that all published int8 models share.
    #[error("the model's network is not supported: {reason}")]
    Unsupported {
        /// What is not supported.
        reason: &'static str,
    },
}

impl ModelError {
    pub(crate) fn damaged(reason: &'static str) -> Self {
        Self::Damaged { reason }
    }

    pub(crate) fn unsupported(reason: &'static str) -> Self {
        Self::Unsupported { reason }
    }
}
