//! What went wrong, in words, by code. The server sends the same codes.

use ocr_chat_i18n::{problem, tr};

/// A problem as it is shown: what it is, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Code for machines and tests.
    pub(crate) code: String,
    /// A short sentence.
    pub(crate) title: String,
    /// What to do about it.
    pub(crate) advice: String,
}

impl Problem {
    /// The problem with `code`; `detail` is the sentence that came with it, shown where the code has no words of its own.
    pub(crate) fn new(code: &str, detail: &str) -> Self {
        let (title, advice) = problem(code).unwrap_or((tr!(problems.other), None));
        let advice = advice.unwrap_or(detail);
        Self {
            code: code.to_owned(),
            title: title.to_owned(),
            advice: advice.to_owned(),
        }
    }
}

/// A size as people read it.
pub(crate) fn megabytes(bytes: f64) -> String {
    if bytes < 1e6 {
        tr!(
            problems.kilobytes,
            n = format!("{:.0}", (bytes / 1e3).ceil())
        )
    } else {
        tr!(problems.megabytes, n = format!("{:.1}", bytes / 1e6))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_code_shows_what_came_with_it() {
        let problem = Problem::new("not_available", "tier: vlm is not available yet.");
        assert_eq!(problem.advice, "tier: vlm is not available yet.");
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!(megabytes(6_277_289.0), "6.3 MB");
        assert_eq!(megabytes(36_816.0), "37 KB");
    }
}
