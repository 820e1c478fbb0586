//! What was kept of a document beside its text.

use ocr_chat_document::BBox;

/// The pages that were read, for formats that show them. The caller decides what it still has; everything here may be absent, and an export says
/// less then, but never fails for it.
pub trait PageSources {
    /// The file as it was sent, in any format the engine reads; `None` where it was not kept.
    fn original(&self) -> Option<&[u8]>;

    /// The part of the upright page `page_index` (from 0) inside `bbox`, in the page's pixels, as a PNG or JPEG file; `None` where the page was not
    /// kept or cannot be decoded.
    fn picture(&self, page_index: u32, bbox: BBox) -> Option<Vec<u8>>;

    /// The boxes of the lines that page `page_index` (from 0) of [`Self::original`] has as text of its own, in the page's pixels. Asked of pages whose own
    /// text was taken in place of recognised text: lines in no such box were recognised (text in pictures). `None` where it is not known; all lines count as the page's own then.
    fn own_text(&self, _page_index: u32) -> Option<Vec<BBox>> {
        None
    }

    /// The password that opens [`Self::original`], where it is a PDF that needs one.
    fn password(&self) -> Option<&str> {
        None
    }
}

/// Nothing was kept.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSources;

impl PageSources for NoSources {
    fn original(&self) -> Option<&[u8]> {
        None
    }

    fn picture(&self, _page_index: u32, _bbox: BBox) -> Option<Vec<u8>> {
        None
    }
}
