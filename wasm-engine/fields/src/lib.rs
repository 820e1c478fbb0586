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

pub mod sentences;

mod summary;

use ocr_chat_document::{Fields, Page};

pub use card::business_card;
pub use form::form;
pub use invoice::invoice;
pub use mrz::identity;
pub use receipt::receipt;
pub use summary::summary;

/// What papers have fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Paper {
    /// A receipt.
    Receipt,
    /// An invoice.
    Invoice,
    /// A form.
    Form,
    /// A passport, a visa or an identity card.
    Identity,
    /// A business card.
    BusinessCard,
    /// Any document: its fields are the sentences that say most.
    Any,
}

/// The fields of the document on `pages`, which is taken for one `paper`.
pub fn fields(paper: Paper, pages: &[&Page]) -> Fields {
    match paper {
        Paper::Receipt => Fields::Receipt(Box::new(receipt(pages))),
        Paper::Invoice => Fields::Invoice(Box::new(invoice(pages))),
        Paper::Form => Fields::Form(form(pages)),
        Paper::Identity => Fields::Identity(Box::new(identity(pages))),
        Paper::BusinessCard => Fields::BusinessCard(Box::new(business_card(pages))),
        Paper::Any => Fields::Summary(summary(pages)),
    }
}
