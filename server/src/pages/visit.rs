//! Who looks at a page, and what it has around it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use ocr_chat_i18n::{tr, within};
use ocr_chat_pages::{Frame, Here, Notice, Visitor};

use crate::app::AppState;
use crate::db::accounts::Account;
use crate::error::ApiError;
use crate::pages::go_to;
use crate::web::locale;
use crate::web::session::{self, SignedIn};

/// Where the page of a request is.
pub(super) fn here(state: &AppState, uri: &Uri, extensions: &Extensions) -> Here {
    Here {
        locale: locale::of(extensions),
        path: uri.path().trim_end_matches('/').to_owned(),
        base_url: state.config.public_url(),
    }
}

/// What the page at `here` has around it for `visitor`.
pub(super) async fn frame(state: &AppState, here: Here, visitor: Visitor) -> Frame {
    let app = state.config.web_dir.join("index.html");
    // Without the web app the pages work, in the browser's own style.
    let html = tokio::fs::read_to_string(app).await.unwrap_or_default();
    let icon = links(&html, "icon").pop();
    Frame::new(here, links(&html, "stylesheet"), icon, visitor)
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
        let here = here(state, &parts.uri, &parts.extensions);
        let frame = frame(state, here, visitor).await;
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

/// What was done, or was not, by what the address says of it; in the language that is being written.
fn told(pair: &str) -> Option<Notice> {
    let done = match pair {
        "done=granted" => tr!(account.done_granted),
        "done=plan" => tr!(account.done_plan),
        "done=shut" => tr!(account.done_shut),
        "done=opened" => tr!(account.done_opened),
        "done=token" => tr!(account.done_token),
        "done=settings" => tr!(account.done_settings),
        "done=revoked" => tr!(account.done_revoked),
        "done=password" => tr!(account.done_password),
        "done=reset" => tr!(account.done_reset),
        "done=confirmed" => tr!(account.done_confirmed),
        "done=deleted" => tr!(account.done_deleted),
        "payment=done" => tr!(account.done_paid),
        "payment=cancelled" => tr!(account.done_unpaid),
        _ => return failed(pair),
    };
    Some(Notice::Done(done.to_owned()))
}

fn failed(pair: &str) -> Option<Notice> {
    let failed = match pair {
        "error=oidc_unavailable" => tr!(account.failed_oidc_unavailable),
        "error=oidc_expired" => tr!(account.failed_oidc_expired),
        "error=oidc_denied" => tr!(account.failed_oidc_denied),
        "error=account_disabled" => tr!(account.failed_account_disabled),
        "error=oidc_failed" => tr!(account.failed_oidc),
        _ => return None,
    };
    Some(Notice::Problem(failed.to_owned()))
}

impl<S: Sync> FromRequestParts<S> for Done {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        let notice = within(locale::of(&parts.extensions), || {
            query.split('&').find_map(told)
        });
        Ok(Self(notice))
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
