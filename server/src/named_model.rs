//! A model behind OpenAI's protocol, as an operator names it in variables.

use std::time::Duration;

use ocr_chat_vision::{ApiKey, ModelSettings, Place};

use crate::config::ConfigError;
use crate::vision::HERE;

/// The variables that name a model.
pub(crate) struct ModelVariables {
    /// The address in front of `/chat/completions`.
    pub(crate) url: &'static str,
    /// What its server knows us by.
    pub(crate) key: &'static str,
    /// The model's name there; needed with an address.
    pub(crate) model: &'static str,
    /// What answers call a provider that is not on this host; the host of its address otherwise.
    pub(crate) name: &'static str,
    /// `external` for a server on this host that passes on what it gets; `local`.
    pub(crate) place: &'static str,
    /// Seconds that a request may take.
    pub(crate) seconds: &'static str,
}

/// A model and what answers call who runs it.
#[derive(Debug, Clone)]
pub(crate) struct NamedModel {
    /// Where it is and what a request may take.
    pub(crate) settings: ModelSettings,
    /// What answers call a provider that is not on this host.
    pub(crate) name: String,
}

impl NamedModel {
    /// The model that `get` names; `None` without an address.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable that cannot be used.
    pub(crate) fn from_variables(
        get: &impl Fn(&str) -> Option<String>,
        variables: &ModelVariables,
    ) -> Result<Option<Self>, ConfigError> {
        let Some(url) = get(variables.url) else {
            return Ok(None);
        };
        let model = get(variables.model).ok_or_else(|| {
            let reason = format!("{} needs the name of a model", variables.url);
            wrong(variables.model, "", reason)
        })?;
        // An address may hold a password; it is not shown.
        let mut settings = ModelSettings::new(url.trim(), model.trim())
            .map_err(|error| wrong(variables.url, "...", error.to_string()))?;
        settings.key = get(variables.key).and_then(|key| ApiKey::new(&key));
        settings.place = place(get, variables.place, settings.place)?;
        if let Some(seconds) = get(variables.seconds) {
            let number: u64 = seconds
                .trim()
                .parse()
                .map_err(|_| wrong(variables.seconds, &seconds, "it is a whole number"))?;
            settings.limits.whole = Duration::from_secs(number.max(1));
        }
        let host = url::Url::parse(&settings.base_url).ok();
        let host = host.as_ref().and_then(url::Url::host_str);
        let name = get(variables.name).unwrap_or_else(|| host.unwrap_or("external").to_owned());
        Ok(Some(Self {
            settings,
            name: name.trim().to_owned(),
        }))
    }

    /// For answers that somebody waits for in one piece: `limit` for the whole request, unless the operator has set one, and at most
    /// `max_bytes` of answer.
    pub(crate) fn in_one_piece(
        mut self,
        get: &impl Fn(&str) -> Option<String>,
        variables: &ModelVariables,
        limit: Duration,
        max_bytes: usize,
    ) -> Self {
        let limits = &mut self.settings.limits;
        if get(variables.seconds).is_none() {
            limits.whole = limit;
        }
        limits.first_byte = limits.whole;
        limits.max_answer_bytes = max_bytes;
        self
    }
}

/// What answers call who runs a model at `place`.
pub(crate) fn provider_name(place: Place, name: &str) -> String {
    match place {
        Place::Local => HERE.to_owned(),
        Place::External => name.to_owned(),
    }
}

fn place(
    get: &impl Fn(&str) -> Option<String>,
    variable: &'static str,
    by_address: Place,
) -> Result<Place, ConfigError> {
    match get(variable).as_deref().map(str::trim) {
        None => Ok(by_address),
        // A server on this host may pass on what it gets.
        Some("external") => Ok(Place::External),
        Some("local") if by_address == Place::Local => Ok(Place::Local),
        Some("local") => {
            let reason = "only a server on a loopback address is local";
            Err(wrong(variable, "local", reason))
        }
        Some(other) => Err(wrong(variable, other, "it is local or external")),
    }
}

fn wrong(variable: &'static str, value: &str, reason: impl Into<String>) -> ConfigError {
    ConfigError::Value {
        variable,
        value: value.to_owned(),
        reason: reason.into(),
    }
}
