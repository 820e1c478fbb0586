//! Finding a quote again: what a model says that a page says, page by page, word for word.

use ocr_chat_document::{BBox, Block, Page};

use crate::grounding::is_joint;
use crate::passages::spaced;
use crate::reply::Citation;
use crate::text::{digit_value, letters};

/// Shortest quote that is looked for, letters: anything shorter stands everywhere.
const MIN_LETTERS: usize = 2;

/// Letters of a quote that may differ from the page's, of all: OCR and models both change a letter here and there. Figures may not.
const MAX_CHANGED: f32 = 0.1;

/// Shortest quote that may differ at all, letters.
const MIN_FUZZY_LETTERS: usize = 16;

/// Longest, letters: the search takes letters of the quote times letters of the document.
const MAX_FUZZY_LETTERS: usize = 400;

/// Where `quote` stands in `documents`; `None` where it stands nowhere. Case, punctuation and white space may differ, of long quotes a tenth of the letters, too; a
/// figure never. The snippet is the page's own text.
pub fn locate(quote: &str, documents: &[Vec<&Page>]) -> Option<Citation> {
    let wanted: Vec<char> = letters(quote).map(|(_, c)| c).collect();
    if wanted.len() < MIN_LETTERS {
        return None;
    }
    let exact = each_block(documents)
        .find_map(|(document, page, block)| found(document, page, block, exact(&wanted, block)?));
    exact.or_else(|| {
        let near = each_block(documents).filter_map(|(document, page, block)| {
            let (n_changed, place) = near(&wanted, block)?;
            Some((n_changed, found(document, page, block, place)?))
        });
        near.min_by_key(|(n_changed, _)| *n_changed)
            .map(|(_, citation)| citation)
    })
}

fn each_block<'a>(
    documents: &'a [Vec<&'a Page>],
) -> impl Iterator<Item = (usize, &'a Page, &'a Block)> {
    documents.iter().enumerate().flat_map(|(document, pages)| {
        pages.iter().flat_map(move |page| {
            page.blocks
                .iter()
                .map(move |block| (document, *page, block))
        })
    })
}

/// Letters of a block and where they stand in its text, bytes.
fn letters_of(block: &Block) -> (Vec<usize>, Vec<char>) {
    letters(&block.text).unzip()
}

/// Bytes of the block's text from the first letter to behind the last.
type Place = (usize, usize);

fn exact(wanted: &[char], block: &Block) -> Option<Place> {
    let (places, chars) = letters_of(block);
    let found = (0..=chars.len().checked_sub(wanted.len())?)
        .filter(|&at| chars[at..at + wanted.len()] == *wanted)
        .map(|at| (places[at], end_of(block, places[at + wanted.len() - 1])));
    let mut found = found.filter(|place| !cuts_a_figure(&block.text, *place));
    found.next()
}

fn end_of(block: &Block, start: usize) -> usize {
    start + block.text[start..].chars().next().map_or(0, char::len_utf8)
}

/// Whether a place begins or ends inside of a figure: "200" of "1,200".
fn cuts_a_figure(text: &str, (start, end): Place) -> bool {
    let is_digit = |c: Option<char>| c.is_some_and(|c| digit_value(c).is_some());
    let goes_on = |mut beyond: Box<dyn Iterator<Item = char> + '_>| {
        let next = beyond.next();
        is_digit(next) || (next.is_some_and(is_joint) && is_digit(beyond.next()))
    };
    let begins =
        is_digit(text[start..].chars().next()) && goes_on(Box::new(text[..start].chars().rev()));
    let ends = is_digit(text[..end].chars().next_back()) && goes_on(Box::new(text[end..].chars()));
    begins || ends
}

