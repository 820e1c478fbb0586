//! What tests and benches share: loading an engine from the models folder, manifests with truth, and scores.

pub mod chat;

pub mod manifest;

pub mod models;

pub mod score;
