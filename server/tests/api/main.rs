//! The API in-process: every test has its own data folder, its own database and a reader that needs no weights.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has to stop, in helpers too"
)]

mod database;

mod support;

mod answers;
mod chat;
mod chat_embedding;
mod chat_model;
mod tool_pages;

mod languages;

mod downloads;

mod errors;

mod formulas;

mod tokens;

mod metering;

mod idempotency;

mod accounts;

mod access;

mod admin;

mod payment;

mod peers;

mod webhooks;

mod oidc;

mod lists;

mod options;

mod vision;

mod translation;

mod openapi;

mod queue;

mod events;

mod url_input;

mod restart;

mod shared;

mod web_app;

mod web_pages;
