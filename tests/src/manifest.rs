//! Manifests of documents with truth: one JSON object a line.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A document with truth.
#[derive(Debug, Clone, Deserialize)]
pub struct Item {
    /// Unique name; outputs are called after it.
    pub id: String,
    /// The document, relative to the manifest.
    pub file: PathBuf,
    /// What kind of document it is: printed, receipt, photo ...
    pub kind: String,
    /// Clean, degraded ...
    #[serde(default)]
    pub variant: String,
    /// Language of the truth.
    pub language: String,
    /// The truth, relative to the manifest.
    pub truth: PathBuf,
    /// `text`, or a kind of truth that is scored elsewhere.
    #[serde(default = "text")]
    pub truth_type: String,
    /// Whether the truth's case says nothing.
    #[serde(default)]
    pub case_insensitive: bool,
    /// Whether the truth's order says nothing.
    #[serde(default)]
    pub order_doubtful: bool,
}

fn text() -> String {
    "text".to_owned()
}

/// Reads a manifest; paths become absolute.
///
/// # Errors
/// A sentence that names the file or the line.
pub fn read(path: &Path) -> Result<Vec<Item>, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(line_idx, line)| {
            let mut item: Item = serde_json::from_str(line)
                .map_err(|e| format!("{}:{}: {e}", path.display(), line_idx + 1))?;
            item.file = folder.join(&item.file);
            item.truth = folder.join(&item.truth);
            Ok(item)
        })
        .collect()
}
