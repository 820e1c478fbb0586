//! What a document may ask for before it is refused.

/// Bounds on a document, checked before anything is allocated. One value is passed through all stages.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Size of the file in bytes.
    pub max_file_bytes: u64,
    /// Pages of a document.
    pub max_pages: usize,
    /// Pixels of one decoded or rendered page (width x height).
    pub max_page_pixels: u64,
    /// Longer side of a page in pixels.
    pub max_side_px: u32,
    /// Bytes a decoder may allocate for one page.
    pub max_decoded_bytes: u64,
    /// Text regions read on one page; the rest is left out with a warning.
    pub max_regions: usize,
}

impl Limits {
    /// For a server or a command line: a 1,200 dpi A4 scan fits, a decompression bomb does not. One page in work
    /// stays below 1.5 GB.
    pub fn server() -> Self {
        Self {
            max_file_bytes: 100 << 20,
            max_pages: 2_000,
            max_page_pixels: 150_000_000,
            max_side_px: 60_000,
            max_decoded_bytes: 700 << 20,
            max_regions: 5_000,
        }
    }

    /// For a browser's Worker, whose address space is 4 GB and whose tab shares the device's memory.
    pub fn browser() -> Self {
        Self {
            max_page_pixels: 64_000_000,
            max_decoded_bytes: 300 << 20,
            ..Self::server()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::server()
    }
}
