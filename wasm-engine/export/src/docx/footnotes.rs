//! Footnotes that the text of their page refers to: Word's own footnotes, at the foot of whatever page the reference comes to stand on.
//!
//! A footnote begins with its mark; where exactly one place in the running text of its page is written like a reference with that mark, they belong
//! together. Where the mark is the number that Word would give the note, Word counts; any other stays as it was read (`customMarkFollows`), since counting
//! anew would part it from what the text says of it elsewhere. LibreOffice shows such a mark twice at the foot. Footnotes without a reference stay
//! paragraphs: Word knows none.

use std::collections::BTreeMap;

use ocr_chat_document::{Block, BlockKind};

use super::MAIN;

/// The properties of a mark.
const RAISED: &str = "<w:rPr><w:rStyle w:val=\"FootnoteReference\"/></w:rPr>";

/// Longest mark in characters: `***`, `117`.
const MAX_MARK_CHARS: usize = 3;

/// What marks are made of; those of one mark are of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MarkKind {
    /// Digits above the line, in Unicode's own characters.
    Raised,
    /// Digits, raised in print and read as plain ones.
    Digits,
    /// Signs made for it.
    Signs,
}

impl MarkKind {
    fn of(c: char) -> Option<Self> {
        match c {
            '\u{b9}' | '\u{b2}' | '\u{b3}' | '\u{2070}' | '\u{2074}'..='\u{2079}' => {
                Some(Self::Raised)
            }
            '0'..='9' => Some(Self::Digits),
            '*' | '\u{2020}' | '\u{2021}' | '\u{a7}' => Some(Self::Signs),
            _ => None,
        }
    }
}

/// The footnotes of a page that are referred to.
#[derive(Debug, Default)]
pub(super) struct Footnotes<'a> {
    /// For each block with references, where they stand in its text, in this order, and the positions of their notes among the blocks.
    references: BTreeMap<usize, Vec<Reference<'a>>>,
}

/// A reference in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    /// Where its mark begins, in bytes.
    start: usize,
    /// The mark.
    pub(super) mark: &'a str,
    /// The position of its footnote among the page's blocks.
    pub(super) note_idx: usize,
}

impl Reference<'_> {
    /// Whether the mark is raised by its characters and needs no style for it.
    fn is_raised(&self) -> bool {
        self.mark.chars().next().and_then(MarkKind::of) == Some(MarkKind::Raised)
    }

    /// The mark as a number; `None` where it is a sign.
    fn number(&self) -> Option<usize> {
        let digit = |c| match c {
            '\u{b9}' => Some(1),
            '\u{b2}' => Some(2),
            '\u{b3}' => Some(3),
            '\u{2070}'..='\u{2079}' => Some(u32::from(c) - 0x2070),
            other => other.to_digit(10),
        };
        let mut digits = self.mark.chars().map(digit);
        digits.try_fold(0, |number, digit| Some(number * 10 + digit? as usize))
    }
}

impl<'a> Footnotes<'a> {
    /// The footnotes among `blocks`, one page's.
    pub(super) fn of(blocks: &'a [Block]) -> Self {
        let mut references: BTreeMap<usize, Vec<Reference<'a>>> = BTreeMap::new();
        let marks: Vec<(usize, &str)> = blocks
            .iter()
            .enumerate()
            .filter(|(_, block)| block.kind == BlockKind::Footnote)
            .filter_map(|(idx, block)| Some((idx, mark(&block.text)?)))
            .collect();
        for &(note_idx, mark) in &marks {
            if marks.iter().filter(|(_, other)| *other == mark).count() > 1 {
                continue;
            }
            let texts = blocks
                .iter()
                .enumerate()
                .filter(|(_, block)| is_running_text(block.kind));
            let mut places = texts.flat_map(|(block_idx, block)| {
                places(&block.text, mark).map(move |start| (block_idx, start))
            });
            if let (Some((block_idx, start)), None) = (places.next(), places.next()) {
                references.entry(block_idx).or_default().push(Reference {
                    start,
                    mark,
                    note_idx,
                });
            }
        }
        for found in references.values_mut() {
            found.sort_by_key(|reference| reference.start);
        }
        Self { references }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.references.is_empty()
    }

    /// `part`, what stands behind `offset` bytes of the text of the block at `block_idx`, cut at its references: each piece with the reference behind it.
    pub(super) fn pieces<'t>(
        &self,
        block_idx: usize,
        offset: usize,
        part: &'t str,
    ) -> Vec<(&'t str, Option<Reference<'a>>)> {
        let mut pieces = Vec::new();
        let mut at = 0;
        for reference in self.references.get(&block_idx).into_iter().flatten() {
            let inside = reference.start.checked_sub(offset);
            let Some(start) = inside.filter(|&start| start + reference.mark.len() <= part.len())
            else {
                continue;
            };
            pieces.push((&part[at..start], Some(*reference)));
            at = start + reference.mark.len();
        }
        pieces.push((&part[at..], None));
        pieces
    }
}

