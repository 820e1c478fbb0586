//! The pinned tools of the build, in the cache folder: never another version than the one named here.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use crate::command::{self, step};
use crate::{Outcome, paths, prerequisites};

/// A program from crates.io.
pub(crate) struct Tool {
    package: &'static str,
    program: &'static str,
    version: &'static str,
    /// Whether the package's own lock file is used; wasm-bindgen-cli publishes one that does not build.
    is_locked: bool,
    /// Further words for `cargo install`.
    options: &'static [&'static str],
}

/// Must be the version of the crate `wasm-bindgen` in Cargo.toml to the last digit.
const WASM_BINDGEN: Tool = Tool {
    package: "wasm-bindgen-cli",
    program: "wasm-bindgen",
    version: "0.2.130",
    is_locked: false,
    options: &[],
};

/// The newest that rustc 1.95 builds.
const TRUNK: Tool = Tool {
    package: "trunk",
    program: "trunk",
    version: "0.21.14",
    is_locked: true,
    options: &[],
};

/// The licence check; for `cargo xtask test` only.
pub(crate) const CARGO_DENY: Tool = Tool {
    package: "cargo-deny",
    program: "cargo-deny",
    version: "0.20.2",
    is_locked: true,
    options: &["--no-default-features"],
};

/// wasm-opt as it names itself; pinned in xtask/node/package.json.
const WASM_OPT_VERSION: &str = "123";

/// Installs what is missing or of another version.
pub(crate) fn install() -> Outcome {
    install_tool(&WASM_BINDGEN)?;
    install_tool(&TRUNK)?;
    npm_ci("xtask/node")?;
    let mut wasm_opt = command::with_tools("wasm-opt");
    wasm_opt.arg("--version");
    match command::version(wasm_opt) {
        Some(version) if has_version(&version, WASM_OPT_VERSION) => Ok(()),
        Some(version) => Err(format!(
            "wasm-opt is {version:?}, wanted {WASM_OPT_VERSION}; delete xtask/node/node_modules and run this again"
        )),
        None => Err(
            "wasm-opt does not start; delete xtask/node/node_modules and run this again".to_owned(),
        ),
    }
}

/// Installs `tool` unless its exact version is there.
pub(crate) fn install_tool(tool: &Tool) -> Outcome {
    let mut installed = Command::new(paths::tools_bin().join(tool.program));
    installed.arg("--version");
    if command::version(installed).is_some_and(|version| has_version(&version, tool.version)) {
        return Ok(());
    }
    step(
        &format!(
            "{} {} from crates.io (once; some minutes)",
            tool.package, tool.version
        ),
        || {
            let mut cargo = command::cargo([
                "install",
                tool.package,
                "--version",
                tool.version,
                "--force",
            ]);
            cargo.arg("--root").arg(paths::cache().join("tools"));
            if tool.is_locked {
                cargo.arg("--locked");
            }
            cargo.args(tool.options);
            // Built once and run for seconds: compiling them well takes 20 minutes and gains nothing.
            for (key, value) in [
                ("LTO", "off"),
                ("OPT_LEVEL", "1"),
                ("CODEGEN_UNITS", "16"),
                ("DEBUG", "0"),
                ("STRIP", "true"),
            ] {
                cargo.env(format!("CARGO_PROFILE_RELEASE_{key}"), value);
            }
            cargo.env("CARGO_TARGET_DIR", paths::cache().join("tools-target"));
            command::run(&mut cargo)
        },
    )
}

/// `npm ci` in `folder` of the workspace, unless its lock file is the one that was installed.
pub(crate) fn npm_ci(folder: &str) -> Outcome {
    let folder = paths::root().join(folder);
    let lock = read(&folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    step(&format!("npm packages of {}", folder.display()), || {
        let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(&folder);
        command::run(&mut npm)?;
        fs::write(&stamp, &lock).map_err(|error| at(&stamp, &error))
    })
}

/// The Python of a virtual environment called `name`, with exactly the packages of the file `requirements` of the workspace.
pub(crate) fn python_environment(name: &str, requirements: &str) -> Result<PathBuf, String> {
    let folder = paths::cache().join("tools").join(name);
    let python = folder.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let requirements = paths::root().join(requirements);
    let wanted = read(&requirements)?;
    let stamp = folder.join(".installed-requirements.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    step(&format!("Packages from PyPI for {name} (once)"), || {
        let base = prerequisites::python().ok_or("Python 3 with pip is missing")?;
        let mut venv = Command::new(base);
        command::run(venv.args(["-m", "venv", "--clear"]).arg(&folder)).map_err(|error| {
            format!("{error}; on Debian `apt-get install python3-venv` brings what it needs")
        })?;
        let mut pip = Command::new(&python);
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--disable-pip-version-check",
        ]);
        command::run(pip.arg("-r").arg(&requirements))?;
        fs::write(&stamp, &wanted).map_err(|error| at(&stamp, &error))
    })?;
    Ok(python)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| at(path, &error))
}

fn at(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// Whether one of the words of `said` is `version`.
fn has_version(said: &str, version: &str) -> bool {
    said.split([' ', '(', ')', '\n'])
        .any(|word| word == version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_version_counts() {
        assert!(has_version("wasm-bindgen 0.2.130", "0.2.130"));
        assert!(has_version("wasm-opt version 123 (version_123)", "123"));
        assert!(!has_version("trunk 0.21.141", "0.21.14"));
    }

    #[test]
    fn wasm_bindgen_is_the_same_in_the_manifest() {
        let manifest = fs::read_to_string(paths::root().join("Cargo.toml")).unwrap();
        let wanted = format!("wasm-bindgen = \"={}\"", WASM_BINDGEN.version);
        assert!(manifest.contains(&wanted), "Cargo.toml must have {wanted}");
    }
}
