//! What a caller may choose of an export.

/// How plain text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum TextLayout {
    /// Paragraphs as they flow, as in the answer's `text`.
    #[default]
    Flowing,
    /// Lines where they stand on the page, in a grid of characters, so that columns and forms keep their look in a fixed-width font.
    Kept,
}

/// Choices of an export; the default suits each format.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExportOptions {
    /// How `txt` is set; other formats have no use for it.
    pub text_layout: TextLayout,
}
