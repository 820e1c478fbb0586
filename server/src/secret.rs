//! The server's key: tokens are looked up by a hash under it and kept encrypted under it, and IP addresses become hashes.
//!
//! Several keys may be set, to change the key without a break: the first is used for what is written, all for what is read.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::hex;

/// Fewest characters of a key: as hexadecimal digits, 128 random bits.
const MIN_KEY_CHARS: usize = 32;

/// Bytes of a nonce of XChaCha20-Poly1305: long enough to be drawn at random.
const NONCE_BYTES: usize = 24;

/// Why there is no server key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// A key is too short to be one.
    #[error(
        "a server key has {MIN_KEY_CHARS} characters or more; `openssl rand -hex 32` makes one"
    )]
    TooShort,
    /// There is none.
    #[error("there is no server key")]
    None,
    /// The key file failed.
    #[error("the key file: {0}")]
    Io(#[from] std::io::Error),
    /// No random numbers.
    #[error("random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// What a keyed hash is for: hashes of one purpose say nothing about another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Finding an API token.
    Token,
    /// An IP address on a day.
    Address,
    /// A cookie session.
    Session,
    /// A code sent by e-mail.
    MailCode,
    /// An Idempotency-Key.
    Idempotency,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Token => b"token",
            Self::Address => b"address",
            Self::Session => b"session",
            Self::MailCode => b"mail code",
            Self::Idempotency => b"idempotency",
        }
    }
}

/// The server's keys, the current one first.
#[derive(Clone)]
pub struct SecretKeys(Arc<[Key]>);

#[derive(Clone)]
struct Key {
    /// Names the key in the database; says nothing about it.
    id: String,
    bytes: [u8; 32],
}

impl Key {
    fn new(text: &str) -> Result<Self, SecretError> {
        if text.chars().count() < MIN_KEY_CHARS {
            return Err(SecretError::TooShort);
        }
        let bytes: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let mut key = Self {
            id: String::new(),
            bytes,
        };
        key.id = hex::encode(key.mac(b"id", &[]).get(..4).unwrap_or_default());
        Ok(key)
    }

    /// HMAC-SHA-256 of `label`, a zero byte and `message`.
    fn mac(&self, label: &[u8], message: &[u8]) -> [u8; 32] {
        // A block of SHA-256: HMAC fills a shorter key with zeros.
        let mut block = [0_u8; 64];
        for (byte, key) in block.iter_mut().zip(self.bytes) {
            *byte = key;
        }
        let mut mac = <Hmac<Sha256> as Mac>::new(&block.into());
        mac.update(label);
        mac.update(&[0]);
        mac.update(message);
        mac.finalize().into_bytes().into()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.mac(b"encryption", &[]).into())
    }
}

impl SecretKeys {
    /// The keys of `list`, separated by commas or white space.
    ///
    /// # Errors
    /// [`SecretError::TooShort`], or [`SecretError::None`] for an empty list.
    pub fn parse(list: &str) -> Result<Self, SecretError> {
        let keys: Vec<Key> = list
            .split([',', ' ', '\t', '\r', '\n'])
            .filter(|key| !key.is_empty())
            .map(Key::new)
            .collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err(SecretError::None);
        }
        Ok(Self(keys.into()))
    }

    /// What the keys are called, the current one first. A name says nothing about its key.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|key| key.id.as_str())
    }

    /// The keys of the file at `path`, which is made with a random key, for this user alone, when it is not there.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn of_file(path: &Path) -> Result<Self, SecretError> {
        match std::fs::read_to_string(path) {
            Ok(list) => Self::parse(&list),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = hex::random(32)?;
                let mut options = std::fs::OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let mut file = options.open(path)?;
                file.write_all(key.as_bytes())?;
                file.sync_all()?;
                Self::parse(&key)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn current(&self) -> Option<&Key> {
        self.0.first()
    }

    /// The hash of `message` under the current key, with the key's id in front.
    pub fn hash(&self, purpose: Purpose, message: &[u8]) -> String {
        self.current()
            .map(|key| hash_under(key, purpose, message))
            .unwrap_or_default()
    }

    /// The hashes of `message` under all keys, the current one's first.
    pub fn hashes(&self, purpose: Purpose, message: &[u8]) -> Vec<String> {
        self.0
            .iter()
            .map(|key| hash_under(key, purpose, message))
            .collect()
    }

    /// `secret` encrypted under the current key (XChaCha20-Poly1305): the key's id, nonce and ciphertext. It opens only
    /// together with the same `context`, so that it cannot be moved to another row.
    ///
    /// # Errors
    /// When the operating system has no random numbers.
    pub fn seal(&self, secret: &str, context: &str) -> Result<String, getrandom::Error> {
        let mut nonce = [0_u8; NONCE_BYTES];
        getrandom::fill(&mut nonce)?;
        let payload = Payload {
            msg: secret.as_bytes(),
            aad: context.as_bytes(),
        };
        let sealed = self.current().and_then(|key| {
            let ciphertext = key.cipher().encrypt(&XNonce::from(nonce), payload).ok()?;
            Some(format!(
                "{}:{}{}",
                key.id,
                hex::encode(&nonce),
                hex::encode(&ciphertext)
            ))
        });
        // Encryption of a short text cannot fail, and a list of keys is never empty.
        Ok(sealed.unwrap_or_default())
    }

    /// What [`SecretKeys::seal`] encrypted; `None` under a key that is not set any more, for another `context`, or when changed.
    pub fn open(&self, sealed: &str, context: &str) -> Option<String> {
        let (id, digits) = sealed.split_once(':')?;
        let key = self.0.iter().find(|key| key.id == id)?;
        let bytes = hex::decode(digits)?;
        let (nonce, ciphertext) = bytes.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let payload = Payload {
            msg: ciphertext,
            aad: context.as_bytes(),
        };
        let secret = key.cipher().decrypt(&XNonce::from(nonce), payload).ok()?;
        String::from_utf8(secret).ok()
    }
}

