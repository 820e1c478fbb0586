//! What the tabs of one browser tell each other.

use js_sys::{Function, Object, Promise, Reflect};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{BroadcastChannel, MessageEvent};

const CHANNEL: &str = "ocr-chat.documents.1";

/// What another tab did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum News {
    /// A document was read, or changed.
    Changed(String),
    /// A document was deleted.
    Deleted(String),
    /// Everything was deleted.
    Cleared,
}

/// The channel to the other tabs.
pub(crate) struct Tabs {
    channel: BroadcastChannel,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Tabs {
    /// Listens to the other tabs; `None` where the browser has no such channel.
    pub(crate) fn listen(mut on_news: impl FnMut(News) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(CHANNEL).ok()?;
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let news = event.data().as_string();
            // A tab with a newer version of the app may say what this one does not know.
            if let Some(news) = news.and_then(|json| serde_json::from_str(&json).ok()) {
                on_news(news);
            }
        });
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Some(Self {
            channel,
            _on_message: on_message,
        })
    }

    /// Tells the other tabs.
    pub(crate) fn tell(&self, news: &News) {
        if let Ok(json) = serde_json::to_string(news) {
            let _ = self.channel.post_message(&json.into());
        }
    }
}

/// Marks a document as being read in this tab, until it is dropped or the tab is closed.
pub(crate) struct Lock {
    release: Option<Function>,
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            let _ = release.call0(&JsValue::NULL);
        }
    }
}

impl Lock {
    /// Takes the mark of document `key`; `None` where another tab has it. Without Web Locks (plain HTTP from another host) every
    /// tab has it: a document may be read twice then, which costs time alone.
    pub(crate) async fn take(key: &str) -> Option<Self> {
        let Some((locks, request)) = manager() else {
            return Some(Self { release: None });
        };
        let (sender, receiver) = futures::channel::oneshot::channel();
        let mut sender = Some(sender);
        let held = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            if lock.is_null() {
                sender.take();
                return JsValue::UNDEFINED;
            }
            // The lock is held until this promise is settled.
            let promise = Promise::new(&mut |resolve, _reject| {
                if let Some(sender) = sender.take() {
                    let _ = sender.send(resolve);
                }
            });
            promise.into()
        });
        let options = Object::new();
        Reflect::set(&options, &"ifAvailable".into(), &true.into()).ok()?;
        let name = JsValue::from(format!("ocr-chat.read.{key}"));
        let asked = request.call3(&locks, &name, &options, &held).ok()?;
        spawn_local(async move {
            // Settled when the lock is given back.
            let _ = JsFuture::from(asked.unchecked_into::<Promise>()).await;
        });
        let release = receiver.await.ok()?;
        Some(Self {
            release: Some(release),
        })
    }
}

/// `navigator.locks` and its `request`; web-sys has them behind an unstable flag.
fn manager() -> Option<(JsValue, Function)> {
    let navigator = web_sys::window()?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    let request = Reflect::get(&locks, &"request".into()).ok()?;
    Some((locks, request.dyn_into().ok()?))
}
