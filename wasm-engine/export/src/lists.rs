//! List items as lists: how deep an item stands, how it is numbered, and whether it goes on with the list before it.

use ocr_chat_document::Block;

/// Levels that Word and browsers number apart; deeper items stand at the last one.
pub(crate) const MAX_DEPTH: usize = 8;

/// How an ordered list counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Counting {
    /// 1, 2, 3.
    Decimal,
    /// a, b, c.
    LowerLetter,
    /// A, B, C.
    UpperLetter,
    /// i, ii, iii.
    LowerRoman,
    /// I, II, III.
    UpperRoman,
}

/// What stands around the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Around {
    /// `1.`
    Dot,
    /// `1)`
    Bracket,
    /// `(1)`
    Brackets,
}

/// What marks the items of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Style {
    /// A bullet, a dash, or no mark.
    Bullet,
    /// A number.
    Ordered(Counting, Around),
    /// A mark that no word processor counts with (`§ 4`, `๑.`, `1.2.`): it stays in the text.
    Kept,
}

/// A list item in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Item<'a> {
    /// Depth from 0, never more than one below the item before it.
    pub(crate) depth: usize,
    /// What marks it.
    pub(crate) style: Style,
    /// Its number where the style is ordered, else 0.
    pub(crate) number: u32,
    /// Whether it begins a list of its own at its depth rather than going on with the one before.
    pub(crate) starts_list: bool,
    /// The text behind the mark; with a [`Style::Kept`] mark the whole text.
    pub(crate) text: &'a str,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    style: Style,
    next: u32,
}

/// The lists that are open at a place of the document, outermost first.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    open: Vec<Open>,
}

impl Lists {
    /// The next item. Blocks that are no list items must [`close`](Self::close) the lists between.
    pub(crate) fn next<'a>(&mut self, block: &'a Block) -> Item<'a> {
        let level = usize::from(block.level.unwrap_or(1)).clamp(1, MAX_DEPTH + 1);
        let depth = (level - 1).min(self.open.len());
        self.open.truncate(depth + 1);
        let before = self.open.get(depth).copied();
        let (style, number) = marked(block.marker.as_deref(), before);
        let starts_list = !before.is_some_and(|before| {
            before.style == style && (number == before.next || !matches!(style, Style::Ordered(..)))
        });
        let open = Open {
            style,
            next: number.saturating_add(1),
        };
        self.open.truncate(depth);
        self.open.push(open);
        Item {
            depth,
            style,
            number,
            starts_list,
            text: match style {
                Style::Kept => &block.text,
                _ => block.text_without_marker(),
            },
        }
    }

    /// Ends all lists.
    pub(crate) fn close(&mut self) {
        self.open.clear();
    }
}

/// Style and number of `marker`; what is open at the same depth decides between letters and Roman numbers.
fn marked(marker: Option<&str>, before: Option<Open>) -> (Style, u32) {
    let Some(marker) = marker.map(str::trim).filter(|marker| !marker.is_empty()) else {
        return (Style::Bullet, 0);
    };
    let mut chars = marker.chars();
    if let (Some(c), None) = (chars.next(), chars.next())
        && !c.is_alphanumeric()
        && !matches!(c, '§' | '¶' | '†' | '‡')
    {
        return (Style::Bullet, 0);
    }
    let (number, around) = if let Some(inner) = marker
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
    {
        (inner, Around::Brackets)
    } else if let Some(inner) = marker.strip_suffix('.') {
        (inner, Around::Dot)
    } else if let Some(inner) = marker.strip_suffix(')') {
        (inner, Around::Bracket)
    } else {
        return (Style::Kept, 0);
    };
    let readings = readings(number);
    let goes_on = readings.iter().find(|(counting, value)| {
        before.is_some_and(|open| {
            open.style == Style::Ordered(*counting, around) && open.next == *value
        })
    });
    match goes_on.or(readings.first()) {
        Some(&(counting, value)) => (Style::Ordered(counting, around), value),
        None => (Style::Kept, 0),
    }
}

