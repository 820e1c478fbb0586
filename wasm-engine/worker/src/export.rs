//! The export Worker: writes the files that take more than text. Reads nothing.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use ocr_chat_document::{Answer, AnswerPage, Detail, Page};
use ocr_chat_engine::Limits;
use ocr_chat_export::{Archive, ExportFormat, ExportOptions, export};
use ocr_chat_sources::DocumentSources;
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag};

use crate::export_protocol::{FromExporter, ToExporter};
use crate::handed_over::{image_of, layer_of};
use crate::protocol::Raster;
use crate::scope::{Scope, bytes_of};

/// Bytes that are handed to the browser at a time, so that a file is never whole in the memory of WebAssembly.
const CHUNK_BYTES: usize = 1 << 20;

/// The document that is being handed over.
struct Document {
    answer: Box<Answer>,
    /// The file it was read from.
    file: Option<JsValue>,
    sources: DocumentSources,
}

type Begun = RefCell<Option<Document>>;

/// Listens for the page's messages until the Worker ends. The page sends the next message when this one is answered.
pub fn run(scope: &Scope) {
    let begun = Rc::new(Begun::default());
    let answers = scope.clone();
    scope.listen_for(&FromExporter::Ready, move |message, parts| {
        let (begun, scope) = (Rc::clone(&begun), answers.clone());
        async move { handle(&begun, &scope, message, parts).await }
    });
}

async fn handle(begun: &Begun, scope: &Scope, message: ToExporter, parts: Vec<JsValue>) {
    match message {
        ToExporter::Begin { answer } => {
            begun.replace(Some(Document {
                answer,
                file: parts.into_iter().next(),
                sources: DocumentSources::new(None, None, Limits::browser()),
            }));
            scope.post(&FromExporter::Taken, &[]);
        }
        ToExporter::Page {
            page,
            raster,
            layer,
        } => {
            if let Some(document) = begun.borrow_mut().as_mut() {
                document.add(*page, raster, layer, &parts);
            }
            scope.post(&FromExporter::Taken, &[]);
        }
        ToExporter::Write { format } => {
            let document = begun.take();
            match write(document, &format).await {
                Ok(file) => scope.post(&FromExporter::Written, &[file.into()]),
                Err(message) => scope.post(&FromExporter::Failed { message }, &[]),
            }
        }
        ToExporter::Pack { names, is_packed } => match pack(&names, &parts, is_packed).await {
            Ok(file) => scope.post(&FromExporter::Written, &[file.into()]),
            Err(message) => scope.post(&FromExporter::Failed { message }, &[]),
        },
    }
}

/// Packs the files one after the other: no two are in the memory of WebAssembly.
async fn pack(names: &[String], parts: &[JsValue], is_packed: bool) -> Result<Blob, String> {
    let mut chunks = Chunks::default();
    let mut archive = Archive::new(&mut chunks);
    for (name, part) in names.iter().zip(parts) {
        let bytes = bytes_of(Some(part)).await;
        archive
            .add(name, &bytes, is_packed)
            .map_err(|error| error.to_string())?;
    }
    archive.finish().map_err(|error| error.to_string())?;
    chunks
        .into_blob("application/zip")
        .map_err(|_| "the browser has no memory for the file".to_owned())
}

impl Document {
    /// Takes a page, and of its pixels and its own text what files will show.
    fn add(
        &mut self,
        page: Page,
        raster: Option<Raster>,
        layer: Option<String>,
        parts: &[JsValue],
    ) {
        let mut parts = parts.iter();
        if let Some(raster) = raster
            && let Some(image) = image_of(raster, parts.next())
        {
            self.sources.give_pictures(&page, &image);
        }
        if let Some(layer) = layer_of(layer, parts.next()) {
            self.sources.give_own_text(page.index, &layer);
        }
        self.answer.pages.push(AnswerPage::new(page, Detail::Words));
    }
}

async fn write(document: Option<Document>, format: &str) -> Result<Blob, String> {
    let Document {
        answer,
        file,
        sources,
    } = document.ok_or("no document was begun")?;
    let format: ExportFormat = format
        .parse()
        .map_err(|error: ocr_chat_export::ExportError| error.to_string())?;
    let original = if format.wants_sources() {
        // A file that was moved meanwhile has no bytes; the export says less then.
        Some(bytes_of(file.as_ref()).await).filter(|bytes| !bytes.is_empty())
    } else {
        None
    };
    let sources = sources.with_original(original).with_rotations(&answer);
    let mut chunks = Chunks::default();
    export(
        &answer,
        format,
        &ExportOptions::default(),
        &sources,
        &mut chunks,
    )
    .map_err(|error| error.to_string())?;
    chunks
        .into_blob(format.mime_type())
        .map_err(|_| "the browser has no memory for the file".to_owned())
}

/// A file in pieces that the browser holds.
#[derive(Default)]
struct Chunks {
    given: Array,
    next: Vec<u8>,
}

impl Chunks {
    fn give(&mut self) {
        if !self.next.is_empty() {
            self.given.push(&Uint8Array::from(self.next.as_slice()));
            self.next.clear();
        }
    }

    fn into_blob(mut self, mime_type: &str) -> Result<Blob, JsValue> {
        self.give();
        let options = BlobPropertyBag::new();
        options.set_type(mime_type);
        Blob::new_with_u8_array_sequence_and_options(&self.given, &options)
    }
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.next.extend_from_slice(bytes);
        if self.next.len() >= CHUNK_BYTES {
            self.give();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
