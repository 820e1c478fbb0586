#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod script;

mod words;

mod ngrams;

mod languages;

mod model;

mod han;

mod identify;

pub use identify::{Guess, Identifier};
pub use model::ParseError;
pub use script::{ScriptCount, scripts_of};