fn hash_under(key: &Key, purpose: Purpose, message: &[u8]) -> String {
    format!(
        "{}:{}",
        key.id,
        hex::encode(&key.mac(purpose.label(), message))
    )
}

impl std::fmt::Debug for SecretKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<&str> = self.0.iter().map(|key| key.id.as_str()).collect();
        f.debug_tuple("SecretKeys").field(&ids).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "0123456789abcdef0123456789abcdef";
    const NEW: &str = "fedcba9876543210fedcba9876543210";

    #[test]
    fn what_was_sealed_opens_again_and_nowhere_else() {
        let keys = SecretKeys::parse(OLD).unwrap();
        let sealed = keys.seal("ocr_secret", "token 1").unwrap();
        assert!(!sealed.contains("ocr_secret"));
        assert_eq!(keys.open(&sealed, "token 1").as_deref(), Some("ocr_secret"));
        assert_eq!(keys.open(&sealed, "token 2"), None);
        let mut changed = sealed.clone();
        changed.pop();
        changed.push(if sealed.ends_with('0') { '1' } else { '0' });
        assert_eq!(keys.open(&changed, "token 1"), None);
        assert_ne!(
            sealed,
            keys.seal("ocr_secret", "token 1").unwrap(),
            "random nonces"
        );
        for wrong in ["", ":", "x:00", "no colon"] {
            assert_eq!(keys.open(wrong, ""), None);
        }
    }

    #[test]
    fn a_new_key_is_written_with_and_the_old_one_still_read() {
        let old = SecretKeys::parse(OLD).unwrap();
        let sealed = old.seal("ocr_secret", "").unwrap();
        let both = SecretKeys::parse(&format!("{NEW}, {OLD}\n")).unwrap();
        assert_eq!(both.open(&sealed, "").as_deref(), Some("ocr_secret"));
        let hashes = both.hashes(Purpose::Token, b"t");
        assert_eq!(hashes.len(), 2);
        assert_eq!(hashes[0], both.hash(Purpose::Token, b"t"));
        assert_eq!(hashes[1], old.hash(Purpose::Token, b"t"));
        let new = SecretKeys::parse(NEW).unwrap();
        assert_eq!(new.open(&sealed, ""), None, "the old key was taken away");
    }

    #[test]
    fn hashes_of_one_purpose_are_not_those_of_another() {
        let keys = SecretKeys::parse(OLD).unwrap();
        assert_ne!(
            keys.hash(Purpose::Token, b"x"),
            keys.hash(Purpose::Session, b"x")
        );
        assert!(matches!(
            SecretKeys::parse("short"),
            Err(SecretError::TooShort)
        ));
        assert!(matches!(SecretKeys::parse(" , "), Err(SecretError::None)));
        assert!(!format!("{keys:?}").contains(OLD));
    }
}
