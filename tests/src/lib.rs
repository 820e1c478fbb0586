//! Rebuilt by its own commit.
