//! Identifiers, a type each.

use std::fmt;

use crate::hex;

/// The identifier of a job: 32 lower-case hexadecimal digits of a random (version 4) UUID.
///
/// It is the only key to a job that was sent without a token, so logs show [`JobId::short`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(String);

impl JobId {
    /// A new random identifier.
    ///
    /// # Errors
    /// When the operating system has no random numbers.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes)?;
        // The version and variant bits of RFC 9562.
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Ok(Self(hex::encode(&bytes)))
    }

    /// The identifier as a client writes it: 32 hexadecimal digits of either case, with or without hyphens.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 36 {
            return None;
        }
        let digits: String = text
            .chars()
            .filter(|c| *c != '-')
            .map(|c| c.to_ascii_lowercase())
            .collect();
        (digits.len() == 32 && digits.chars().all(|c| c.is_ascii_hexdigit()))
            .then_some(Self(digits))
    }

    /// All 32 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first eight digits: enough to find a job in the logs, not enough to open it.
    pub fn short(&self) -> &str {
        self.0.get(..8).unwrap_or_default()
    }

    /// The first twelve digits: what admins name a job by. It does not open it.
    pub fn beginning(&self) -> &str {
        self.0.get(..12).unwrap_or_default()
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The identifier of an API token in the database; not the token.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TokenId(pub String);

/// The identifier of a conversation: 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConversationId(pub String);

/// The identifier of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountId(pub String);

#[cfg(test)]
mod tests {
    use super::JobId;

    #[test]
    fn hyphens_and_capitals_are_accepted_and_nothing_else() {
        let id = JobId::parse("9F2C1B7E-4A00-4000-8000-0123456789AB").unwrap();
        assert_eq!(id.as_str(), "9f2c1b7e4a00400080000123456789ab");
        assert_eq!(id.short(), "9f2c1b7e");
        for wrong in [
            "",
            "9f2c",
            "zf2c1b7e4a00400080000123456789ab",
            "..%2f..%2fetc",
        ] {
            assert_eq!(JobId::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn random_identifiers_are_version_4_and_parse() {
        let id = JobId::random().unwrap();
        assert_eq!(JobId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(&id.as_str()[12..13], "4");
        assert_ne!(id, JobId::random().unwrap());
    }
}
