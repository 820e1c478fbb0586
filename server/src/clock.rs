//! The server's clock: unix milliseconds in the database, RFC 3339 in answers.

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Now, in milliseconds since 1970 (UTC).
pub fn now_ms() -> i64 {
    unix_ms(SystemTime::now())
}

/// `time` in milliseconds since 1970 (UTC); 0 for times before.
pub fn unix_ms(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}

/// `unix_ms` as RFC 3339 in UTC, to the second; `None` outside the years 1970 to 9999.
pub fn rfc3339(unix_ms: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(unix_ms.div_euclid(1_000))
        .ok()?
        .format(&Rfc3339)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn times_are_written_in_utc_to_the_second() {
        assert_eq!(
            rfc3339(1_709_210_096_999).as_deref(),
            Some("2024-02-29T12:34:56Z")
        );
        assert_eq!(rfc3339(i64::MAX), None);
    }
}
