//! The lexicons at hand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::lexicon::Lexicon;
use crate::recognise::ModelLibrary;

/// The lexicons at hand, loaded when a line first needs them.
pub(crate) struct LexiconShelf {
    library: Option<Arc<dyn ModelLibrary>>,
    /// `None` for those that cannot be had.
    slots: Mutex<BTreeMap<&'static str, Option<Arc<Lexicon>>>>,
}

impl LexiconShelf {
    /// A shelf that loads from `library`.
    pub(crate) fn new(library: Option<Arc<dyn ModelLibrary>>) -> Self {
        Self {
            library,
            slots: Mutex::default(),
        }
    }

    /// The lexicon of the language that Tesseract calls `name`.
    pub(super) fn get(&self, name: &'static str) -> Option<Arc<Lexicon>> {
        let slots = || self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots().get(name) {
            return slot.clone();
        }
        // Loaded outside of the lock: two threads that load the same at once waste a second.
        let file = self.library.as_ref()?.load(&words_file(name));
        let lexicon = file.and_then(|file| Lexicon::parse(&file)).map(Arc::new);
        slots().insert(name, lexicon.clone());
        lexicon
    }
}

/// The file of a language's words.
fn words_file(name: &str) -> String {
    format!("words-{name}.traineddata")
}
