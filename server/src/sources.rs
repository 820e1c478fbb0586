//! What was kept of a document, for exports that show its pages.

use std::sync::{Mutex, OnceLock, PoisonError};

use ocr_chat_document::{Answer, BBox};
use ocr_chat_engine::{Limits, PageImage, Source};
use ocr_chat_export::PageSources;

/// The file that a document was read from. It is opened when an export first asks for a picture.
pub struct DocumentSources {
    original: Option<Vec<u8>>,
    password: Option<String>,
    /// Degrees clockwise by which each page was turned when it was read.
    rotations: Vec<u16>,
    opened: OnceLock<Option<Source>>,
    /// The page that a picture was asked of last: figures come page by page.
    last_page: Mutex<Option<(u32, PageImage)>>,
}

impl DocumentSources {
    /// Of the bytes of the file, where it was kept, and the password that opens it.
    pub fn new(original: Option<Vec<u8>>, password: Option<String>) -> Self {
        Self {
            original,
            password,
            rotations: Vec::new(),
            opened: OnceLock::new(),
            last_page: Mutex::default(),
        }
    }

    /// The same, with the pages turned as `answer` has them.
    #[must_use]
    pub fn with_rotations(mut self, answer: &Answer) -> Self {
        self.rotations = vec![0; answer.pages.len()];
        for page in &answer.pages {
            if let Some(rotation) = self.rotations.get_mut(page.page.index as usize) {
                *rotation = page.page.rotation;
            }
        }
        self
    }

    fn open(&self) -> Option<&Source> {
        let open = || {
            let bytes = self.original.clone()?;
            Source::open(bytes, &Limits::server(), self.password.as_deref()).ok()
        };
        self.opened.get_or_init(open).as_ref()
    }
}

impl PageSources for DocumentSources {
    fn original(&self) -> Option<&[u8]> {
        self.original.as_deref()
    }

    fn picture(&self, page_index: u32, bbox: BBox) -> Option<Vec<u8>> {
        let mut last = self
            .last_page
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_none_or(|(index, _)| *index != page_index) {
            let image = self.open()?.page(page_index as usize).ok()?;
            let rotation = self.rotations.get(page_index as usize);
            let upright = rotation.map_or_else(|| image.clone(), |&turn| image.turned_to(turn));
            *last = Some((page_index, upright));
        }
        last.as_ref().and_then(|(_, image)| image.part_as_png(bbox))
    }

    fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }
}
