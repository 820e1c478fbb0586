//! The model of the `vlm` tier: what an operator says of it.

use std::sync::Arc;

use ocr_chat_vision::model::{ChatVision, MistralOcr, VisionModel};
use ocr_chat_vision::profile::Profiles;
use ocr_chat_vision::provider::{Budget, Prices, Provider, Service};
use ocr_chat_vision::{LanguageModel, ModelError, ModelSettings};

use crate::config::ConfigError;
use crate::named_model::{ModelVariables, NamedModel, provider_name};

/// What the answer calls this server, where a page never left it.
pub const HERE: &str = "server";

/// The profile that stands for Mistral's OCR API.
const MISTRAL_OCR: &str = "mistral-ocr";

/// What names it.
const VARIABLES: ModelVariables = ModelVariables {
    url: "OCR_CHAT_VISION_URL",
    key: "OCR_CHAT_VISION_KEY",
    model: "OCR_CHAT_VISION_MODEL",
    name: "OCR_CHAT_VISION_NAME",
    place: "OCR_CHAT_VISION_PLACE",
    seconds: "OCR_CHAT_VISION_SECONDS",
};

/// A model that reads pages.
#[derive(Debug, Clone)]
pub struct VisionSettings {
    /// `OCR_CHAT_VISION_URL`, `_KEY`, `_MODEL`, `_SECONDS`: where it is and what a request may take.
    pub model: ModelSettings,
    /// `OCR_CHAT_VISION_PROFILE`: how it is asked, a name of `server/vision/src/profiles.toml` or of `OCR_CHAT_VISION_CONFIG`, or
    /// `mistral-ocr`; `generic`.
    pub profile: String,
    /// `OCR_CHAT_VISION_CONFIG`: a file of further profiles.
    pub profiles: Profiles,
    /// `OCR_CHAT_VISION_NAME`: what answers call a provider that is not on this host; the host of its address.
    pub name: String,
    /// `OCR_CHAT_VISION_CONCURRENCY`: pages that it reads at a time, for each process; 2.
    pub n_slots: usize,
    /// `OCR_CHAT_VISION_PRICES`: what a million tokens sent, a million answered and a thousand pages cost, such as `0.10,0.40,0`.
    pub prices: Prices,
    /// `OCR_CHAT_VISION_JOB_TOKENS` and `OCR_CHAT_VISION_JOB_COST`: what a job may spend, in tokens and in the currency of the prices.
    pub budget: Budget,
}

impl VisionSettings {
    /// The settings that `get` knows; `None` without an address.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable that cannot be used.
    pub fn from_variables(
        get: &impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, ConfigError> {
        let Some(NamedModel {
            settings: model,
            name,
        }) = NamedModel::from_variables(get, &VARIABLES)?
        else {
            return Ok(None);
        };
        let file =
            match get("OCR_CHAT_VISION_CONFIG") {
                None => None,
                Some(path) => {
                    let text = std::fs::read_to_string(&path);
                    Some(text.map_err(|error| {
                        wrong("OCR_CHAT_VISION_CONFIG", &path, error.to_string())
                    })?)
                }
            };
        let profiles = Profiles::new(file.as_deref())
            .map_err(|error| wrong("OCR_CHAT_VISION_CONFIG", "", error.to_string()))?;
        let profile = get("OCR_CHAT_VISION_PROFILE").unwrap_or_else(|| "generic".to_owned());
        let profile = profile.trim().to_owned();
        if profile != MISTRAL_OCR && profiles.get(&profile).is_none() {
            let names: Vec<&str> = profiles.names().chain([MISTRAL_OCR]).collect();
            let reason = format!("it is one of {}", names.join(", "));
            return Err(wrong("OCR_CHAT_VISION_PROFILE", &profile, reason));
        }
        Ok(Some(Self {
            profile,
            profiles,
            name,
            n_slots: usize::try_from(
                number(get, "OCR_CHAT_VISION_CONCURRENCY")?
                    .unwrap_or(2)
                    .clamp(1, 1_000),
            )
            .unwrap_or(2),
            prices: prices(get)?,
            budget: Budget {
                max_tokens: number(get, "OCR_CHAT_VISION_JOB_TOKENS")?,
                max_micros: match get("OCR_CHAT_VISION_JOB_COST") {
                    None => None,
                    Some(cost) => Some(micros("OCR_CHAT_VISION_JOB_COST", &cost)?),
                },
            },
            model,
        }))
    }

    /// The model in service.
    ///
    /// # Errors
    /// [`ModelError::Configuration`].
    pub fn provider(&self) -> Result<Provider, ModelError> {
        let settings = self.model.clone();
        let place = settings.place;
        let model: Arc<dyn VisionModel> = match self.profiles.get(&self.profile) {
            Some(profile) => Arc::new(ChatVision::new(
                LanguageModel::new(settings)?,
                profile.clone(),
            )),
            None => Arc::new(MistralOcr::new(settings)?),
        };
        let name = provider_name(place, &self.name);
        let service = Service {
            place,
            n_slots: self.n_slots,
            prices: self.prices,
            budget: self.budget,
        };
        Ok(Provider::new(name, model, service))
    }
}

fn wrong(variable: &'static str, value: &str, reason: impl Into<String>) -> ConfigError {
    ConfigError::Value {
        variable,
        value: value.to_owned(),
        reason: reason.into(),
    }
}

fn number(
    get: &impl Fn(&str) -> Option<String>,
    variable: &'static str,
) -> Result<Option<u64>, ConfigError> {
    let Some(value) = get(variable) else {
        return Ok(None);
    };
    let number = value.trim().parse();
    number
        .map(Some)
        .map_err(|_| wrong(variable, &value, "it is a whole number"))
}

fn prices(get: &impl Fn(&str) -> Option<String>) -> Result<Prices, ConfigError> {
    const VARIABLE: &str = "OCR_CHAT_VISION_PRICES";
    let Some(value) = get(VARIABLE) else {
        return Ok(Prices::default());
    };
    let parts: Vec<&str> = value.split(',').collect();
    let [prompt, completion, rest @ ..] = parts.as_slice() else {
        return Err(wrong(
            VARIABLE,
            &value,
            "it looks like 0.10,0.40 or 0,0,1.00",
        ));
    };
    Ok(Prices {
        prompt_micros: micros(VARIABLE, prompt)?,
        completion_micros: micros(VARIABLE, completion)?,
        page_micros: rest.first().map_or(Ok(0), |page| micros(VARIABLE, page))?,
    })
}

/// An amount such as `0.10` in millionths.
fn micros(variable: &'static str, text: &str) -> Result<u64, ConfigError> {
    let amount: f64 = text
        .trim()
        .parse()
        .map_err(|_| wrong(variable, text, "it is an amount such as 0.10"))?;
    if !(0.0..=1e9).contains(&amount) {
        return Err(wrong(variable, text, "it is an amount of 0 or more"));
    }
    Ok((amount * 1e6).round() as u64)
}

#[cfg(test)]
mod tests {
    use ocr_chat_vision::Place;

    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Option<VisionSettings>, ConfigError> {
        let get = |name: &str| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        VisionSettings::from_variables(&get)
    }

