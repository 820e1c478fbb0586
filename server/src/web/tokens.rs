//! API tokens: made, found, shown.

use crate::app::AppState;
use crate::db::tokens::{NewToken, Token, new_id};
use crate::error::ApiError;
use crate::hex;
use crate::ids::{AccountId, TokenId};
use crate::secret::{Purpose, SecretKeys};

/// Bound to a sealed token, so that it opens in its own row only.
fn context(id: &TokenId) -> String {
    format!("api token {}", id.0)
}

/// A new token for an account, to be stored, and the token itself: `ocr_` and 48 hexadecimal digits (192 random bits).
///
/// # Errors
/// When the operating system has no random numbers.
pub fn make(
    secrets: &SecretKeys,
    account: AccountId,
    name: &str,
    spending_cap: Option<i64>,
) -> Result<(NewToken, String), getrandom::Error> {
    let token = format!("ocr_{}", hex::random(24)?);
    let id = new_id()?;
    let new = NewToken {
        lookup: secrets.hash(Purpose::Token, token.as_bytes()),
        sealed: secrets.seal(&token, &context(&id))?,
        id,
        account,
        name: name.to_owned(),
        spending_cap,
    };
    Ok((new, token))
}

/// The token itself; `None` where only its hash is kept, or the server key it was encrypted under is not set any more.
pub fn shown(secrets: &SecretKeys, token: &Token) -> Option<String> {
    secrets.open(token.sealed.as_deref()?, &context(&token.id))
}

/// The stored token that `token` is, and its use written down.
///
/// # Errors
/// 401 when it is none of ours or was revoked.
pub(super) async fn find(state: &AppState, token: &str) -> Result<Token, ApiError> {
    let mut lookups = state.secrets.hashes(Purpose::Token, token.as_bytes());
    let current = lookups.first().cloned().unwrap_or_default();
    // Of a token from before there was a server key.
    lookups.push(format!("sha256:{}", hex::sha256(token.as_bytes())));
    for lookup in lookups {
        let Some(found) = state.db.find_token(&lookup).await? else {
            continue;
        };
        if lookup != current {
            let sealed = state.secrets.seal(token, &context(&found.id))?;
            state.db.reseal_token(&found.id, &current, &sealed).await?;
        }
        state.db.touch_token(&found).await?;
        return Ok(found);
    }
    Err(ApiError::wrong_token())
}
