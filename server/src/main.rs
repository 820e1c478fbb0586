//! `ocr-chat`: the server and the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    ocr_chat_server::cli::run()
}
