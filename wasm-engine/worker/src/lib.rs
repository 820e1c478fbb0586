#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

pub mod protocol;

pub mod export_protocol;

pub mod chat_protocol;

pub mod message;

#[cfg(any(feature = "ocr", feature = "pdf", feature = "export", feature = "chat"))]
pub mod scope;

#[cfg(any(feature = "ocr", feature = "pdf"))]
mod refusal;

#[cfg(any(feature = "ocr", feature = "pdf"))]
mod documents;

#[cfg(any(feature = "ocr", feature = "export"))]
mod handed_over;

#[cfg(feature = "ocr")]
mod picture;

#[cfg(feature = "ocr")]
pub mod reader;

#[cfg(feature = "ocr")]
pub mod ocr;

#[cfg(feature = "pdf")]
pub mod pdf;

#[cfg(feature = "export")]
pub mod export;

#[cfg(feature = "chat")]
pub mod chat;
