#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

pub mod limits;

pub mod error;

pub mod geometry;

pub mod raster;

pub mod text;

mod resample;

mod onnx;

mod sort;

mod runtime;

pub mod source;

pub mod text_layer;

pub mod detect;

pub mod classify;

pub mod recognise;

mod read;

mod table;

mod figure;

mod formula;

#[cfg(feature = "premium")]
mod premium;

pub mod layout;

pub mod pipeline;

#[cfg(feature = "formula")]
pub use formula::network::{FormulaFiles, FormulaNetwork, WrittenFormula};

pub use error::{EngineError, OpenError, PageError};
pub use limits::Limits;
pub use pipeline::{Engine, ModelFiles, Quality, ReadOptions, Stage, StageClock, TextLayers};
#[cfg(feature = "premium")]
pub use premium::LineDoubt;
pub use raster::PageImage;
pub use read::Survey;
pub use recognise::ModelLibrary;
pub use source::{Format, Source};
pub use table::TABLE_STRUCTURE;
