//! What passages mean, by an embedding model: it finds them where a question has other words. Words and meaning are ranked together by `ocr_chat_chat`.

use std::sync::Arc;
use std::time::Duration;

use ocr_chat_chat::Nearness;
use ocr_chat_vision::{LanguageModel, ModelError, ModelSettings, Place};
use tokio::sync::{OnceCell, Semaphore};

use crate::chat::Ready;
use crate::config::ConfigError;
use crate::named_model::{ModelVariables, NamedModel, provider_name};

/// Passages of a request.
const BATCH: usize = 64;

/// Most passages that are embedded: beyond, a document is found by its words alone. A page has about ten, a vector some kilobytes.
const MAX_PASSAGES: usize = 8_000;

/// How long a request may take where the operator does not say: somebody waits for it.
const DEFAULT_LIMIT: Duration = Duration::from_secs(20);

/// How long all passages of a document may take together.
const DOCUMENT_LIMIT: Duration = Duration::from_secs(120);

/// Largest answer, bytes of HTTP: 64 vectors of 4,096 numbers as text.
const MAX_ANSWER_BYTES: usize = 8 << 20;

/// Documents that are embedded at a time, for each process.
const N_SLOTS: usize = 2;

/// The variable of [`EmbeddingSettings::enough`], and its value where the operator does not say.
const ENOUGH: &str = "OCR_CHAT_EMBEDDING_ENOUGH";
const DEFAULT_ENOUGH: f32 = 0.55;

const VARIABLES: ModelVariables = ModelVariables {
    url: "OCR_CHAT_EMBEDDING_URL",
    key: "OCR_CHAT_EMBEDDING_KEY",
    model: "OCR_CHAT_EMBEDDING_MODEL",
    name: "OCR_CHAT_EMBEDDING_NAME",
    place: "OCR_CHAT_EMBEDDING_PLACE",
    seconds: "OCR_CHAT_EMBEDDING_SECONDS",
};

/// An embedding model behind OpenAI's protocol.
#[derive(Debug, Clone)]
pub struct EmbeddingSettings {
    /// `OCR_CHAT_EMBEDDING_URL`, `_KEY`, `_MODEL`, `_SECONDS`: where it is and what a request may take.
    pub model: ModelSettings,
    /// `OCR_CHAT_EMBEDDING_NAME`: what answers call a provider that is not on this host; the host of its address.
    pub name: String,
    /// `OCR_CHAT_EMBEDDING_ENOUGH`: the cosine from which a passage answers without any word of the question; .55 unless set, which fits all-MiniLM-L6-v2. Models
    /// differ: with those of the e5 family every two texts have .7.
    pub enough: f32,
}

/// An embedding model in service.
#[derive(Clone)]
pub struct EmbeddingModel {
    model: LanguageModel,
    name: String,
    enough: f32,
    slots: Arc<Semaphore>,
}

/// The vectors of a document's passages, made with its first question.
pub(crate) type Vectors = OnceCell<Vec<Vec<f32>>>;

/// What came of asking the model.
#[derive(Debug, Default)]
pub struct Near {
    /// `None` where the words have to do.
    pub near: Option<Nearness>,
    /// Whether anything was sent.
    pub was_sent: bool,
}

impl EmbeddingSettings {
    /// The settings that `get` knows; `None` without an address.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable that cannot be used.
    pub fn from_variables(
        get: &impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, ConfigError> {
        let Some(named) = NamedModel::from_variables(get, &VARIABLES)? else {
            return Ok(None);
        };
        let NamedModel {
            settings: model,
            name,
        } = named.in_one_piece(get, &VARIABLES, DEFAULT_LIMIT, MAX_ANSWER_BYTES);
        let enough = match get(ENOUGH) {
            None => DEFAULT_ENOUGH,
            Some(text) => match text.trim().parse::<f32>() {
                Ok(cosine) if (-1.0..=1.0).contains(&cosine) => cosine,
                _ => {
                    return Err(ConfigError::Value {
                        variable: ENOUGH,
                        value: text,
                        reason: "it is a cosine, -1 to 1".to_owned(),
                    });
                }
            },
        };
        Ok(Some(Self {
            model,
            name,
            enough,
        }))
    }

    /// The model in service.
    ///
    /// # Errors
    /// [`ModelError::Configuration`].
    pub fn model(&self) -> Result<EmbeddingModel, ModelError> {
        Ok(EmbeddingModel {
            name: provider_name(self.model.place, &self.name),
            model: LanguageModel::new(self.model.clone())?,
            enough: self.enough,
            slots: Arc::new(Semaphore::new(N_SLOTS)),
        })
    }
}

impl EmbeddingModel {
    /// Whether somebody has to agree before a document's text is sent to it.
    pub fn is_external(&self) -> bool {
        self.model.place() == Place::External
    }

    /// Who runs it, as answers call it.
    pub fn provider(&self) -> &str {
        &self.name
    }

    /// How near the passages of `ready` are to `question` in meaning. Nothing that goes wrong here stops a question: it is found by its words then.
    pub async fn near(&self, ready: &Ready, question: &str) -> Near {
        if ready.index.n_passages() > MAX_PASSAGES {
            return Near::default();
        }
        let Ok(_slot) = self.slots.try_acquire() else {
            return Near::default();
        };
        let near = match tokio::time::timeout(DOCUMENT_LIMIT, self.cosines(ready, question)).await {
            Ok(Ok(cosines)) => Some(Nearness {
                cosines,
                enough: self.enough,
            }),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the embedding model did not answer");
                None
            }
            Err(_) => {
                tracing::warn!("the embedding model took too long for a document");
                None
            }
        };
        Near {
            near,
            was_sent: true,
        }
    }

    async fn cosines(&self, ready: &Ready, question: &str) -> Result<Vec<f32>, ModelError> {
        let passages = ready
            .vectors
            .get_or_try_init(|| self.passages(ready))
            .await?;
        let asked = self.model.embed(&[question]).await?;
        let asked = asked.first().ok_or(ModelError::NotJson)?;
        if passages
            .first()
            .is_some_and(|passage| passage.len() != asked.len())
        {
            return Err(ModelError::NotJson);
        }
        // Vectors have length 1, so the product is the cosine.
        let product = |passage: &Vec<f32>| passage.iter().zip(asked).map(|(a, b)| a * b).sum();
        Ok(passages.iter().map(product).collect())
    }

    async fn passages(&self, ready: &Ready) -> Result<Vec<Vec<f32>>, ModelError> {
        let texts: Vec<String> = ready.index.passage_texts().collect();
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in texts.chunks(BATCH) {
            let batch: Vec<&str> = batch.iter().map(String::as_str).collect();
            vectors.extend(self.model.embed(&batch).await?);
        }
        Ok(vectors)
    }
}
