//! Secrets and signatures of Standard Webhooks: `whsec_` and base64, `v1,` and the base64 of an HMAC-SHA-256 of `ID.SECONDS.BODY`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::ids::AccountId;

/// Bytes of a secret: between the 24 and 64 of the specification.
const SECRET_BYTES: usize = 32;

const PREFIX: &str = "whsec_";

/// A new secret.
///
/// # Errors
/// When the operating system has no random numbers.
pub fn new() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; SECRET_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

/// Bound to a sealed secret, so that it opens in its own row only.
pub fn context(account: &AccountId) -> String {
    format!("webhook secret {}", account.0)
}

/// The signature of a message under `secret`; `None` for what is no secret.
pub fn sign(secret: &str, id: &str, seconds: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body.as_bytes());
    Some(format!(
        "v1,{}",
        STANDARD.encode(mac.finalize().into_bytes())
    ))
}

#[cfg(test)]
mod tests {
    use super::{new, sign};

    /// The example of the specification's own libraries.
    #[test]
    fn the_standard_s_example_is_signed_as_it_says() {
        let signed = sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signed.as_deref(), Some(expected));
        assert_eq!(sign("MfKQ9r8G", "m", 1, ""), None);
        assert_eq!(new().unwrap().len(), "whsec_".len() + 44);
    }
}
