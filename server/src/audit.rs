//! Who does what: the words of the audit log. `db::audit` writes them in the transactions of what they record.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde_json::Value;

use crate::app::AppState;
use crate::db::metering::owner_of;
use crate::ids::{AccountId, JobId};

/// The id of a request, as `X-Request-Id` and the log carry it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

impl FromRequestParts<AppState> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        let id = parts.extensions.get::<Self>().cloned();
        Ok(id.unwrap_or_else(|| Self("unknown".to_owned())))
    }
}

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    name: String,
    request_id: Option<String>,
}

impl Actor {
    /// An account, by a request.
    pub fn account(id: &AccountId, request_id: &RequestId) -> Self {
        Self {
            name: owner_of(id),
            request_id: Some(request_id.0.clone()),
        }
    }

    /// Somebody who is not known, by a request.
    pub fn nobody(request_id: &RequestId) -> Self {
        Self {
            name: "nobody".to_owned(),
            request_id: Some(request_id.0.clone()),
        }
    }

    /// A payment provider, by a request of its.
    pub fn provider(name: &str, request_id: &RequestId) -> Self {
        Self {
            name: name.to_owned(),
            request_id: Some(request_id.0.clone()),
        }
    }

    /// Whoever runs `ocr-chat admin`.
    pub fn command_line() -> Self {
        Self {
            name: "command line".to_owned(),
            request_id: None,
        }
    }

    /// The server by itself.
    pub fn server() -> Self {
        Self {
            name: "server".to_owned(),
            request_id: None,
        }
    }

    /// Its name in the log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The request by which it acts.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Credits were added by an admin.
    CreditsGranted,
    /// Credits were bought.
    CreditsPurchased,
    /// What was paid is not what was ordered; nothing was granted.
    PaymentMismatch,
    /// A payment went back, and its credits with it.
    CreditsRefunded,
    /// Another plan.
    PlanChanged,
    /// An API token was made.
    TokenMade,
    /// An API token was revoked.
    TokenRevoked,
    /// A sign-in failed.
    SignInFailed,
    /// A password was replaced by its owner.
    PasswordChanged,
    /// A password was set by a code that was sent by e-mail.
    PasswordReset,
    /// An account was made by an admin.
    AccountMade,
    /// An account was deleted by its owner.
    AccountDeleted,
    /// An account was shut.
    AccountDisabled,
    /// An account was opened again.
    AccountEnabled,
    /// A job was deleted by an admin.
    JobDeleted,
    /// The webhook of an account was set, changed or removed, or its secret replaced.
    WebhookChanged,
    /// A way to sign in was bound to an account.
    IdentityLinked,
    /// Documents of an account may go to models elsewhere, or may not any more.
    ExternalModelsSet,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::CreditsGranted,
        Self::CreditsPurchased,
        Self::PaymentMismatch,
        Self::CreditsRefunded,
        Self::PlanChanged,
        Self::TokenMade,
        Self::TokenRevoked,
        Self::SignInFailed,
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::AccountMade,
        Self::AccountDeleted,
        Self::AccountDisabled,
        Self::AccountEnabled,
        Self::JobDeleted,
        Self::WebhookChanged,
        Self::IdentityLinked,
        Self::ExternalModelsSet,
    ];

    /// Its name in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreditsGranted => "credits.granted",
            Self::CreditsPurchased => "credits.purchased",
            Self::PaymentMismatch => "payment.mismatch",
            Self::CreditsRefunded => "credits.refunded",
            Self::PlanChanged => "plan.changed",
            Self::TokenMade => "token.made",
            Self::TokenRevoked => "token.revoked",
            Self::SignInFailed => "sign_in.failed",
            Self::PasswordChanged => "password.changed",
            Self::PasswordReset => "password.reset",
            Self::AccountMade => "account.made",
            Self::AccountDeleted => "account.deleted",
            Self::AccountDisabled => "account.disabled",
            Self::AccountEnabled => "account.enabled",
            Self::JobDeleted => "job.deleted",
            Self::WebhookChanged => "webhook.changed",
            Self::IdentityLinked => "identity.linked",
            Self::ExternalModelsSet => "external_models.set",
        }
    }
}

/// Something that was done.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    /// By whom.
    pub actor: &'a Actor,
    /// What.
    pub action: Action,
    /// To whom, see [`of_account`] and [`of_job`].
    pub subject: Option<String>,
    /// Figures and names; nothing of a document and no address.
    pub detail: Option<Value>,
}

/// An account as a subject.
pub fn of_account(id: &AccountId) -> Option<String> {
    Some(owner_of(id))
}

/// A job as a subject: the beginning of its uuid, which does not open it.
pub fn of_job(id: &JobId) -> Option<String> {
    Some(format!("job:{}", id.beginning()))
}
