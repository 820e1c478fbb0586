//! Who looks at a page, and what it has around it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use ocr_chat_pages::{Frame, Notice, Visitor};

use crate::app::AppState;
use crate::db::accounts::Account;
use crate::error::ApiError;
use crate::pages::go_to;
use crate::web::session::{self, SignedIn};

/// What pages have around them for `visitor`.
pub(super) async fn frame(state: &AppState, visitor: Visitor) -> Frame {
    let app = state.config.web_dir.join("index.html");
    // Without the web app the pages work, in the browser's own style.
    let html = tokio::fs::read_to_string(app).await.unwrap_or_default();
    let icon = links(&html, "icon").pop();
    Frame::new(links(&html, "stylesheet"), icon, visitor)
}

/// Somebody who opens a page or sends a form.
pub(super) struct Visit {
    /// Who is signed in.
    pub(super) account: Option<Account>,
    /// What the page has around it.
    pub(super) frame: Frame,
}

impl FromRequestParts<AppState> for Visit {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let account = session::account(state, &parts.headers).await?;
        let visitor = account
            .as_ref()
            .map_or(Visitor::Anybody, |account| Visitor::SignedIn {
                is_admin: account.is_admin,
            });
        let frame = frame(state, visitor).await;
        Ok(Self { account, frame })
    }
}

impl Visit {
    /// With what became of the last form.
    pub(super) fn told(mut self, notice: Notice) -> Frame {
        self.frame.notice = Some(notice);
        self.frame
    }
}

/// The account of a form that only its owner can send; anybody else is asked to sign in.
pub(super) struct Mine(pub(super) SignedIn);

impl FromRequestParts<AppState> for Mine {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        match SignedIn::from_request_parts(parts, state).await {
            Ok(who) => Ok(Self(who)),
            Err(error) if error.status == StatusCode::UNAUTHORIZED => {
                Err(go_to("/sign-in", &HeaderMap::new()))
            }
            Err(error) => Err(error.into_response()),
        }
    }
}

/// What the address says of what was before this page: `?done=...`, `?payment=...`, `?error=...`.
pub(super) struct Done(Option<Notice>);

/// What was done, by what the address says of it.
const DONE: [(&str, &str); 13] = [
    ("done=granted", "The credits are granted."),
    ("done=plan", "The plan is set."),
    ("done=shut", "The account is shut."),
    ("done=opened", "The account is open again."),
    ("done=token", "The token is made."),
    ("done=settings", "Your choice is kept."),
    ("done=revoked", "The token is revoked."),
    ("done=password", "The password is changed."),
    ("done=reset", "The password is set. Sign in with it."),
    ("done=confirmed", "Your address is confirmed. Welcome."),
    (
        "done=deleted",
        "Your account and everything of yours is deleted.",
    ),
    (
        "payment=done",
        "Thank you. The credits are here as soon as the payment provider tells us of your payment.",
    ),
    ("payment=cancelled", "Nothing was paid."),
];

/// What was not.
const NOT_DONE: [(&str, &str); 5] = [
    (
        "error=oidc_unavailable",
        "The place where you sign in cannot be reached now. Try again later, or sign in here.",
    ),
    (
        "error=oidc_expired",
        "That took too long, or was begun in another browser. Try again.",
    ),
    ("error=oidc_denied", "You were not signed in there."),
    (
        "error=account_disabled",
        "The account was shut. Ask the operator of this server.",
    ),
    (
        "error=oidc_failed",
        "Signing in there did not work. Try again.",
    ),
];

impl<S: Sync> FromRequestParts<S> for Done {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        let text = |texts: &[(&str, &str)]| {
            let named = |pair: &str| texts.iter().find(|(known, _)| *known == pair);
            let (_, text) = query.split('&').find_map(named)?;
            Some((*text).to_owned())
        };
        let done = text(&DONE).map(Notice::Done);
        Ok(Self(done.or_else(|| text(&NOT_DONE).map(Notice::Problem))))
    }
}

impl Done {
    /// As a notice of the page.
    pub(super) fn notice(self) -> Option<Notice> {
        self.0
    }
}

/// The addresses of the `link` elements of a kind in the app's page, whose files have names with hashes.
fn links(html: &str, rel: &str) -> Vec<String> {
    let rel = format!("rel=\"{rel}\"");
    html.split("<link ")
        .skip(1)
        .filter_map(|rest| rest.split_once('>').map(|(tag, _)| tag))
        .filter(|tag| tag.contains(&rel))
        .filter_map(|tag| tag.split_once("href=\"")?.1.split_once('"'))
        .map(|(href, _)| href.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::links;

    #[test]
    fn style_sheets_are_those_of_the_app_in_their_order() {
        let html = "<link rel=\"icon\" href=\"/favicon-1.svg\" type=\"image/svg+xml\"/>\
                    <link rel=\"stylesheet\" href=\"/tokens-e5.css\" integrity=\"sha384-x\"/>\
                    <link rel=\"stylesheet\" href=\"/base-51.css\"><link rel=\"stylesheet\"";
        assert_eq!(
            links(html, "stylesheet"),
            ["/tokens-e5.css", "/base-51.css"]
        );
        assert_eq!(links(html, "icon"), ["/favicon-1.svg"]);
        assert!(links("", "stylesheet").is_empty());
    }
}
