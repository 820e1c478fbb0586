//! The exports in other programs: LibreOffice, poppler, MuPDF, PDFium, qpdf, and readers from PyPI in a virtual environment of their own.

use std::path::Path;
use std::process::Command;

use crate::command::{self, step};
use crate::{Outcome, paths, tools};

/// The readers from PyPI, each with its version.
const REQUIREMENTS: &str = "tests/exports/requirements.txt";

/// Writes exports and opens them in every reader that is there. Where continuous integration runs, all must be.
pub(crate) fn check() -> Outcome {
    let python = tools::python_environment("exports-venv", REQUIREMENTS)?;
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
