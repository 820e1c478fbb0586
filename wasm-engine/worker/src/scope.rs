//! The Worker's side of the wire.

use std::future::Future;
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use crate::message;
use crate::protocol::{FromWorker, ToWorker};

/// This Worker, as its page sees it.
#[derive(Clone)]
pub struct Scope(DedicatedWorkerGlobalScope);

impl Scope {
    /// The scope this code runs in; `None` outside a Worker.
    pub fn current() -> Option<Self> {
        js_sys::global().dyn_into().ok().map(Self)
    }

    /// Sends a message of the OCR or PDF Worker; buffers among `parts` are transferred, not copied.
    pub fn send(&self, message: &FromWorker, parts: &[JsValue]) {
        self.post(message, parts);
    }

    /// Sends a message of any Worker; buffers among `parts` are transferred, not copied.
    pub fn post<M: Serialize>(&self, message: &M, parts: &[JsValue]) {
        let transfer: Array = parts
            .iter()
            .filter(|part| part.is_instance_of::<ArrayBuffer>())
            .collect();
        let sent = message::encode(message, parts)
            .map_err(|error| JsValue::from(error.to_string()))
            .and_then(|value| self.0.post_message_with_transfer(&value, &transfer));
        if let Err(error) = sent {
            // The page hears of it through its `error` listener; there is no other way to reach it now.
            wasm_bindgen::throw_val(error);
        }
    }

    /// Hands each message to `handle`, in the order of arrival, one at a time; then tells the page that the Worker is ready.
    pub fn listen<F, T>(&self, handle: F)
    where
        F: Fn(ToWorker, Vec<JsValue>) -> T + 'static,
        T: Future<Output = ()> + 'static,
    {
        self.listen_for(&FromWorker::Ready, handle);
    }

    /// As [`Self::listen`] for Workers with messages of their own; `ready` tells the page that the Worker is.
    pub fn listen_for<M, R, F, T>(&self, ready: &R, handle: F)
    where
        M: DeserializeOwned + 'static,
        R: Serialize,
        F: Fn(M, Vec<JsValue>) -> T + 'static,
        T: Future<Output = ()> + 'static,
    {
        let handle = Rc::new(handle);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let handle = Rc::clone(&handle);
            match message::decode::<M>(&event.data()) {
                Ok((message, parts)) => spawn_local(async move { handle(message, parts).await }),
                Err(error) => wasm_bindgen::throw_str(&error.to_string()),
            }
        });
        self.0
            .set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        // The listener lives as long as the Worker.
        on_message.forget();
        self.post(ready, &[]);
    }
}

/// The bytes of a Blob; empty when it can no longer be read (the file was moved or changed meanwhile).
pub async fn bytes_of(part: Option<&JsValue>) -> Vec<u8> {
    let Some(blob) = part.and_then(|part| part.dyn_ref::<Blob>()) else {
        return Vec::new();
    };
    match JsFuture::from(blob.array_buffer()).await {
        Ok(buffer) => Uint8Array::new(&buffer).to_vec(),
        Err(_) => Vec::new(),
    }
}
