//! The periods of allowances: days and months of UTC.

use serde::Deserialize;
use time::{Date, Duration, Month, OffsetDateTime};

/// How long an allowance lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// A day of UTC.
    Day,
    /// A month of UTC.
    Month,
}

const DAY_MS: i64 = 86_400_000;

impl Period {
    /// Its name in the price list and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// The period that `now_ms` (unix milliseconds) lies in: `day:2026-11-23` or `month:2026-11`.
    pub fn name(self, now_ms: i64) -> String {
        let date = date(now_ms);
        let (year, month) = (date.year(), u8::from(date.month()));
        match self {
            Self::Day => format!("day:{year:04}-{month:02}-{:02}", date.day()),
            Self::Month => format!("month:{year:04}-{month:02}"),
        }
    }

    /// When the period of `now_ms` began, unix milliseconds.
    pub fn begins_ms(self, now_ms: i64) -> i64 {
        let today = now_ms.div_euclid(DAY_MS) * DAY_MS;
        match self {
            Self::Day => today,
            Self::Month => today - (i64::from(date(now_ms).day()) - 1) * DAY_MS,
        }
    }

    /// When the period of `now_ms` ends and the allowance begins anew, unix milliseconds.
    pub fn ends_ms(self, now_ms: i64) -> i64 {
        match self {
            Self::Day => (now_ms.div_euclid(DAY_MS) + 1) * DAY_MS,
            Self::Month => {
                let date = date(now_ms);
                let (year, month) = match date.month() {
                    Month::December => (date.year() + 1, Month::January),
                    month => (date.year(), month.next()),
                };
                // The first day of a month exists in every year that `date` hands out.
                Date::from_calendar_date(year, month, 1).map_or(now_ms, |first| {
                    first.midnight().assume_utc().unix_timestamp() * 1_000
                })
            }
        }
    }
}

fn date(now_ms: i64) -> Date {
    let now = OffsetDateTime::UNIX_EPOCH.checked_add(Duration::milliseconds(now_ms));
    now.unwrap_or(OffsetDateTime::UNIX_EPOCH).date()
}

#[cfg(test)]
mod tests {
    use super::Period;
    use crate::clock::rfc3339;

    fn ends(period: Period, now_ms: i64) -> String {
        rfc3339(period.ends_ms(now_ms)).unwrap()
    }

    #[test]
    fn periods_have_names_and_ends_in_utc() {
        // 2024-02-29T12:34:56Z
        let leap_day = 1_709_210_096_000;
        assert_eq!(Period::Day.name(leap_day), "day:2024-02-29");
        assert_eq!(Period::Month.name(leap_day), "month:2024-02");
        assert_eq!(ends(Period::Day, leap_day), "2024-03-01T00:00:00Z");
        assert_eq!(ends(Period::Month, leap_day), "2024-03-01T00:00:00Z");
        let begins = |period: Period| rfc3339(period.begins_ms(leap_day)).unwrap();
        assert_eq!(begins(Period::Day), "2024-02-29T00:00:00Z");
        assert_eq!(begins(Period::Month), "2024-02-01T00:00:00Z");
        // 2026-12-31T23:59:59.999Z
        let last = 1_798_761_599_999;
        assert_eq!(Period::Month.name(last), "month:2026-12");
        assert_eq!(ends(Period::Month, last), "2027-01-01T00:00:00Z");
        assert_eq!(Period::Day.name(last + 1), "day:2027-01-01");
    }
}