/// `word/footnotes.xml` in the making.
#[derive(Debug, Default)]
pub(super) struct FootnotesPart {
    notes: String,
    n_notes: usize,
    /// How many of them Word numbers.
    n_numbered: usize,
}

impl FootnotesPart {
    /// Adds the footnote of `reference` with `text`, its mark included, whose runs `push` writes; gives the run of the reference.
    pub(super) fn add(
        &mut self,
        reference: &Reference<'_>,
        text: &str,
        is_rtl: bool,
        push: impl FnOnce(&mut String, &str),
    ) -> String {
        self.n_notes += 1;
        let id = self.n_notes;
        let bidi = if is_rtl { "<w:bidi/>" } else { "" };
        self.notes.push_str(&format!(
            "<w:footnote w:id=\"{id}\"><w:p><w:pPr><w:pStyle w:val=\"FootnoteText\"/>{bidi}</w:pPr>"
        ));
        let text = text.trim();
        let run = if reference.number() == Some(self.n_numbered + 1) {
            self.n_numbered += 1;
            self.notes
                .push_str(&format!("<w:r>{RAISED}<w:footnoteRef/></w:r>"));
            let rest = text.strip_prefix(reference.mark).unwrap_or(text);
            let rest = rest.trim_start_matches(['.', ')']).trim_start();
            push(&mut self.notes, &format!(" {rest}"));
            format!("<w:r>{RAISED}<w:footnoteReference w:id=\"{id}\"/></w:r>")
        } else {
            push(&mut self.notes, text);
            let style = if reference.is_raised() { "" } else { RAISED };
            format!(
                "<w:r>{style}<w:footnoteReference w:customMarkFollows=\"1\" w:id=\"{id}\"/><w:t>{}</w:t></w:r>",
                reference.mark
            )
        };
        self.notes.push_str("</w:p></w:footnote>");
        run
    }

    /// The part.
    pub(super) fn xml(&self) -> String {
        let separator = |name: &str, id: i32| {
            format!(
                "<w:footnote w:type=\"{name}\" w:id=\"{id}\"><w:p><w:r><w:{name}/></w:r></w:p></w:footnote>"
            )
        };
        let separators = separator("separator", -1) + &separator("continuationSeparator", 0);
        let notes = &self.notes;
        format!("<w:footnotes xmlns:w=\"{MAIN}\">{separators}{notes}</w:footnotes>")
    }
}

/// What may refer to a footnote.
fn is_running_text(kind: BlockKind) -> bool {
    matches!(
        kind,
        BlockKind::Paragraph | BlockKind::Heading | BlockKind::ListItem
    )
}

/// The mark at the start of a footnote; `None` where it begins with none or is nothing else.
fn mark(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let kind = text.chars().next().and_then(MarkKind::of)?;
    let end = text.find(|c| MarkKind::of(c) != Some(kind))?;
    let is_short = text[..end].chars().count() <= MAX_MARK_CHARS;
    // Behind plain digits a space, bracket or full stop; otherwise they are a number of the text.
    let rest = &text[end..];
    let is_parted = kind != MarkKind::Digits
        || rest.starts_with([' ', ')', '\u{a0}'])
        || rest.starts_with(". ");
    (is_short && is_parted).then_some(&text[..end])
}

/// Where `mark` stands in `text` as a reference stands: right behind a word or its punctuation, nothing but spaces and punctuation behind it.
fn places<'t>(text: &'t str, mark: &str) -> impl Iterator<Item = usize> + 't {
    let kind = mark.chars().next().and_then(MarkKind::of);
    let found: Vec<usize> = text
        .match_indices(mark)
        .map(|(start, _)| start)
        .filter(|&start| {
            let before = &text[..start];
            let behind = text[start + mark.len()..].chars().next();
            let ends = behind.is_none_or(|c| !c.is_alphanumeric() && MarkKind::of(c) != kind);
            ends && is_referring(before, kind)
        })
        .collect();
    found.into_iter()
}

