//! The application server's public key.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};

/// The public key that a subscription is bound to: `applicationServerKey` of the page, `k` of the sender.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct ApplicationServerKey(VerifyingKey);

impl ApplicationServerKey {
    /// Reads base64url, with or without padding: Firefox pads, Chromium and senders do not.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = Base64UrlUnpadded::decode_vec(text.trim_end_matches('=')).ok()?;
        // The uncompressed form is the only one that RFC 8292 knows.
        if bytes.len() != 65 {
            return None;
        }
        VerifyingKey::from_sec1_bytes(&bytes).ok().map(Self)
    }

    /// Whether `signature` (64 bytes, r and s) is this key's ES256 signature of `message`.
    pub(crate) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }
}

impl From<ApplicationServerKey> for String {
    fn from(key: ApplicationServerKey) -> Self {
        Base64UrlUnpadded::encode_string(key.0.to_encoded_point(false).as_bytes())
    }
}

impl TryFrom<String> for ApplicationServerKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("no P-256 public key in base64url")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 8292, section 2.4.
    const KEY: &str = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";

    #[test]
    fn padding_makes_no_difference() {
        let plain = ApplicationServerKey::parse(KEY).unwrap();
        let padded = ApplicationServerKey::parse(&format!("{KEY}=")).unwrap();
        assert_eq!(plain, padded);
        assert_eq!(String::from(plain), KEY);
    }

    #[test]
    fn refuses_what_is_no_point() {
        for text in ["", "745476177629", &KEY[1..], &format!("BB{}", &KEY[2..])] {
            assert_eq!(ApplicationServerKey::parse(text), None, "{text}");
        }
    }
}
