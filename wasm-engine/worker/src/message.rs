//! A message on its way: JSON and the parts beside it.

use js_sys::{Array, Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

/// Why a message was not understood. Page and Worker come from one build, so this is a stale file in a cache.
#[derive(Debug, thiserror::Error)]
#[error("a message between page and Worker was not understood: {0}")]
pub struct MessageError(String);

/// The JavaScript value of a message.
///
/// # Errors
/// [`MessageError`] when it cannot be written as JSON.
pub fn encode<M: Serialize>(message: &M, parts: &[JsValue]) -> Result<JsValue, MessageError> {
    let json = serde_json::to_string(message).map_err(|error| MessageError(error.to_string()))?;
    let object = Object::new();
    let list: Array = parts.iter().collect();
    for (key, value) in [("json", JsValue::from(json)), ("parts", list.into())] {
        Reflect::set(&object, &key.into(), &value)
            .map_err(|_| MessageError(format!("{key} cannot be set")))?;
    }
    Ok(object.into())
}

/// The message and parts of a JavaScript value.
///
/// # Errors
/// [`MessageError`] when it is no message of this build.
pub fn decode<M: DeserializeOwned>(value: &JsValue) -> Result<(M, Vec<JsValue>), MessageError> {
    let get = |key: &str| {
        Reflect::get(value, &key.into()).map_err(|_| MessageError(format!("{key} is missing")))
    };
    let json = get("json")?
        .as_string()
        .ok_or_else(|| MessageError("json is no text".to_owned()))?;
    let message = serde_json::from_str(&json).map_err(|error| MessageError(error.to_string()))?;
    let parts = get("parts")?
        .dyn_into::<Array>()
        .map(|list| list.iter().collect())
        .unwrap_or_default();
    Ok((message, parts))
}
