//! `GET /api/openapi.json`: the API in OpenAPI 3.1.
//!
//! A table of the operations, beside `schemas.json`. The types of the answers live in a crate that depends on serde alone and
//! cannot derive schemas; tests hold the table against the router and the schemas against real answers instead.

use axum::http::header;
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};

use crate::error::ApiError;

/// Who may call.
#[derive(Clone, Copy)]
enum Auth {
    /// Nobody is asked.
    None,
    /// A token where there is one; a session counts too.
    Optional,
    /// A token or a session.
    Account,
    /// A session alone.
    Session,
    /// An admin's token or session; 404 for everybody else.
    Admin,
}

/// What is sent.
#[derive(Clone, Copy)]
enum Send {
    Nothing,
    /// A multipart form of this schema.
    Form(&'static str),
    /// JSON of this schema.
    Json(&'static str),
}

/// What is answered when all is well.
#[derive(Clone, Copy)]
enum Answer {
    /// JSON of this schema.
    Json(u16, &'static str),
    /// JSON of this schema, or CSV where that is asked for.
    JsonOrCsv(&'static str),
    /// No body.
    Empty(u16),
    /// Elsewhere.
    Redirect,
    /// A file of one of several types.
    File,
    /// A stream of events; the data of each is JSON of this schema.
    Events(&'static str),
}

struct Operation {
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    auth: Auth,
    /// Names and descriptions of query parameters.
    query: &'static [(&'static str, &'static str)],
    send: Send,
    answer: Answer,
    /// The statuses of errors beside 401 where somebody has to be known, 429 and 500.
    errors: &'static [u16],
}

const DETAIL: (&str, &str) = (
    "detail",
    "lines or words; what the job was sent with otherwise",
);

const MARKDOWN_MAP: (&str, &str) = (
    "markdown_map",
    "true: with the page, block and box of each span of the Markdown; false",
);

const CURSOR: (&str, &str) = ("cursor", "next of the page before");

const LIMIT: (&str, &str) = ("limit", "1 to 200; 50");

/// All operations: method, path, summary, who, query, body, answer, errors.
#[rustfmt::skip]
const OPERATIONS: [Operation; 61] = [
    op("post", "/v1/ocr/", "Send a document", Auth::Optional, &[], Send::Form("Upload"), Answer::Json(200, "Job"), &[400, 401, 402, 408, 409, 410, 503]),
    op("get", "/v1/ocr/", "List the account's jobs", Auth::Account,
        &[("limit", "1 to 100; 20"), ("cursor", "next of the page before"), ("status", "pending, processing, done, failed or expired"), ("tier", "Only of this tier"), ("language", "Only with this language asked for")],
        Send::Nothing, Answer::Json(200, "JobList"), &[400]),
    op("get", "/v1/ocr/{uuid}/", "A job as it stands", Auth::Optional, &[DETAIL, MARKDOWN_MAP, ("wait", "Seconds to wait for the end, 0 to 60")], Send::Nothing, Answer::Json(200, "Job"), &[400, 401, 404, 410]),
    op("delete", "/v1/ocr/{uuid}/", "Cancel a job and delete its content", Auth::Optional, &[], Send::Nothing, Answer::Empty(204), &[400, 401, 404, 410]),
    op("get", "/v1/ocr/{uuid}/download/", "A result as a file", Auth::Optional, &[("format", "txt, md, html, docx, pdf, csv, xlsx, json, hocr or alto; that of the job's tool, or txt"), ("layout", "flowing or kept, of format=txt; flowing"), ("text", "original, translation or both, of a translated document; translation"), DETAIL, MARKDOWN_MAP], Send::Nothing, Answer::File, &[400, 401, 404, 409, 410, 422]),
    op("get", "/v1/ocr/{uuid}/events/", "The progress of a job as server-sent events", Auth::Optional, &[], Send::Nothing, Answer::Events("Progress"), &[400, 401, 404, 410, 503]),
    op("post", "/v1/chat/{uuid}/", "Ask a question about a document", Auth::Account, &[], Send::Json("Question"), Answer::Json(200, "ChatAnswer"), &[400, 402, 404, 409, 410, 422]),
    op("get", "/v1/chat/{uuid}/history/", "A conversation about a document", Auth::Account, &[("conversation", "Which one; the latest")], Send::Nothing, Answer::Json(200, "History"), &[400, 404, 409, 410, 422]),
    op("get", "/v1/chat/{uuid}/conversations/", "The conversations about a document", Auth::Account, &[], Send::Nothing, Answer::Json(200, "ConversationList"), &[400, 404, 409, 410, 422]),
    op("post", "/v1/chat/", "Ask a question about several documents", Auth::Account, &[], Send::Json("WideQuestion"), Answer::Json(200, "ChatAnswer"), &[400, 402, 404, 409, 410, 422]),
    op("get", "/v1/chat/", "The account's conversations", Auth::Account, &[], Send::Nothing, Answer::Json(200, "ConversationList"), &[400]),
    op("get", "/v1/chat/conversations/{id}/", "A conversation with its messages", Auth::Account, &[], Send::Nothing, Answer::Json(200, "Conversation"), &[400, 404]),
    op("put", "/v1/chat/conversations/{id}/", "Call a conversation something else", Auth::Account, &[], Send::Json("Title"), Answer::Empty(204), &[400, 404]),
    op("delete", "/v1/chat/conversations/{id}/", "Delete a conversation", Auth::Account, &[], Send::Nothing, Answer::Empty(204), &[400, 404]),
    op("get", "/v1/chat/conversations/{id}/export/", "A conversation as Markdown", Auth::Account, &[], Send::Nothing, Answer::File, &[400, 404]),
    op("get", "/v1/usage/", "What the account was charged, by day", Auth::Account, &[("from", "First day, 2026-11-01; the first of this month"), ("to", "Last day; today"), ("format", "json or csv")], Send::Nothing, Answer::JsonOrCsv("UsageReport"), &[400]),
    op("get", "/v1/version/", "What runs here", Auth::None, &[], Send::Nothing, Answer::Json(200, "Object"), &[]),
    op("get", "/v1/languages/", "The languages that are read", Auth::None, &[], Send::Nothing, Answer::Json(200, "Object"), &[]),
    op("get", "/v1/prices/", "What a page costs the caller, at most", Auth::Optional, &[], Send::Nothing, Answer::Json(200, "PageTariff"), &[]),
    op("get", "/v1/tools/", "The tools, and which of them work here", Auth::None, &[], Send::Nothing, Answer::Json(200, "ToolList"), &[]),
    op("get", "/openapi.json", "This document", Auth::None, &[], Send::Nothing, Answer::Json(200, "Object"), &[]),
    op("get", "/v1/account/", "The account and what it has left", Auth::Account, &[], Send::Nothing, Answer::Json(200, "Account"), &[]),
    op("delete", "/v1/account/", "Delete the account and everything of it", Auth::Session, &[], Send::Json("Password"), Answer::Empty(204), &[400, 403]),
    op("get", "/v1/account/me/", "The account and what it has left", Auth::Account, &[], Send::Nothing, Answer::Json(200, "Account"), &[]),
    op("put", "/v1/account/settings/", "Say whether documents may go to models of other providers", Auth::Account, &[], Send::Json("AccountSettings"), Answer::Json(200, "Account"), &[400, 403]),
    op("post", "/v1/account/sign-up/", "Make an account", Auth::None, &[], Send::Json("Credentials"), Answer::Empty(202), &[400, 403]),
    op("post", "/v1/account/verify/", "Confirm an address and sign in", Auth::None, &[], Send::Json("Confirmation"), Answer::Json(200, "Account"), &[400, 403]),
    op("post", "/v1/account/sign-in/", "Sign in", Auth::None, &[], Send::Json("Credentials"), Answer::Json(200, "Account"), &[400, 401, 403]),
    op("post", "/v1/account/sign-out/", "End this session", Auth::Session, &[], Send::Nothing, Answer::Empty(204), &[403]),
    op("post", "/v1/account/sign-out-everywhere/", "End all sessions", Auth::Session, &[], Send::Nothing, Answer::Empty(204), &[403]),
    op("post", "/v1/account/password/", "Set another password", Auth::Session, &[], Send::Json("PasswordChange"), Answer::Empty(204), &[400, 403]),
    op("post", "/v1/account/password-reset/", "Ask for a code to set another password", Auth::None, &[], Send::Json("Email"), Answer::Empty(202), &[400, 403]),
    op("post", "/v1/account/password-reset/confirm/", "Set another password by a code", Auth::None, &[], Send::Json("Confirmation"), Answer::Empty(204), &[400, 403]),
    op("get", "/v1/account/tokens/", "The API tokens of the account", Auth::Session, &[], Send::Nothing, Answer::Json(200, "TokenList"), &[]),
    op("post", "/v1/account/tokens/", "Make an API token", Auth::Session, &[], Send::Json("NewToken"), Answer::Json(201, "Token"), &[400, 403]),
    op("get", "/v1/account/tokens/{id}/", "A token with the token itself", Auth::Session, &[], Send::Nothing, Answer::Json(200, "Token"), &[404]),
    op("delete", "/v1/account/tokens/{id}/", "Revoke a token", Auth::Session, &[], Send::Nothing, Answer::Empty(204), &[403, 404]),
    op("post", "/v1/account/claim/", "Make an anonymous job the account's", Auth::Account, &[], Send::Json("Claim"), Answer::Empty(204), &[400, 403, 404]),
    op("get", "/v1/account/export/", "All that is kept of the account", Auth::Session, &[], Send::Nothing, Answer::Json(200, "Object"), &[]),
    op("post", "/v1/account/checkout/", "Buy a pack of credits", Auth::Session, &[], Send::Json("Purchase"), Answer::Json(200, "CheckoutAddress"), &[400, 403, 404, 502]),
    op("get", "/v1/account/payments/", "What can be bought, and the account's payments", Auth::Account, &[], Send::Nothing, Answer::Json(200, "PaymentList"), &[]),
    op("get", "/v1/account/webhooks/", "Where the account is told of the end of its jobs", Auth::Account, &[], Send::Nothing, Answer::Json(200, "Webhook"), &[]),
    op("put", "/v1/account/webhooks/", "Set where the account is told; the first answer has the secret", Auth::Session, &[], Send::Json("WebhookAddress"), Answer::Json(200, "Webhook"), &[400, 403]),
    op("delete", "/v1/account/webhooks/", "Remove the webhook with its secret and its log", Auth::Session, &[], Send::Nothing, Answer::Empty(204), &[403, 404]),
    op("post", "/v1/account/webhooks/secret/", "Replace the secret", Auth::Session, &[], Send::Nothing, Answer::Json(200, "Webhook"), &[403, 404]),
    op("get", "/v1/account/webhooks/deliveries/", "The log of messages", Auth::Account, &[("status", "pending, delivered or failed"), CURSOR, LIMIT], Send::Nothing, Answer::Json(200, "DeliveryList"), &[400]),
    op("post", "/v1/account/webhooks/deliveries/{id}/redeliver/", "Send a message again", Auth::Account, &[], Send::Nothing, Answer::Empty(202), &[403, 404]),
    op("get", "/v1/account/oidc/start/", "Sign in at the configured provider", Auth::None, &[], Send::Nothing, Answer::Redirect, &[404]),
    op("get", "/v1/account/oidc/callback/", "Back from the provider", Auth::None, &[("code", "The provider's"), ("state", "Ours"), ("error", "Why not")], Send::Nothing, Answer::Redirect, &[400, 404]),
    op("post", "/v1/payment/stripe/", "An event of Stripe, signed by it", Auth::None, &[], Send::Json("Object"), Answer::Empty(204), &[400, 404, 409]),
    op("get", "/v1/admin/users/", "Accounts", Auth::Admin, &[("search", "Part of an address, or an id"), CURSOR, LIMIT], Send::Nothing, Answer::Json(200, "AdminUserList"), &[400]),
    op("get", "/v1/admin/users/{id}/", "An account with what it has", Auth::Admin, &[], Send::Nothing, Answer::Json(200, "AdminUser"), &[]),
    op("post", "/v1/admin/users/{id}/grant/", "Add credits to an account", Auth::Admin, &[], Send::Json("Grant"), Answer::Json(200, "Balance"), &[400]),
    op("post", "/v1/admin/users/{id}/plan/", "Change the plan of an account", Auth::Admin, &[], Send::Json("Booking"), Answer::Empty(204), &[400]),
    op("post", "/v1/admin/users/{id}/disable/", "Shut an account", Auth::Admin, &[], Send::Nothing, Answer::Empty(204), &[409]),
    op("post", "/v1/admin/users/{id}/enable/", "Open an account again", Auth::Admin, &[], Send::Nothing, Answer::Empty(204), &[]),
    op("get", "/v1/admin/jobs/", "Jobs of everybody", Auth::Admin,
        &[("account", "Only of this account"), ("status", "pending, processing, done, failed, deleted or expired"), ("failed", "true: only with pages that failed"), CURSOR, LIMIT],
        Send::Nothing, Answer::Json(200, "AdminJobList"), &[400]),
    op("delete", "/v1/admin/jobs/{id}/", "Cancel a job and delete its content", Auth::Admin, &[], Send::Nothing, Answer::Empty(204), &[]),
    op("get", "/v1/admin/queue/", "How many pages wait, and for how long", Auth::Admin, &[], Send::Nothing, Answer::Json(200, "Queue"), &[]),
    op("get", "/v1/admin/failures/", "The newest pages that could not be read", Auth::Admin, &[], Send::Nothing, Answer::Json(200, "Failures"), &[]),
    op("get", "/v1/admin/audit/", "Who changed what", Auth::Admin, &[("account", "Only by or of this account"), ("action", "Only this action, such as credits.granted"), CURSOR, LIMIT], Send::Nothing, Answer::Json(200, "AuditLog"), &[400]),
];

#[expect(
    clippy::too_many_arguments,
    reason = "the columns of the table above, each of its own type"
)]
const fn op(
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    auth: Auth,
    query: &'static [(&'static str, &'static str)],
    send: Send,
    answer: Answer,
    errors: &'static [u16],
) -> Operation {
    Operation {
        method,
        path,
        summary,
        auth,
        query,
        send,
        answer,
        errors,
    }
}

/// The document.
///
/// # Errors
/// Never, as a test makes sure.
pub async fn openapi() -> Result<impl IntoResponse, ApiError> {
    let body = document().map_err(ApiError::internal)?.to_string();
    Ok(([(header::CONTENT_TYPE, "application/json")], body))
}

/// The API in OpenAPI 3.1.
///
/// # Errors
/// Never, as a test makes sure.
pub fn document() -> serde_json::Result<Value> {
    let schemas: Value = serde_json::from_str(include_str!("schemas.json"))?;
    let mut paths = Map::new();
    for operation in &OPERATIONS {
        let path = format!("/api{}", operation.path);
        let item = paths.entry(path).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(operation.method.to_owned(), operation.describe());
        }
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "OCR.chat",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Every address works with and without the final slash. Pages of an answer count from 0.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "query": {"type": "apiKey", "in": "query", "name": "api_token", "description": "Under /api/v1/ocr and /api/v1/chat alone."},
                "session": {"type": "apiKey", "in": "cookie", "name": "ocr_session", "description": "__Host-ocr_session behind HTTPS."}
            }
        }
    }))
}

