//! Questions to the server about a document that it read: an answer as it comes in.

use js_sys::{Reflect, Uint8Array};
use ocr_chat_worker::chat_protocol::Citation;
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, ReadableStreamDefaultReader, Request, RequestInit, Response};

/// Why the server gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nobody is signed in.
    SignIn,
    /// Anything else: no network, the document is gone, too many questions.
    Other,
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Message {
    pub(crate) content: String,
    #[serde(default)]
    pub(crate) citations: Vec<Citation>,
    #[serde(default)]
    pub(crate) found: Option<bool>,
}

#[derive(Deserialize)]
struct Whole {
    message: Message,
}

#[derive(Deserialize)]
struct Delta {
    content: String,
}

/// Asks about the job `uuid`; `on_text` hears each piece of the answer as it comes.
///
/// # Errors
/// [`Refusal`]
pub(crate) async fn ask(
    uuid: &str,
    question: &str,
    signal: &AbortSignal,
    mut on_text: impl FnMut(&str),
) -> Result<Message, Refusal> {
    let response = send(uuid, question, signal).await.ok_or(Refusal::Other)?;
    match response.status() {
        401 => return Err(Refusal::SignIn),
        _ if !response.ok() => return Err(Refusal::Other),
        _ => {}
    }
    let body = response.body().ok_or(Refusal::Other)?;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut events = Events::default();
    loop {
        let chunk = JsFuture::from(reader.read())
            .await
            .map_err(|_| Refusal::Other)?;
        let Some(bytes) = Reflect::get(&chunk, &"value".into())
            .ok()
            .and_then(|value| value.dyn_into::<Uint8Array>().ok())
        else {
            return Err(Refusal::Other);
        };
        for (event, data) in events.push(&bytes.to_vec()) {
            match event.as_str() {
                "delta" => {
                    if let Ok(Delta { content }) = serde_json::from_str(&data) {
                        on_text(&content);
                    }
                }
                "message" => {
                    let whole: Whole = serde_json::from_str(&data).map_err(|_| Refusal::Other)?;
                    return Ok(whole.message);
                }
                _ => {}
            }
        }
    }
}

async fn send(uuid: &str, question: &str, signal: &AbortSignal) -> Option<Response> {
    let body = serde_json::json!({ "message": question, "stream": true }).to_string();
    let headers = Headers::new().ok()?;
    headers.set("Content-Type", "application/json").ok()?;
    headers.set("Accept", "text/event-stream").ok()?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&JsValue::from(body));
    init.set_signal(Some(signal));
    let request = Request::new_with_str_and_init(&format!("/api/v1/chat/{uuid}/"), &init).ok()?;
    let answer = JsFuture::from(web_sys::window()?.fetch_with_request(&request)).await;
    answer.ok()?.dyn_into().ok()
}

/// Server-sent events out of pieces that end anywhere, within a character, too. Names and data only.
#[derive(Default)]
struct Events {
    line: Vec<u8>,
    event: String,
    data: String,
}

impl Events {
    /// The events that `bytes` complete.
    fn push(&mut self, bytes: &[u8]) -> Vec<(String, String)> {
        let mut events = Vec::new();
        for &byte in bytes {
            if byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                events.extend(self.line(String::from_utf8_lossy(&line).trim_end_matches('\r')));
            } else {
                self.line.push(byte);
            }
        }
        events
    }

    fn line(&mut self, line: &str) -> Option<(String, String)> {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "" if line.is_empty() => {
                let event = std::mem::take(&mut self.event);
                let data = std::mem::take(&mut self.data);
                return (!data.is_empty()).then_some((event, data));
            }
            "event" => value.clone_into(&mut self.event),
            "data" => {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Events;

    #[test]
    fn events_come_whole_out_of_any_pieces() {
        let sent = ": hello\n\nevent: delta\ndata: {\"content\":\"ä\"}\n\nevent: message\r\ndata: a\r\ndata: b\r\n\r\nevent: rest";
        let wanted = vec![
            ("delta".to_owned(), "{\"content\":\"ä\"}".to_owned()),
            ("message".to_owned(), "a\nb".to_owned()),
        ];
        for size in 1..sent.len() {
            let mut events = Events::default();
            let got: Vec<_> = sent
                .as_bytes()
                .chunks(size)
                .flat_map(|piece| events.push(piece))
                .collect();
            assert_eq!(got, wanted, "pieces of {size} bytes");
        }
    }
}
