//! What can go wrong between us and a model.

use std::time::Duration;

/// What took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Making the connection, TLS included.
    Connect,
    /// The first byte of the answer.
    FirstByte,
    /// The next bytes of an answer that had begun.
    NextBytes,
    /// The request as a whole, tries included.
    Whole,
}

impl Phase {
    fn describe(self) -> &'static str {
        match self {
            Self::Connect => "the connection",
            Self::FirstByte => "the first byte",
            Self::NextBytes => "the rest of the answer",
            Self::Whole => "the answer",
        }
    }
}

/// Why a model gave no answer. The texts hold nothing that a server said, so they may be logged and shown; `detail` may quote what was
/// sent, so it may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The settings cannot be used.
    #[error("the model cannot be used: {0}")]
    Configuration(String),
    /// No connection could be made.
    #[error("the model's server could not be reached")]
    Connect,
    /// It took too long.
    #[error("the model's server took too long: {} did not come", .0.describe())]
    TimedOut(Phase),
    /// The connection ended before the answer did.
    #[error("the model's server broke off its answer")]
    Reset,
    /// An answer with an error.
    #[error("the model's server answered with status {status}")]
    Status {
        /// The HTTP status; 200 where the error came inside of a stream.
        status: u16,
        /// What the server said, at most 512 bytes. Not for logs.
        detail: String,
    },
    /// Asked too often, or overloaded, still so after all tries.
    #[error("the model's server is busy")]
    Busy {
        /// When it wants to be asked again, where it said so.
        retry_after: Option<Duration>,
    },
    /// The answer is not the JSON that the protocol has.
    #[error("the model's server answered with something that is no completion")]
    NotJson,
    /// The model takes no pictures.
    #[error("the model takes no pictures")]
    NoVision,
    /// What was sent does not fit the model's context.
    #[error("what was sent is more than the model can take")]
    TooLong,
    /// The answer is larger than allowed.
    #[error("the model's answer is larger than {max_bytes} bytes")]
    TooLarge {
        /// What is allowed.
        max_bytes: usize,
    },
    /// The model, or a filter in front of it, declined to answer.
    #[error("the model declined to answer")]
    Refused,
}

/// How much of what a server says about an error is kept, in bytes.
pub(crate) const MAX_DETAIL_BYTES: usize = 512;

impl ModelError {
    /// Whether it speaks against the server rather than against what was sent: such errors open the circuit breaker.
    pub fn is_of_server(&self) -> bool {
        match self {
            Self::Connect
            | Self::TimedOut(_)
            | Self::Reset
            | Self::Busy { .. }
            | Self::NotJson
            | Self::TooLarge { .. } => true,
            Self::Status { status, .. } => *status >= 500 || matches!(*status, 401 | 403 | 404),
            Self::Configuration(_) | Self::NoVision | Self::TooLong | Self::Refused => false,
        }
    }

    /// The error of an answer with `status` and what it said.
    pub(crate) fn of_status(status: u16, body: &str, retry_after: Option<Duration>) -> Self {
        let said = body.to_lowercase();
        // llama-server, vLLM, Ollama, OpenAI.
        let says_no_vision = [
            "image input is not supported",
            "image_url is only supported",
            "not a multimodal model",
            "does not support image",
            "does not support vision",
            "missing data required for image input",
            "no multimodal projector",
        ];
        let says_too_long = [
            "context length",
            "context_length_exceeded",
            "exceed_context_size",
            "exceeds the available context",
            "maximum context",
        ];
        if says_no_vision.iter().any(|words| said.contains(words)) {
            Self::NoVision
        } else if status == 400 && says_too_long.iter().any(|words| said.contains(words)) {
            Self::TooLong
        } else if matches!(status, 429 | 503) {
            Self::Busy { retry_after }
        } else {
            let mut end = body.len().min(MAX_DETAIL_BYTES);
            while !body.is_char_boundary(end) {
                end -= 1;
            }
            Self::Status {
                status,
                detail: body[..end].to_owned(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_without_vision_is_told_from_a_broken_one() {
        let llama = r#"{"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}}"#;
        assert_eq!(
            ModelError::of_status(500, llama, None),
            ModelError::NoVision
        );
        assert!(!ModelError::NoVision.is_of_server());
        assert!(ModelError::of_status(500, "oops", None).is_of_server());
    }

    #[test]
    fn what_a_server_said_stands_in_no_message() {
        let error = ModelError::of_status(400, "bad prompt: secret words", None);
        assert!(!error.to_string().contains("secret"));
    }
}
