//! Where the two families of recognisers differ about lines, and which of them is right: what the premium pipeline's votes are fitted on.

use std::fs;
use std::path::Path;

use ocr_chat_engine::{Limits, Source};
use ocr_chat_tests::{models, score};

use crate::args::Args;

/// Prints a row for each place: the line's name, the edits that the second reading saves there (negative where it adds some), the first reading's
/// confidence, and the values that the vote depends on.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let engine = models::engine(args.model(), args.threads()?)?;
    let code = args.get("language").unwrap_or("en");
    let language = ocr_chat_language::choose(code)
        .ok()
        .flatten()
        .ok_or(format!("no language is called {code}"))?;
    let mut lines: Vec<_> = fs::read_dir(Path::new(args.required("lines")?))
        .map_err(|error| error.to_string())?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "png"))
        .collect();
    lines.sort();
    for path in lines {
        let name = path.display().to_string();
        let read = |error: std::io::Error| format!("{name}: {error}");
        let truth = fs::read_to_string(path.with_extension("txt")).map_err(read)?;
        let bytes = fs::read(&path).map_err(read)?;
        let image = Source::open(bytes, &Limits::server(), None)
            .map_err(|error| format!("{name}: {error}"))?
            .page(0)
            .map_err(|error| format!("{name}: {error}"))?;
        let doubts = engine
            .line_doubts(&image, language)
            .map_err(|error| format!("{name}: {error}"))?;
        let edits = |text: &str| {
            let normalised = |text: &str| score::normalised(text, code, false);
            score::distance(&normalised(&truth), &normalised(text))
        };
        for doubt in doubts {
            let (first, second) = (edits(&doubt.first), edits(&doubt.second));
            let features: Vec<String> = doubt.features.iter().map(f32::to_string).collect();
            let gain = first as i64 - second as i64;
            let stem = path.file_stem().unwrap_or_default().display();
            println!(
                "{stem}\t{gain}\t{}\t{}",
                doubt.confidence,
                features.join("\t")
            );
        }
    }
    Ok(())
}
