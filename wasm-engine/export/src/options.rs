//! What a caller may choose of an export.

use std::str::FromStr;

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

impl TextLayout {
    /// Every layout.
    pub const ALL: [Self; 2] = [Self::Flowing, Self::Kept];

    /// The name in `?layout=`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flowing => "flowing",
            Self::Kept => "kept",
        }
    }
}

/// No layout has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is flowing or kept")]
pub struct UnknownLayout;

impl FromStr for TextLayout {
    type Err = UnknownLayout;

    fn from_str(name: &str) -> Result<Self, UnknownLayout> {
        let mut all = Self::ALL.into_iter();
        all.find(|layout| layout.name() == name)
            .ok_or(UnknownLayout)
    }
}

/// Choices of an export; the default suits each format.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExportOptions {
    /// How `txt` is set; other formats have no use for it.
    pub text_layout: TextLayout,
    /// Whether `json` says where each stretch of the Markdown was read ([`crate::MappedAnswer`]); other formats have no use for it.
    pub markdown_map: bool,
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn layouts_are_named_and_an_unknown_name_is_told_them() {
        for layout in TextLayout::ALL {
            assert_eq!(layout.name().parse(), Ok(layout));
        }
        let error = "columns".parse::<TextLayout>().unwrap_err();
        assert_eq!(error.to_string(), "it is flowing or kept");
    }
}
