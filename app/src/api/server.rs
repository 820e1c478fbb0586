//! The REST API of the server that sent this page.

use ocr_chat_document::{Answer, Tier};
use serde::Deserialize;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, File, FormData, Response};

use crate::api::{problem, send};
use crate::messages::Problem;

/// The error envelope of every status.
#[derive(Deserialize)]
struct Envelope {
    error: String,
    code: String,
}

/// How a file is to be read.
pub(crate) struct Wanted<'a> {
    /// Code of the language of the text, or `auto`.
    pub(crate) language: &'a str,
    pub(crate) tier: Tier,
    /// Pages from 1, `2,5-7`; all of them where there is none.
    pub(crate) pages: Option<String>,
}

/// What a page costs at most, in credits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct Prices {
    /// Whether anything is counted; where not, reading is free.
    pub(crate) is_metered: bool,
    cpu: u32,
    vlm: u32,
}

impl Prices {
    /// Credits for a page of `tier`.
    pub(crate) fn of(self, tier: Tier) -> u32 {
        match tier {
            Tier::Vlm => self.vlm,
            _ => self.cpu,
        }
    }
}

/// What reading costs this visitor; `None` where the server does not answer.
pub(crate) async fn prices() -> Option<Prices> {
    let response = send("GET", "/api/v1/prices/", None, None).await?;
    let text = JsFuture::from(response.text().ok()?).await.ok()?;
    serde_json::from_str(&text.as_string()?).ok()
}

/// Sends a file to be read. A document of 5 pages or fewer comes back read; others come back pending.
///
/// # Errors
/// The server's refusal by its code, or `server_offline`.
pub(crate) async fn submit(
    file: &File,
    wanted: &Wanted<'_>,
    signal: &AbortSignal,
) -> Result<Answer, Problem> {
    let form = FormData::new().map_err(|_| problem("server_offline"))?;
    let filled = form
        .append_with_blob_and_filename("file", file, &file.name())
        .and_then(|()| form.append_with_str("tier", wanted.tier.as_str()))
        .and_then(|()| form.append_with_str("language", wanted.language))
        .and_then(|()| match &wanted.pages {
            Some(pages) => form.append_with_str("pages", pages),
            None => Ok(()),
        })
        .and_then(|()| form.append_with_str("detail", "words"));
    filled.map_err(|_| problem("server_offline"))?;
    let sent = send("POST", "/api/v1/ocr/", Some(&form), Some(signal)).await;
    answer(sent).await
}

/// How far a job is.
///
/// # Errors
/// As [`submit`].
pub(crate) async fn job(uuid: &str, signal: &AbortSignal) -> Result<Answer, Problem> {
    let url = format!("/api/v1/ocr/{uuid}/?detail=words");
    answer(send("GET", &url, None, Some(signal)).await).await
}

/// Ends a job and deletes what there is of it.
pub(crate) async fn delete(uuid: &str) {
    // The job expires by itself where this does not arrive.
    let _ = send("DELETE", &format!("/api/v1/ocr/{uuid}/"), None, None).await;
}

async fn answer(response: Option<Response>) -> Result<Answer, Problem> {
    let response = response.ok_or_else(|| problem("server_offline"))?;
    let is_ok = response.ok();
    let text = response.text().map_err(|_| problem("server_offline"))?;
    let text = JsFuture::from(text)
        .await
        .map_err(|_| problem("server_offline"))?
        .as_string()
        .unwrap_or_default();
    if is_ok {
        return serde_json::from_str(&text)
            .map_err(|error| Problem::new("bad_answer", &error.to_string()));
    }
    match serde_json::from_str::<Envelope>(&text) {
        Ok(envelope) => Err(Problem::new(&envelope.code, &envelope.error)),
        Err(_) => Err(problem("server_offline")),
    }
}
