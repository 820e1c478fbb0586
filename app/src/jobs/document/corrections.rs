//! What a visitor changes of what was read.

use std::sync::Arc;

use leptos::prelude::*;
use ocr_chat_document::block::mean_confidence;
use ocr_chat_document::{Answer, AnswerPage, Detail, Page, Part};

use super::Doc;

impl Doc {
    /// The server's answer with the visitor's corrections; as it is without any.
    pub(super) fn corrected(&self, mut answer: Answer) -> Answer {
        if !self.is_corrected() {
            return answer;
        }
        for shown in &mut answer.pages {
            let slot = self.slot(shown.page.index);
            if let Some(page) = slot.and_then(|slot| slot.page.get_untracked()) {
                *shown = AnswerPage::new((*page).clone(), Detail::Words);
            }
        }
        let pages: Vec<Page> = answer
            .pages
            .iter()
            .map(|shown| shown.page.clone())
            .collect();
        answer.markdown = ocr_chat_export::markdown(&pages);
        let texts: Vec<&str> = answer
            .pages
            .iter()
            .map(|shown| shown.text.as_str())
            .collect();
        answer.text = texts.join("\u{c}");
        answer.mean_confidence = mean_confidence(
            pages
                .iter()
                .flat_map(|page| &page.blocks)
                .map(|block| (block.text.as_str(), block.confidence)),
        );
        answer
    }

    /// Whether a visitor changed anything of what was read.
    pub(crate) fn is_corrected(&self) -> bool {
        !self.undo.with_untracked(Vec::is_empty)
            || self
                .read_pages()
                .iter()
                .any(|page| !page.corrections.is_empty())
    }

    /// Puts `text` in place of what stands in a part of page `page_idx`. Exports and questions are made of it from now on.
    pub(crate) fn correct(&self, page_idx: usize, block: usize, part: Part, text: &str) {
        let Some(slot) = u32::try_from(page_idx).ok().and_then(|idx| self.slot(idx)) else {
            return;
        };
        let Some(before) = slot.page.get_untracked() else {
            return;
        };
        let mut page = (*before).clone();
        if page.correct(block, part, text) && page != *before {
            self.undo.update(|undo| undo.push(before));
            slot.page.set(Some(Arc::new(page)));
        }
    }

    /// Whether a correction can be taken back. Reactive.
    pub(crate) fn can_undo(&self) -> bool {
        !self.undo.with(Vec::is_empty)
    }

    /// Takes the last correction back and gives the position of its page.
    pub(crate) fn take_back(&self) -> Option<usize> {
        let page = self.undo.try_update(Vec::pop)??;
        let index = page.index;
        self.slot(index)?.page.set(Some(page));
        Some(index as usize)
    }
}
