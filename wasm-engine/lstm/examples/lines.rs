//! Reads line images (PGM, 8 bit) with a model and prints the text of each, then the CPU time of the reading alone.
//!
//! `cargo run --release -p ocr-chat-lstm --example lines -- [--greedy | --beam N] [--rounds N] MODEL.traineddata LINE.pgm...`
//!
//! The last line on stderr is `cpu_ms TOTAL`, the CPU time of one round over all lines (the mean of the
//! rounds); `tests/peers/tesseract_lines.cpp` prints the same of Tesseract.
#![expect(clippy::print_stdout, reason = "the program's answer")]

use std::error::Error;
use std::fs;
use std::time::Duration;

use ocr_chat_lstm::{Decoding, GrayLine, LineModel, Scratch};

struct Pgm {
    pixels: Vec<u8>,
    width: usize,
    height: usize,
}

fn pgm(path: &str) -> Result<Pgm, Box<dyn Error>> {
    let file = fs::read(path)?;
    let mut at = 0;
    let mut field = || {
        let rest = file.get(at..)?;
        let start = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let len = rest[start..].iter().position(u8::is_ascii_whitespace)?;
        at += start + len + 1;
        std::str::from_utf8(&rest[start..start + len]).ok()
    };
    let mut next = || field().ok_or_else(|| format!("{path} is no binary PGM"));
    if next()? != "P5" {
        return Err(format!("{path} is no binary PGM").into());
    }
    let (width, height): (usize, usize) = (next()?.parse()?, next()?.parse()?);
    next()?;
    let pixels = file.get(at..).unwrap_or_default().to_vec();
    if pixels.len() != width * height {
        return Err(format!("{path} ends early").into());
    }
    Ok(Pgm {
        pixels,
        width,
        height,
    })
}

/// CPU time of this process's only thread: what the scheduler has run it, in nanoseconds, is the first field.
fn cpu_time() -> Duration {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = stat
        .split(' ')
        .next()
        .and_then(|field| field.parse().ok())
        .unwrap_or(0);
    Duration::from_nanos(nanos)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let mut decoding = Decoding::default();
    let mut rounds = 1usize;
    while let Some(flag) = args.first().filter(|arg| arg.starts_with("--")).cloned() {
        args.remove(0);
        match flag.as_str() {
            "--greedy" => decoding = Decoding::Greedy,
            "--beam" => {
                decoding = Decoding::Beam {
                    width: args.remove(0).parse()?,
                }
            }
            "--rounds" => rounds = args.remove(0).parse()?,
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    let [model, paths @ ..] = args.as_slice() else {
        return Err("usage: lines [--greedy | --beam N] [--rounds N] MODEL LINE.pgm...".into());
    };
    let model = LineModel::parse(&fs::read(model)?)?;
    let lines = paths
        .iter()
        .map(|path| pgm(path))
        .collect::<Result<Vec<_>, _>>()?;
    let mut scratch = Scratch::default();
    let rounds = rounds.max(1);
    let mut texts = Vec::new();
    let start = cpu_time();
    for round in 0..rounds {
        for line in &lines {
            let line = GrayLine {
                pixels: &line.pixels,
                width: line.width,
                height: line.height,
            };
            let reading = model.read_with(line, decoding, &mut scratch);
            if round == 0 {
                texts.push(reading.text());
            }
        }
    }
    // The kernel's account moves in steps of some milliseconds, so all rounds are measured as one.
    let total_ms = (cpu_time() - start).as_secs_f64() * 1e3 / rounds as f64;
    texts.iter().for_each(|text| println!("{text}"));
    eprintln!("{}", model.instruction_set());
    eprintln!("cpu_ms {total_ms:.3}");
    Ok(())
}