impl Operation {
    fn describe(&self) -> Value {
        let mut parameters: Vec<Value> = ["uuid", "id"]
            .into_iter()
            .filter(|name| self.path.contains(&format!("{{{name}}}")))
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
            .collect();
        parameters.extend(self.query.iter().map(|(name, description)| {
            json!({"name": name, "in": "query", "description": description, "schema": {"type": "string"}})
        }));
        if matches!(self.send, Send::Form(_)) {
            parameters.push(json!({"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 255}}));
        }
        let mut described = json!({
            "summary": self.summary,
            "tags": [self.tag()],
            "parameters": parameters,
            "security": self.security(),
            "responses": self.responses(),
        });
        let (media_type, schema) = match self.send {
            Send::Nothing => return described,
            Send::Form(schema) => ("multipart/form-data", schema),
            Send::Json(schema) => ("application/json", schema),
        };
        described["requestBody"] = json!({
            "required": true,
            "content": {media_type: {"schema": reference(schema)}}
        });
        described
    }

    /// What it is about: `ocr`, `account`, `admin` ...; the reference is ordered by it.
    fn tag(&self) -> &'static str {
        let mut segments = self.path.split('/').filter(|segment| !segment.is_empty());
        let first = segments.next().unwrap_or_default();
        if first == "v1" {
            segments.next().unwrap_or_default()
        } else {
            "openapi"
        }
    }

    fn security(&self) -> Value {
        let query = self.path.starts_with("/v1/ocr") || self.path.starts_with("/v1/chat");
        match self.auth {
            Auth::None => json!([]),
            Auth::Optional => json!([{}, {"token": []}, {"query": []}, {"session": []}]),
            Auth::Account if query => json!([{"token": []}, {"query": []}, {"session": []}]),
            Auth::Account | Auth::Admin => json!([{"token": []}, {"session": []}]),
            Auth::Session => json!([{"session": []}]),
        }
    }

    fn responses(&self) -> Value {
        let mut responses = Map::new();
        let (status, answer) = match self.answer {
            Answer::Json(status, schema) => (
                status,
                json!({"description": "Done.", "content": {"application/json": {"schema": reference(schema)}}}),
            ),
            Answer::JsonOrCsv(schema) => (
                200,
                json!({"description": "Done.", "content": {
                    "application/json": {"schema": reference(schema)},
                    "text/csv": {"schema": {"type": "string"}}
                }}),
            ),
            Answer::Empty(status) => (status, json!({"description": "Done."})),
            Answer::Redirect => (
                303,
                json!({"description": "A page or the provider.", "headers": {"Location": {"schema": {"type": "string"}}}}),
            ),
            Answer::File => (
                200,
                json!({"description": "The file.", "content": {"*/*": {}}}),
            ),
            Answer::Events(schema) => {
                let ended = json!({"description": "The stream had come to its end: Last-Event-ID was end."});
                responses.insert("204".to_owned(), ended);
                (
                    200,
                    json!({
                        "description": "Events: state (the job with all pages, at once), page (a page whose status changed, with the counts), end (as state; the last one).",
                        "content": {"text/event-stream": {"schema": {"type": "string"}}},
                        "x-event-data": reference(schema)
                    }),
                )
            }
        };
        responses.insert(status.to_string(), answer);
        let known = matches!(self.auth, Auth::Account | Auth::Session).then_some(401);
        let hidden = matches!(self.auth, Auth::Admin).then_some(404);
        let errors = self.errors.iter().copied().chain(known).chain(hidden);
        for status in errors.chain([429, 500]) {
            let description = match status {
                400 => "A parameter or the file cannot be used.",
                401 => "The token is missing or wrong, or nobody is signed in.",
                402 => "The pages do not fit what may be used.",
                403 => "A page of another site asks, or the password is wrong.",
                404 => "There is no such thing, or it is somebody else's.",
                408 => "The upload stopped for too long.",
                409 => "Not done yet, or the Idempotency-Key came with another body.",
                410 => "The content is gone.",
                422 => "The job failed.",
                429 => "Too many requests; Retry-After says when.",
                502 => "The payment provider cannot be used now.",
                503 => "The server is busy; Retry-After says when.",
                _ => "Something went wrong on the server.",
            };
            let schema = reference("Error");
            let error = json!({"description": description, "content": {"application/json": {"schema": schema}}});
            responses.insert(status.to_string(), error);
        }
        Value::Object(responses)
    }
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}
