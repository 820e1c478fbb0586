//! From visual to logical order.
//!
//! The networks of right-to-left scripts write what stands on the page from left to right. This module turns that round with
//! the part of the Unicode bidirectional algorithm (UAX #9) that one line of text without embeddings needs: letters decide the
//! direction of the line, runs against it are turned, neutrals between two letters of one direction go with them.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Left,
    Right,
    /// Digits, European and Arabic ones: written from left to right in every line.
    Number,
    /// What may stand inside a number.
    Separator,
    Neutral,
}

/// The direction of a symbol: of its first character that has one.
fn direction(text: &str) -> Direction {
    let mut found = Direction::Neutral;
    for character in text.chars() {
        match character_direction(character) {
            Direction::Neutral => {}
            strong @ (Direction::Left | Direction::Right) => return strong,
            weak => found = weak,
        }
    }
    found
}

fn character_direction(character: char) -> Direction {
    match character {
        '0'..='9' | '\u{660}'..='\u{669}' | '\u{66b}'..='\u{66c}' | '\u{6f0}'..='\u{6f9}' => {
            Direction::Number
        }
        '.' | ',' | ':' | '/' | '-' | '+' | '%' | '\u{66a}' | '$' | '€' => Direction::Separator,
        // Hebrew, Arabic, Syriac, Thaana, NKo, Samaritan, Mandaic, their extensions and presentation forms.
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' => {
            // Signs of these blocks that are neutral by themselves.
            match character {
                '\u{60c}'
                | '\u{606}'..='\u{60b}'
                | '\u{60e}'..='\u{60f}'
                | '\u{fd3e}'..='\u{fd3f}' => Direction::Neutral,
                _ => Direction::Right,
            }
        }
        '\u{200f}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}' => Direction::Right,
        _ if character.is_alphabetic() => Direction::Left,
        _ => Direction::Neutral,
    }
}

/// The logical order of symbols that stand in visual order, and whether the line runs from right to left.
///
/// Element i of the order is the visual index of the i-th symbol of the text, with whether its brackets must be mirrored.
pub(crate) fn logical<'a>(texts: impl Iterator<Item = &'a str>) -> (Vec<(usize, bool)>, bool) {
    let texts: Vec<&str> = texts.collect();
    let directions: Vec<Direction> = texts.iter().map(|text| direction(text)).collect();
    let count = |wanted| {
        directions
            .iter()
            .filter(|direction| **direction == wanted)
            .count()
    };
    let (n_right, n_left) = (count(Direction::Right), count(Direction::Left));
    if n_right == 0 {
        return (
            (0..directions.len()).map(|idx| (idx, false)).collect(),
            false,
        );
    }
    // A line of a right-to-left text that quotes a long Latin name is still one: a third of the letters decides.
    let right_to_left = 2 * n_right >= n_left;
    let turned = turned(&texts, &directions, right_to_left);
    let mut order: Vec<(usize, bool)> = turned.iter().copied().enumerate().collect();
    // Runs against the line's direction are turned; then, in a line from right to left, everything is.
    let mut start = 0;
    while start < order.len() {
        let run = turned[start..]
            .iter()
            .take_while(|other| **other == turned[start])
            .count();
        if turned[start] != right_to_left {
            order[start..start + run].reverse();
        }
        start += run;
    }
    if right_to_left {
        order.reverse();
    }
    (order, right_to_left)
}

/// For each symbol whether it belongs to a run from right to left.
fn turned(texts: &[&str], directions: &[Direction], right_to_left: bool) -> Vec<bool> {
    // Separators between two digits are part of the number; a sign before or behind a number goes with it.
    let mut resolved = directions.to_vec();
    for idx in 0..resolved.len() {
        if directions[idx] == Direction::Separator {
            let number = |at: Option<&Direction>| at == Some(&Direction::Number);
            let before = number(idx.checked_sub(1).and_then(|before| directions.get(before)));
            let behind = number(directions.get(idx + 1));
            resolved[idx] = if before && behind {
                Direction::Number
            } else {
                Direction::Neutral
            };
        }
    }
    // A number behind a Latin word belongs to it (rule W7): "Windows 10" is one run.
    let mut strong = Direction::Neutral;
    for direction in &mut resolved {
        match direction {
            Direction::Left | Direction::Right => strong = *direction,
            Direction::Number if strong == Direction::Left => *direction = Direction::Left,
            _ => {}
        }
    }
    latin_brackets(&mut resolved, texts);
    let mut turned: Vec<bool> = Vec::with_capacity(resolved.len());
    let side = |idx: Option<usize>| match idx.map(|idx| resolved[idx]) {
        Some(Direction::Left) => Some(false),
        Some(Direction::Right | Direction::Number) => Some(true),
        _ => None,
    };
    for (idx, direction) in resolved.iter().enumerate() {
        turned.push(match direction {
            Direction::Left | Direction::Number => false,
            Direction::Right => true,
            Direction::Neutral | Direction::Separator => {
                let firm = |idx: &usize| {
                    !matches!(resolved[*idx], Direction::Neutral | Direction::Separator)
                };
                let before = side((0..idx).rev().find(firm));
                let behind = side((idx + 1..resolved.len()).find(firm));
                if before.is_some() && before == behind {
                    before == Some(true)
                } else {
                    right_to_left
                }
            }
        });
    }
    turned
}

/// Brackets that follow a Latin word and hold only such belong to its run (rule N0): `f(x)`.
fn latin_brackets(directions: &mut [Direction], texts: &[&str]) {
    let firm =
        |direction: &&Direction| !matches!(direction, Direction::Neutral | Direction::Separator);
    for open in 0..texts.len() {
        let Some(close) = (match texts[open] {
            "(" => texts[open..].iter().position(|text| *text == ")"),
            "[" => texts[open..].iter().position(|text| *text == "]"),
            _ => None,
        }) else {
            continue;
        };
        let close = open + close;
        let before = directions[..open].iter().rev().find(firm);
        let mut inside = directions[open..close].iter().filter(firm).peekable();
        let latin =
            inside.peek().is_some() && inside.all(|direction| *direction == Direction::Left);
        if latin && before == Some(&Direction::Left) {
            directions[open] = Direction::Left;
            directions[close] = Direction::Left;
        }
    }
}

/// The other one of a pair of brackets, if this symbol is a bracket.
pub(crate) fn mirrored(text: &str) -> Option<&'static str> {
    const PAIRS: [(&str, &str); 6] = [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("<", ">"),
        ("«", "»"),
        ("‹", "›"),
    ];
    PAIRS.iter().find_map(|&(open, close)| match text {
        text if text == open => Some(close),
        text if text == close => Some(open),
        _ => None,
    })
}
