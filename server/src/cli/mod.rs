//! The command line.

mod serve;

mod worker;

mod ocr;

mod models;

mod admin;

mod output;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;

/// Reads documents: on this machine, or for others as a server.
#[derive(Debug, Parser)]
#[command(name = "ocr-chat", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and the web app (settings: OCR_CHAT_* variables, see the README).
    Serve,
    /// Read pages for servers on the same PostgreSQL database (settings as for serve).
    Worker(worker::WorkerArguments),
    /// Read files and write their text.
    Ocr(Box<ocr::OcrArguments>),
    /// Accounts, credits and the state of the server's books; works beside a running server.
    Admin(admin::AdminArguments),
    /// List the models and say which of their files are here; add recognisers of single languages.
    Models(models::ModelsArguments),
}

/// Runs the command that this process was started with.
pub fn run() -> ExitCode {
    // On a wrong command line clap says so and ends the process with status 2.
    let arguments = Arguments::parse();
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(error) => return failed(error),
    };
    match arguments.command {
        Command::Serve => serve::serve(config),
        Command::Worker(arguments) => worker::worker(config, &arguments),
        Command::Ocr(arguments) => ocr::ocr(&config, &arguments),
        Command::Admin(arguments) => admin::admin(&config, arguments),
        Command::Models(arguments) => models::models(&config, &arguments),
    }
}

/// Says what went wrong on stderr, for status 1.
fn failed(error: impl std::fmt::Display) -> ExitCode {
    eprintln!("ocr-chat: {error}");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Arguments::command().debug_assert();
    }
}
