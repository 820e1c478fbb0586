//! The app as one of the device's own: installing it, files that others hand to it, newer versions of itself.

use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Cache, Event, File, FilePropertyBag, Response};

use crate::browser;
use crate::shell::Shell;

/// Cache Storage in which the service worker leaves the files that were shared with the app; see `public/sw.js`.
const SHARED: &str = "ocr-chat-shared";

/// What there is to say about the app itself.
#[derive(Clone, Copy)]
pub(crate) struct Installed {
    /// The browser's offer to install the app, kept until it is used.
    offer: StoredValue<Option<JsValue>, LocalStorage>,
    /// Whether the app can be installed.
    pub(crate) can_install: RwSignal<bool>,
    /// Whether a newer version waits for a reload.
    pub(crate) is_outdated: RwSignal<bool>,
}

impl Installed {
    /// Listens for what the browser tells, and takes files that were handed to the app.
    pub(crate) fn watch(shell: Shell) -> Self {
        let installed = Self {
            offer: StoredValue::new_local(None),
            can_install: RwSignal::new(false),
            is_outdated: RwSignal::new(false),
        };
        installed.listen();
        browser::register_service_worker(move || installed.newer(shell));
        spawn_local(async move {
            let files = shared_files().await;
            if !files.is_empty() {
                shell.add(files);
            }
        });
        // Where the device opens files with the app.
        take_launched(move |files| shell.add(files));
        installed
    }

    fn listen(self) {
        let on_offer = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            // The browser's own banner gives way to the button.
            event.prevent_default();
            self.offer.set_value(Some(event.into()));
            self.can_install.set(true);
        });
        let on_done = Closure::<dyn FnMut(Event)>::new(move |_event: Event| {
            self.can_install.set(false);
        });
        if let Some(window) = web_sys::window() {
            for (name, closure) in [("beforeinstallprompt", on_offer), ("appinstalled", on_done)] {
                let listener = closure.as_ref().unchecked_ref();
                let _ = window.add_event_listener_with_callback(name, listener);
                // Listens as long as the page lives.
                closure.forget();
            }
        }
    }

    /// Asks the browser to install the app.
    pub(crate) fn install(self) {
        let offer = self.offer.get_value();
        self.offer.set_value(None);
        self.can_install.set(false);
        if let Some(offer) = offer
            && let Ok(prompt) = Reflect::get(&offer, &"prompt".into())
            && let Ok(prompt) = prompt.dyn_into::<Function>()
        {
            // It can be asked once; the browser offers again where it may.
            let _ = prompt.call0(&offer);
        }
    }

    /// A newer version is there: taken at once where nothing is going on, offered otherwise.
    fn newer(self, shell: Shell) {
        let is_looked_at = shell.selected.with_untracked(Option::is_some);
        if shell.is_busy() || is_looked_at {
            self.is_outdated.set(true);
        } else {
            browser::reload(&browser::path());
        }
    }
}

/// The files that another app shared, once.
async fn shared_files() -> Vec<File> {
    let Some(window) = web_sys::window().filter(web_sys::Window::is_secure_context) else {
        return Vec::new();
    };
    let Ok(caches) = window.caches() else {
        return Vec::new();
    };
    if !matches!(JsFuture::from(caches.has(SHARED)).await, Ok(has) if has.is_truthy()) {
        return Vec::new();
    }
    let mut files = Vec::new();
    if let Ok(cache) = JsFuture::from(caches.open(SHARED)).await {
        let cache: Cache = cache.unchecked_into();
        let requests = JsFuture::from(cache.keys()).await.unwrap_or_default();
        for request in Array::from(&requests).iter() {
            let found = JsFuture::from(cache.match_with_request(request.unchecked_ref())).await;
            let Some(response) = found
                .ok()
                .and_then(|found| found.dyn_into::<Response>().ok())
            else {
                continue;
            };
            let name = response.headers().get("x-name").ok().flatten();
            let name = name
                .and_then(|name| js_sys::decode_uri_component(&name).ok())
                .map_or_else(|| "shared".to_owned(), String::from);
            let Ok(promise) = response.blob() else {
                continue;
            };
            if let Ok(blob) = JsFuture::from(promise).await {
                let options = FilePropertyBag::new();
                if let Ok(Some(kind)) = response.headers().get("content-type") {
                    options.set_type(&kind);
                }
                let parts = Array::of1(&blob);
                files.extend(File::new_with_blob_sequence_and_options(
                    &parts, &name, &options,
                ));
            }
        }
    }
    // Taken once, whatever becomes of them.
    let _ = JsFuture::from(caches.delete(SHARED)).await;
    files
}

/// Hears of files that the device opens with the installed app (`launchQueue`), where browsers have that.
fn take_launched(on_files: impl Fn(Vec<File>) + Clone + 'static) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let Ok(queue) = Reflect::get(&window, &"launchQueue".into()) else {
        return;
    };
    let Some(set_consumer) = Reflect::get(&queue, &"setConsumer".into())
        .ok()
        .and_then(|set| set.dyn_into::<Function>().ok())
    else {
        return;
    };
    let consumer = Closure::<dyn FnMut(JsValue)>::new(move |launch: JsValue| {
        let handles = Reflect::get(&launch, &"files".into()).unwrap_or_default();
        let on_files = on_files.clone();
        spawn_local(async move {
            let mut files = Vec::new();
            for handle in Array::from(&handles).iter() {
                files.extend(file_of(&handle).await);
            }
            if !files.is_empty() {
                on_files(files);
            }
        });
    });
    let _ = set_consumer.call1(&queue, consumer.as_ref());
    // Listens as long as the page lives.
    consumer.forget();
}

/// The file of a `FileSystemFileHandle`.
async fn file_of(handle: &JsValue) -> Option<File> {
    let get: Function = Reflect::get(handle, &"getFile".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let promise: Promise = get.call0(handle).ok()?.dyn_into().ok()?;
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}