/// Whether a mark of `kind` right behind `before` refers to something.
fn is_referring(before: &str, kind: Option<MarkKind>) -> bool {
    let mut chars = before.chars().rev();
    let Some(last) = chars.next() else {
        return false;
    };
    if last.is_whitespace() || MarkKind::of(last) == kind {
        return false;
    }
    if kind != Some(MarkKind::Digits) {
        return true;
    }
    // `2.1`, `1,5` and `(3` are numbers; `word1`, `word.1` and `word)1` are references.
    let is_word = |c: char| c.is_alphabetic();
    match last {
        '.' | ',' | ';' | ':' | '!' | '?' | ')' | '\u{201d}' | '\u{2019}' | '\u{bb}' | '"' => {
            chars.next().is_some_and(is_word)
        }
        other => is_word(other),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn blocks(texts: &[&str], notes: &[&str]) -> Vec<Block> {
        let of = |kind, texts: &[&str]| -> Vec<Block> {
            let block = |text: &&str| Block::new(kind, *text, Vec::new());
            texts.iter().map(block).collect()
        };
        [
            of(BlockKind::Paragraph, texts),
            of(BlockKind::Footnote, notes),
        ]
        .concat()
    }

    /// Pieces of the texts with the notes that are referred to behind them.
    fn found(texts: &[&str], notes: &[&str]) -> Vec<(String, usize)> {
        let blocks = blocks(texts, notes);
        let footnotes = Footnotes::of(&blocks);
        let pieces = texts
            .iter()
            .enumerate()
            .flat_map(|(idx, text)| footnotes.pieces(idx, 0, text));
        pieces
            .filter_map(|(piece, reference)| Some((piece.to_owned(), reference?.note_idx)))
            .collect()
    }

    #[test]
    fn a_note_belongs_to_the_place_that_is_marked_like_it() {
        assert_eq!(
            found(
                &[
                    "At the mole.¹ Small craft are not.²",
                    "The light*, by night"
                ],
                &["¹ By the keeper.", "² Since 1911.", "* Out of order."]
            ),
            [
                ("At the mole.".to_owned(), 2),
                (" Small craft are not.".to_owned(), 3),
                ("The light".to_owned(), 4)
            ]
        );
        assert_eq!(
            found(
                &["Ships are counted.1 The pier2 is long."],
                &["1 Daily.", "2) Once."]
            ),
            [
                ("Ships are counted.".to_owned(), 1),
                (" The pier".to_owned(), 2)
            ]
        );
    }

    #[test]
    fn what_is_not_sure_stays_a_paragraph() {
        for (text, note) in [
            ("Twice here¹ and there¹", "¹ Which?"),
            ("Version 2.1 and (1) and 3,1 of 11 on page 1", "1 A note."),
            ("x¹² is another mark", "¹ A note."),
            ("two ** stars **here**", "* One star."),
            ("in 1911", "1911 was a good year."),
            ("none", "¹ A note."),
            ("word1", "1"),
        ] {
            assert_eq!(found(&[text], &[note]), [], "{text}");
        }
        assert_eq!(found(&["Once¹"], &["¹ A.", "¹ B."]), []);
    }

    #[test]
    fn word_counts_where_it_counts_as_the_page_does() {
        let blocks = blocks(
            &["One\u{b9} two2 five\u{2075} star*"],
            &["\u{b9} first", "2. second", "\u{2075} fifth", "* starred"],
        );
        let mut part = FootnotesPart::default();
        let mut runs = Vec::new();
        for (_, reference) in Footnotes::of(&blocks).pieces(0, 0, &blocks[0].text) {
            if let Some(reference) = reference {
                let text = &blocks[reference.note_idx].text;
                runs.push(part.add(&reference, text, false, |out, text| {
                    out.push_str(&format!("[{text}]"));
                }));
            }
        }
        let custom = |style: &str, id: usize, mark: &str| {
            format!(
                "<w:r>{style}<w:footnoteReference w:customMarkFollows=\"1\" w:id=\"{id}\"/><w:t>{mark}</w:t></w:r>"
            )
        };
        assert_eq!(
            runs,
            [
                format!("<w:r>{RAISED}<w:footnoteReference w:id=\"1\"/></w:r>"),
                format!("<w:r>{RAISED}<w:footnoteReference w:id=\"2\"/></w:r>"),
                custom("", 3, "\u{2075}"),
                custom(RAISED, 4, "*"),
            ]
        );
        let xml = part.xml();
        for text in ["[ first]", "[ second]", "[\u{2075} fifth]", "[* starred]"] {
            assert!(xml.contains(text), "{text}: {xml}");
        }
        assert_eq!(xml.matches("<w:footnoteRef/>").count(), 2);
    }

    #[test]
    fn a_part_of_a_text_has_the_references_inside_it() {
        let blocks = blocks(&["1. item¹ end"], &["¹ Note"]);
        let footnotes = Footnotes::of(&blocks);
        let pieces = footnotes.pieces(0, 3, "item¹ end");
        let texts: Vec<&str> = pieces.iter().map(|(piece, _)| *piece).collect();
        assert_eq!(texts, ["item", " end"]);
    }
}