/// What `text` may mean as a number, the likeliest first: `i.` begins a Roman list, `c.` goes on with letters.
fn readings(text: &str) -> Vec<(Counting, u32)> {
    if !text.is_empty() && text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit()) {
        // "007." would come back as "7.".
        let is_plain = text == "0" || !text.starts_with('0');
        return text
            .parse()
            .ok()
            .filter(|_| is_plain)
            .map(|value| vec![(Counting::Decimal, value)])
            .unwrap_or_default();
    }
    let mut readings = Vec::new();
    let is_lower = text.bytes().all(|b| b.is_ascii_lowercase());
    let is_upper = text.bytes().all(|b| b.is_ascii_uppercase());
    if text.is_empty() || !(is_lower || is_upper) {
        return readings;
    }
    let (letter, roman) = if is_lower {
        (Counting::LowerLetter, Counting::LowerRoman)
    } else {
        (Counting::UpperLetter, Counting::UpperRoman)
    };
    let value = roman_value(text);
    if value == Some(1) || text.len() > 1 {
        readings.extend(value.map(|value| (roman, value)));
    }
    if let [byte] = text.as_bytes() {
        let first = if is_lower { b'a' } else { b'A' };
        readings.push((letter, u32::from(byte - first) + 1));
        readings.extend(value.map(|value| (roman, value)));
    }
    readings
}

/// The value of a Roman number from 1 to 399 in its one proper spelling.
fn roman_value(text: &str) -> Option<u32> {
    let text = text.to_ascii_lowercase();
    (1..400).find(|&value| roman(value) == text)
}

/// `value` in Roman numbers, lower case, for values below 400.
fn roman(mut value: u32) -> String {
    let mut out = String::new();
    for (worth, letters) in [
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ] {
        while value >= worth {
            out.push_str(letters);
            value -= worth;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use ocr_chat_document::BlockKind;

    fn item(level: u8, marker: &str) -> Block {
        Block {
            level: Some(level),
            marker: (!marker.is_empty()).then(|| marker.to_owned()),
            ..Block::new(BlockKind::ListItem, format!("{marker} text"), vec![])
        }
    }

    fn styles(markers: &[&str]) -> Vec<(Style, u32, bool)> {
        let mut lists = Lists::default();
        markers
            .iter()
            .map(|marker| {
                let block = item(1, marker);
                let item = lists.next(&block);
                (item.style, item.number, item.starts_list)
            })
            .collect()
    }

    #[test]
    fn markers_are_counted_and_a_gap_starts_a_list() {
        use Around::{Bracket, Brackets, Dot};
        use Counting::{Decimal, LowerLetter, LowerRoman};
        assert_eq!(
            styles(&["1.", "2.", "4.", "•", "–", "1)"]),
            [
                (Style::Ordered(Decimal, Dot), 1, true),
                (Style::Ordered(Decimal, Dot), 2, false),
                (Style::Ordered(Decimal, Dot), 4, true),
                (Style::Bullet, 0, true),
                (Style::Bullet, 0, false),
                (Style::Ordered(Decimal, Bracket), 1, true),
            ]
        );
        assert_eq!(
            styles(&["h)", "i)", "(i)", "(ii)"]),
            [
                (Style::Ordered(LowerLetter, Bracket), 8, true),
                (Style::Ordered(LowerLetter, Bracket), 9, false),
                (Style::Ordered(LowerRoman, Brackets), 1, true),
                (Style::Ordered(LowerRoman, Brackets), 2, false),
            ]
        );
    }

    #[test]
    fn marks_that_nobody_counts_with_are_kept() {
        for marker in ["๑.", "1.2.", "§", "007.", "١."] {
            let block = item(1, marker);
            let item = Lists::default().next(&block);
            assert_eq!(item.style, Style::Kept, "{marker}");
            assert_eq!(item.text, block.text);
        }
    }

    #[test]
    fn depth_grows_by_one_and_the_outer_list_goes_on() {
        let mut lists = Lists::default();
        let blocks = [
            item(1, "1."),
            item(3, "a."),
            item(2, "b."),
            item(1, "2."),
            item(2, "a."),
        ];
        let items: Vec<(usize, u32, bool)> = blocks
            .iter()
            .map(|block| {
                let item = lists.next(block);
                (item.depth, item.number, item.starts_list)
            })
            .collect();
        assert_eq!(
            items,
            [
                (0, 1, true),
                (1, 1, true),
                (1, 2, false),
                (0, 2, false),
                (1, 1, true)
            ]
        );
    }
}
