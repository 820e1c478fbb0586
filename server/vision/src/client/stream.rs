//! An answer that comes as it is written.

use serde_json::Value;

use crate::client::answer::{self, Completion, FinishReason, TokenUsage};
use crate::client::sse::SseParser;
use crate::client::transport::Answering;
use crate::client::{ChatRequest, ModelError};

/// An answer on its way. Dropped, it ends the request.
pub struct CompletionStream {
    response: Answering,
    parser: SseParser,
    /// Pieces that were parsed and not handed out.
    ready: std::collections::VecDeque<String>,
    text: String,
    finish: Option<FinishReason>,
    usage: Option<TokenUsage>,
    /// Characters and pictures that were sent.
    sent: (usize, usize),
    is_over: bool,
}

impl CompletionStream {
    pub(super) fn new(response: Answering, request: &ChatRequest) -> Self {
        Self {
            response,
            parser: SseParser::default(),
            ready: std::collections::VecDeque::new(),
            text: String::new(),
            finish: None,
            usage: None,
            sent: request.size(),
            is_over: false,
        }
    }

    /// The next piece of text; `None` when the answer is over.
    ///
    /// # Errors
    /// [`ModelError::TimedOut`], [`ModelError::Reset`] for a stream that ends without its end, [`ModelError::TooLarge`],
    /// [`ModelError::NotJson`], [`ModelError::Refused`], or an error that the server tells in the middle. What was written before stays in
    /// [`CompletionStream::text`].
    pub async fn next(&mut self) -> Result<Option<String>, ModelError> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                self.text.push_str(&piece);
                return Ok(Some(piece));
            }
            if self.is_over {
                return Ok(None);
            }
            match self.response.chunk().await? {
                Some(bytes) => {
                    for event in self.parser.push(&bytes) {
                        self.take(&event)?;
                    }
                }
                None => {
                    if let Some(event) = self.parser.finish() {
                        self.take(&event)?;
                    }
                    // A server that dies in the middle ends its stream, too: only a reason to end, or the mark, says it is whole.
                    if !self.is_over && self.finish.is_none() {
                        return Err(ModelError::Reset);
                    }
                    self.is_over = true;
                }
            }
        }
    }

    /// What was handed out so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads to the end.
    ///
    /// # Errors
    /// As [`CompletionStream::next`].
    pub async fn finish(mut self) -> Result<Completion, ModelError> {
        while self.next().await?.is_some() {}
        Ok(self.into_completion(FinishReason::Stop))
    }

    /// Ends the request; the answer is what was handed out so far.
    pub fn cut(self) -> Completion {
        self.into_completion(FinishReason::Cut)
    }

    fn into_completion(self, otherwise: FinishReason) -> Completion {
        let n_chars = self.text.chars().count();
        let finish = match otherwise {
            FinishReason::Cut => FinishReason::Cut,
            otherwise => self.finish.unwrap_or(otherwise),
        };
        Completion {
            finish,
            usage: self
                .usage
                .unwrap_or_else(|| TokenUsage::estimated(self.sent, n_chars)),
            text: self.text,
        }
    }

    fn take(&mut self, event: &str) -> Result<(), ModelError> {
        if self.is_over {
            return Ok(());
        }
        if event.trim() == "[DONE]" {
            self.is_over = true;
            return Ok(());
        }
        let value: Value = serde_json::from_str(event).map_err(|_| ModelError::NotJson)?;
        if let Some(error) = answer::error_in(&value) {
            return Err(error);
        }
        self.usage = answer::usage(&value).or(self.usage);
        // The last event may hold the usage alone.
        let choices = value.get("choices").and_then(Value::as_array);
        let choices = choices.ok_or(ModelError::NotJson)?;
        let Some(choice) = choices.first() else {
            return Ok(());
        };
        if let Some(delta) = choice.get("delta") {
            if answer::is_refusal(delta) {
                return Err(ModelError::Refused);
            }
            let piece = answer::content(delta.get("content")).ok_or(ModelError::NotJson)?;
            if !piece.is_empty() {
                self.ready.push_back(piece);
            }
        }
        self.finish = answer::finish_reason(choice)?.or(self.finish);
        Ok(())
    }
}
