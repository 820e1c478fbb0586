//! The tests of `main.rs` again, on PostgreSQL.

#[path = "main.rs"]
mod on_postgres;
