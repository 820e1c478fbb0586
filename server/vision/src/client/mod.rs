//! A client for servers that speak OpenAI's chat completions: vLLM, llama-server, Ollama, LM Studio, OpenAI and others.

mod answer;

mod embedding;

mod error;

mod request;

mod settings;

mod sse;

mod stream;

pub(crate) mod transport;

use serde_json::Value;

pub use answer::{Completion, FinishReason, TokenUsage};
pub use error::{ModelError, Phase};
pub use request::{ChatRequest, JsonSchema, Message, Part, Role};
pub use settings::{ApiKey, Limits, ModelSettings, Place};
pub use stream::CompletionStream;

use transport::Transport;

/// A language model behind a server. Cheap to clone; dropping a future of it cancels its request by closing the connection.
#[derive(Clone)]
pub struct LanguageModel {
    transport: Transport,
    model: String,
}

impl LanguageModel {
    /// The model of `settings`. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] for an address that is none, or a key that cannot stand in a header.
    pub fn new(settings: ModelSettings) -> Result<Self, ModelError> {
        Ok(Self {
            model: settings.model.clone(),
            transport: Transport::new(settings)?,
        })
    }

    /// The model's name as its server knows it.
    pub fn name(&self) -> &str {
        &self.model
    }

    /// Whether its server is this host.
    pub fn place(&self) -> Place {
        self.transport.settings().place
    }

    /// Sends `request` and waits for the whole answer.
    ///
    /// # Errors
    /// See [`ModelError`]. What a server says to be passing (429, 502, 503, 504) and connections that fail are tried again, at most
    /// [`Limits::max_tries`] times in all.
    pub async fn complete(&self, request: &ChatRequest) -> Result<Completion, ModelError> {
        let body = request.body(&self.model, false);
        let mut response = self.transport.post("chat/completions", &body).await?;
        let bytes = response.body().await?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| ModelError::NotJson)?;
        answer::parse(&value, request)
    }

    /// Sends `request`; the answer comes as it is written.
    ///
    /// # Errors
    /// As [`LanguageModel::complete`]. Behind the first byte nothing is tried again.
    pub async fn stream(&self, request: &ChatRequest) -> Result<CompletionStream, ModelError> {
        let body = request.body(&self.model, true);
        let response = self.transport.post("chat/completions", &body).await?;
        Ok(CompletionStream::new(response, request))
    }
}

impl std::fmt::Debug for LanguageModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LanguageModel")
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}
