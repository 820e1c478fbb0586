//! `cargo xtask bench accuracy|speed`: accuracy against truth, speed by stage, and a peer in the same run.

#![expect(clippy::print_stdout, reason = "figures go to standard output")]

mod accuracy;

mod args;

mod peer;

mod speed;

mod votes;

use std::process::ExitCode;

const USAGE: &str = "\
usage: bench accuracy --manifest FILE --out DIR [--model tiny|small] [--kind K,K] [--language L] [--limit N]
                      [--tier cpu|vlm|cpu,vlm] [--threads N] [--peer 'COMMAND'] [--wasm 'COMMAND']
       bench speed FILE... [--model tiny|small] [--threads N] [--runs N] [--wasm 'COMMAND']
       bench votes --lines DIR [--model tiny|small] [--language L]

accuracy reads every document of the manifest, writes DIR/<id>.txt and prints CER and bag-F1 per kind.
speed    times the stages of reading each file.
votes    reads DIR/*.png, lines with their truth in *.txt, by both families of recognisers (training/vote).
--tier   vlm: the local premium pipeline; both in turn: the second's texts are in DIR/<tier>.
--peer   runs another program page by page in turn with ours (see tests/peers): same pages, same cores, same run.
--wasm   the WebAssembly build in Node, in turn with the native one: `node tests/wasm/read.mjs --serve --model tiny`.";

fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    if args.is_empty() || args.iter().any(|arg| arg == "--help" || arg == "-h") {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    }
    let command = args.remove(0);
    let result = args::Args::parse(args).and_then(|args| match command.as_str() {
        "accuracy" => accuracy::run(&args),
        "speed" => speed::run(&args),
        "votes" => votes::run(&args),
        other => Err(format!("unknown bench {other:?}\n{USAGE}")),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
