//! Guards against what models do beside reading: loops.

/// How long a repeated stretch must be, in characters, to be a loop. Leaders of dots, rows of empty cells and columns of zeros are shorter.
const MIN_LOOP_CHARS: usize = 600;

/// How often the same must come to be a loop.
const MIN_REPEATS: usize = 8;

/// How much of the end is looked at, in characters: a unit of up to 500 is found.
const TAIL_CHARS: usize = 4_000;

/// Where `text` should end when its end repeats itself: behind the first of the repeated units, in bytes. `None` where it does not.
///
/// The longest stretch at the end that has a period is found by the prefix function of the reversed end (Knuth, Morris, Pratt 1977), in time of
/// its length.
pub fn loop_start(text: &str) -> Option<usize> {
    // Positions in bytes of the last characters, backwards.
    let tail: Vec<(usize, char)> = text.char_indices().rev().take(TAIL_CHARS).collect();
    let mut prefix = vec![0_usize; tail.len()];
    let mut found = None;
    for at in 1..tail.len() {
        let mut length = prefix[at - 1];
        while length > 0 && tail[at].1 != tail[length].1 {
            length = prefix[length - 1];
        }
        if tail[at].1 == tail[length].1 {
            length += 1;
        }
        prefix[at] = length;
        let stretch = at + 1;
        let period = stretch - length;
        if stretch >= MIN_LOOP_CHARS && stretch >= period * MIN_REPEATS {
            found = Some((stretch, period));
        }
    }
    let (stretch, period) = found?;
    // The first unit of the stretch is text, the others are the loop.
    tail.get(stretch - period - 1).map(|(at, _)| *at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_is_cut_behind_its_first_unit() {
        let unit = "and the same again, ";
        let text = format!("Once upon a time {}", unit.repeat(50));
        let at = loop_start(&text).unwrap();
        assert!(
            text[..at].starts_with("Once upon a time and the same"),
            "{}",
            &text[..at]
        );
        assert!(at <= "Once upon a time ".len() + 2 * unit.len(), "{at}");
        let chinese = "重复".repeat(400);
        assert_eq!(loop_start(&chinese), Some("重复".len()));
    }

    #[test]
    fn what_documents_repeat_is_no_loop() {
        let dots = format!("Chapter 1 {} 12", ".".repeat(200));
        let cells = "<tr><td></td><td></td><td></td></tr>".repeat(7);
        let list: String = (0..100).map(|n| format!("{n}. The same item\n")).collect();
        for text in [dots, cells, list, String::new()] {
            assert_eq!(loop_start(&text), None, "{text}");
        }
    }
}