/// The stretch of a block that differs least from `wanted`, by Sellers' algorithm (1980): edit distance with a free start and end in the block.
fn near(wanted: &[char], block: &Block) -> Option<(usize, Place)> {
    if !(MIN_FUZZY_LETTERS..=MAX_FUZZY_LETTERS).contains(&wanted.len()) {
        return None;
    }
    let (places, chars) = letters_of(block);
    if chars.len() * 2 < wanted.len() {
        return None;
    }
    let limit = (wanted.len() as f32 * MAX_CHANGED) as usize;
    // Distance and where the stretch begins, by letters of `wanted` so far.
    let mut column: Vec<(usize, usize)> = (0..=wanted.len()).map(|n| (n, 0)).collect();
    let mut best: Option<(usize, usize, usize)> = None;
    for (at, c) in chars.iter().enumerate() {
        let mut diagonal = column[0];
        column[0] = (0, at + 1);
        for n in 1..=wanted.len() {
            let changed = (diagonal.0 + usize::from(wanted[n - 1] != *c), diagonal.1);
            let left_out = (column[n - 1].0 + 1, column[n - 1].1);
            let put_in = (column[n].0 + 1, column[n].1);
            diagonal = column[n];
            column[n] = changed.min(left_out).min(put_in);
        }
        let (distance, start) = column[wanted.len()];
        if distance <= limit && best.is_none_or(|(other, ..)| distance < other) {
            best = Some((distance, start, at));
        }
    }
    let (distance, start, end) = best?;
    let figures = |chars: &[char]| {
        chars
            .iter()
            .copied()
            .filter(char::is_ascii_digit)
            .collect::<Vec<_>>()
    };
    // "1,200" for "1,300" is one letter, and wrong.
    if figures(wanted) != figures(&chars[start..=end]) {
        return None;
    }
    let place = (places[start], end_of(block, places[end]));
    (!cuts_a_figure(&block.text, place)).then_some((distance, place))
}

fn found(document: usize, page: &Page, block: &Block, (start, end): Place) -> Option<Citation> {
    let range = whole_words(&block.text, start, end);
    let snippet = spaced(&block.text[range.clone()]);
    let cells = || {
        let table = block.table.as_ref()?;
        let touched = table
            .cells
            .iter()
            .filter(|cell| !cell.text.trim().is_empty() && snippet.contains(&spaced(&cell.text)));
        let boxes: Vec<BBox> = touched.map(|cell| cell.bbox).collect();
        (!boxes.is_empty()).then_some(boxes)
    };
    let boxes = cells().unwrap_or_else(|| block.boxes(range));
    (!snippet.is_empty()).then_some(Citation {
        document,
        page: page.index + 1,
        snippet,
        boxes,
    })
}

/// The stretch with the rest of the words at its ends, and the signs that belong to them.
fn whole_words(text: &str, start: usize, end: usize) -> std::ops::Range<usize> {
    let before = text[..start]
        .chars()
        .rev()
        .take_while(|c| !c.is_whitespace() && !c.is_alphanumeric())
        .map(char::len_utf8)
        .sum::<usize>();
    let behind = text[end..]
        .chars()
        .take_while(|c| !c.is_whitespace() && !c.is_alphanumeric())
        .map(char::len_utf8)
        .sum::<usize>();
    start - before..end + behind
}

#[cfg(test)]
mod tests {
    use ocr_chat_document::BlockKind;

    use super::*;

    fn page(index: u32, texts: &[&str]) -> Page {
        Page {
            blocks: texts
                .iter()
                .map(|text| Block::new(BlockKind::Paragraph, *text, Vec::new()))
                .collect(),
            ..Page::pending(index)
        }
    }

    #[test]
    fn a_quote_is_found_as_it_stands_whatever_its_signs() {
        let pages = [
            page(0, &["Nothing here."]),
            page(4, &["The invoice total is $42,\ndue on March 3."]),
        ];
        let documents = [pages.iter().collect::<Vec<_>>()];
        let found = |quote: &str| {
            locate(quote, &documents).map(|citation| (citation.page, citation.snippet))
        };
        assert_eq!(
            found("the invoice TOTAL is 42"),
            Some((5, "The invoice total is $42,".to_owned()))
        );
        assert_eq!(
            found("due on March 3"),
            Some((5, "due on March 3.".to_owned()))
        );
        assert_eq!(
            found("The invoice totai is $42, due on March 3"),
            Some((5, "The invoice total is $42, due on March 3.".to_owned()))
        );
        assert_eq!(
            found("The invoice total is $43, due on March 3"),
            None,
            "another figure"
        );
        assert_eq!(found("The invoice was paid long ago by somebody"), None);
        assert_eq!(found("!"), None);
        let pages = [page(0, &["The rent is 1,200 EUR."])];
        assert_eq!(
            locate("200 EUR", &[pages.iter().collect()]),
            None,
            "another figure"
        );
        assert!(locate("1,200 EUR", &[pages.iter().collect()]).is_some());
    }
}
