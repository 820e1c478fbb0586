//! `ocr-chat ocr FILE...`.

use std::io::{IsTerminal, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use ocr_chat_document::{Answer, Detail, Document, Page, PageStatus, Tier, mark_repeated};
use ocr_chat_engine::{Engine, Limits, OpenError, ReadOptions, Source, TextLayers};
use ocr_chat_export::{
    ExportError, ExportFormat, ExportOptions, TextLayout, export_to_vec, markdown,
};
use ocr_chat_fields::fields;
use ocr_chat_language::Choice;
use ocr_chat_sources::DocumentSources;

use crate::cli::failed;
use crate::cli::output::Output;
use crate::config::Config;
use crate::formulas::{LocalFormulas, unwritten, warn_of_unwritten};
use crate::page_range::PageRanges;
use crate::reader::{OCR_VALUES, engine_info, load_engine, read_page, text_layers};
use crate::tools::{self, Available, TOOLS, Tool};

#[derive(Debug, Args)]
pub(super) struct OcrArguments {
    /// PNG, JPEG, WEBP, GIF, BMP, TIFF or PDF files; `-` reads standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Engine: `cpu` is fast, `vlm` looks several times (the local premium pipeline). `cpu`, or that of the tool.
    #[arg(long, value_parser = ["cpu", "vlm"])]
    tier: Option<String>,
    /// A tool: its engine and format, and the fields that it finds in the JSON.
    #[arg(long, value_parser = TOOLS.map(|tool| tool.slug))]
    tool: Option<String>,
    /// Language of the text, such as `en`, `th`, `ar` or `ch`; `auto` finds out.
    #[arg(long, default_value = "auto")]
    language: String,
    /// `txt`, `md`, `html`, `docx`, `pdf` (searchable), `csv`, `xlsx`, `json`, `hocr` or `alto`. `txt`, or that of the tool.
    #[arg(long)]
    format: Option<ExportFormat>,
    /// Write a file for each input into this folder instead of standard output.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// `auto` takes the text of a PDF where it agrees with its picture, `force` recognises every page, `off` recognises nothing. `auto`, or as the tool has it.
    #[arg(long, value_parser = OCR_VALUES.map(|(name, _)| name))]
    ocr: Option<String>,
    /// Opens encrypted PDFs.
    #[arg(long)]
    password: Option<String>,
    /// Pages to read, such as `1-3,7`; all of them otherwise.
    #[arg(long)]
    pages: Option<PageRanges>,
    /// Model: `tiny` is faster, `small` reads better.
    #[arg(long)]
    model: Option<String>,
    /// Threads of the engine; one a core otherwise.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// `lines` or `words`: what JSON shows of a page.
    #[arg(long, default_value = "lines", value_parser = ["lines", "words"])]
    detail: String,
    /// With `--format json`: where each stretch of the Markdown was read, page and box, as `markdown_map`.
    #[arg(long)]
    markdown_map: bool,
    /// With `--format txt`: `kept` sets lines where they stand on the page, in columns of a fixed-width font.
    #[arg(long, value_name = "LAYOUT", value_parser = TextLayout::ALL.map(TextLayout::name))]
    layout: Option<String>,
}

impl OcrArguments {
    fn tool(&self) -> Option<&'static Tool> {
        self.tool.as_deref().and_then(tools::find)
    }

    fn tier(&self) -> Tier {
        let asked = self.tier.as_deref().map(|name| match name {
            "vlm" => Tier::Vlm,
            // Clap has checked the name.
            _ => Tier::Cpu,
        });
        asked
            .or(self.tool().map(|tool| tool.preset.tier))
            .unwrap_or_default()
    }

    fn format(&self) -> ExportFormat {
        let of_tool = self.tool().map(|tool| tool.preset.format);
        self.format.or(of_tool).unwrap_or_default()
    }

    fn text_layers(&self) -> TextLayers {
        // Clap has checked the name.
        let asked = self.ocr.as_deref().and_then(text_layers);
        asked
            .or(self.tool().map(|tool| tool.preset.text_layers))
            .unwrap_or_default()
    }
}