    const URL: (&str, &str) = ("OCR_CHAT_VISION_URL", "http://127.0.0.1:8081/v1");
    const MODEL: (&str, &str) = ("OCR_CHAT_VISION_MODEL", "qwen");

    #[test]
    fn a_server_elsewhere_cannot_be_called_local() {
        assert!(read(&[]).unwrap().is_none());
        let local = read(&[URL, MODEL]).unwrap().unwrap();
        assert_eq!(
            (local.model.place, local.provider().unwrap().name()),
            (Place::Local, "server")
        );
        let relay = read(&[
            URL,
            MODEL,
            ("OCR_CHAT_VISION_PLACE", "external"),
            ("OCR_CHAT_VISION_NAME", "Relay"),
        ]);
        assert_eq!(relay.unwrap().unwrap().provider().unwrap().name(), "Relay");
        let elsewhere = ("OCR_CHAT_VISION_URL", "https://models.example.com/v1");
        let external = read(&[elsewhere, MODEL]).unwrap().unwrap();
        assert_eq!(
            (external.model.place, external.name.as_str()),
            (Place::External, "models.example.com")
        );
        assert!(read(&[elsewhere, MODEL, ("OCR_CHAT_VISION_PLACE", "local")]).is_err());
    }

    #[test]
    fn prices_budgets_and_profiles_are_checked() {
        let settings = read(&[
            URL,
            MODEL,
            ("OCR_CHAT_VISION_PRICES", "0.10, 0.40,1"),
            ("OCR_CHAT_VISION_JOB_COST", "2.5"),
        ]);
        let settings = settings.unwrap().unwrap();
        assert_eq!(
            (settings.prices.prompt_micros, settings.prices.page_micros),
            (100_000, 1_000_000)
        );
        assert_eq!(settings.budget.max_micros, Some(2_500_000));
        for wrong in [
            ("OCR_CHAT_VISION_PRICES", "1"),
            ("OCR_CHAT_VISION_PRICES", "-1,2"),
            ("OCR_CHAT_VISION_PROFILE", "nobody"),
            ("OCR_CHAT_VISION_CONFIG", "/nowhere.toml"),
            ("OCR_CHAT_VISION_CONCURRENCY", "two"),
        ] {
            assert!(read(&[URL, MODEL, wrong]).is_err(), "{wrong:?}");
        }
        assert!(read(&[URL]).is_err());
        assert!(read(&[URL, MODEL, ("OCR_CHAT_VISION_PROFILE", "mistral-ocr")]).is_ok());
    }
}
