//! Lists of pages: `1-3,7`, in the API and on the command line.

use std::str::FromStr;

/// Pages of a document, counted from 1 as readers do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageRanges(Vec<(usize, usize)>);

impl FromStr for PageRanges {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no list of pages such as 1-3,7");
        let page = |text: &str| {
            text.trim()
                .parse::<usize>()
                .ok()
                .filter(|page| *page > 0)
                .ok_or_else(wrong)
        };
        text.split(',')
            .map(|range| {
                let (first, last) = range.split_once('-').unwrap_or((range, range));
                let (first, last) = (page(first)?, page(last)?);
                if first <= last {
                    Ok((first, last))
                } else {
                    Err(wrong())
                }
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl PageRanges {
    /// Whether page `index`, counted from 0, is one of them.
    pub(crate) fn contains(&self, index: usize) -> bool {
        self.0
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&(index + 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::PageRanges;

    #[test]
    fn pages_count_from_one_and_ranges_include_their_ends() {
        let pages: PageRanges = "2-3, 7".parse().unwrap();
        let chosen: Vec<usize> = (0..10).filter(|index| pages.contains(*index)).collect();
        assert_eq!(chosen, [1, 2, 6]);
    }

    #[test]
    fn what_is_no_list_of_pages_is_refused() {
        for text in ["", "0", "3-1", "a", "1-", "1,,2", "1-2-3"] {
            assert!(text.parse::<PageRanges>().is_err(), "{text}");
        }
    }
}
