//! What translates: the model that an operator names, and Apertium where the machine has it.

use std::sync::Arc;

use ocr_chat_vision::translate::{Apertium, ChatTranslator, Translator};
use ocr_chat_vision::{LanguageModel, ModelError, ModelSettings, Place};
use tokio::sync::{OnceCell, Semaphore};

use crate::config::ConfigError;
use crate::error::ApiError;
use crate::named_model::{ModelVariables, NamedModel, provider_name};
use crate::vision::HERE;

/// What names the model.
const VARIABLES: ModelVariables = ModelVariables {
    url: "OCR_CHAT_TRANSLATE_URL",
    key: "OCR_CHAT_TRANSLATE_KEY",
    model: "OCR_CHAT_TRANSLATE_MODEL",
    name: "OCR_CHAT_TRANSLATE_NAME",
    place: "OCR_CHAT_TRANSLATE_PLACE",
    seconds: "OCR_CHAT_TRANSLATE_SECONDS",
};

/// Pages that a process translates at a time: a process of Apertium or a request to a model each.
const MAX_AT_A_TIME: usize = 4;

/// What translates, as an operator says.
#[derive(Debug, Clone)]
pub struct TranslationSettings {
    /// `OCR_CHAT_TRANSLATE_URL`, `_KEY`, `_MODEL`: a language model behind OpenAI's chat completions; none.
    pub model: Option<ModelSettings>,
    /// `OCR_CHAT_TRANSLATE_NAME`: what answers call a provider that is not on this host; the host of its address.
    pub name: String,
    /// `OCR_CHAT_APERTIUM`: the program `apertium`, or `off`; `apertium` on PATH, where it is there.
    pub apertium: Option<String>,
}

impl Default for TranslationSettings {
    fn default() -> Self {
        Self {
            model: None,
            name: HERE.to_owned(),
            apertium: None,
        }
    }
}

impl TranslationSettings {
    /// The settings that `get` knows.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable that cannot be used.
    pub fn from_variables(get: &impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let apertium = get("OCR_CHAT_APERTIUM").unwrap_or_else(|| "apertium".to_owned());
        let apertium = Some(apertium.trim().to_owned()).filter(|program| program != "off");
        let Some(NamedModel { settings, name }) = NamedModel::from_variables(get, &VARIABLES)?
        else {
            return Ok(Self {
                apertium,
                ..Self::default()
            });
        };
        Ok(Self {
            model: Some(settings),
            name,
            apertium,
        })
    }
}

/// The translators in service.
pub struct Translators {
    model: Option<Arc<ChatTranslator>>,
    apertium_program: Option<String>,
    apertium: OnceCell<Option<Arc<Apertium>>>,
    /// Pages that are translated at a time.
    pub(crate) places: Semaphore,
}

impl Translators {
    /// Those of `settings`. Apertium is looked for when it is first needed.
    ///
    /// # Errors
    /// [`ModelError::Configuration`].
    pub fn new(settings: &TranslationSettings) -> Result<Self, ModelError> {
        let model = match &settings.model {
            None => None,
            Some(model) => {
                let name = provider_name(model.place, &settings.name);
                Some(Arc::new(ChatTranslator::new(
                    name,
                    LanguageModel::new(model.clone())?,
                )))
            }
        };
        Ok(Self {
            model,
            apertium_program: settings.apertium.clone(),
            apertium: OnceCell::new(),
            places: Semaphore::new(MAX_AT_A_TIME),
        })
    }

    async fn apertium(&self) -> Option<Arc<Apertium>> {
        let program = self.apertium_program.as_deref()?;
        let look = async || {
            let tag = |code: &str| {
                Some(
                    ocr_chat_language::choose(code)
                        .ok()??
                        .language
                        .tag
                        .to_owned(),
                )
            };
            let found = Apertium::find(program, tag).await.ok()?;
            (!found.modes().is_empty()).then(|| Arc::new(found))
        };
        self.apertium.get_or_init(look).await.clone()
    }

    /// Looks for Apertium now, so that [`Translators::are_there`] knows.
    pub async fn look(&self) {
        self.apertium().await;
    }

    /// Whether there is any.
    pub fn are_there(&self) -> bool {
        self.model.is_some() || self.apertium.get().is_some_and(Option::is_some)
    }

    /// The languages that can be translated into: tags and English names, by name.
    pub fn targets(&self) -> Vec<(String, String)> {
        let apertium = self.apertium.get().and_then(Option::as_ref);
        let is_target = |tag: &str| {
            let modes = apertium.map_or(&[][..], |apertium| apertium.modes());
            self.model.is_some() || modes.iter().any(|mode| mode.to == tag)
        };
        let languages = ocr_chat_language::all().iter();
        languages
            .filter(|language| is_target(language.tag))
            .map(|language| (language.tag.to_owned(), language.name.to_owned()))
            .collect()
    }

    /// The name of a provider elsewhere, where one translates.
    pub fn external(&self) -> Option<&str> {
        let model = self.model.as_ref()?;
        (model.place() == Place::External).then(|| model.name())
    }

    /// What translates from `from` (where it is known) into `to`: the model, unless it is elsewhere and nobody agreed, then Apertium.
    ///
    /// # Errors
    /// 400 `no_translator`, which names the pairs that there are.
    pub async fn choose(
        &self,
        from: Option<&str>,
        to: &str,
        allows_external: bool,
    ) -> Result<Arc<dyn Translator>, ApiError> {
        let model = self
            .model
            .as_ref()
            .filter(|model| model.place() == Place::Local || allows_external);
        if let Some(model) = model {
            return Ok(Arc::clone(model) as Arc<dyn Translator>);
        }
        let apertium = self.apertium().await;
        if let Some(apertium) = apertium.as_ref().filter(|apertium| apertium.can(from, to)) {
            return Ok(Arc::clone(apertium) as Arc<dyn Translator>);
        }
        let pairs = apertium
            .and_then(|apertium| apertium.pairs())
            .unwrap_or_default();
        let mut message = match from {
            Some(from) => {
                format!("translate_to: this server has no translator from {from} to {to}.")
            }
            None => format!("translate_to: this server has no translator into {to}."),
        };
        if self.model.is_some() {
            message.push_str(" A model of another provider has; it takes allow_external=true, or the agreement of the account.");
        }
        if pairs.is_empty() {
            message.push_str(" There is no translator on it.");
        } else {
            message.push_str(&format!(" There are {}.", pairs.join(", ")));
        }
        Err(ApiError::bad_request("no_translator", message))
    }

    /// The translator of a job that was accepted for `at`, for passages in `from`.
    pub async fn of_job(
        &self,
        at: &str,
        from: Option<&str>,
        to: &str,
    ) -> Option<Arc<dyn Translator>> {
        let model = self.model.as_ref().filter(|model| model.name() == at);
        if let Some(model) = model {
            return Some(Arc::clone(model) as Arc<dyn Translator>);
        }
        let apertium = self
            .apertium()
            .await
            .filter(|apertium| at == HERE && apertium.can(from, to));
        apertium.map(|apertium| apertium as Arc<dyn Translator>)
    }
}
