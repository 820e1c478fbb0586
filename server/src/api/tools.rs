//! `GET /api/v1/tools/`: the tools, and which of them work on this server.

use axum::Json;
use ocr_chat_document::Tier;
use serde::Serialize;

use crate::error::ApiError;
use crate::tools::{TOOLS, Tool, find};

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
    /// Why it is not available.
    reason: Option<&'static str>,
    tier: Option<&'static str>,
    /// The format of a download that asks for none.
    format: Option<&'static str>,
}

/// All tools.
pub async fn tools() -> Json<List> {
    let entry = |tool: &Tool| Entry {
        slug: tool.slug,
        title: tool.title,
        description: tool.description,
        available: tool.preset.is_ok(),
        reason: tool.preset.err(),
        tier: tool.preset.ok().map(|preset| preset.tier).map(Tier::as_str),
        format: tool.preset.ok().map(|preset| preset.format.name()),
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
    match tool.preset {
        Ok(_) => Ok(tool),
        Err(why) => {
            let message = format!("tool: {slug} is not available yet. {why}");
            Err(ApiError::not_available(message))
        }
    }
}
