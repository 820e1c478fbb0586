//! The server against programs of others: Stripe's fake, an SMTP server, sign-in, a client that tries what the OpenAPI document allows, and
//! the programs of the public specification.

use crate::command;
use crate::{Outcome, tools};

/// The programs from PyPI, each with its version; the one from npm stands in `tests/service/package.json`.
const REQUIREMENTS: &str = "tests/service/requirements.txt";

/// Runs the tests of `server/tests/api/peers.rs`, on SQLite and on PostgreSQL, and the programs of the public specification.
pub(crate) fn check() -> Outcome {
    let python = tools::python_environment("service-venv", REQUIREMENTS)?;
    tools::npm_ci("tests/service")?;
    for (tests, filter) in [
        ("api", "peers"),
        ("api_postgres", "peers"),
        ("spec_examples", "programs"),
    ] {
        let mut cargo = command::cargo([
            "test",
            "--locked",
            "-p",
            "ocr-chat-server",
            "--test",
            tests,
            filter,
            "--",
            "--ignored",
        ]);
        command::run(cargo.env("OCR_CHAT_TEST_PYTHON", &python))?;
    }
    Ok(())
}
