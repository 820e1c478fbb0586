//! The handlers, one action a file.

pub mod submit;

pub mod get_job;

pub mod events;

pub mod list_jobs;

pub mod download;

pub mod delete_job;

pub mod model_file;

pub mod health;

pub mod version;

pub mod languages;

pub mod account;

pub mod admin;

pub mod payment;

pub mod chat;

pub mod prices;

pub mod tools;

pub mod usage;

pub mod openapi;

mod detail;

mod markdown_map;
