#![doc = include_str!("../README.md")]

mod command;

mod contract;

mod exports;

mod llama;

mod models;

mod paths;

mod prerequisites;

mod serve;

mod test;

mod tools;

mod wasm;

mod web;

use std::process::ExitCode;

/// What every step answers: nothing, or a sentence that says what is missing and how to get it.
type Outcome = Result<(), String>;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  serve [--release] [-- ARGS]   set up, build and serve on http://127.0.0.1:8080
  test [STEP...]                set up and run every check, or only the named steps
  setup                         prerequisites, pinned tools and models
  models                        the models only
  web                           the web app into dist/
  wasm-node                     the engine for Node into target/wasm-node (tests and benches)
  llama-server                  a real server of models for tests, built once (a quarter of an hour)
  bench accuracy|speed|service|lighthouse ARGS   measure (see docs/benchmarks.md)";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match words.split_first() {
        Some((command, rest)) => run(command, rest),
        None => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, rest: &[String]) -> Outcome {
    match command {
        "serve" => serve::run(rest),
        "test" => test::run(rest),
        "setup" => setup(),
        "models" => models::fetch(),
        "web" => setup().and_then(|()| web::build()),
        "wasm-node" => setup().and_then(|()| wasm::build_for_node()),
        "llama-server" => llama::install(),
        "bench" => bench(rest),
        other => Err(format!("unknown command {other:?}\n{USAGE}")),
    }
}

/// Everything that must be there before anything of the browser is built.
fn setup() -> Outcome {
    prerequisites::check()?;
    tools::install()?;
    models::fetch()
}

fn bench(words: &[String]) -> Outcome {
    models::fetch()?;
    if let Some((first, rest)) = words.split_first()
        && first == "service"
    {
        let package = ["run", "--release", "--quiet", "-p", "ocr-chat-server"];
        let mut cargo = command::cargo(package);
        cargo.args(["--example", "overhead", "--"]).args(rest);
        return command::run(cargo.env("OCR_CHAT_MODELS_DIR", paths::models()));
    }
    if let Some((first, rest)) = words.split_first()
        && first == "lighthouse"
    {
        return test::lighthouse(rest);
    }
    let mut cargo = command::cargo([
        "run",
        "--release",
        "--quiet",
        "-p",
        "ocr-chat-tests",
        "--bin",
        "bench",
        "--",
    ]);
    cargo.args(words);
    command::run(&mut cargo)
}
