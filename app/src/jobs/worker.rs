//! A Worker as something to ask: one request at a time, with events on the way to its answer.

use std::cell::RefCell;
use std::rc::Rc;

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use js_sys::{Array, ArrayBuffer};
use ocr_chat_worker::chat_protocol::{FromChat, ToChat};
use ocr_chat_worker::export_protocol::{FromExporter, ToExporter};
use ocr_chat_worker::message;
use ocr_chat_worker::protocol::{FromWorker, ToWorker};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, MessageEvent, Worker};

/// Scripts that Trunk writes for the Workers' binaries; they load the WebAssembly file.
pub(super) const OCR_SCRIPT: &str = "/ocr_worker_loader.js";
/// As [`OCR_SCRIPT`].
pub(super) const PDF_SCRIPT: &str = "/pdf_worker_loader.js";
/// As [`OCR_SCRIPT`].
pub(super) const EXPORT_SCRIPT: &str = "/export_worker_loader.js";
/// As [`OCR_SCRIPT`].
pub(super) const CHAT_SCRIPT: &str = "/chat_worker_loader.js";

/// What a kind of Worker says.
pub(super) trait Said: DeserializeOwned + 'static {
    /// What it is asked.
    type Asked: Serialize;

    /// Whether it says that the Worker listens.
    fn is_ready(&self) -> bool;

    /// Whether it comes on the way to the answer.
    fn is_event(&self) -> bool;
}

impl Said for FromWorker {
    type Asked = ToWorker;

    fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }

    fn is_event(&self) -> bool {
        matches!(self, Self::Picture { .. } | Self::Stage { .. })
    }
}

impl Said for FromExporter {
    type Asked = ToExporter;

    fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }

    fn is_event(&self) -> bool {
        false
    }
}

impl Said for FromChat {
    type Asked = ToChat;

    fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }

    fn is_event(&self) -> bool {
        false
    }
}

/// The Worker is gone: it was ended, could not start, or ran out of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gone;

type Message<S> = (S, Vec<JsValue>);

type Sender<S> = Rc<RefCell<Option<UnboundedSender<Message<S>>>>>;

/// Ends a Worker from anywhere, also while it is busy.
pub(super) struct Stop<S = FromWorker> {
    worker: Worker,
    sender: Sender<S>,
}

// Derived, it would ask the same of what the Worker says.
impl<S> Clone for Stop<S> {
    fn clone(&self) -> Self {
        Self {
            worker: self.worker.clone(),
            sender: Rc::clone(&self.sender),
        }
    }
}

impl<S> Stop<S> {
    /// Ends the Worker; its current request answers [`Gone`].
    pub(super) fn stop(&self) {
        self.worker.terminate();
        self.sender.borrow_mut().take();
    }
}

/// A running Worker. Ends with this value.
pub(super) struct WorkerHandle<S = FromWorker> {
    stop: Stop<S>,
    receiver: UnboundedReceiver<Message<S>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl<S: Said> WorkerHandle<S> {
    /// Starts a Worker and waits until it listens: what is sent before is lost.
    pub(super) async fn start(script: &str) -> Result<Self, Gone> {
        let worker = Worker::new(script).map_err(|_| Gone)?;
        let (sender, receiver) = unbounded();
        let sender: Sender<S> = Rc::new(RefCell::new(Some(sender)));
        let on_message = Closure::new({
            let sender = Rc::clone(&sender);
            move |event: MessageEvent| {
                let message = message::decode::<S>(&event.data());
                match (message, sender.borrow().as_ref()) {
                    (Ok(message), Some(sender)) => {
                        let _ = sender.unbounded_send(message);
                    }
                    // A Worker of another build: nothing it says can be used.
                    (Err(_), Some(sender)) => sender.close_channel(),
                    (_, None) => {}
                }
            }
        });
        // A panic in WebAssembly, an allocation that failed, a script that did not load.
        let on_error = Closure::new({
            let sender = Rc::clone(&sender);
            move |_event: Event| {
                sender.borrow_mut().take();
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let mut handle = Self {
            stop: Stop { worker, sender },
            receiver,
            _on_message: on_message,
            _on_error: on_error,
        };
        match handle.receiver.next().await {
            Some((said, _)) if said.is_ready() => Ok(handle),
            _ => Err(Gone),
        }
    }

    /// Something to end this Worker with.
    pub(super) fn stopper(&self) -> Stop<S> {
        self.stop.clone()
    }

    /// Sends a message that has no answer.
    pub(super) fn send(&self, message: &S::Asked, parts: &[JsValue]) -> Result<(), Gone> {
        let value = message::encode(message, parts).map_err(|_| Gone)?;
        let transfer: Array = parts
            .iter()
            .filter(|part| part.is_instance_of::<ArrayBuffer>())
            .collect();
        self.stop
            .worker
            .post_message_with_transfer(&value, &transfer)
            .map_err(|_| Gone)
    }

    /// Sends a message and waits for its answer; `on_event` hears of pictures and stages meanwhile.
    pub(super) async fn ask(
        &mut self,
        message: &S::Asked,
        parts: &[JsValue],
        mut on_event: impl FnMut(S, &[JsValue]),
    ) -> Result<Message<S>, Gone> {
        self.send(message, parts)?;
        loop {
            let (answer, parts) = self.receiver.next().await.ok_or(Gone)?;
            if !answer.is_event() {
                return Ok((answer, parts));
            }
            on_event(answer, &parts);
        }
    }
}

impl<S> Drop for WorkerHandle<S> {
    fn drop(&mut self) {
        self.stop.worker.set_onmessage(None);
        self.stop.worker.set_onerror(None);
        self.stop.stop();
    }
}
