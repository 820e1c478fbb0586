//! The exports in other programs: LibreOffice, poppler, MuPDF, PDFium, qpdf, and readers from PyPI in a virtual environment of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{self, step};
use crate::{Outcome, paths, prerequisites};

/// The readers from PyPI, each with its version.
const REQUIREMENTS: &str = "tests/exports/requirements.txt";

/// Writes exports and opens them in every reader that is there. Where continuous integration runs, all must be.
pub(crate) fn check() -> Outcome {
    let python = environment()?;
    step("The writers of exports", || {
        let mut cargo = command::cargo(["build", "--locked", "-p", "ocr-chat-export"]);
        command::run(cargo.args(["--example", "goldens", "--example", "searchable_pdf"]))?;
        let mut cargo = command::cargo(["build", "--locked", "-p", "ocr-chat-server"]);
        command::run(&mut cargo)
    })?;
    let examples = paths::target().join("debug/examples");
    for (what, script, writer) in [
        ("Exports in other programs", "check.py", "goldens"),
        (
            "Searchable PDFs in other readers",
            "pdf_peers.py",
            "searchable_pdf",
        ),
    ] {
        step(what, || {
            let mut check = Command::new(&python);
            check
                .arg(Path::new("tests/exports").join(script))
                .arg("--binary")
                .arg(examples.join(writer))
                .current_dir(paths::root());
            if script == "pdf_peers.py" {
                check
                    .arg("--ocr")
                    .arg(paths::target().join("debug/ocr-chat"));
                check.env("OCR_CHAT_MODELS_DIR", paths::models());
            }
            if !paths::is_ci() {
                check.arg("--allow-missing");
            }
            command::run(&mut check)
        })?;
    }
    Ok(())
}

/// The Python of a virtual environment with exactly the packages of [`REQUIREMENTS`].
fn environment() -> Result<PathBuf, String> {
    let folder = paths::cache().join("tools").join("exports-venv");
    let python = folder.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let requirements = paths::root().join(REQUIREMENTS);
    let at = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let wanted = fs::read(&requirements).map_err(|error| at(&requirements, error))?;
    let stamp = folder.join(".installed-requirements.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    step("Readers of exports from PyPI (once)", || {
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
        fs::write(&stamp, &wanted).map_err(|error| at(&stamp, error))
    })?;
    Ok(python)
}
