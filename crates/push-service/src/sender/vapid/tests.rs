use std::time::Duration;

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};

use super::*;

const NOW: u64 = 1_800_000_000;

struct Sender(SigningKey);

impl Sender {
    fn new(seed: u8) -> Self {
        Self(SigningKey::from_slice(&[seed; 32]).unwrap())
    }

    fn public(&self) -> String {
        let point = self.0.verifying_key().to_encoded_point(false);
        Base64UrlUnpadded::encode_string(point.as_bytes())
    }

    fn token(&self, header: Value, claims: Value) -> String {
        let encode = |value: Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let signature: Signature = self.0.sign(signed.as_bytes());
        let signature = Base64UrlUnpadded::encode_string(&signature.to_bytes());
        format!("{signed}.{signature}")
    }
}

fn good() -> Value {
    json!({"aud": "https://push.test", "exp": NOW + 3600, "sub": "mailto:a@push.test"})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims
}

fn channel(key: Option<&Sender>) -> Channel {
    Channel {
        key: key.map(|sender| ApplicationServerKey::parse(&sender.public()).unwrap()),
        audiences: vec!["https://push.test".to_owned()],
        ..Channel::default()
    }
}

fn checked(authorization: &str, channel: &Channel) -> Result<(), VapidError> {
    let mut headers = HeaderMap::new();
    if !authorization.is_empty() {
        headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
    }
    check(&headers, channel, UNIX_EPOCH + Duration::from_secs(NOW))
}

fn claims(claims: Value) -> Result<(), VapidError> {
    let sender = Sender::new(7);
    let token = sender.token(json!({"typ": "JWT", "alg": "ES256"}), claims);
    checked(&format!("vapid t={token}, k={}", sender.public()), &channel(Some(&sender)))
}

#[test]
fn accepts_the_subscribed_key() {
    assert_eq!(claims(good()), Ok(()));
    assert_eq!(claims(with("exp", json!(NOW + 24 * 3600 + 60))), Ok(()));
    assert_eq!(claims(with("sub", json!("https://push.test/contact"))), Ok(()));
}

#[test]
fn is_lenient_about_how_it_is_written() {
    let sender = Sender::new(7);
    let (token, key) = (sender.token(json!({"alg": "ES256"}), good()), sender.public());
    for authorization in [
        format!("vapid k={key},t={token}"),
        format!("VAPID t={token}, k={key}="),
        format!("vapid t=\"{token}\", k=\"{key}\""),
    ] {
        assert_eq!(checked(&authorization, &channel(Some(&sender))), Ok(()), "{authorization}");
    }
}

#[test]
fn accepts_the_older_scheme() {
    let sender = Sender::new(7);
    let token = sender.token(json!({"alg": "ES256"}), good());
    for scheme in ["WebPush", "Bearer"] {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, format!("{scheme} {token}").parse().unwrap());
        let now = UNIX_EPOCH + Duration::from_secs(NOW);
        let channel = channel(Some(&sender));
        assert_eq!(check(&headers, &channel, now), Err(VapidError::Scheme));
        let key = format!("dh=abc;p256ecdsa={}", sender.public());
        headers.insert("crypto-key", key.parse().unwrap());
        assert_eq!(check(&headers, &channel, now), Ok(()));
    }
}

#[test]
fn refuses_wrong_claims() {
    assert_eq!(claims(with("exp", json!(NOW))), Err(VapidError::Expired));
    assert_eq!(claims(with("exp", json!(NOW + 24 * 3600 + 61))), Err(VapidError::TooLong));
    assert_eq!(claims(with("exp", json!("soon"))), Err(VapidError::Token("claims")));
    assert_eq!(claims(with("exp", Value::Null)), Err(VapidError::Token("no exp")));
    assert_eq!(claims(with("aud", Value::Null)), Err(VapidError::Token("no aud")));
    let other = claims(with("aud", json!("https://push.test/path")));
    assert!(matches!(other, Err(VapidError::Audience { .. })));
    for sub in [Value::Null, json!(""), json!("a@push.test")] {
        assert_eq!(claims(with("sub", sub)), Err(VapidError::Subject));
    }
}

#[test]
fn refuses_other_keys_and_signatures() {
    let (ours, other) = (Sender::new(7), Sender::new(8));
    let header = json!({"alg": "ES256"});
    let token = other.token(header.clone(), good());
    let channel = channel(Some(&ours));
    let authorization = format!("vapid t={token}, k={}", other.public());
    assert_eq!(checked(&authorization, &channel), Err(VapidError::OtherKey));
    let authorization = format!("vapid t={token}, k={}", ours.public());
    assert_eq!(checked(&authorization, &channel), Err(VapidError::Signature));
    let none = ours.token(json!({"alg": "none"}), good());
    let authorization = format!("vapid t={none}, k={}", ours.public());
    assert_eq!(checked(&authorization, &channel), Err(VapidError::Token("alg is not ES256")));
}

#[test]
fn tells_missing_and_malformed_from_wrong() {
    let sender = Sender::new(7);
    let key = sender.public();
    let bound = channel(Some(&sender));
    let status = |authorization: &str| {
        let refusal = Refusal::from(checked(authorization, &bound).unwrap_err());
        refusal.status().as_u16()
    };
    for malformed in [
        "",
        "vapid",
        "vapid nothing",
        "Basic abc",
        &format!("vapid k={key}"),
        "vapid t=a.b.c, k=abc",
        &format!("vapid t=abc, k={key}"),
        &format!("vapid t=a.b, k={key}"),
        &format!("vapid t=a.b.c, k={key}"),
    ] {
        assert_eq!(status(malformed), 401, "{malformed}");
    }
    let other = Sender::new(8);
    let token = other.token(json!({"alg": "ES256"}), good());
    assert_eq!(status(&format!("vapid t={token}, k={}", other.public())), 403);
}

#[test]
fn without_a_key_unsigned_is_fine_and_badly_signed_is_not() {
    let sender = Sender::new(7);
    assert_eq!(checked("", &channel(None)), Ok(()));
    let token = sender.token(json!({"alg": "ES256"}), with("exp", json!(1)));
    let authorization = format!("vapid t={token}, k={}", sender.public());
    assert_eq!(checked(&authorization, &channel(None)), Err(VapidError::Expired));
}
