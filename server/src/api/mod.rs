//! The handlers, one action a file.

pub mod submit;

pub mod get_job;

pub mod download;

pub mod delete_job;

pub mod model_file;

pub mod health;

pub mod version;

pub mod languages;

mod detail;

mod markdown_map;
