//! Running programs, with progress that a person can follow.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::{Outcome, paths};

/// `cargo` with `words`, at the root of the workspace.
pub(crate) fn cargo<const N: usize>(words: [&str; N]) -> Command {
    let mut command = Command::new("cargo");
    command.args(words).current_dir(paths::root());
    command
}

/// `program` with the project's tools first on PATH, at the root of the workspace.
pub(crate) fn with_tools(program: &str) -> Command {
    let mut folders: Vec<PathBuf> = vec![paths::tools_bin(), paths::node_bin()];
    if let Some(path) = std::env::var_os("PATH") {
        folders.extend(std::env::split_paths(&path));
    }
    let mut command = Command::new(program);
    command.current_dir(paths::root());
    if let Ok(path) = std::env::join_paths(folders) {
        command.env("PATH", path);
    }
    command
}

/// Runs to the end; its output is the user's.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let name = name(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} ended with {status}")),
        Err(error) => Err(format!("{name} could not be started: {error}")),
    }
}

/// What `program --version` says, if it is there.
pub(crate) fn version(mut command: Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Says what is being done, does it, and says how long it took.
#[expect(
    clippy::disallowed_methods,
    reason = "progress for a person at a terminal, natively"
)]
pub(crate) fn step<T>(what: &str, work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    eprintln!("==> {what}");
    let start = Instant::now();
    let answer = work()?;
    let seconds = start.elapsed().as_secs_f64();
    if seconds >= 1.0 {
        eprintln!("    {seconds:.0} s");
    }
    Ok(answer)
}

fn name(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(OsStr::to_string_lossy)
        .take(6)
        .collect::<Vec<_>>()
        .join(" ")
}
