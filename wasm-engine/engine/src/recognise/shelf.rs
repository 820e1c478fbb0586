//! The LSTM recognisers at hand, loaded when a line first needs them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ocr_chat_lstm::LineModel;

use super::LstmRecogniser;

/// Gives the bytes of models that are needed now and then, by name: `Thai` for a script's recogniser, `tha` for a language's own,
/// [`crate::TABLE_STRUCTURE`] for the structure of tables.
pub trait ModelLibrary: Send + Sync {
    /// The stripped traineddata of the recogniser called `name`, or the file of another model; `None` where it is not installed.
    fn load(&self, name: &str) -> Option<Vec<u8>>;
}

/// A recogniser that was asked for.
pub(crate) enum Shelved {
    /// It is at hand.
    Ready(Arc<LstmRecogniser>),
    /// It cannot be had.
    Absent,
    /// Nobody has said yet whether it can be had: the caller of the engine fetches it (browsers).
    Unknown,
}

/// The recognisers at hand.
#[derive(Default)]
pub(crate) struct Shelf {
    library: Option<Arc<dyn ModelLibrary>>,
    /// `None` for those that cannot be had.
    slots: Mutex<BTreeMap<String, Option<Arc<LstmRecogniser>>>>,
}

impl Shelf {
    /// A shelf that loads from `library`; without one, recognisers are [put](Self::put) there.
    pub(crate) fn new(library: Option<Arc<dyn ModelLibrary>>) -> Self {
        Self {
            library,
            slots: Mutex::default(),
        }
    }

    /// The recogniser called `name`.
    pub(crate) fn get(&self, name: &str) -> Shelved {
        if let Some(slot) = self.slots().get(name) {
            return slot.clone().map_or(Shelved::Absent, Shelved::Ready);
        }
        let Some(library) = &self.library else {
            return Shelved::Unknown;
        };
        // Loaded outside of the lock; two threads that load the same model at once waste a few milliseconds.
        let loaded = library.load(name);
        self.put(name, loaded.as_deref());
        match self.slots().get(name) {
            Some(Some(recogniser)) => Shelved::Ready(Arc::clone(recogniser)),
            _ => Shelved::Absent,
        }
    }

    /// Puts a recogniser on the shelf, or notes that it cannot be had. `false` when `traineddata` is damaged, which counts as
    /// not to be had.
    pub(crate) fn put(&self, name: &str, traineddata: Option<&[u8]>) -> bool {
        let model = traineddata.map(LineModel::parse);
        let is_damaged = matches!(model, Some(Err(_)));
        let recogniser = model
            .and_then(Result::ok)
            .map(|model| Arc::new(LstmRecogniser::new(model)));
        self.slots().insert(name.to_owned(), recogniser);
        !is_damaged
    }

    /// Forgets which recognisers cannot be had.
    pub(crate) fn forget_absent(&self) {
        self.slots().retain(|_, slot| slot.is_some());
    }

    fn slots(&self) -> MutexGuard<'_, BTreeMap<String, Option<Arc<LstmRecogniser>>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
