//! What is sent to a model.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The one who asks, with standing instructions.
    System,
    /// The one who asks.
    User,
    /// The model.
    Assistant,
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// A part of a message.
#[derive(Clone, PartialEq, Eq)]
pub enum Part {
    /// Text.
    Text(String),
    /// A picture as a data URL.
    Picture(String),
}

impl Part {
    /// A picture of a JPEG file.
    pub fn jpeg(bytes: &[u8]) -> Self {
        Self::Picture(format!("data:image/jpeg;base64,{}", STANDARD.encode(bytes)))
    }

    /// A picture of a PNG file.
    pub fn png(bytes: &[u8]) -> Self {
        Self::Picture(format!("data:image/png;base64,{}", STANDARD.encode(bytes)))
    }
}

/// Documents are not for logs.
impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Picture(url) => write!(f, "Picture({} bytes)", url.len()),
        }
    }
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
}

impl Message {
    /// A message of text.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            parts: vec![Part::Text(text.into())],
        }
    }

    fn body(&self) -> Value {
        // A plain string where it is text alone: some servers take nothing else.
        let content = match self.parts.as_slice() {
            [Part::Text(text)] => json!(text),
            parts => Value::Array(
                parts
                    .iter()
                    .map(|part| match part {
                        Part::Text(text) => json!({"type": "text", "text": text}),
                        Part::Picture(url) => {
                            json!({"type": "image_url", "image_url": {"url": url}})
                        }
                    })
                    .collect(),
            ),
        };
        json!({"role": self.role.as_str(), "content": content})
    }
}

/// The form that an answer must have.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonSchema {
    /// A name of letters, digits, `_` and `-`.
    pub name: String,
    /// The JSON schema.
    pub schema: Value,
}

/// A request to a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChatRequest {
    /// The conversation.
    pub messages: Vec<Message>,
    /// How freely the model chooses, 0 to 2; the server's own where `None`.
    pub temperature: Option<f32>,
    /// Most tokens of the answer; the server's own where `None`.
    pub max_tokens: Option<u32>,
    /// Where the answer ends when the model writes one of them.
    pub stop: Vec<String>,
    /// The form of the answer, where the server can hold the model to one.
    pub json_schema: Option<JsonSchema>,
    /// Further keys of the request, as some servers have them (`repetition_penalty`, `skip_special_tokens` ...). They win over the others.
    pub extra: Map<String, Value>,
}

impl ChatRequest {
    /// The request's JSON.
    pub(crate) fn body(&self, model: &str, is_streamed: bool) -> Value {
        let messages: Vec<Value> = self.messages.iter().map(Message::body).collect();
        let mut body = Map::new();
        body.insert("model".into(), json!(model));
        body.insert("messages".into(), Value::Array(messages));
        if let Some(temperature) = self.temperature {
            body.insert("temperature".into(), json!(temperature));
        }
        if let Some(max_tokens) = self.max_tokens {
            body.insert("max_tokens".into(), json!(max_tokens));
        }
        if !self.stop.is_empty() {
            body.insert("stop".into(), json!(self.stop));
        }
        if let Some(form) = &self.json_schema {
            body.insert(
                "response_format".into(),
                json!({
                    "type": "json_schema",
                    "json_schema": {"name": form.name, "schema": form.schema, "strict": true},
                }),
            );
        }
        if is_streamed {
            body.insert("stream".into(), json!(true));
            // Without it most servers do not say what a stream used.
            body.insert("stream_options".into(), json!({"include_usage": true}));
        }
        for (key, value) in &self.extra {
            // `null` takes a key out, for servers that refuse it.
            if value.is_null() {
                body.remove(key);
            } else {
                body.insert(key.clone(), value.clone());
            }
        }
        Value::Object(body)
    }

    /// Number of characters of text that is sent, and of pictures.
    pub(crate) fn size(&self) -> (usize, usize) {
        let parts = self.messages.iter().flat_map(|message| &message.parts);
        parts.fold((0, 0), |(n_chars, n_pictures), part| match part {
            Part::Text(text) => (n_chars + text.chars().count(), n_pictures),
            Part::Picture(_) => (n_chars, n_pictures + 1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_looks_as_the_protocol_has_it() {
        let request = ChatRequest {
            messages: vec![
                Message::text(Role::System, "be brief"),
                Message {
                    role: Role::User,
                    parts: vec![Part::jpeg(b"xyz"), Part::Text("OCR:".into())],
                },
            ],
            max_tokens: Some(10),
            extra: Map::from_iter([
                ("top_k".into(), json!(1)),
                ("stream_options".into(), Value::Null),
            ]),
            ..ChatRequest::default()
        };
        let body = request.body("m", true);
        assert_eq!(body["messages"][0]["content"], "be brief");
        let picture = &body["messages"][1]["content"][0]["image_url"]["url"];
        assert_eq!(picture, "data:image/jpeg;base64,eHl6");
        assert_eq!((&body["top_k"], &body["stream"]), (&json!(1), &json!(true)));
        assert!(body.get("stream_options").is_none() && body.get("temperature").is_none());
        assert!(!format!("{request:?}").contains("brief"));
    }
}
