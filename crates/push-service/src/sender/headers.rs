//! The headers of a push request (RFC 8030, section 5; RFC 8188).

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};

use super::refusal::Refusal;
use crate::mailbox::{Payload, Post};

/// Four weeks, as at FCM. A sender that asks for more is told what it got in the `TTL` of the answer.
const LONGEST_TTL: u64 = 28 * 24 * 60 * 60;

/// What RFC 8030 allows in a topic: at most 32 characters of the base64url alphabet.
const LONGEST_TOPIC: usize = 32;

/// Reads what a sender asks for.
pub(crate) fn read(headers: &HeaderMap, body: Vec<u8>) -> Result<Post, Refusal> {
    let ttl = ttl(headers)?;
    urgency(headers)?;
    let topic = topic(headers)?;
    let payload = if body.is_empty() { None } else { Some(payload(headers, body)?) };
    Ok(Post { payload, ttl, topic })
}

fn ttl(headers: &HeaderMap) -> Result<Duration, Refusal> {
    let remedy = "send `TTL: <seconds>`, 0 for now or never";
    let Some(value) = headers.get("ttl") else {
        return Err(bad(111, format!("the TTL header is missing: {remedy}")));
    };
    let digits = value.as_bytes();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(bad(112, format!("the TTL header is not a number of seconds: {remedy}")));
    }
    // More digits than a number holds are still a very long time.
    let seconds = text(value).and_then(|digits| digits.parse().ok()).unwrap_or(u64::MAX);
    Ok(Duration::from_secs(seconds.min(LONGEST_TTL)))
}

fn urgency(headers: &HeaderMap) -> Result<(), Refusal> {
    match headers.get("urgency").map(|value| value.as_bytes()) {
        None | Some(b"very-low" | b"low" | b"normal" | b"high") => Ok(()),
        Some(_) => Err(bad(114, "the Urgency header must be very-low, low, normal or high")),
    }
}

fn topic(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get("topic") else {
        return Ok(None);
    };
    text(value)
        .filter(|topic| (1..=LONGEST_TOPIC).contains(&topic.len()))
        .filter(|topic| topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')))
        .map(|topic| Some(topic.to_owned()))
        .ok_or_else(|| bad(113, format!("the Topic header must be 1 to {LONGEST_TOPIC} characters of A-Z a-z 0-9 - _")))
}

fn payload(headers: &HeaderMap, body: Vec<u8>) -> Result<Payload, Refusal> {
    let encoding = headers.get(header::CONTENT_ENCODING).and_then(text);
    let value = |name| headers.get(name).and_then(text).map(str::to_owned);
    match encoding {
        Some("aes128gcm") => Ok(Payload { body, encoding: "aes128gcm".to_owned(), encryption: None, crypto_key: None }),
        Some("aesgcm") => {
            let (encryption, crypto_key) = (value("encryption"), value("crypto-key"));
            if encryption.is_none() || crypto_key.is_none() {
                return Err(bad(
                    110,
                    "aesgcm needs the headers Encryption and Crypto-Key: send them, or use aes128gcm",
                ));
            }
            Ok(Payload { body, encoding: "aesgcm".to_owned(), encryption, crypto_key })
        }
        _ => Err(bad(110, "a message with a body must be encrypted: send `Content-Encoding: aes128gcm` (RFC 8291)")),
    }
}

fn text(value: &http::HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

fn bad(errno: u16, message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, errno, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    fn status(pairs: &[(&'static str, &str)], body: &[u8]) -> u16 {
        match read(&headers(pairs), body.to_vec()) {
            Ok(_) => 201,
            Err(refusal) => refusal.status().as_u16(),
        }
    }

    #[test]
    fn ttl_must_be_seconds() {
        assert_eq!(status(&[], b""), 400);
        for bad in ["", "-1", "1.5", "+1", "soon", "1 2"] {
            assert_eq!(status(&[("ttl", bad)], b""), 400, "{bad}");
        }
        let ttl = |text| read(&headers(&[("ttl", text)]), Vec::new()).unwrap().ttl.as_secs();
        assert_eq!(ttl("0"), 0);
        assert_eq!(ttl("60"), 60);
        assert_eq!(ttl("99999999999999999999999"), LONGEST_TTL);
    }

    #[test]
    fn urgency_is_one_of_four() {
        for good in ["very-low", "low", "normal", "high"] {
            assert_eq!(status(&[("ttl", "1"), ("urgency", good)], b""), 201);
        }
        for bad in ["", "High", "very-high", "low,high"] {
            assert_eq!(status(&[("ttl", "1"), ("urgency", bad)], b""), 400, "{bad}");
        }
    }

    #[test]
    fn topic_is_short_and_url_safe() {
        let longest = "a".repeat(32);
        for good in ["a", "A-z_09", &longest] {
            assert_eq!(status(&[("ttl", "1"), ("topic", good)], b""), 201);
        }
        let long = "a".repeat(33);
        for bad in ["", "a b", "a=", "a+", &long] {
            assert_eq!(status(&[("ttl", "1"), ("topic", bad)], b""), 400, "{bad}");
        }
    }

    #[test]
    fn a_body_must_be_encrypted() {
        let ttl = ("ttl", "1");
        assert_eq!(status(&[ttl], b""), 201);
        assert_eq!(status(&[ttl], b"x"), 400);
        assert_eq!(status(&[ttl, ("content-encoding", "gzip")], b"x"), 400);
        assert_eq!(status(&[ttl, ("content-encoding", "aes128gcm")], b"x"), 201);
        let aesgcm = ("content-encoding", "aesgcm");
        assert_eq!(status(&[ttl, aesgcm], b"x"), 400);
        assert_eq!(status(&[ttl, aesgcm, ("encryption", "salt=a"), ("crypto-key", "dh=a")], b"x"), 201);
    }
}
