//! Hexadecimal digits and hashes.

use sha2::{Digest, Sha256};

/// `bytes` as lower-case hexadecimal digits.
pub fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// The bytes of hexadecimal digits of either case; `None` for anything else.
pub fn decode(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let value = |digit: &u8| char::from(*digit).to_digit(16);
    digits
        .as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(value(high)? * 16 + value(low)?).ok(),
            _ => None,
        })
        .collect()
}

/// `n_bytes` random bytes as hexadecimal digits.
///
/// # Errors
/// When the operating system has no random numbers.
pub fn random(n_bytes: usize) -> Result<String, getrandom::Error> {
    let mut bytes = vec![0_u8; n_bytes];
    getrandom::fill(&mut bytes)?;
    Ok(encode(&bytes))
}

/// SHA-256 of `bytes` as hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    encode(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    #[test]
    fn digits_are_read_as_they_are_written() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(super::decode(&super::encode(&bytes)), Some(bytes));
        assert_eq!(super::decode("Ff"), Some(vec![255]));
        for wrong in ["f", "fg", "ü", "+1"] {
            assert_eq!(super::decode(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sha256_of_the_standard_example() {
        assert_eq!(
            super::sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
