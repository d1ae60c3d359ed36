//! Signed tokens for push services: a JWT in the `Authorization` header.

use std::{
    collections::HashMap,
    fmt,
    sync::Mutex,
    time::{Duration, SystemTime},
};

use serde::Serialize;
use tidings_core::base64url;

use super::VapidKey;

/// How long a token is good for; RFC 8292 section 2 allows 24 hours, minus what the clocks differ.
pub const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// A token is replaced when less than this is left.
const MARGIN: Duration = Duration::from_secs(60 * 60);

/// How many push services are remembered; there are about five.
const CAPACITY: usize = 256;

/// Makes the `Authorization` header, and signs only once for each push service and half day.
///
/// # Example
///
/// ```
/// use std::time::SystemTime;
/// use tidings_server::vapid::{Tokens, VapidKey};
///
/// let tokens = Tokens::new(VapidKey::generate(), "mailto:push@example.com".into());
/// let header = tokens.authorization("https://push.example.net", SystemTime::now());
/// assert!(header.starts_with("vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9."));
/// ```
pub struct Tokens {
    key: VapidKey,
    subject: String,
    cache: Mutex<HashMap<String, Token>>,
}

struct Token {
    header: String,
    expires: SystemTime,
}

/// In the order of the example in RFC 8292 section 2.4.
#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: u64,
    sub: &'a str,
}

impl Tokens {
    /// Tokens signed with this key, for senders whom the subject, a `mailto:` or `https:` URL, tells how to reach.
    pub fn new(key: VapidKey, subject: String) -> Self {
        Self { key, subject, cache: Mutex::default() }
    }

    /// The key that signs.
    pub fn key(&self) -> &VapidKey {
        &self.key
    }

    /// The value of `Authorization` for the push service with this origin (RFC 8292 section 3).
    pub fn authorization(&self, audience: &str, now: SystemTime) -> String {
        // A panic while the lock was held cannot have left half an entry: the map is only written by `insert`.
        let mut cache = self.cache.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(token) = cache.get(audience)
            && token.expires > now + MARGIN
            && token.expires <= now + LIFETIME
        {
            return token.header.clone();
        }
        let expires = now + LIFETIME;
        let header = self.sign(audience, expires);
        if cache.len() >= CAPACITY {
            cache.clear();
        }
        cache.insert(audience.to_owned(), Token { header: header.clone(), expires });
        header
    }

    fn sign(&self, audience: &str, expires: SystemTime) -> String {
        let input = signing_input(audience, expires, &self.subject);
        let signature = base64url::encode(&self.key.sign(input.as_bytes()));
        format!("vapid t={input}.{signature}, k={}", self.key.public_key())
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("key", &self.key).field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// Header and claims of the token: what is signed (RFC 7515 section 7.1).
fn signing_input(audience: &str, expires: SystemTime, subject: &str) -> String {
    let expires = expires.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let claims = Claims { aud: audience, exp: expires, sub: subject };
    let claims = serde_json::to_vec(&claims).expect("strings and a number have a JSON form");
    format!("{}.{}", base64url::encode(br#"{"typ":"JWT","alg":"ES256"}"#), base64url::encode(&claims))
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier};

    /// The example of RFC 8292 section 2.4.
    const RFC: &str = "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiO\
        jE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojF\
        wDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, \
        k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";

    fn verify(header: &str) -> bool {
        let (token, key) = header.strip_prefix("vapid t=").expect("vapid").split_once(", k=").expect("two parts");
        let (input, signature) = token.rsplit_once('.').expect("three parts");
        let decode = |text| base64url::decode(text).expect("base64url");
        let key = VerifyingKey::from_sec1_bytes(&decode(key)).expect("a public key");
        let signature = Signature::from_slice(&decode(signature)).expect("a signature");
        key.verify(input.as_bytes(), &signature).is_ok()
    }

    fn seconds(count: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(count)
    }

    fn tokens() -> Tokens {
        Tokens::new(VapidKey::generate(), "mailto:push@example.com".into())
    }

    #[test]
    fn writes_and_verifies_the_token_of_rfc_8292() {
        assert!(verify(RFC));
        let input = signing_input("https://push.example.net", seconds(1_453_523_768), "mailto:push@example.com");
        assert!(RFC.starts_with(&format!("vapid t={input}.")), "byte for byte");
        let ours = tokens().sign("https://push.example.net", seconds(1_453_523_768));
        assert!(verify(&ours));
        assert!(ours.starts_with(&format!("vapid t={input}.")));
        assert!(!verify(&ours.replacen("eyJhdWQi", "eyJhdWQj", 1)), "another claim is another signature");
    }

    #[test]
    fn signs_once_until_near_the_end() {
        let tokens = tokens();
        let start = seconds(1_700_000_000);
        let hours = |count: u64| start + Duration::from_secs(count * 3600);
        let first = tokens.authorization("https://a.example", start);
        assert_eq!(tokens.authorization("https://a.example", hours(10)), first);
        assert_ne!(tokens.authorization("https://b.example", hours(10)), first);
        assert_ne!(tokens.authorization("https://a.example", hours(11)), first);
        let later = tokens.authorization("https://a.example", hours(11));
        assert_ne!(tokens.authorization("https://a.example", start), later, "a clock set back makes no token too long");
    }

    #[test]
    fn remembers_a_bounded_number_of_services() {
        let tokens = tokens();
        for index in 0..2 * CAPACITY {
            tokens.authorization(&format!("https://{index}.example"), seconds(1_700_000_000));
        }
        assert!(tokens.cache.lock().expect("no panic").len() <= CAPACITY);
    }
}
