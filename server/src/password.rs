//! Passwords: argon2id with the parameters of its authors' crate (19 MiB, 2 passes), which OWASP recommends.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use tokio::sync::Semaphore;

use crate::error::ApiError;

/// Fewest characters of a password.
const MIN_CHARS: usize = 10;

/// Longest password, in bytes: hashing takes longer with its length.
const MAX_BYTES: usize = 256;

/// Hashes made at the same time: each needs 19 MiB and a core for tens of milliseconds.
const MAX_AT_ONCE: usize = 2;

/// Hashes and checks passwords, a few at a time, off the async threads.
#[derive(Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// Checked in place of the hash of an account that is not there, so that both take as long.
    nobody: Arc<str>,
}

impl Passwords {
    /// Ready to hash.
    ///
    /// # Errors
    /// When the operating system has no random numbers.
    pub fn new() -> Result<Self, getrandom::Error> {
        let nobody = hash(&crate::hex::random(16)?)?;
        Ok(Self {
            permits: Arc::new(Semaphore::new(MAX_AT_ONCE)),
            nobody: nobody.into(),
        })
    }

    /// Whether a new password can be used.
    ///
    /// # Errors
    /// 400 `weak_password` or `invalid_parameter`.
    pub fn check(password: &str) -> Result<(), ApiError> {
        if password.chars().count() < MIN_CHARS {
            return Err(ApiError::bad_request(
                "weak_password",
                format!("A password has {MIN_CHARS} characters or more."),
            ));
        }
        if password.len() > MAX_BYTES {
            return Err(ApiError::invalid_parameter(
                "password",
                format_args!("it has {MAX_BYTES} bytes or fewer."),
            ));
        }
        Ok(())
    }

    /// The hash of a password, in the PHC string format.
    ///
    /// # Errors
    /// Only when the process has no memory, threads or random numbers left.
    pub async fn hash(&self, password: String) -> Result<String, ApiError> {
        let _permit = self.permits.acquire().await.map_err(ApiError::internal)?;
        let hashed = tokio::task::spawn_blocking(move || hash(&password)).await;
        Ok(hashed.map_err(ApiError::internal)??)
    }

    /// Whether `password` is the one of `stored`; takes as long without one.
    ///
    /// # Errors
    /// Only when the process has no memory or threads left.
    pub async fn verify(&self, password: String, stored: Option<&str>) -> Result<bool, ApiError> {
        // Nobody has a longer one, and nobody should make the server hash it.
        if password.len() > MAX_BYTES {
            return Ok(false);
        }
        let _permit = self.permits.acquire().await.map_err(ApiError::internal)?;
        let is_known = stored.is_some();
        let stored = stored.unwrap_or(&self.nobody).to_owned();
        let verified = tokio::task::spawn_blocking(move || {
            let stored = PasswordHash::new(&stored).ok();
            stored.is_some_and(|stored| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &stored)
                    .is_ok()
            })
        });
        Ok(verified.await.map_err(ApiError::internal)? && is_known)
    }
}

fn hash(password: &str) -> Result<String, getrandom::Error> {
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt)?;
    let hashed = SaltString::encode_b64(&salt).and_then(|salt| {
        let hash = Argon2::default().hash_password(password.as_bytes(), &salt)?;
        Ok(hash.to_string())
    });
    // Neither a salt of 16 bytes nor a short password can fail; no password verifies against an empty hash.
    Ok(hashed.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_itself_is_right_and_only_where_there_is_one() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let right = async |password: &str, stored: Option<&str>| {
            passwords.verify(password.to_owned(), stored).await.unwrap()
        };
        assert!(right("correct horse", Some(&hash)).await);
        assert!(!right("correct horses", Some(&hash)).await);
        assert!(!right("correct horse", None).await);
        assert!(!right("", Some("")).await, "an empty hash fits nothing");
        assert_ne!(
            hash,
            passwords.hash("correct horse".to_owned()).await.unwrap()
        );
        assert_eq!(
            Passwords::check("too short").unwrap_err().code,
            "weak_password"
        );
        assert!(Passwords::check(&"x".repeat(257)).is_err());
    }
}
