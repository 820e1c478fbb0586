//! Which caption belongs to which figure or table.

use ocr_chat_document::{Block, BlockKind};

/// For each block the index of its caption, and for each caption the index of what it names.
#[derive(Debug, Default)]
pub(crate) struct Captions {
    partners: Vec<Option<usize>>,
}

impl Captions {
    /// Pairs figures and tables with the captions next to them in reading order: figures first look behind, tables first before, as is the custom.
    pub(crate) fn of(blocks: &[Block]) -> Self {
        let mut partners = vec![None; blocks.len()];
        let is_free_caption = |partners: &[Option<usize>], idx: usize| {
            blocks
                .get(idx)
                .is_some_and(|block| block.kind == BlockKind::Caption)
                && partners[idx].is_none()
        };
        for (idx, block) in blocks.iter().enumerate() {
            let before = idx.checked_sub(1);
            let behind = Some(idx + 1);
            let order = match block.kind {
                BlockKind::Figure => [behind, before],
                BlockKind::Table => [before, behind],
                _ => continue,
            };
            let caption = order
                .into_iter()
                .flatten()
                .find(|&at| is_free_caption(&partners, at));
            if let Some(caption) = caption {
                partners[idx] = Some(caption);
                partners[caption] = Some(idx);
            }
        }
        Self { partners }
    }

    /// The caption of the figure or table at `idx`; for a caption what it names.
    pub(crate) fn partner(&self, idx: usize) -> Option<usize> {
        self.partners.get(idx).copied().flatten()
    }
}

/// What describes the figure or formula at `idx` to who cannot see it: its caption, else the text in it, else what it is.
pub(crate) fn alt_text(blocks: &[Block], captions: &Captions, idx: usize) -> String {
    let caption = captions
        .partner(idx)
        .and_then(|at| blocks.get(at))
        .map(|block| block.text.as_str());
    let own = blocks.get(idx).map(|block| block.text.as_str());
    [caption, own]
        .into_iter()
        .flatten()
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .find(|text| !text.is_empty())
        .unwrap_or_else(|| placeholder(blocks.get(idx)).to_owned())
}

/// What stands where neither a picture nor text is at hand.
pub(crate) fn placeholder(block: Option<&Block>) -> &'static str {
    match block.map(|block| block.kind) {
        Some(BlockKind::Formula) => "Formula",
        _ => "Figure",
    }
}

/// The same with both caption and the text in the figure, for pictures that show the text themselves.
pub(crate) fn full_alt_text(blocks: &[Block], captions: &Captions, idx: usize) -> String {
    let alt = alt_text(blocks, captions, idx);
    let own = blocks
        .get(idx)
        .map(|block| block.text.split_whitespace().collect::<Vec<_>>().join(" "))
        .unwrap_or_default();
    if own.is_empty() || own == alt {
        alt
    } else {
        format!("{alt} ({own})")
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_caption_goes_with_its_neighbour_once() {
        let kinds = [
            BlockKind::Caption,
            BlockKind::Table,
            BlockKind::Figure,
            BlockKind::Caption,
            BlockKind::Figure,
            BlockKind::Paragraph,
            BlockKind::Caption,
        ];
        let blocks: Vec<Block> = kinds
            .iter()
            .enumerate()
            .map(|(idx, &kind)| Block::new(kind, format!("text {idx}"), vec![]))
            .collect();
        let captions = Captions::of(&blocks);
        assert_eq!(captions.partner(1), Some(0));
        assert_eq!(captions.partner(2), Some(3));
        assert_eq!(captions.partner(4), None);
        assert_eq!(captions.partner(6), None);
        assert_eq!(alt_text(&blocks, &captions, 2), "text 3");
        assert_eq!(alt_text(&blocks, &captions, 4), "text 4");
    }
}
