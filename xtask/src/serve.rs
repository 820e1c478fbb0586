//! `cargo xtask serve`.

use crate::command::{self, step};
use crate::{Outcome, setup, web};

/// Sets up, builds, and serves until stopped.
pub(crate) fn run(words: &[String]) -> Outcome {
    let is_release = words.first().is_some_and(|word| word == "--release");
    let mut rest = &words[usize::from(is_release)..];
    if rest.first().is_some_and(|word| word == "--") {
        rest = &rest[1..];
    }
    setup()?;
    web::build()?;
    let profile: &[&str] = if is_release { &["--release"] } else { &[] };
    step("The server", || {
        let mut cargo = command::cargo(["build", "--locked", "-p", "ocr-chat-server"]);
        cargo.args(profile);
        command::run(&mut cargo)
    })?;
    eprintln!("==> Serving; stop with Ctrl+C");
    let mut server = command::cargo(["run", "--locked", "--quiet", "-p", "ocr-chat-server"]);
    server
        .args(profile)
        .args(["--bin", "ocr-chat", "--", "serve"])
        .args(rest);
    command::run(&mut server)
}
