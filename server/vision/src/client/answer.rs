//! What a model answers.

use serde_json::Value;

use crate::client::{ChatRequest, ModelError};

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    /// The model was done, or wrote one of the stop strings.
    Stop,
    /// The tokens it may write were used up: the answer is cut off.
    Length,
    /// The reader cut it off.
    Cut,
}

/// Tokens of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokenUsage {
    /// Tokens that were sent.
    pub prompt: u64,
    /// Tokens that were answered.
    pub completion: u64,
    /// Whether the server did not say, so that they are guessed: 3 characters a token, 1,700 tokens a picture.
    pub is_estimated: bool,
}

/// Characters a token where a server says no figures: Latin text has 4, Chinese 1 to 2; the lower guess spends a budget sooner.
pub(crate) const CHARS_PER_TOKEN: u64 = 3;

/// Tokens a picture where a server says no figures: about what Qwen2.5-VL takes for a page of 1,280 x 1,024 pixels.
pub(crate) const TOKENS_PER_PICTURE: u64 = 1_700;

impl TokenUsage {
    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            prompt: self.prompt.saturating_add(other.prompt),
            completion: self.completion.saturating_add(other.completion),
            is_estimated: self.is_estimated || other.is_estimated,
        }
    }

    /// The guess for `request` and an answer of `n_chars`.
    pub(crate) fn estimated(size: (usize, usize), n_chars: usize) -> Self {
        let (sent_chars, n_pictures) = size;
        Self {
            prompt: sent_chars as u64 / CHARS_PER_TOKEN + n_pictures as u64 * TOKENS_PER_PICTURE,
            completion: (n_chars as u64).div_ceil(CHARS_PER_TOKEN),
            is_estimated: true,
        }
    }
}

/// A model's answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Completion {
    /// What it wrote.
    pub text: String,
    /// Why it ended.
    pub finish: FinishReason,
    /// Its tokens.
    pub usage: TokenUsage,
}

/// Documents are not for logs.
impl std::fmt::Debug for Completion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Completion")
            .field("text_bytes", &self.text.len())
            .field("finish", &self.finish)
            .field("usage", &self.usage)
            .finish()
    }
}

/// The answer of a request that was not streamed.
pub(crate) fn parse(value: &Value, request: &ChatRequest) -> Result<Completion, ModelError> {
    if let Some(error) = error_in(value) {
        return Err(error);
    }
    let choice = value.get("choices").and_then(|choices| choices.get(0));
    let choice = choice.ok_or(ModelError::NotJson)?;
    let message = choice.get("message").ok_or(ModelError::NotJson)?;
    if is_refusal(message) {
        return Err(ModelError::Refused);
    }
    let text = content(message.get("content")).ok_or(ModelError::NotJson)?;
    let finish = finish_reason(choice)?.unwrap_or(FinishReason::Stop);
    let usage =
        usage(value).unwrap_or_else(|| TokenUsage::estimated(request.size(), text.chars().count()));
    Ok(Completion {
        text,
        finish,
        usage,
    })
}

/// An error that came with status 200.
pub(super) fn error_in(value: &Value) -> Option<ModelError> {
    let error = value.get("error").filter(|error| !error.is_null())?;
    let status = error.get("code").and_then(Value::as_u64);
    let status = status.and_then(|status| u16::try_from(status).ok());
    Some(ModelError::of_status(
        status.unwrap_or(200),
        &error.to_string(),
        None,
    ))
}

pub(super) fn is_refusal(message: &Value) -> bool {
    message
        .get("refusal")
        .and_then(Value::as_str)
        .is_some_and(|refusal| !refusal.is_empty())
}

/// The text of a message: a string, or parts of which some are text; `Some("")` for null, as models that only think answer.
pub(super) fn content(content: Option<&Value>) -> Option<String> {
    match content {
        None | Some(Value::Null) => Some(String::new()),
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Array(parts)) => Some(
            parts
                .iter()
                .filter_map(|part| part.get("text").and_then(Value::as_str))
                .collect(),
        ),
        Some(_) => None,
    }
}

pub(super) fn finish_reason(choice: &Value) -> Result<Option<FinishReason>, ModelError> {
    match choice.get("finish_reason").and_then(Value::as_str) {
        None => Ok(None),
        Some("length" | "max_tokens" | "model_length") => Ok(Some(FinishReason::Length)),
        Some("content_filter") => Err(ModelError::Refused),
        Some(_) => Ok(Some(FinishReason::Stop)),
    }
}

pub(super) fn usage(value: &Value) -> Option<TokenUsage> {
    let usage = value.get("usage").filter(|usage| usage.is_object())?;
    let figure = |key| usage.get(key).and_then(Value::as_u64);
    Some(TokenUsage {
        prompt: figure("prompt_tokens").or_else(|| figure("input_tokens"))?,
        completion: figure("completion_tokens")
            .or_else(|| figure("output_tokens"))
            .unwrap_or(0),
        is_estimated: false,
    })
}
