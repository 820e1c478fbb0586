#![doc = include_str!("../README.md")]

mod bytes;
mod container;
mod ctc;
mod error;
mod forward;
mod kernel;
mod labels;
mod model;
mod network;
mod order;
mod prepare;
mod resample;
mod spelling;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod words;

pub use container::{strip, strip_to_words};
pub use error::ModelError;
pub use model::{Decoding, LineModel, Reading, Scratch, Symbol};
pub use prepare::GrayLine;
pub use words::words;
