//! Markdown that knows where each of its stretches stands on the pages.

use ocr_chat_document::{BBox, Page};
use serde::{Deserialize, Serialize};

/// How the text of a span is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SpanSyntax {
    /// As Markdown: backslash escapes, emphasis, hard line breaks, `<br>` in cells.
    Markdown,
    /// As HTML: character references and `<br>`.
    Html,
    /// As it is: a formula in TeX.
    Verbatim,
}

/// A stretch of the Markdown and the place it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkdownSpan {
    /// First character, counted from 0 in Unicode scalar values (what Python's `str` counts in; not bytes, not UTF-16 units).
    pub start: usize,
    /// The character behind the last one, counted in the same way.
    pub end: usize,
    /// The page, from 0 ([`Page::index`]).
    pub page: u32,
    /// The block, by its position in [`Page::blocks`], from 0.
    pub block: usize,
    /// In a table the cell, by its position in `table.cells`, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<usize>,
    /// Box of the block, or of the cell, in pixels of the upright page.
    pub bbox: BBox,
    /// How the text is written.
    pub syntax: SpanSyntax,
}

impl MarkdownSpan {
    /// The plain text of `markdown`, a stretch written in this span's syntax: the text that was read, runs of white space aside.
    pub fn plain_text(&self, markdown: &str) -> String {
        match self.syntax {
            SpanSyntax::Markdown => plain_markdown(markdown),
            SpanSyntax::Html => markdown
                .replace("<br>", "\n")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&"),
            SpanSyntax::Verbatim => markdown.to_owned(),
        }
    }
}

/// Undoes escapes, emphasis and breaks of the Markdown that this crate writes.
fn plain_markdown(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some(c) = rest.chars().next() {
        if let Some(behind) = rest.strip_prefix("<br>") {
            out.push('\n');
            rest = behind;
            continue;
        }
        let mut chars = rest.chars();
        chars.next();
        match c {
            // Before a line's end a backslash is the break itself.
            '\\' => out.extend(chars.next()),
            '*' => {}
            _ => out.push(c),
        }
        rest = chars.as_str();
    }
    out
}

/// Markdown and its spans, in the order of the text and not overlapping.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MarkdownMap {
    /// The Markdown.
    pub markdown: String,
    /// Where its text was read. All of it is covered but for what the Markdown adds: marks, alternative texts, notes on pages that failed.
    pub spans: Vec<MarkdownSpan>,
}

/// Collects Markdown and spans.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub(super) map: MarkdownMap,
    n_chars: usize,
}

impl Writer {
    /// Appends what the Markdown adds to the text.
    pub(super) fn push(&mut self, markdown: &str) {
        self.map.markdown.push_str(markdown);
        self.n_chars += markdown.chars().count();
    }

    /// Appends `markdown`, the text of `page`'s block `block` (or of its `cell`) in `bbox`. An empty text has no span.
    pub(super) fn push_span(
        &mut self,
        page: &Page,
        (block, cell): (usize, Option<usize>),
        bbox: BBox,
        syntax: SpanSyntax,
        markdown: &str,
    ) {
        let start = self.n_chars;
        self.push(markdown);
        if self.n_chars > start {
            self.map.spans.push(MarkdownSpan {
                start,
                end: self.n_chars,
                page: page.index,
                block,
                cell,
                bbox,
                syntax,
            });
        }
    }
}
