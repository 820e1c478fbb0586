//! What must be on the machine before the first command: rustup, Node with npm, Python with pip.

use std::process::Command;

use crate::command::{self, step};
use crate::{Outcome, paths};

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Oldest Node that runs the build's npm packages and the tests.
const MIN_NODE_MAJOR: u32 = 20;

/// The programs of Python, by preference.
const PYTHONS: [&str; 2] = ["python3", "python"];

/// Checks them and adds the WebAssembly target. All that is missing is told at once.
pub(crate) fn check() -> Outcome {
    step("Prerequisites", || {
        let mut missing = Vec::new();
        let node = program_version("node").and_then(|version| {
            version
                .trim_start_matches('v')
                .split('.')
                .next()?
                .parse::<u32>()
                .ok()
        });
        if node.is_none_or(|major| major < MIN_NODE_MAJOR) {
            missing.push("Node 20 or newer (https://nodejs.org, or `apt-get install nodejs npm`)");
        } else if program_version("npm").is_none() {
            missing.push("npm (comes with Node; on Debian `apt-get install npm`)");
        }
        if python().is_none() {
            missing
                .push("Python 3 with pip (https://python.org, or `apt-get install python3-pip`)");
        }
        if !has_wasm_target() && !add_wasm_target() {
            missing.push("the target wasm32-unknown-unknown (`rustup target add wasm32-unknown-unknown`; rustup: https://rustup.rs)");
        }
        if missing.is_empty() {
            Ok(())
        } else {
            Err(format!("missing:\n  - {}", missing.join("\n  - ")))
        }
    })
}

/// A Python that has pip.
pub(crate) fn python() -> Option<&'static str> {
    PYTHONS.into_iter().find(|python| {
        let mut command = Command::new(python);
        command.args(["-m", "pip", "--version"]);
        command::version(command).is_some()
    })
}

fn program_version(program: &str) -> Option<String> {
    let mut command = Command::new(program);
    command.arg("--version");
    command::version(command)
}

/// Whether rustc has the target's standard library, however it came there.
fn has_wasm_target() -> bool {
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--print", "target-libdir", "--target", WASM_TARGET])
        .current_dir(paths::root());
    command::version(rustc).is_some_and(|dir| std::path::Path::new(&dir).is_dir())
}

fn add_wasm_target() -> bool {
    let mut rustup = Command::new("rustup");
    rustup
        .args(["target", "add", WASM_TARGET])
        .current_dir(paths::root());
    command::run(&mut rustup).is_ok()
}
