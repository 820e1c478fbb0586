#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod rows;

mod terms;

// Lists, a word a line each, would be pages long.
#[rustfmt::skip]
mod words;

mod amount;

mod date;

mod head;

mod sums;

mod items;

mod labels;

mod receipt;

mod invoice;

mod form;

mod card;

mod mrz;

pub use card::business_card;
pub use form::form;
pub use invoice::invoice;
pub use mrz::identity;
pub use receipt::receipt;
