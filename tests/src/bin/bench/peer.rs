//! Another program that reads pages, one at a time, in turn with ours.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::Deserialize;

/// A page as the peer read it.
#[derive(Debug, Deserialize)]
pub(crate) struct PeerAnswer {
    /// Its text, in the peer's own order.
    pub(crate) text: String,
    /// Seconds of wall time from the file's bytes to the text, without the program's start.
    pub(crate) seconds: f64,
    /// Milliseconds by stage, where the peer tells.
    #[serde(default)]
    pub(crate) stages_ms: std::collections::BTreeMap<String, f64>,
}

/// The peer's process: reads a path a line, answers a JSON object a line.
pub(crate) struct Peer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts `command`, split at spaces, and waits for its line `ready`.
    pub(crate) fn start(command: &str) -> Result<Self, String> {
        let mut words = command.split_whitespace();
        let program = words.next().ok_or("the command is empty")?;
        let mut child = Command::new(program)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        let input = child.stdin.take().ok_or("no standard input")?;
        let output = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut peer = Self {
            child,
            input,
            output,
        };
        match peer.line()?.trim() {
            "ready" => Ok(peer),
            other => Err(format!("{program} said {other:?} instead of \"ready\"")),
        }
    }

    /// Lets the peer read `file`.
    pub(crate) fn read(&mut self, file: &Path) -> Result<PeerAnswer, String> {
        writeln!(self.input, "{}", file.display()).map_err(|error| error.to_string())?;
        let line = self.line()?;
        serde_json::from_str(&line).map_err(|error| format!("{error}: {line}"))
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(0) => Err("the peer has ended".to_owned()),
            Ok(_) => Ok(line),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Its input closes with us; waiting for it would hang on one that does not care.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
