//! Reads a manifest's documents and prints CER, bag-F1 and seconds per kind.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use ocr_chat_engine::{Engine, Limits, Quality, ReadOptions, Source};
use ocr_chat_tests::manifest::{self, Item};
use ocr_chat_tests::{models, score};

use crate::args::Args;
use crate::peer::Peer;

#[derive(Default, Clone)]
struct Sums {
    n_items: usize,
    n_edits: usize,
    n_chars: usize,
    bag_f1: f64,
    seconds: f64,
    n_failed: usize,
}

impl Sums {
    fn add(&mut self, item: &Item, truth: &str, text: &str, seconds: f64) {
        let truth = score::normalised(truth, &item.language, item.case_insensitive);
        let text = score::normalised(text, &item.language, item.case_insensitive);
        self.n_items += 1;
        self.n_edits += score::distance(&truth, &text);
        self.n_chars += truth.chars().count();
        self.bag_f1 += score::bag_f1(&truth, &text);
        self.seconds += seconds;
    }

    fn merge(&mut self, other: &Self) {
        self.n_items += other.n_items;
        self.n_edits += other.n_edits;
        self.n_chars += other.n_chars;
        self.bag_f1 += other.bag_f1;
        self.seconds += other.seconds;
        self.n_failed += other.n_failed;
    }

    fn row(&self, name: &str) -> String {
        let n = self.n_items.max(1) as f64;
        let cer = self.n_edits as f64 / self.n_chars.max(1) as f64;
        let mut row = format!(
            "{name:<34}{:>5}  CER {cer:.4}  bag-F1 {:.4}  {:.2} s/item",
            self.n_items,
            self.bag_f1 / n,
            self.seconds / n
        );
        if self.n_failed > 0 {
            row.push_str(&format!("  {} could not be read", self.n_failed));
        }
        row
    }
}

/// One reader's sums by kind.
#[derive(Default)]
struct Table {
    by_kind: BTreeMap<String, Sums>,
}

impl Table {
    fn of(&mut self, item: &Item) -> &mut Sums {
        let is_clean = item.variant.is_empty() || item.variant == "clean";
        let kind = if is_clean {
            item.kind.clone()
        } else {
            format!("{}/{}", item.kind, item.variant)
        };
        self.by_kind.entry(kind).or_default()
    }

    fn print(&self, title: &str) {
        println!("== {title}");
        let mut all = Sums::default();
        for (kind, sums) in &self.by_kind {
            println!("{}", sums.row(kind));
            all.merge(sums);
        }
        println!("{}\n", all.row("all"));
    }

    fn seconds(&self) -> f64 {
        self.by_kind.values().map(|sums| sums.seconds).sum()
    }
}

