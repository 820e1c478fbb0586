//! What tests and benches share: loading an engine from the models folder, manifests with truth, and scores.

pub mod manifest;

pub mod models;

pub mod score;
