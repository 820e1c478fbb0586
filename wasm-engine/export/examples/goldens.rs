//! Writes goldens and exports: `update` writes the goldens anew, `write FOLDER` every export of every golden document into a folder, and
//! `convert ANSWER FORMAT FILE` one export of an answer of the API (`kept.txt`: with its layout kept), and
//! `synthetic N_PAGES FORMAT FILE` one export of a long document, telling its peak memory in kB.

#![expect(
    clippy::unwrap_used,
    reason = "a tool of this crate's developers: it may stop with a trace"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::env::args;
use std::fs;
use std::io::BufWriter;
use std::path::Path;

use ocr_chat_document::{BBox, BlockKind};
use ocr_chat_export::{ExportFormat, ExportOptions, PageSources, TextLayout, export};

use support::builder::PageBuilder;

fn main() {
    let arguments: Vec<String> = args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["update"] => update(),
        ["write", folder] => write_exports(Path::new(folder)),
        ["synthetic", n_pages, format, file] => {
            write_synthetic(n_pages.parse().unwrap(), format.parse().unwrap(), file);
            tell_peak();
        }
        ["convert", answer, format, file] => {
            let answer = serde_json::from_slice(&fs::read(answer).unwrap()).unwrap();
            let (format, layout) = match format {
                "kept.txt" => (ExportFormat::Txt, TextLayout::Kept),
                name => (name.parse().unwrap(), TextLayout::Flowing),
            };
            let options = ExportOptions {
                text_layout: layout,
                ..ExportOptions::default()
            };
            fs::write(file, support::exported(&answer, format, &options)).unwrap();
        }
        _ => panic!(
            "update | write FOLDER | convert ANSWER FORMAT FILE | synthetic N_PAGES FORMAT FILE"
        ),
    }
}

fn update() {
    let folder = support::folder();
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    for (name, answer) in support::answers::answers() {
        let folder = folder.join(name);
        let mut files = support::files(&answer);
        let mut json = serde_json::to_string_pretty(&answer).unwrap();
        json.push('\n');
        files.insert("answer.json".to_owned(), json.into_bytes());
        for (file, bytes) in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
}

fn write_exports(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for (name, answer) in support::answers::answers() {
        for format in ExportFormat::ALL {
            {
                let bytes = support::exported(&answer, format, &ExportOptions::default());
                fs::write(folder.join(format!("{name}.{}", format.name())), bytes).unwrap();
            }
        }
    }
}

/// Prints the most memory this process has held, in kB, as Linux knows it. What the parent's `wait` tells begins with the parent's own.
#[expect(clippy::print_stdout, reason = "the answer to who measures")]
fn tell_peak() {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!("{}", peak.unwrap().trim().trim_end_matches(" kB"));
}

/// Pictures of the size of scanned ones; exports look at their signature alone.
struct LargePictures;

impl PageSources for LargePictures {
    fn original(&self) -> Option<&[u8]> {
        None
    }

    fn picture(&self, page_index: u32, _bbox: BBox) -> Option<Vec<u8>> {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        bytes.extend((0..200_000_u32).map(|n| (n.wrapping_mul(n + page_index) >> 3) as u8));
        Some(bytes)
    }
}

/// Pages of 3,000 characters with words, a table and a list each.
fn write_synthetic(n_pages: u32, format: ExportFormat, file: &str) {
    let sentence = "The quick brown fox jumps over the lazy dog by the river. ";
    let paragraph = sentence.repeat(6);
    let paragraph = paragraph.trim_end();
    let lines: Vec<&str> = vec![sentence.trim_end(); 6];
    let pages = (0..n_pages).map(|index| {
        let mut page = PageBuilder::new(index, "en")
            .heading(1, &format!("Chapter {}", index + 1))
            .figure(300, 200, "");
        for _ in 0..8 {
            page = page.flowed(paragraph, &lines);
        }
        page.item(1, "1.", sentence.trim_end())
            .item(1, "2.", sentence.trim_end())
            .table(
                1,
                &[
                    &["Item", "Price", "Share"],
                    &["Coffee", "1,234.50", "12 %"],
                    &["Tea", "9.00", "8 %"],
                ],
            )
            .block(BlockKind::PageNumber, &(index + 1).to_string())
            .done()
    });
    let answer = support::answers::answer(pages.collect());
    let mut out = BufWriter::new(fs::File::create(file).unwrap());
    export(
        &answer,
        format,
        &ExportOptions::default(),
        &LargePictures,
        &mut out,
    )
    .unwrap();
}
