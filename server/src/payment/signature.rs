//! Stripe's signatures of webhooks: `Stripe-Signature: t=SECONDS,v1=HEX[,v1=HEX]`, an HMAC-SHA-256 of `SECONDS.BODY` under the secret of
//! the endpoint (docs.stripe.com/webhooks, "Verify webhook signatures manually").

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::hex;

/// How far the time of a signature may be from now: 5 minutes, in seconds, as in Stripe's own libraries.
const TOLERANCE_S: i64 = 5 * 60;

/// Whether `header` signs `body` under one of `secrets` at about `now_s` (unix seconds). Signatures are compared in constant time.
pub(crate) fn is_valid(header: &str, body: &[u8], secrets: &[String], now_s: i64) -> bool {
    let (mut time, mut signatures) = (None, Vec::new());
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", seconds)) => time = seconds.parse::<i64>().ok(),
            Some(("v1", digits)) => signatures.extend(hex::decode(digits)),
            // Other schemes are not ours to judge.
            _ => {}
        }
    }
    let Some(time) = time.filter(|time| now_s.abs_diff(*time) <= TOLERANCE_S.unsigned_abs()) else {
        return false;
    };
    secrets.iter().any(|secret| {
        let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()) else {
            return false;
        };
        mac.update(time.to_string().as_bytes());
        mac.update(b".");
        mac.update(body);
        let is_it = |signature: &Vec<u8>| mac.clone().verify_slice(signature).is_ok();
        signatures.iter().any(is_it)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(secret: &str, time: i64, body: &str) -> String {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{time}.{body}").as_bytes());
        hex::encode(&mac.finalize().into_bytes())
    }

    #[test]
    fn a_signature_holds_for_its_body_its_time_and_one_of_the_secrets() {
        let secrets = ["whsec_new".to_owned(), "whsec_old".to_owned()];
        let now = 1_700_000_000;
        for secret in &secrets {
            let good = sign(secret, now, "{}");
            let header = format!("t={now},v1={good},v0=aa");
            assert!(is_valid(&header, b"{}", &secrets, now + 300));
            assert!(is_valid(&header, b"{}", &secrets, now - 300));
            assert!(!is_valid(&header, b"{}", &secrets, now + 301), "old");
            assert!(
                !is_valid(&header, b"{}", &secrets, now - 301),
                "of the future"
            );
            assert!(!is_valid(&header, b"{ }", &secrets, now), "another body");
            assert!(!is_valid(&header, b"{}", &secrets[..0], now));
            let two = format!("t={now},v1={},v1={good}", "0".repeat(64));
            assert!(is_valid(&two, b"{}", &secrets, now), "one of several");
            let moved = format!("t={},v1={good}", now + 1);
            assert!(
                !is_valid(&moved, b"{}", &secrets, now),
                "the time is signed"
            );
            let short = format!("t={now},v1={}", &good[..62]);
            assert!(!is_valid(&short, b"{}", &secrets, now));
        }
        let other = sign("whsec_other", now, "{}");
        let old_scheme = sign("whsec_new", now, "{}");
        for wrong in [
            format!("t={now},v1={other}"),
            format!("t={now},v0={old_scheme}"),
            format!("t={now}"),
            format!("v1={old_scheme}"),
            format!("t=x,v1={old_scheme}"),
            String::new(),
        ] {
            assert!(!is_valid(&wrong, b"{}", &secrets, now), "{wrong}");
        }
    }
}
