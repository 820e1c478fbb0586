#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

pub mod client;

mod align;

pub mod guard;

pub mod model;

pub mod latex;

pub mod formula;

pub mod normalise;

pub mod parse;

pub mod picture;

pub mod profile;

pub mod provider;

pub mod translate;

pub use client::{
    ApiKey, ChatRequest, Completion, CompletionStream, FinishReason, JsonSchema, LanguageModel,
    Limits, Message, ModelError, ModelSettings, Part, Phase, Place, Role, TokenUsage,
};
