//! base64url without padding (RFC 4648 section 5): how the Push API writes keys, secrets and endpoints' tokens.
//!
//! Written here because it is compiled into WASM, where a general crate costs two to three times as much.

use alloc::{string::String, vec::Vec};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Encodes bytes as base64url without padding.
///
/// # Example
///
/// ```
/// assert_eq!(tidings_core::base64url::encode(&[0xfb, 0xff]), "-_8");
/// ```
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, &byte| word << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for index in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(word >> (18 - 6 * index)) as usize & 63]));
        }
    }
    text
}

/// Decodes base64url without padding.
///
/// Strict, as the Push API is: padding, the `+` and `/` of plain base64, white space, an impossible length and set bits
/// after the last byte are all refused.
///
/// # Example
///
/// ```
/// use tidings_core::base64url::decode;
///
/// assert_eq!(decode("-_8"), Some(vec![0xfb, 0xff]));
/// assert_eq!(decode("+/8="), None);
/// ```
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = alloc::vec![0; text.len() * 3 / 4];
    decode_into(text, &mut bytes)?;
    Some(bytes)
}

/// Decodes into memory that is there, as [`decode`] does; how many bytes the text has. What `bytes` has no room for is left
/// out.
///
/// # Example
///
/// ```
/// let mut bytes = [0; 1];
/// assert_eq!(tidings_core::base64url::decode_into("-_8", &mut bytes), Some(2));
/// assert_eq!(bytes, [0xfb]);
/// ```
pub fn decode_into(text: &str, bytes: &mut [u8]) -> Option<usize> {
    let mut length = 0;
    let mut word = 0u32;
    let mut bits = 0u32;
    for byte in text.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        word = word << 6 | u32::from(digit);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            if let Some(place) = bytes.get_mut(length) {
                *place = (word >> bits) as u8;
            }
            length += 1;
            word &= (1 << bits) - 1;
        }
    }
    // Six bits left over are a lone digit; others must be zero, or two texts would mean the same bytes.
    (bits < 6 && word == 0).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn knows_the_vectors_of_rfc_4648() {
        for (bytes, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
        }
    }

    #[test]
    fn refuses_what_is_not_exactly_base64url() {
        for text in ["Z", "Zg==", "Zh", "Zm9", "Zm9v ", "Zm+v", "Zm/v", "Zm9v\n", "Zmé"] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn decodes_what_it_encodes(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }

        #[test]
        fn each_text_it_accepts_is_the_one_it_would_write(text in "[A-Za-z0-9_=+/-]{0,12}") {
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
