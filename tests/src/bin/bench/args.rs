//! `--name value` and files.

use std::collections::HashMap;
use std::path::PathBuf;

use ocr_chat_engine::Quality;

/// The words behind the command.
pub(crate) struct Args {
    named: HashMap<String, String>,
    /// What has no name.
    pub(crate) files: Vec<PathBuf>,
}

impl Args {
    pub(crate) fn parse(words: Vec<String>) -> Result<Self, String> {
        let mut named = HashMap::new();
        let mut files = Vec::new();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            match word.strip_prefix("--") {
                Some(name) => {
                    let value = words.next().ok_or(format!("--{name} needs a value"))?;
                    named.insert(name.to_owned(), value);
                }
                None => files.push(PathBuf::from(word)),
            }
        }
        Ok(Self { named, files })
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.named.get(name).map(String::as_str)
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, String> {
        self.get(name).ok_or(format!("--{name} is missing"))
    }

    pub(crate) fn number(&self, name: &str, default: usize) -> Result<usize, String> {
        self.get(name).map_or(Ok(default), |value| {
            value
                .parse()
                .map_err(|_| format!("--{name} {value:?} is no number"))
        })
    }

    pub(crate) fn model(&self) -> &str {
        self.get("model").unwrap_or("small")
    }

    /// The tiers to read with, in turn.
    pub(crate) fn tiers(&self) -> Result<Vec<(&str, Quality)>, String> {
        let tiers = self.get("tier").unwrap_or("cpu").split(',');
        tiers
            .map(|tier| match tier {
                "cpu" => Ok((tier, Quality::Standard)),
                "vlm" => Ok((tier, Quality::Premium)),
                other => Err(format!(
                    "--tier is cpu, vlm, or both with a comma, not {other:?}"
                )),
            })
            .collect()
    }

    /// Threads to read with: all cores unless told otherwise.
    pub(crate) fn threads(&self) -> Result<usize, String> {
        let all = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.number("threads", all)
    }
}