pub(super) fn ocr(config: &Config, arguments: &OcrArguments) -> ExitCode {
    let model = arguments.model.as_ref().unwrap_or(&config.model);
    let choice = match check(arguments) {
        Ok(choice) => choice,
        Err(error) => return failed(error),
    };
    let n_threads = arguments.threads.map_or(config.n_threads, usize::from);
    let engine = match load_engine(model, &config.models_dir, Limits::server(), n_threads) {
        Ok(engine) => engine,
        Err(error) => return failed(error),
    };
    let mut output = match Output::open(arguments.out.as_deref(), &arguments.files) {
        Ok(output) => output,
        Err(error) => return failed(format_args!("--out: {error}")),
    };
    let formulas = match config.formula_model.as_deref().map(LocalFormulas::load) {
        Some(Err(error)) => return failed(error),
        Some(Ok(formulas)) => Some(formulas),
        None => None,
    };
    let mut code = ExitCode::SUCCESS;
    for file in &arguments.files {
        // A bug in a decoder costs its file, not the ones behind it.
        let result = catch_unwind(AssertUnwindSafe(|| {
            read(&engine, formulas.as_ref(), arguments, file, choice)
        }));
        let written = result
            .unwrap_or(Err(ReadFileError::Panicked))
            .and_then(|bytes| {
                output
                    .write(file, arguments.format().extension(), &bytes)
                    .map_err(ReadFileError::Write)
            });
        match written {
            Ok(()) => {}
            // The reader of our output has gone (`| head`): nobody is left to tell.
            Err(ReadFileError::Write(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                return code;
            }
            Err(error) => code = failed(format_args!("{}: {error}", file.display())),
        }
    }
    code
}

/// Checks what clap cannot, before the models are loaded; hands the language out.
fn check(arguments: &OcrArguments) -> Result<Option<Choice>, String> {
    if let Some(tool) = arguments.tool()
        && let Some(why) = tool.refusal(Available::default())
    {
        return Err(format!("--tool {}: {why}", tool.slug));
    }
    if arguments.markdown_map && arguments.format() != ExportFormat::Json {
        return Err("--markdown-map: it is for --format json".to_owned());
    }
    if arguments.layout.is_some() && arguments.format() != ExportFormat::Txt {
        return Err("--layout: it is for --format txt".to_owned());
    }
    ocr_chat_language::choose(&arguments.language).map_err(|error| format!("--language: {error}"))
}

/// Why a file has no result.
#[derive(Debug, thiserror::Error)]
enum ReadFileError {
    #[error("cannot be read: {0}")]
    Read(std::io::Error),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the document has {0} pages, none of them in --pages")]
    NoSuchPages(usize),
    #[error("no page could be read: {0}")]
    Failed(String),
    #[error(transparent)]
    Page(#[from] ocr_chat_engine::PageError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error("reading it failed by a bug in this program; please report it")]
    Panicked,
    #[error("the result cannot be written: {0}")]
    Write(std::io::Error),
}

fn read(
    engine: &Engine,
    formulas: Option<&LocalFormulas>,
    arguments: &OcrArguments,
    file: &Path,
    choice: Option<Choice>,
) -> Result<Vec<u8>, ReadFileError> {
    let bytes = bytes_of(file, engine.limits().max_file_bytes)?;
    // Most formats show nothing of the file itself.
    let original = arguments.format().wants_sources().then(|| bytes.clone());
    let source = Source::open(bytes, engine.limits(), arguments.password.as_deref())?;
    let wanted: Vec<usize> = (0..source.n_pages())
        .filter(|index| {
            arguments
                .pages
                .as_ref()
                .is_none_or(|pages| pages.contains(*index))
        })
        .collect();
    if wanted.is_empty() {
        return Err(ReadFileError::NoSuchPages(source.n_pages()));
    }
    let mut pages = Vec::with_capacity(wanted.len());
    let options = ReadOptions {
        language: choice,
        text_layers: arguments.text_layers(),
        ..ReadOptions::default()
    };
    for index in wanted {
        let progress = Progress::show(index + 1, source.n_pages());
        let mut page = read_page(engine, &source, index, arguments.tier(), &options)?;
        if let Some(formulas) = formulas.filter(|_| arguments.tier() == Tier::Vlm)
            && unwritten(&page).next().is_some()
            && let Ok(image) = source.page(index)
        {
            formulas.write_page(&image.turned_to(page.rotation), &mut page);
        }
        let wants_formulas = arguments.tier() == Tier::Vlm && formulas.is_some();
        warn_of_unwritten(&mut page, arguments.tool(), wants_formulas);
        drop(progress);
        pages.push(page);
    }
    warn_of_failed_pages(file, &pages)?;
    mark_repeated(&mut pages);
    let markdown = markdown(&pages);
    let paper = arguments.tool().and_then(|tool| tool.preset.fields);
    let fields = paper.map(|paper| fields(paper, &pages.iter().collect::<Vec<_>>()));
    let document = Document {
        engine: engine_info(engine, arguments.tier()),
        pages,
        warnings: source.warnings().to_vec(),
    };
    let detail = if arguments.detail == "words" || arguments.format().wants_words() {
        Detail::Words
    } else {
        Detail::Lines
    };
    let answer = Answer {
        tier: arguments.tier(),
        tool: arguments.tool.clone(),
        fields,
        ..Answer::local(document, &arguments.language, markdown, detail)
    };
    let options = ExportOptions {
        // Clap has checked the name.
        text_layout: arguments
            .layout
            .as_deref()
            .and_then(|name| name.parse().ok())
            .unwrap_or_default(),
        markdown_map: arguments.markdown_map,
    };
    let sources = DocumentSources::new(original, arguments.password.clone(), Limits::server())
        .with_rotations(&answer);
    Ok(export_to_vec(
        &answer,
        arguments.format(),
        &options,
        &sources,
    )?)
}

/// One page that cannot be read is told of and loses nothing else; a document without any that can is an error.
fn warn_of_failed_pages(file: &Path, pages: &[Page]) -> Result<(), ReadFileError> {
    let reason = |page: &Page| {
        page.warnings
            .first()
            .map_or_else(String::new, |warning| warning.message.clone())
    };
    let failed: Vec<&Page> = pages
        .iter()
        .filter(|page| page.status == PageStatus::Failed)
        .collect();
    if let Some(first) = failed.first()
        && failed.len() == pages.len()
    {
        return Err(ReadFileError::Failed(reason(first)));
    }
    for page in failed {
        eprintln!(
            "ocr-chat: {}: page {} is missing: {}",
            file.display(),
            page.index + 1,
            reason(page)
        );
    }
    Ok(())
}

/// The bytes of a file, but never more than the engine takes.
fn bytes_of(file: &Path, max_bytes: u64) -> Result<Vec<u8>, ReadFileError> {
    let mut bytes = Vec::new();
    let n_read = if file == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(max_bytes + 1)
            .read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(max_bytes + 1).read_to_end(&mut bytes))
    };
    n_read.map(|_| bytes).map_err(ReadFileError::Read)
}

/// "page 3 of 12" on a terminal, for as long as the page is read.
struct Progress(bool);

impl Progress {
    fn show(page: usize, n_pages: usize) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        if is_terminal {
            eprint!("\rpage {page} of {n_pages}");
            let _ = std::io::stderr().flush();
        }
        Self(is_terminal)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.0 {
            // Back to the start of the line, and the line cleared.
            eprint!("\r\u{1b}[K");
        }
    }
}
