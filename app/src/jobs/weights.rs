//! The weights that Workers read with: each is fetched once for all of them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;

use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::pool::ReaderState;
use crate::api::models::{self, ModelBlobs};
use crate::messages::Problem;
use crate::settings::ModelSize;

/// What is fetched or being fetched, by its name.
type Fetches<K, T> = RefCell<HashMap<K, Shared<LocalBoxFuture<'static, Result<T, Problem>>>>>;

/// The weights of this page.
pub(super) struct Weights {
    /// Hears how far a download is.
    state: RwSignal<ReaderState>,
    models: Fetches<ModelSize, ModelBlobs>,
    /// LSTM recognisers, by name.
    recognisers: Fetches<String, Blob>,
}

impl Weights {
    /// Nothing yet.
    pub(super) fn new(state: RwSignal<ReaderState>) -> Self {
        Self {
            state,
            models: RefCell::default(),
            recognisers: RefCell::default(),
        }
    }

    /// The files of a model.
    pub(super) async fn models(&self, size: ModelSize) -> Result<ModelBlobs, Problem> {
        let on_progress = self.on_progress();
        let fetch = || async move { models::fetch(size.name(), on_progress).await };
        self.once(&self.models, size, fetch).await
    }

    /// The recognisers called `names`: a Blob each, `null` for those that cannot be had. The page is read without them then, and says
    /// so.
    pub(super) async fn recognisers(&self, names: &[String]) -> Vec<JsValue> {
        let mut parts = Vec::new();
        for name in names {
            let (on_progress, asked) = (self.on_progress(), name.clone());
            let fetch = || async move { models::fetch_recogniser(&asked, on_progress).await };
            let fetched = self.once(&self.recognisers, name.clone(), fetch).await;
            parts.push(fetched.map_or(JsValue::NULL, JsValue::from));
        }
        parts
    }

    fn on_progress(&self) -> impl Fn(f64, f64) + 'static {
        let state = self.state;
        move |received, total| state.set(ReaderState::Downloading { received, total })
    }

    /// What `fetch` gives, the same for all who ask while it is fetched and afterwards. After a failure the next who asks tries again.
    async fn once<K: Eq + Hash + Clone, T: Clone + 'static, F>(
        &self,
        fetches: &Fetches<K, T>,
        key: K,
        fetch: impl FnOnce() -> F,
    ) -> Result<T, Problem>
    where
        F: Future<Output = Result<T, Problem>> + 'static,
    {
        let state = self.state;
        let fetching = fetches
            .borrow_mut()
            .entry(key.clone())
            .or_insert_with(|| {
                let fetch = fetch();
                async move {
                    let fetched = fetch.await;
                    state.set(ReaderState::Quiet);
                    fetched
                }
                .boxed_local()
                .shared()
            })
            .clone();
        let fetched = fetching.await;
        if fetched.is_err() {
            fetches.borrow_mut().remove(&key);
        }
        fetched
    }
}
