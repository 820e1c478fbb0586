//! `GET /api/v1/usage/`: what an account used, by day.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use time::{Date, Month, OffsetDateTime};

use crate::app::AppState;
use crate::clock::now_ms;
use crate::db::ledger::DayUsage;
use crate::error::ApiError;
use crate::metering::Period;
use crate::web::session::Member;

/// A day, in milliseconds.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// Days that can be asked for at once.
const MAX_DAYS: i64 = 400;

/// The query of this address.
#[derive(Debug, Deserialize)]
pub struct Parameters {
    /// First day of UTC, `2026-11-01`; the first of this month.
    from: Option<String>,
    /// Last day of UTC; today.
    to: Option<String>,
    /// `json` (default) or `csv`.
    format: Option<String>,
}

/// A day of UTC.
#[derive(Debug, Serialize)]
struct Day {
    date: String,
    #[serde(flatten)]
    usage: DayUsage,
}

/// The answer.
#[derive(Debug, Serialize)]
struct Report {
    from: String,
    to: String,
    /// The days on which something was charged, in order.
    days: Vec<Day>,
    total: DayUsage,
}

/// What was charged to the account of the caller, by day of UTC. Accounts for which nothing is counted have no usage.
///
/// # Errors
/// 400 for a parameter that cannot be, 401 without an account.
pub async fn usage(
    State(state): State<AppState>,
    Member(account): Member,
    Query(parameters): Query<Parameters>,
) -> Result<Response, ApiError> {
    let now_ms = now_ms();
    let today = now_ms.div_euclid(DAY_MS);
    let first_of_month = Period::Month.begins_ms(now_ms).div_euclid(DAY_MS);
    let from = day(parameters.from.as_deref(), "from", first_of_month)?;
    let to = day(parameters.to.as_deref(), "to", today)?;
    if from > to || to - from >= MAX_DAYS {
        let message = format!("it is not after `to`, and {MAX_DAYS} days at most.");
        return Err(ApiError::invalid_parameter("from", message));
    }
    let days = state.db.usage_by_day(&account.id, from, to).await?;
    let mut total = DayUsage::default();
    for (_, usage) in &days {
        total.pages += usage.pages;
        total.allowance += usage.allowance;
        total.credits += usage.credits;
    }
    let days: Vec<Day> = days
        .into_iter()
        .map(|(day, usage)| Day {
            date: name(day),
            usage,
        })
        .collect();
    match parameters.format.as_deref() {
        None | Some("" | "json") => Ok(Json(Report {
            from: name(from),
            to: name(to),
            days,
            total,
        })
        .into_response()),
        Some("csv") => Ok(csv(&days)),
        Some(_) => Err(ApiError::invalid_parameter("format", "it is json or csv.")),
    }
}

/// Nothing in it has to be quoted: dates and figures of our own.
fn csv(days: &[Day]) -> Response {
    let mut text = "date,pages,allowance,credits\r\n".to_owned();
    for Day { date, usage } in days {
        text += &format!(
            "{date},{},{},{}\r\n",
            usage.pages, usage.allowance, usage.credits
        );
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"ocr-chat-usage.csv\"",
        ),
    ];
    (headers, text).into_response()
}

/// The day that `text` names, counted from 1970; `default` where there is none.
fn day(text: Option<&str>, parameter: &str, default: i64) -> Result<i64, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(default);
    };
    let parsed = || {
        let mut parts = text.splitn(3, '-');
        let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
        let month: u8 = parts.next()?.parse().ok()?;
        let day = parts.next()?.parse().ok()?;
        let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
        Some(
            date.midnight()
                .assume_utc()
                .unix_timestamp()
                .div_euclid(DAY_MS / 1_000),
        )
    };
    parsed()
        .ok_or_else(|| ApiError::invalid_parameter(parameter, "it is a day such as 2026-11-01."))
}

/// The name of a day of UTC, counted from 1970: `2026-11-01`.
pub(crate) fn name(day: i64) -> String {
    let seconds = day.saturating_mul(DAY_MS / 1_000);
    let date = OffsetDateTime::from_unix_timestamp(seconds).map(OffsetDateTime::date);
    let date = date.unwrap_or(Date::MIN);
    let month = u8::from(date.month());
    format!("{:04}-{month:02}-{:02}", date.year(), date.day())
}

#[cfg(test)]
mod tests {
    use super::{day, name};

    #[test]
    fn days_are_read_and_written() {
        assert_eq!(day(Some("2024-02-29"), "from", 0).unwrap(), 19_782);
        assert_eq!(name(19_782), "2024-02-29");
        assert_eq!(day(None, "from", 7).unwrap(), 7);
        for wrong in ["2023-02-29", "24-1-1", "2024-13-01", "today", "2024-01"] {
            assert!(day(Some(wrong), "from", 0).is_err(), "{wrong}");
        }
    }
}
