//! Makes a searchable PDF from an answer's JSON (with words) and, where there is one, the file it was read from:
//! `searchable_pdf ANSWER.json OUT.pdf [ORIGINAL] [--password PASSWORD]`. What `tests/exports/pdf_peers.py` runs.

use std::fs;
use std::io::BufWriter;

use ocr_chat_document::{Answer, BBox};
use ocr_chat_export::{ExportFormat, ExportOptions, PageSources, export};

struct Original {
    file: Option<Vec<u8>>,
    password: Option<String>,
}

impl PageSources for Original {
    fn original(&self) -> Option<&[u8]> {
        self.file.as_deref()
    }

    fn picture(&self, _page_index: u32, _bbox: BBox) -> Option<Vec<u8>> {
        None
    }

    fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut names = Vec::new();
    let mut password = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--password" {
            password = arguments.next();
        } else {
            names.push(argument);
        }
    }
    let [answer, out, original @ ..] = names.as_slice() else {
        return Err(
            "usage: searchable_pdf ANSWER.json OUT.pdf [ORIGINAL] [--password PASSWORD]".into(),
        );
    };
    let answer: Answer = serde_json::from_slice(&fs::read(answer)?)?;
    let sources = Original {
        file: original.first().map(fs::read).transpose()?,
        password,
    };
    let mut out = BufWriter::new(fs::File::create(out)?);
    export(
        &answer,
        ExportFormat::Pdf,
        &ExportOptions::default(),
        &sources,
        &mut out,
    )?;
    Ok(())
}
