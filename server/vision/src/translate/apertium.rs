//! Apertium (apertium.org), where the machine has it: rules in place of a model, so it is quick, local and free, for the pairs that are installed.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use crate::client::{Place, TokenUsage};
use crate::translate::{Task, TranslateError, Translated, Translating, Translator, is_faithful};

/// How long the list of pairs may take.
const LIST_LIMIT: Duration = Duration::from_secs(10);

/// How long a batch may take. A page takes half a second.
const LIMIT: Duration = Duration::from_secs(60);

/// Most characters that one process gets.
const MAX_CHARS: usize = 20_000;

/// Most bytes that are read of it.
const MAX_OUTPUT_BYTES: u64 = 1 << 20;

/// What parts passages: Apertium keeps empty lines.
const BETWEEN: &str = "\n\n";

/// Bounds of the process: 4 GB of addresses, 60 seconds of CPU time, no core file. `$0` is the program, `$1` the pair.
const BOUNDED: &str = "ulimit -v 4000000 -t 60 -c 0 2>/dev/null; exec \"$0\" -u \"$1\"";

/// Why Apertium did not translate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApertiumError {
    /// It does not start.
    #[error("Apertium does not start")]
    Start,
    /// It took too long.
    #[error("Apertium took too long")]
    TimedOut,
    /// It ended with an error.
    #[error("Apertium failed")]
    Failed,
}

/// A pair of languages that is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mode {
    /// Its name for Apertium, `eng-spa`.
    pub name: String,
    /// What it translates from, as a BCP 47 tag.
    pub from: String,
    /// What it translates into.
    pub to: String,
}

/// Apertium with the pairs that are installed.
#[derive(Debug, Clone)]
pub struct Apertium {
    program: String,
    modes: Vec<Mode>,
}

