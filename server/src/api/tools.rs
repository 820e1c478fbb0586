//! `GET /api/v1/tools/`: the tools, and which of them work on this server.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::app::AppState;
use crate::error::ApiError;
use crate::tools::{Available, Need, TOOLS, Tool, find};

/// The list.
#[derive(Debug, Serialize)]
pub struct List {
    tools: Vec<Entry>,
}

/// A tool.
#[derive(Debug, Serialize)]
struct Entry {
    slug: &'static str,
    title: &'static str,
    description: &'static str,
    available: bool,
    /// What it lacks here: why it is not available, or what it does instead.
    reason: Option<&'static str>,
    /// What it cannot work, or cannot do its best, without.
    needs: Option<&'static str>,
    tier: &'static str,
    /// The format of a download that asks for none.
    format: &'static str,
    /// Whether jobs have `fields`.
    has_fields: bool,
}

/// All tools.
pub async fn tools(State(state): State<AppState>) -> Json<List> {
    let here = state.jobs.available();
    let entry = |tool: &Tool| Entry {
        slug: tool.slug,
        title: tool.title,
        description: tool.description,
        available: tool.refusal(here).is_none(),
        reason: tool.missing(here),
        needs: tool.needs.map(Need::as_str),
        tier: tool.preset.tier.as_str(),
        format: tool.preset.format.name(),
        has_fields: tool.preset.fields.is_some(),
    };
    Json(List {
        tools: TOOLS.iter().map(entry).collect(),
    })
}

/// The tool of `tool=`, when it works here.
///
/// # Errors
/// 400 `invalid_parameter` with the known slugs, `not_available` with the reason.
pub(super) fn parse(slug: &str) -> Result<&'static Tool, ApiError> {
    let tool = find(slug).ok_or_else(|| {
        let known = TOOLS.map(|tool| tool.slug).join(", ");
        ApiError::invalid_parameter("tool", format_args!("it is one of {known}."))
    })?;
    // Which languages a translation is for is asked later, and answered with the pairs that there are.
    let others = Available {
        translator: true,
        formulas: false,
    };
    match tool.refusal(others) {
        None => Ok(tool),
        Some(why) => {
            let message = format!("tool: {slug} is not available. {why}");
            Err(ApiError::not_available(message))
        }
    }
}
