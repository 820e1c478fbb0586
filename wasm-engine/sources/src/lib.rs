#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

use std::sync::{Mutex, OnceLock, PoisonError};

use ocr_chat_document::{Answer, BBox, Page};
use ocr_chat_engine::geometry::{PointF, RotatedRect};
use ocr_chat_engine::text_layer::TextLayer;
use ocr_chat_engine::{Limits, PageImage, Source};
use ocr_chat_export::{PageSources, figure_boxes};

/// The file that a document was read from. It is opened when an export first asks for a picture.
pub struct DocumentSources {
    original: Option<Vec<u8>>,
    password: Option<String>,
    limits: Limits,
    /// Degrees clockwise by which each page was turned when it was read.
    rotations: Vec<u16>,
    opened: OnceLock<Option<Source>>,
    /// Pictures that were given, where the file cannot be opened here: page, box, file.
    pictures: Vec<(u32, BBox, Vec<u8>)>,
    /// The lines of pages' own text that were given.
    own_text: Vec<(u32, Vec<BBox>)>,
    /// The page that a picture was asked of last: figures come page by page.
    last_page: Mutex<Option<(u32, PageImage)>>,
}

impl DocumentSources {
    /// Of the bytes of the file, where it was kept, and the password that opens it; it is decoded within `limits`.
    pub fn new(original: Option<Vec<u8>>, password: Option<String>, limits: Limits) -> Self {
        Self {
            original,
            password,
            limits,
            rotations: Vec::new(),
            opened: OnceLock::new(),
            pictures: Vec::new(),
            own_text: Vec::new(),
            last_page: Mutex::default(),
        }
    }

    /// The same, of other bytes.
    #[must_use]
    pub fn with_original(self, original: Option<Vec<u8>>) -> Self {
        Self {
            original,
            opened: OnceLock::new(),
            ..self
        }
    }

    /// The same, with the pages turned as `answer` has them.
    #[must_use]
    pub fn with_rotations(mut self, answer: &Answer) -> Self {
        // Chosen pages of a document keep their numbers.
        for page in &answer.pages {
            let index = page.page.index as usize;
            if self.rotations.len() <= index {
                self.rotations.resize(index + 1, 0);
            }
            if let Some(rotation) = self.rotations.get_mut(index) {
                *rotation = page.page.rotation;
            }
        }
        self
    }

    /// Gives the pictures of a page's figures, cut out of its pixels as they were rendered elsewhere. Only the pictures are kept.
    pub fn give_pictures(&mut self, page: &Page, image: &PageImage) {
        let upright = image.turned_to(page.rotation);
        let pictures = figure_boxes(page).into_iter().filter_map(|bbox| {
            let file = upright.part_as_png(bbox)?;
            Some((page.index, bbox, file))
        });
        self.pictures.extend(pictures);
    }

    /// Gives the text that page `page_index` (from 0) brings along.
    pub fn give_own_text(&mut self, page_index: u32, layer: &TextLayer) {
        self.own_text.push((page_index, boxes(layer)));
    }

    fn open(&self) -> Option<&Source> {
        let open = || {
            let bytes = self.original.clone()?;
            Source::open(bytes, &self.limits, self.password.as_deref()).ok()
        };
        self.opened.get_or_init(open).as_ref()
    }
}

impl PageSources for DocumentSources {
    fn original(&self) -> Option<&[u8]> {
        self.original.as_deref()
    }

    fn picture(&self, page_index: u32, bbox: BBox) -> Option<Vec<u8>> {
        let mut given = self.pictures.iter();
        if let Some((.., file)) = given.find(|(page, of, _)| (*page, *of) == (page_index, bbox)) {
            return Some(file.clone());
        }
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

    fn own_text(&self, page_index: u32) -> Option<Vec<BBox>> {
        if let Some((_, own)) = self.own_text.iter().find(|(page, _)| *page == page_index) {
            return Some(own.clone());
        }
        let layer = self.open()?.text_layer(page_index as usize)?;
        Some(boxes(&layer))
    }

    fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }
}

/// The boxes of a layer's lines.
fn boxes(layer: &TextLayer) -> Vec<BBox> {
    layer.lines.iter().map(|line| upright(&line.rect)).collect()
}

/// The box around `rect`, to whole pixels outwards.
fn upright(rect: &RotatedRect) -> BBox {
    let corners = rect.corners();
    let (mut low, mut high) = (corners[0], corners[0]);
    for corner in corners {
        low = PointF::new(low.x.min(corner.x), low.y.min(corner.y));
        high = PointF::new(high.x.max(corner.x), high.y.max(corner.y));
    }
    // Floats that no i32 holds end at its bounds.
    BBox::new(
        low.x.floor() as i32,
        low.y.floor() as i32,
        high.x.ceil() as i32,
        high.y.ceil() as i32,
    )
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use ocr_chat_document::{Detail, Document, EngineInfo, Page};

    use super::*;

    /// A picture of 2 x 1 pixels, black and white, as a 24-bit BMP.
    fn bmp() -> Vec<u8> {
        let mut file = b"BM".to_vec();
        for value in [62_u32, 0, 54, 40, 2, 1] {
            file.extend(value.to_le_bytes());
        }
        for value in [1_u16, 24] {
            file.extend(value.to_le_bytes());
        }
        for value in [0_u32, 8, 2_835, 2_835, 0, 0] {
            file.extend(value.to_le_bytes());
        }
        file.extend([0, 0, 0, 255, 255, 255, 0, 0]);
        file
    }

    fn answer(rotation: u16) -> Answer {
        let page = Page {
            rotation,
            ..Page::pending(0)
        };
        let document = Document {
            engine: EngineInfo {
                name: "test".into(),
                version: "1".into(),
                models: vec![],
            },
            pages: vec![page],
            warnings: vec![],
        };
        Answer::local(document, "auto", String::new(), Detail::Lines)
    }

    fn picture(rotation: u16, bbox: BBox) -> Option<PageImage> {
        let sources = DocumentSources::new(Some(bmp()), None, Limits::browser());
        let png = sources.with_rotations(&answer(rotation)).picture(0, bbox)?;
        Source::open(png, &Limits::browser(), None)
            .ok()?
            .page(0)
            .ok()
    }

    #[test]
    fn pictures_are_parts_of_the_upright_page() {
        let whole = picture(0, BBox::new(0, 0, 2, 1)).unwrap();
        assert_eq!(whole.rgb(), [0, 0, 0, 255, 255, 255]);
        let turned = picture(180, BBox::new(0, 0, 2, 1)).unwrap();
        assert_eq!(turned.rgb(), [255, 255, 255, 0, 0, 0]);
        let right = picture(0, BBox::new(1, 0, 2, 1)).unwrap();
        assert_eq!((right.width_px(), right.rgb()), (1, &[255, 255, 255][..]));
    }

    #[test]
    fn what_is_not_there_has_no_picture() {
        assert!(picture(0, BBox::new(5, 5, 9, 9)).is_none());
        let nothing = DocumentSources::new(None, None, Limits::browser());
        assert!(nothing.picture(0, BBox::new(0, 0, 2, 1)).is_none());
    }
}
