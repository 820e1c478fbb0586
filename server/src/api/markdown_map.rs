//! The `markdown_map` parameter.

use crate::error::ApiError;

/// Whether the map of the Markdown is asked for.
pub(super) fn parse(asked: Option<&str>) -> Result<bool, ApiError> {
    match asked.map(str::trim) {
        None | Some("" | "false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(ApiError::invalid_parameter(
            "markdown_map",
            "it is true or false.",
        )),
    }
}
