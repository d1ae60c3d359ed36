//! The `applicationServerKey`: the public half of the pair that signs messages (VAPID, RFC 8292 section 3.2).
//!
//! Every browser checks it in its own order and with its own error. Checked here first, a wrong key is one and the same
//! error everywhere, and no permission prompt is wasted on it.

use alloc::{string::String, vec::Vec};
use core::fmt;

use crate::base64url;

/// The length in bytes of an uncompressed P-256 point: `0x04`, x, y.
///
/// See the example of [`ApplicationServerKey`].
pub const LENGTH: usize = 65;

/// An `applicationServerKey` of the right form: 65 bytes, the first of them `0x04`.
///
/// Whether the point lies on the curve is left to the browser and to the server.
///
/// # Example
///
/// ```
/// use tidings_core::key::{ApplicationServerKey, InvalidKey, LENGTH};
///
/// let text = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
/// let key: ApplicationServerKey = text.parse()?;
/// assert_eq!(key.to_base64url(), text);
/// assert_eq!(key.as_bytes().len(), LENGTH);
/// assert_eq!(ApplicationServerKey::from_bytes(vec![0; LENGTH]), Err(InvalidKey::Form));
/// assert_eq!("BA1H".parse::<ApplicationServerKey>(), Err(InvalidKey::Length(3)));
/// # Ok::<(), InvalidKey>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationServerKey(Vec<u8>);

/// Why something is no `applicationServerKey`.
///
/// See the example of [`ApplicationServerKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidKey {
    /// The text is not base64url without padding.
    Encoding,
    /// The key has this many bytes, not 65.
    Length(usize),
    /// The key does not start with `0x04`, so it is no uncompressed point.
    Form,
}

impl ApplicationServerKey {
    /// Checks the bytes of a key.
    ///
    /// See the example of [`ApplicationServerKey`].
    ///
    /// # Errors
    ///
    /// [`InvalidKey`] if the length or the first byte is wrong.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, InvalidKey> {
        if bytes.len() != LENGTH {
            Err(InvalidKey::Length(bytes.len()))
        } else if bytes[0] != 4 {
            Err(InvalidKey::Form)
        } else {
            Ok(Self(bytes))
        }
    }

    /// The 65 bytes of the key.
    ///
    /// See the example of [`ApplicationServerKey`].
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key as base64url without padding.
    ///
    /// See the example of [`ApplicationServerKey`].
    pub fn to_base64url(&self) -> String {
        base64url::encode(&self.0)
    }
}

/// Whether this text is a key, without memory for its bytes.
///
/// # Example
///
/// ```
/// use tidings_core::key::is_key;
///
/// assert!(is_key("BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"));
/// assert!(!is_key("BA1H"));
/// ```
pub fn is_key(text: &str) -> bool {
    let mut bytes = [0; LENGTH];
    base64url::decode_into(text, &mut bytes) == Some(LENGTH) && bytes[0] == 4
}

/// Whether this text is the key of these bytes.
///
/// # Example
///
/// ```
/// assert!(tidings_core::key::is_same("-_8", &[0xfb, 0xff]));
/// ```
pub fn is_same(text: &str, bytes: &[u8]) -> bool {
    let mut its = [0; LENGTH];
    base64url::decode_into(text, &mut its).and_then(|length| its.get(..length)) == Some(bytes)
}

impl core::str::FromStr for ApplicationServerKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        Self::from_bytes(base64url::decode(text).ok_or(InvalidKey::Encoding)?)
    }
}

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding => f.write_str("the applicationServerKey must be base64url without padding"),
            Self::Length(length) => {
                write!(f, "the applicationServerKey must have 65 bytes (87 characters of base64url), not {length}")
            }
            Self::Form => f.write_str(
                "the applicationServerKey must be an uncompressed P-256 public key, which starts with the byte 4; \
                 is it the private key?",
            ),
        }
    }
}

impl core::error::Error for InvalidKey {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn names_what_is_wrong_with_a_key() {
        let good = base64url::encode(&[4; LENGTH]);
        assert!(good.parse::<ApplicationServerKey>().is_ok());
        let mut compressed = vec![4; LENGTH];
        compressed[0] = 2;
        let cases = [
            (String::new(), InvalidKey::Length(0)),
            (good[..84].into(), InvalidKey::Length(63)),
            (base64url::encode(&[4; 32]), InvalidKey::Length(32)),
            (base64url::encode(&[4; 66]), InvalidKey::Length(66)),
            (base64url::encode(&compressed), InvalidKey::Form),
            (good.clone() + "=", InvalidKey::Encoding),
            (good.replacen('B', "+", 1), InvalidKey::Encoding),
            ("!@#$^&*".into(), InvalidKey::Encoding),
        ];
        for (text, why) in cases {
            assert_eq!(text.parse::<ApplicationServerKey>(), Err(why), "{text:?}");
            assert!(!is_key(&text), "{text:?}");
        }
        assert!(is_key(&good));
    }

    #[test]
    fn tells_a_key_from_others() {
        let key = base64url::encode(&[4; LENGTH]);
        assert!(is_same(&key, &[4; LENGTH]));
        let mut other = [4; LENGTH];
        other[64] = 5;
        for bytes in [&other[..], &[4; LENGTH - 1], &[4; LENGTH + 1], &[]] {
            assert!(!is_same(&key, bytes));
        }
        assert!(!is_same("=", &[]));
    }
}
