//! Names nobody can guess.

use base64ct::{Base64UrlUnpadded, Encoding as _};

/// 144 random bits in 24 URL-safe characters.
pub(crate) fn token() -> String {
    Base64UrlUnpadded::encode_string(&rand::random::<[u8; 18]>())
}

/// A device identity as autopush gives them: 32 hexadecimal digits.
pub(crate) fn user_agent_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// An Android identity, as Chromium wants one: not zero, and positive in 64 bits.
pub(crate) fn android_id() -> u64 {
    (rand::random::<u64>() >> 4) | (1 << 61)
}
