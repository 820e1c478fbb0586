//! Pictures of figures and formulas: their format, their names and their size on paper.

use ocr_chat_document::{BBox, Block, BlockKind, Page};

/// Width of an A4 sheet in inches: what a page whose resolution is not known is taken for.
const A4_WIDTH_INCHES: f32 = 8.27;

/// Resolutions outside of this are a slip of the file, not of the scanner.
const DPI: (f32, f32) = (30.0, 2_400.0);

/// A picture file's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
}

impl Format {
    /// The format of `bytes` by their signature.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.starts_with(b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else {
            None
        }
    }

    /// The file's extension, also the subtype of its MIME type.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
        }
    }
}

/// Pixels an inch of `page`.
pub(crate) fn dpi(page: &Page) -> f32 {
    let (lowest, highest) = DPI;
    page.dpi
        .filter(|dpi| (lowest..=highest).contains(dpi))
        .unwrap_or_else(|| (page.width as f32 / A4_WIDTH_INCHES).clamp(lowest, highest))
}

/// Whether a block is shown by its picture: figures, and formulas, whose signs say little without their places.
pub(crate) fn is_shown(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Figure | BlockKind::Formula)
}

/// Names of a page's pictures, without extension: figures and formulas are counted apart, from 1.
#[derive(Debug)]
pub(crate) struct Names {
    page_number: u32,
    n_figures: usize,
    n_formulas: usize,
}

impl Names {
    /// The names of the page at `index`.
    pub(crate) fn of_page(index: u32) -> Self {
        Self {
            page_number: index + 1,
            n_figures: 0,
            n_formulas: 0,
        }
    }

    /// The name of the next block that [is shown](is_shown), which is of `kind`.
    pub(crate) fn next(&mut self, kind: BlockKind) -> String {
        let (kind, count) = match kind {
            BlockKind::Formula => ("formula", &mut self.n_formulas),
            _ => ("figure", &mut self.n_figures),
        };
        *count += 1;
        format!("page-{}-{kind}-{count}", self.page_number)
    }
}

/// The boxes of the pictures that exports ask their sources for, in the page's pixels.
pub fn figure_boxes(page: &Page) -> Vec<BBox> {
    let figures = page.blocks.iter();
    let figures = figures.filter(|block| is_shown(block));
    figures
        .filter_map(|block| visible(page, block.bbox))
        .collect()
}

/// The part of a figure's box that is on its page; `None` where there is none.
pub(crate) fn visible(page: &Page, bbox: BBox) -> Option<BBox> {
    let side = |px: u32| i32::try_from(px).unwrap_or(i32::MAX);
    let bbox = bbox.clamped(side(page.width), side(page.height));
    (bbox.width() > 0 && bbox.height() > 0).then_some(bbox)
}
