#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod text;

// Lists, a word a line each, would be pages long.
#[rustfmt::skip]
mod vocabulary;

mod synonyms;

mod question;

mod passages;

mod index;

mod reply;

mod quote;

mod grounding;

pub use grounding::{is_grounded, speaks_to_a_model};
pub use index::{Index, Nearness};
pub use question::language_of;
pub use quote::locate;
pub use reply::{Citation, Reply};
