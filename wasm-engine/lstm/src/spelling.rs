//! One spelling where the models' training texts had another for the same signs on paper.

use crate::model::Symbol;

/// A sign that the models write in two parts: first, second, and the character that stands for both.
const PARTS: [(&str, &str, &str); 3] = [
    // Thai and Lao sara am, written nikhahit + sara aa.
    ("\u{e4d}", "\u{e32}", "\u{e33}"),
    ("\u{ecd}", "\u{eb2}", "\u{eb3}"),
    // The Ethiopic full stop, written as two word separators.
    ("\u{1361}", "\u{1361}", "\u{1362}"),
];

/// Joins signs written in parts, takes the micro sign for mu in Greek lines, and leaves joiners out of Tamil ones. `symbols` are in logical order.
pub(crate) fn unify(symbols: &mut Vec<Symbol>) {
    let mut at = 1;
    while at < symbols.len() {
        let first = match is_tone(&symbols[at - 1].text) {
            // A tone mark may stand between the parts; it goes before the whole.
            true if at > 1 => at - 2,
            _ => at - 1,
        };
        let whole = PARTS
            .iter()
            .find(|(a, b, _)| symbols[first].text == *a && symbols[at].text == *b);
        let Some((_, _, whole)) = whole else {
            at += 1;
            continue;
        };
        let part = symbols.remove(first);
        let joined = &mut symbols[at - 1];
        joined.text = (*whole).to_owned();
        joined.start = joined.start.min(part.start);
        joined.end = joined.end.max(part.end);
        joined.confidence = (joined.confidence * part.confidence).sqrt();
    }
    let is_tamil = |text: &str| text.chars().any(|c| ('\u{b80}'..='\u{bff}').contains(&c));
    if symbols.iter().any(|symbol| is_tamil(&symbol.text)) {
        // The Tamil models write a zero width non-joiner behind every virama; nothing on paper shows it.
        for symbol in symbols.iter_mut() {
            symbol.text.retain(|c| c != '\u{200c}');
        }
        symbols.retain(|symbol| !symbol.text.is_empty());
    }
    let is_greek = |symbol: &Symbol| {
        symbol
            .text
            .chars()
            .any(|c| ('\u{370}'..='\u{3ff}').contains(&c))
    };
    if symbols.iter().any(is_greek) {
        symbols
            .iter_mut()
            .filter(|symbol| symbol.text == "\u{b5}")
            .for_each(|symbol| symbol.text = "\u{3bc}".to_owned());
    }
}

/// Thai and Lao tone marks.
fn is_tone(text: &str) -> bool {
    let mut characters = text.chars();
    let tone = matches!(
        characters.next(),
        Some('\u{e48}'..='\u{e4b}' | '\u{ec8}'..='\u{ecb}')
    );
    tone && characters.next().is_none()
}
