//! The engine's errors as the page's codes.

use ocr_chat_engine::OpenError;

use crate::protocol::RefusalCode;

/// The code of `error`; `server/src/error.rs` has the same table for the API.
pub(crate) fn code(error: &OpenError) -> RefusalCode {
    match error {
        OpenError::Empty => RefusalCode::EmptyFile,
        OpenError::UnsupportedFormat | OpenError::KnownButUnsupported { .. } => {
            RefusalCode::UnsupportedType
        }
        OpenError::FileTooLarge { .. } => RefusalCode::FileTooLarge,
        OpenError::TooManyPages { .. } => RefusalCode::TooManyPages,
        OpenError::TooManyPixels { .. } => RefusalCode::TooManyPixels,
        OpenError::PasswordNeeded => RefusalCode::PasswordNeeded,
        // `NoPages`, `Damaged` and whatever a later engine adds: nothing could be made of the file.
        _ => RefusalCode::DamagedFile,
    }
}
