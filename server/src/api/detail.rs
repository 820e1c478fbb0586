//! The `detail` parameter.

use ocr_chat_document::Detail;

use crate::error::ApiError;

/// The detail asked for; `None` where nothing was.
pub(super) fn parse(asked: Option<&str>) -> Result<Option<Detail>, ApiError> {
    match asked.map(str::trim) {
        None | Some("") => Ok(None),
        Some("lines") => Ok(Some(Detail::Lines)),
        Some("words") => Ok(Some(Detail::Words)),
        Some(_) => Err(ApiError::invalid_parameter(
            "detail",
            "it is lines or words.",
        )),
    }
}
