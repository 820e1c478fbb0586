//! An archive with a file of each of several documents.

use std::collections::HashSet;

use leptos::prelude::*;
use ocr_chat_export::{ExportFormat, TextLayout};
use ocr_chat_worker::export_protocol::{FromExporter, ToExporter};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use super::{ExportStep, Exporter, failed, file_name, missing, plain_bytes};
use crate::browser;
use crate::jobs::document::Doc;
use crate::jobs::keeper::Keeper;
use crate::jobs::worker::{EXPORT_SCRIPT, Gone, WorkerHandle};
use crate::messages::Problem;

/// How far an archive of several documents is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BundleStep {
    /// Files are being made: how many of how many.
    Document { n_done: usize, n_documents: usize },
    /// They are being packed.
    Packing,
    /// It came to nothing.
    Failed(Problem),
}

impl Exporter {
    /// How far the archive is. Reactive.
    pub(crate) fn bundle(self) -> Option<BundleStep> {
        self.bundle.get()
    }

    /// Makes a zip archive with a file of each document and hands it to the browser. Documents that are on the disk alone are brought into memory
    /// one at a time.
    pub(crate) fn start_bundle(self, docs: Vec<Doc>, format: ExportFormat, keeper: Keeper) {
        let number = self.next_number();
        spawn_local(async move {
            let made = self.bundle_of(number, &docs, format, keeper).await;
            if self.is_current(number) {
                let saved = made.and_then(|blob| {
                    browser::save_blob("ocr-chat.zip", &blob).map_err(|_| failed())
                });
                self.current.set(None);
                self.bundle.set(saved.err().map(BundleStep::Failed));
            }
        });
    }

    /// Stops the archive that is being made.
    pub(crate) fn cancel_bundle(self) {
        if self.bundle.with_untracked(is_bundling) {
            self.next_number();
            let stop = self.lane.with_value(|lane| lane.stop.take());
            if let Some(stop) = stop {
                stop.stop();
            }
            self.current.set(None);
        }
        self.bundle.set(None);
    }

    async fn bundle_of(
        self,
        number: u32,
        docs: &[Doc],
        format: ExportFormat,
        keeper: Keeper,
    ) -> Result<Blob, Problem> {
        let mut files = Vec::new();
        let names: Vec<String> = docs.iter().map(|doc| file_name(*doc, format)).collect();
        for (n_done, &doc) in docs.iter().enumerate() {
            self.bundle.set(Some(BundleStep::Document {
                n_done,
                n_documents: docs.len(),
            }));
            // Held while it is made; see `is_at`.
            self.show(number, doc, format, Some(ExportStep::Starting));
            keeper.load(doc).await;
            if !self.is_current(number) {
                keeper.drop_unseen(doc);
                return Err(failed());
            }
            let written = match format.plain() {
                Some(plain) => plain_bytes(doc, plain, TextLayout::Flowing)
                    .and_then(|bytes| browser::blob(format.mime_type(), &bytes))
                    .ok_or_else(failed),
                None => self.write(number, doc, format).await,
            };
            self.show(number, doc, format, None);
            keeper.drop_unseen(doc);
            files.push(JsValue::from(written?));
        }
        if !self.is_current(number) {
            return Err(failed());
        }
        self.bundle.set(Some(BundleStep::Packing));
        let lane = self.lane.get_value();
        let idle = lane.idle.take();
        let mut handle = match idle {
            Some(handle) => handle,
            None => WorkerHandle::start(EXPORT_SCRIPT).await.map_err(missing)?,
        };
        lane.stop.replace(Some(handle.stopper()));
        let message = ToExporter::Pack {
            names: unlike(names),
            is_packed: matches!(
                format,
                ExportFormat::Docx | ExportFormat::Xlsx | ExportFormat::Pdf
            ),
        };
        let answer = handle.ask(&message, &files, |_, _| {}).await;
        let (answer, parts) = answer.map_err(|Gone| failed())?;
        if self.is_current(number) {
            lane.stop.take();
            lane.idle.replace(Some(handle));
        }
        let file = parts
            .into_iter()
            .next()
            .and_then(|part| part.dyn_into().ok());
        match (answer, file) {
            (FromExporter::Written, Some(file)) => Ok(file),
            _ => Err(failed()),
        }
    }
}

/// Whether an archive is being made.
pub(super) fn is_bundling(step: &Option<BundleStep>) -> bool {
    step.as_ref()
        .is_some_and(|step| !matches!(step, BundleStep::Failed(_)))
}

/// The names, each once: later ones that were given before get a number, as file managers do.
fn unlike(names: Vec<String>) -> Vec<String> {
    let mut given = HashSet::new();
    names
        .into_iter()
        .map(|name| {
            let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
            // A path would be a folder in the archive.
            let stem = stem.replace(['/', '\\'], "_");
            let mut own = format!("{stem}.{extension}");
            let mut n = 2;
            while !given.insert(own.to_lowercase()) {
                own = format!("{stem} ({n}).{extension}");
                n += 1;
            }
            own
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::unlike;

    #[test]
    fn files_of_an_archive_have_names_of_their_own() {
        let names = ["a.txt", "A.txt", "b/c.txt", "a.txt", "a (2).txt"];
        assert_eq!(
            unlike(names.map(str::to_owned).to_vec()),
            [
                "a.txt",
                "A (2).txt",
                "b_c.txt",
                "a (3).txt",
                "a (2) (2).txt"
            ]
        );
    }
}
