#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

pub mod config;

pub mod clock;

pub mod hex;

pub mod ids;

pub mod secret;

pub mod metering;

mod page_range;

pub mod password;

pub mod mail;

pub mod error;

pub mod net;

pub mod oidc;

pub mod payment;

pub mod tools;

mod named_model;

pub mod formulas;

pub mod vision;

pub mod translation;

pub mod webhooks;

pub mod audit;

pub mod admin;

pub mod blob;

pub mod db;

pub mod cpu_pool;

pub mod reader;

pub mod chat;

pub mod jobs;

pub mod app;

pub mod web;

pub mod api;

mod pages;

pub mod cli;

pub use app::{App, AppState, Worker};
pub use config::Config;
pub use reader::{OpenDocument, Opening, PageReader};
pub use translation::TranslationSettings;
pub use vision::VisionSettings;
