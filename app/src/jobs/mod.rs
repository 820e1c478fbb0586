//! Documents and their reading. All of it is owned by the shell and outlives the components that show it.

pub(crate) mod document;

mod keeping;

pub(crate) mod handoff;

mod keeper;

mod worker;

mod exchange;

mod packs;

mod exporter;

mod asker;

mod pdf_renderer;

mod pool;

mod remote;

mod weights;

pub(crate) use asker::Asker;
pub(crate) use document::{AskStep, Doc, DocStatus, Exchange, PageStage, Picture, Said};
pub(crate) use exporter::{BundleStep, Choice, ExportStep, Exporter};
pub(crate) use keeper::Keeper;
pub(crate) use keeping::Kept;
pub(crate) use packs::{Pack, Packs};
pub(crate) use pdf_renderer::PdfRenderer;
pub(crate) use pool::{Pool, ReaderState};