pub(crate) fn run(args: &Args) -> Result<(), String> {
    let out = Path::new(args.required("out")?);
    let items = selected(args)?;
    let engine = models::engine(args.model(), args.threads()?)?;
    let tiers = args.tiers()?;
    let (_, quality) = tiers[0];
    let mut others = Vec::new();
    for &(name, quality) in &tiers[1..] {
        fs::create_dir_all(out.join(name)).map_err(|error| error.to_string())?;
        others.push((name, quality, Table::default()));
    }
    let mut peers = Vec::new();
    for name in ["peer", "wasm"] {
        if let Some(command) = args.get(name) {
            fs::create_dir_all(out.join(name)).map_err(|error| error.to_string())?;
            peers.push((name, Peer::start(command)?, Table::default()));
        }
    }
    fs::create_dir_all(out).map_err(|error| format!("{}: {error}", out.display()))?;
    let mut ours = Table::default();
    let (mut differing, mut compared) = (0, 0);
    let mut languages = Languages::default();
    for (item_idx, item) in items.iter().enumerate() {
        let truth = fs::read_to_string(&item.truth)
            .map_err(|error| format!("{}: {error}", item.truth.display()))?;
        let sums = ours.of(item);
        let language = if args.get("ask") == Some("given") {
            item.language.as_str()
        } else {
            "auto"
        };
        let Read {
            text,
            markdown,
            found,
            seconds,
        } = read(&engine, &item.file, language, quality).unwrap_or_else(|error| {
            eprintln!("{}: {error}", item.id);
            sums.n_failed += 1;
            Read::default()
        });
        for (name, quality, table) in &mut others {
            let sums = table.of(item);
            let read = read(&engine, &item.file, language, *quality).unwrap_or_else(|error| {
                eprintln!("{}: {error}", item.id);
                sums.n_failed += 1;
                Read::default()
            });
            let path = out.join(*name).join(format!("{}.txt", item.id));
            if item.truth_type == "text" {
                write(&path, &read.text)?;
                sums.add(item, &truth, &read.text, read.seconds);
            } else {
                write(&path, &read.markdown)?;
            }
        }
        languages.note(item, found.as_deref());
        if item.truth_type != "text" {
            // The evaluation's own scorer measures tables and assertions, from these files.
            write(&out.join(format!("{}.txt", item.id)), &markdown)?;
            continue;
        }
        write(&out.join(format!("{}.txt", item.id)), &text)?;
        sums.add(item, &truth, &text, seconds);
        for (name, peer, table) in &mut peers {
            let answer = peer.read(&item.file)?;
            write(
                &out.join(*name).join(format!("{}.txt", item.id)),
                &answer.text,
            )?;
            table
                .of(item)
                .add(item, &truth, &answer.text, answer.seconds);
            if *name == "wasm" {
                differing += score::distance(&text, &answer.text);
                compared += text.chars().count();
            }
        }
        eprint!("\r{} of {}", item_idx + 1, items.len());
    }
    eprintln!();
    ours.print(&format!(
        "{}, {}, on {} threads",
        args.model(),
        tiers[0].0,
        args.threads()?
    ));
    for (name, _, table) in &others {
        table.print(name);
        println!(
            "{name}'s time / {}'s: {:.3}",
            tiers[0].0,
            table.seconds() / ours.seconds().max(1e-9)
        );
    }
    languages.print();
    for (name, _, table) in &peers {
        table.print(name);
        println!(
            "our time / {name}'s: {:.3}",
            ours.seconds() / table.seconds().max(1e-9)
        );
        if *name == "wasm" {
            let share =
                f64::from(u32::try_from(differing).unwrap_or(u32::MAX)) / compared.max(1) as f64;
            println!(
                "native and WebAssembly differ in {differing} of {compared} characters ({:.4} %)",
                share * 100.0
            );
        }
    }
    Ok(())
}

fn selected(args: &Args) -> Result<Vec<Item>, String> {
    let is_listed = |list: Option<&str>, value: &str| {
        list.is_none_or(|list| list.split(',').any(|entry| entry == value))
    };
    let mut items = manifest::read(Path::new(args.required("manifest")?))?;
    items.retain(|item| {
        (item.truth_type == "text" || args.get("structure") == Some("markdown"))
            && is_listed(args.get("kind"), &item.kind)
            && is_listed(args.get("language"), &item.language)
    });
    items.truncate(args.number("limit", items.len())?);
    if items.is_empty() {
        return Err("no item of the manifest is selected".to_owned());
    }
    Ok(items)
}

/// How often the language was named right.
#[derive(Default)]
struct Languages {
    n_items: usize,
    wrong: Vec<String>,
}

impl Languages {
    fn note(&mut self, item: &Item, found: Option<&str>) {
        self.n_items += 1;
        let tag = |code: &str| {
            let choice = ocr_chat_language::choose(code).ok().flatten();
            choice.map(|choice| choice.language.tag)
        };
        if tag(&item.language) != found.and_then(tag) {
            self.wrong
                .push(format!("{} ({})", item.id, found.unwrap_or("none")));
        }
    }

    fn print(&self) {
        let n_right = self.n_items - self.wrong.len();
        println!(
            "language named right on {n_right} of {}; wrong: {}\n",
            self.n_items,
            self.wrong.join(", ")
        );
    }
}

/// A document as it was read.
#[derive(Default)]
struct Read {
    text: String,
    markdown: String,
    /// The language found.
    found: Option<String>,
    /// From its bytes to its text.
    seconds: f64,
}

/// Reads `file`. `language` is a code, or `auto`.
#[expect(clippy::disallowed_methods, reason = "a bench measures, natively")]
fn read(engine: &Engine, file: &Path, language: &str, quality: Quality) -> Result<Read, String> {
    let bytes = fs::read(file).map_err(|error| error.to_string())?;
    let options = ReadOptions {
        language: ocr_chat_language::choose(language).map_err(|error| error.to_string())?,
        quality,
        ..ReadOptions::default()
    };
    let start = Instant::now();
    let source = Source::open(bytes, &Limits::server(), None).map_err(|error| error.to_string())?;
    let document = engine
        .read_document(&source, &options, |_| ())
        .map_err(|error| error.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    Ok(Read {
        text: document.text(),
        markdown: ocr_chat_export::markdown(&document.pages),
        found: document.detected_language(),
        seconds,
    })
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
