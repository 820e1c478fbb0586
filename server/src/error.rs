//! The one error type of the HTTP interface. `web::observe` turns it into the envelope of every status.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ocr_chat_engine::OpenError;
use ocr_chat_export::ExportError;
use ocr_chat_language::UnknownLanguage;
use serde::Serialize;

/// An error as a client sees it: a status, a code for machines and a short English sentence.
///
/// What went wrong inside is logged once, where it is turned into [`ApiError::internal`], and never sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status.
    pub status: StatusCode,
    /// Code for machines; clients translate by it.
    pub code: &'static str,
    /// A short sentence.
    pub message: String,
    /// Seconds after which to try again, for 429 and 503.
    pub retry_after_s: Option<u32>,
    /// For 402: the limit that was reached.
    pub limit: Option<Box<LimitReached>>,
}

/// What the body of a 402 says beside the error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitReached {
    /// How much of it is used.
    pub used: i64,
    /// All of it.
    pub cap: i64,
    /// `pages` or `credits`.
    pub unit: &'static str,
    /// Which limit: `anonymous_per_day`, `free_per_month`, `credits`, `token_spending_cap` ...
    pub limit: String,
    /// When it begins anew, RFC 3339; `null` where it does not by itself.
    pub resets_at: Option<String>,
}

impl ApiError {
    /// An error of any status.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after_s: None,
            limit: None,
        }
    }

    /// 400 with a code of its own.
    pub fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 400: `parameter` has a value that does not exist.
    pub fn invalid_parameter(parameter: &str, message: impl std::fmt::Display) -> Self {
        Self::bad_request("invalid_parameter", format!("{parameter}: {message}"))
    }

    /// 400: asked for something that is planned.
    pub fn not_available(message: impl Into<String>) -> Self {
        Self::bad_request("not_available", message)
    }

    /// 401: the token is not one of ours.
    pub fn wrong_token() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_token",
            "The API token is not valid.",
        )
    }

    /// 401: there has to be a token or a session.
    pub fn token_needed() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "token_needed",
            "An API token is needed here.",
        )
    }

    /// 401: somebody has to be signed in.
    pub fn sign_in_needed() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "sign_in_needed",
            "You have to be signed in.",
        )
    }

    /// 403: a page of another site asks.
    pub fn wrong_origin() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "wrong_origin",
            "This address can be called by pages of this server only.",
        )
    }

    /// 429: tried too often.
    pub fn too_many(retry_after_s: u32) -> Self {
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                format!("Too many tries; try again in {retry_after_s} seconds."),
            )
        }
    }

    /// 409: an `Idempotency-Key` came with another body before.
    pub fn key_reused() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request.",
        )
    }

    /// 404: no such job, or not this caller's.
    pub fn job_not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "job_not_found",
            "There is no job with this uuid.",
        )
    }

    /// 404: no such address.
    pub fn no_such_address() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is nothing at this address.",
        )
    }

    /// 503: as much work is waiting as the operator allows.
    pub fn queue_full() -> Self {
        Self {
            retry_after_s: Some(30),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "The server is busy; try again in half a minute.",
            )
        }
    }

    /// 500. `cause` is logged here and not sent.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            "Something went wrong on the server.",
        )
    }

    /// The error of a status that came from the router or from a library, without a body of ours.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::no_such_address(),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(
                status,
                "method_not_allowed",
                "This method is not allowed at this address.",
            ),
            // The specification has no 413: too large is a 400.
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::bad_request("file_too_large", "The request is too large.")
            }
            status if status.is_server_error() => Self {
                status,
                ..Self::new(
                    status,
                    "internal_error",
                    "Something went wrong on the server.",
                )
            },
            status => Self::new(status, "bad_request", "The request cannot be read."),
        }
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        Self::internal(format_args!("database: {error}"))
    }
}

impl From<getrandom::Error> for ApiError {
    fn from(error: getrandom::Error) -> Self {
        Self::internal(format_args!("random numbers: {error}"))
    }
}

impl From<UnknownLanguage> for ApiError {
    fn from(error: UnknownLanguage) -> Self {
        Self::invalid_parameter("language", format_args!("{error}."))
    }
}

impl From<ExportError> for ApiError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::UnknownFormat(_) => {
                Self::invalid_parameter("format", format_args!("{error}."))
            }
            other => Self::internal(other),
        }
    }
}

impl From<OpenError> for ApiError {
    fn from(error: OpenError) -> Self {
        let code = match &error {
            OpenError::Empty => "empty_file",
            OpenError::UnsupportedFormat | OpenError::KnownButUnsupported { .. } => {
                "unsupported_type"
            }
            OpenError::FileTooLarge { .. } => "file_too_large",
            OpenError::TooManyPages { .. } => "too_many_pages",
            OpenError::TooManyPixels { .. } => "too_many_pixels",
            OpenError::PasswordNeeded => "password_needed",
            // `NoPages`, `Damaged` and whatever a later engine adds: nothing could be made of the file.
            _ => "damaged_file",
        };
        Self::bad_request(code, sentence(&error.to_string()))
    }
}

/// `text` with a capital in front and a full stop behind.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars
        .next()
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default();
    let stop = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{stop}", chars.as_str())
}

impl IntoResponse for ApiError {
    /// The status, with the error as an extension: the envelope needs the request's id and is written by `web::observe`.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after_s {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_opened_is_a_400_with_its_code() {
        let cases = [
            (OpenError::Empty, "empty_file"),
            (OpenError::UnsupportedFormat, "unsupported_type"),
            (
                OpenError::FileTooLarge { bytes: 2, max: 1 },
                "file_too_large",
            ),
            (
                OpenError::TooManyPages { pages: 2, max: 1 },
                "too_many_pages",
            ),
            (
                OpenError::TooManyPixels {
                    width: 9,
                    height: 9,
                    max: 1,
                },
                "too_many_pixels",
            ),
            (OpenError::PasswordNeeded, "password_needed"),
            (OpenError::NoPages, "damaged_file"),
            (
                OpenError::Damaged {
                    format: "PNG",
                    reason: "short".into(),
                },
                "damaged_file",
            ),
        ];
        for (open_error, code) in cases {
            let error = ApiError::from(open_error);
            assert_eq!((error.status, error.code), (StatusCode::BAD_REQUEST, code));
            assert!(error.message.ends_with('.'), "{}", error.message);
        }
    }
}