impl Apertium {
    /// Looks which pairs `program` has. `canonical` makes a BCP 47 tag of its codes (`eng`, `cat`), and knows which are languages.
    ///
    /// # Errors
    /// [`ApertiumError`] when it is not there or does not answer.
    pub async fn find(
        program: &str,
        canonical: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ApertiumError> {
        let mut command = Command::new(program);
        command
            .arg("-l")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let output = tokio::time::timeout(LIST_LIMIT, command.output()).await;
        let output = output
            .map_err(|_| ApertiumError::TimedOut)?
            .map_err(|_| ApertiumError::Start)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut modes: Vec<Mode> = Vec::new();
        for name in text.split_whitespace() {
            // Variants (`spa-cat_valencia`) are not asked for by a tag.
            let is_name = name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
            let Some((from, to)) = name
                .split_once('-')
                .filter(|_| is_name && !name.contains('_'))
            else {
                continue;
            };
            if let Some((from, to)) = canonical(from).zip(canonical(to)) {
                modes.push(Mode {
                    name: name.to_owned(),
                    from,
                    to,
                });
            }
        }
        Ok(Self {
            program: program.to_owned(),
            modes,
        })
    }

    /// The pairs.
    pub fn modes(&self) -> &[Mode] {
        &self.modes
    }

    fn mode(&self, from: &str, to: &str) -> Option<&Mode> {
        let primary = |tag: &str| tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
        let is =
            |mode: &&Mode| primary(&mode.from) == primary(from) && primary(&mode.to) == primary(to);
        self.modes.iter().find(is)
    }

    async fn run(&self, task: Task<'_>) -> Result<Translated, TranslateError> {
        let from = task.from.unwrap_or("");
        let mode = self
            .mode(from, task.to)
            .ok_or_else(|| TranslateError::NoPair {
                from: if from.is_empty() {
                    "an unknown language".to_owned()
                } else {
                    from.to_owned()
                },
                to: task.to.to_owned(),
            })?;
        let mut texts = vec![None; task.texts.len()];
        let mut batch: Vec<usize> = Vec::new();
        let mut n_chars = 0;
        for idx in 0..=task.texts.len() {
            let length = task.texts.get(idx).map(|text| text.chars().count());
            if length.is_none_or(|length| n_chars + length > MAX_CHARS) && !batch.is_empty() {
                self.batch(mode, task.texts, &batch, &mut texts).await?;
                batch.clear();
                n_chars = 0;
            }
            if let Some(length) = length.filter(|length| (1..=MAX_CHARS).contains(length)) {
                batch.push(idx);
                n_chars += length;
            }
        }
        Ok(Translated {
            texts,
            usage: TokenUsage::default(),
        })
    }

    async fn batch(
        &self,
        mode: &Mode,
        originals: &[String],
        batch: &[usize],
        texts: &mut [Option<String>],
    ) -> Result<(), ApertiumError> {
        let input: Vec<String> = batch
            .iter()
            .map(|idx| one_paragraph(&originals[*idx]))
            .collect();
        let output = self.process(mode, &input.join(BETWEEN)).await?;
        let parts: Vec<&str> = output.trim_end_matches('\n').split(BETWEEN).collect();
        if parts.len() == batch.len() {
            for (idx, part) in batch.iter().zip(parts) {
                texts[*idx] = Some(tidy(part)).filter(|text| is_faithful(&originals[*idx], text));
            }
            return Ok(());
        }
        // The passages cannot be told apart: each by itself.
        if batch.len() > 1 {
            for idx in batch {
                let output = self.process(mode, &one_paragraph(&originals[*idx])).await?;
                texts[*idx] =
                    Some(tidy(&output)).filter(|text| is_faithful(&originals[*idx], text));
            }
        }
        Ok(())
    }

    async fn process(&self, mode: &Mode, input: &str) -> Result<String, ApertiumError> {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", BOUNDED, &self.program, &mode.name])
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        // Its pipeline ends with it: the whole group is told.
        command.process_group(0);
        let mut child = command.spawn().map_err(|_| ApertiumError::Start)?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let (Some(mut stdin), Some(stdout)) = (stdin, stdout) else {
            return Err(ApertiumError::Start);
        };
        let input = format!("{input}\n");
        let write = async move {
            let written = stdin.write_all(input.as_bytes()).await;
            drop(stdin);
            written
        };
        let read = async move {
            let mut text = Vec::new();
            stdout
                .take(MAX_OUTPUT_BYTES)
                .read_to_end(&mut text)
                .await
                .map(|_| text)
        };
        let work = async {
            let (_, text) = tokio::join!(write, read);
            let status = child.wait().await;
            (text, status)
        };
        let (text, status) = tokio::time::timeout(LIMIT, work)
            .await
            .map_err(|_| ApertiumError::TimedOut)?;
        if !status.is_ok_and(|status| status.success()) {
            return Err(ApertiumError::Failed);
        }
        let text = text.map_err(|_| ApertiumError::Failed)?;
        String::from_utf8(text).map_err(|_| ApertiumError::Failed)
    }
}

/// A translation without the spaces that its rules leave behind words they took out; lines stay lines.
fn tidy(text: &str) -> String {
    let lines = text.trim().lines();
    let lines: Vec<String> = lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    lines.join("\n")
}

/// A passage as one paragraph: its line breaks would be taken for those between passages. A passage of nothing is a point, which stays.
fn one_paragraph(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

impl Translator for Apertium {
    fn name(&self) -> &str {
        "Apertium"
    }

    fn place(&self) -> Place {
        Place::Local
    }

    fn can(&self, from: Option<&str>, to: &str) -> bool {
        match from {
            Some(from) => self.mode(from, to).is_some(),
            None => self
                .modes
                .iter()
                .any(|mode| self.mode(&mode.from, to).is_some()),
        }
    }

    fn pairs(&self) -> Option<Vec<String>> {
        Some(
            self.modes
                .iter()
                .map(|mode| format!("{} to {}", mode.from, mode.to))
                .collect(),
        )
    }

    fn translate<'a>(&'a self, task: Task<'a>) -> Translating<'a> {
        Box::pin(self.run(task))
    }
}
