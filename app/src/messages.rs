//! What went wrong, in words, by code. The server sends the same codes.

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
        let (title, advice) = match code {
            "unsupported_type" => (
                "This type of file is not supported.",
                "Choose a PNG, JPEG, WEBP, GIF, BMP, TIFF or PDF file.",
            ),
            "empty_file" => (
                "The file is empty.",
                "Check that it was saved or copied completely, then choose it again.",
            ),
            "damaged_file" => (
                "The file is damaged.",
                "Try to open it in another program and save it anew, or scan it again.",
            ),
            "file_too_large" => (
                "The file is too large.",
                "Split it, or save it at a lower resolution. 100 MB can be read.",
            ),
            "too_many_pages" => (
                "The document has too many pages.",
                "Split it into parts of 2,000 pages or fewer.",
            ),
            "too_many_pixels" => (
                "The picture is too large for this browser.",
                "Save it at a lower resolution, or switch to reading on the server.",
            ),
            "password_needed" => (
                "The PDF is locked with a password.",
                "Save a copy without the password and choose that one.",
            ),
            "models_missing" => (
                "This server has no reading models.",
                "Its operator can fetch them with `cargo xtask models`. Nothing is wrong with your file.",
            ),
            "models_damaged" => (
                "The reading models did not arrive intact.",
                "Try again. Nothing is wrong with your file.",
            ),
            "offline" => (
                "There is no network.",
                "The reading models are not on this device yet. Go online once; afterwards files are read offline, too.",
            ),
            "server_offline" => (
                "The server cannot be reached.",
                "Check your network, or switch to reading on this device.",
            ),
            "not_kept" => (
                "This browser keeps nothing here.",
                "It keeps files over HTTPS only, not in every private window, and not on a full disk.",
            ),
            "worker_failed" => (
                "The reader stopped.",
                "The page may have needed more memory than this device has. Try again, or close other tabs.",
            ),
            "exporter_offline" => (
                "There is no network.",
                "What writes this kind of file is fetched with the first one and kept. Go online once, then try again.",
            ),
            "exporter_missing" => (
                "What writes this kind of file did not arrive.",
                "Check your network and try again. TXT, MD, CSV and JSON need nothing more.",
            ),
            "export_failed" => (
                "The file could not be made.",
                "The document may need more memory than this device has. Close other tabs, or choose another format.",
            ),
            "no_worker" => (
                "The reader could not start.",
                "Reload the page. If that does not help, the browser may be too old: it needs WebAssembly with SIMD.",
            ),
            "busy" => (
                "The server is busy.",
                "Try again in a minute, or switch to reading on this device.",
            ),
            _ => ("This did not work.", ""),
        };
        let advice = if advice.is_empty() { detail } else { advice };
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
        format!("{:.0} KB", (bytes / 1e3).ceil())
    } else {
        format!("{:.1} MB", bytes / 1e6)
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
