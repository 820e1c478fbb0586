#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

pub mod geometry;

pub mod diagnostics;

pub mod table;

pub mod block;

pub mod page;

pub mod translation;

pub mod fields;

mod place;

mod tokens;

pub mod correct;

mod region;

mod furniture;

pub mod answer;

pub use answer::{Answer, AnswerPage, Detail, JobStatus, Tier, Usage};
pub use block::{Block, BlockKind, Line, Word};
pub use correct::{Correction, Part};
pub use diagnostics::{Warning, WarningCode};
pub use fields::Fields;
pub use furniture::mark_repeated;
pub use geometry::{BBox, Point};
pub use page::{Document, EngineInfo, Page, PageStatus, ReadBy};
pub use table::{Cell, Table};
pub use translation::{TranslatedText, Translation};

/// Version of the JSON this crate writes. Raised when a key changes its meaning, never when one is added.
pub const SCHEMA_VERSION: u32 = 1;
