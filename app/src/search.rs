//! Finding words in the texts of documents.

/// Characters that are shown before and after what was found.
const N_AROUND: usize = 40;

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snippet {
    /// The page, from 0.
    pub(crate) page_idx: u32,
    /// What stands before it, in one line.
    pub(crate) before: String,
    pub(crate) hit: String,
    pub(crate) after: String,
}

/// The first place on `pages` (number and text) where `wanted` stands, whatever its case; white space is one space.
pub(crate) fn find<'a>(
    pages: impl IntoIterator<Item = (u32, &'a str)>,
    wanted: &str,
) -> Option<Snippet> {
    let wanted: Vec<char> = folded(wanted).collect();
    if wanted.is_empty() {
        return None;
    }
    pages.into_iter().find_map(|(page_idx, text)| {
        let shown: Vec<char> = one_line(text).collect();
        // Character for character, so that a place in one is a place in the other.
        let folded: Vec<char> = shown.iter().map(|&letter| fold(letter)).collect();
        let at = folded
            .windows(wanted.len())
            .position(|window| window == wanted)?;
        let end = at + wanted.len();
        let part = |from: usize, to: usize| shown[from..to.min(shown.len())].iter().collect();
        Some(Snippet {
            page_idx,
            before: part(at.saturating_sub(N_AROUND), at),
            hit: part(at, end),
            after: part(end, end + N_AROUND),
        })
    })
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    let line: String = one_line(text).collect();
    line.trim()
        .chars()
        .map(fold)
        .collect::<Vec<_>>()
        .into_iter()
}

/// The lower case of a letter where that is one letter, and itself otherwise.
fn fold(letter: char) -> char {
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => letter,
    }
}

/// The text with every run of white space as one space.
fn one_line(text: &str) -> impl Iterator<Item = char> {
    let mut was_space = false;
    text.chars().filter_map(move |letter| {
        let is_space = letter.is_whitespace();
        let is_left_out = is_space && was_space;
        was_space = is_space;
        (!is_left_out).then_some(if is_space { ' ' } else { letter })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_over_line_ends_and_in_any_case() {
        let pages = [
            (0, "Nothing here."),
            (1, "Dear Sir,\n\nthe TOTAL\namount is due."),
        ];
        let found = find(pages, " total  amount ").unwrap();
        assert_eq!(found.page_idx, 1);
        assert_eq!(found.hit, "TOTAL amount");
        assert_eq!(found.before, "Dear Sir, the ");
        assert_eq!(found.after, " is due.");
    }

    #[test]
    fn other_scripts_are_found_and_what_is_not_there_is_not() {
        assert_eq!(find([(0, "ใบเสร็จรับเงิน")], "รับเงิน").unwrap().hit, "รับเงิน");
        assert_eq!(find([(0, "İstanbul")], "stanbul").unwrap().before, "İ");
        assert_eq!(find([(0, "a")], "ab"), None);
        assert_eq!(find([(0, "a")], "  "), None);
    }
}
