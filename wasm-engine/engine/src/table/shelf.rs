//! The model of table structures, loaded when a page first has what may be a table.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::StructureModel;
use crate::error::PageError;
use crate::recognise::ModelLibrary;

/// Name of the model of table structures: its file.
pub const TABLE_STRUCTURE: &str = "slanet-1m.onnx";

/// The model, if it can be had.
pub(crate) struct TableShelf {
    library: Option<Arc<dyn ModelLibrary>>,
    slot: Mutex<Slot>,
}

#[derive(Clone, Default)]
enum Slot {
    /// Nobody has said yet whether it can be had.
    #[default]
    Unknown,
    Absent,
    Ready(Arc<StructureModel>),
}

impl TableShelf {
    /// A shelf that loads from `library`; without one, the model is [put](Self::put) there.
    pub(crate) fn new(library: Option<Arc<dyn ModelLibrary>>) -> Self {
        Self {
            library,
            slot: Mutex::default(),
        }
    }

    /// The model; `None` where it cannot be had, and tables are read by their corridors.
    ///
    /// # Errors
    /// [`PageError::NeedsModels`] where the caller of the engine is to fetch it first.
    pub(crate) fn get(&self) -> Result<Option<Arc<StructureModel>>, PageError> {
        let known = self.slot().clone();
        match (known, &self.library) {
            (Slot::Ready(model), _) => Ok(Some(model)),
            (Slot::Absent, _) => Ok(None),
            (Slot::Unknown, None) => Err(PageError::NeedsModels(vec![TABLE_STRUCTURE])),
            (Slot::Unknown, Some(library)) => {
                // Loaded outside of the lock; two threads that load it at once waste a few milliseconds.
                let loaded = library.load(TABLE_STRUCTURE);
                self.put(loaded.as_deref());
                match &*self.slot() {
                    Slot::Ready(model) => Ok(Some(Arc::clone(model))),
                    _ => Ok(None),
                }
            }
        }
    }

    /// Puts the model on the shelf, or notes that it cannot be had. `false` when `bytes` are damaged, which counts as not to be had.
    pub(crate) fn put(&self, bytes: Option<&[u8]>) -> bool {
        let model = bytes.map(StructureModel::parse);
        let is_damaged = matches!(model, Some(None));
        *self.slot() = match model.flatten() {
            Some(model) => Slot::Ready(Arc::new(model)),
            None => Slot::Absent,
        };
        !is_damaged
    }

    /// Forgets that it cannot be had.
    pub(crate) fn forget_absent(&self) {
        let mut slot = self.slot();
        if matches!(*slot, Slot::Absent) {
            *slot = Slot::Unknown;
        }
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
