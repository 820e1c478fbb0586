//! Times the stages of reading a page.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::time::Instant;

use ocr_chat_engine::{Limits, ReadOptions, Source, Stage, StageClock};
use ocr_chat_tests::models;

use crate::args::Args;
use crate::peer::Peer;

/// Milliseconds by stage, summed over the pages of a run.
#[derive(Default)]
struct Stopwatch {
    started: Mutex<Option<Instant>>,
    sums_ms: Mutex<BTreeMap<Stage, f64>>,
}

#[expect(clippy::disallowed_methods, reason = "a bench measures, natively")]
fn now() -> Instant {
    Instant::now()
}

impl StageClock for Stopwatch {
    fn start(&self, _: Stage) {
        if let Ok(mut started) = self.started.lock() {
            *started = Some(now());
        }
    }

    fn end(&self, stage: Stage) {
        if let (Ok(started), Ok(mut sums)) = (self.started.lock(), self.sums_ms.lock()) {
            let ms = started.map_or(0.0, |start| start.elapsed().as_secs_f64() * 1e3);
            *sums.entry(stage).or_default() += ms;
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<(), String> {
    if args.files.is_empty() {
        return Err("name at least one file".to_owned());
    }
    let n_runs = args.number("runs", 5)?.max(1);
    let engine = models::engine(args.model(), args.threads()?)?;
    let mut wasm = args.get("wasm").map(Peer::start).transpose()?;
    println!(
        "{} on {} threads, median of {n_runs} runs after one more, milliseconds",
        args.model(),
        args.threads()?
    );
    println!(
        "{:<40}{:>9}{:>9}{:>10}{:>9}{:>9}",
        "file", "decode", "detect", "recognise", "layout", "all"
    );
    for file in &args.files {
        let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut runs: Vec<BTreeMap<String, f64>> = Vec::new();
        let mut wasm_runs: Vec<BTreeMap<String, f64>> = Vec::new();
        for _ in 0..=n_runs {
            let clock = Stopwatch::default();
            let source = Source::open(bytes.clone(), &Limits::server(), None)
                .map_err(|error| error.to_string())?;
            let options = ReadOptions {
                clock: Some(&clock),
                ..ReadOptions::default()
            };
            engine
                .read_document(&source, &options, |_| ())
                .map_err(|error| error.to_string())?;
            let sums = clock
                .sums_ms
                .into_inner()
                .map_err(|error| error.to_string())?;
            runs.push(
                sums.into_iter()
                    .map(|(stage, ms)| (format!("{stage:?}").to_lowercase(), ms))
                    .collect(),
            );
            if let Some(wasm) = &mut wasm {
                wasm_runs.push(wasm.read(file)?.stages_ms);
            }
        }
        let name = file
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        println!("{}", row(&name, &runs[1..]));
        if wasm.is_some() {
            println!("{}", row("  WebAssembly", &wasm_runs[1..]));
        }
    }
    Ok(())
}

fn row(name: &str, runs: &[BTreeMap<String, f64>]) -> String {
    let median = |pick: &dyn Fn(&BTreeMap<String, f64>) -> f64| {
        let mut values: Vec<f64> = runs.iter().map(pick).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    };
    let stage = |name: &'static str| median(&move |run| run.get(name).copied().unwrap_or(0.0));
    format!(
        "{name:<40}{:>9.1}{:>9.1}{:>10.1}{:>9.2}{:>9.1}",
        stage("decode"),
        stage("detect"),
        stage("recognise"),
        stage("layout"),
        median(&|run| run.values().sum())
    )
}
