//! The client, the parsers and the reading of pages, from outside.

#![expect(clippy::unwrap_used, reason = "clippy knows tests, not their helpers")]

mod hostile;

mod client;

mod formats;

mod llama_server;

mod reading;

mod translating;
