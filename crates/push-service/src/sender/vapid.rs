//! Whether a sender is the application server that the page subscribed to (RFC 8292).

use std::time::{SystemTime, UNIX_EPOCH};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::refusal::Refusal;
use crate::key::ApplicationServerKey;
use crate::mailbox::Channel;

const LONGEST_LIFE: f64 = 24.0 * 60.0 * 60.0;
/// For clocks that do not agree.
const SLACK: f64 = 60.0;

/// Why a sender is not the one.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum VapidError {
    #[error("this subscription needs a VAPID signature: send `Authorization: vapid t=<JWT>, k=<public key>`")]
    Missing,
    #[error("cannot read the Authorization header: send `Authorization: vapid t=<JWT>, k=<public key>` (RFC 8292)")]
    Scheme,
    #[error(
        "the public key is not an uncompressed P-256 point in base64url: send the 65 bytes of the VAPID public key as k"
    )]
    Key,
    #[error("cannot read the VAPID token ({0}): it must be a JWT signed with ES256 whose claims are aud, exp and sub")]
    Token(&'static str),
    #[error(
        "the VAPID key is not the one the page subscribed with: sign with that key pair, or subscribe again with this one"
    )]
    OtherKey,
    #[error("the signature of the VAPID token is wrong: sign with the private half of k")]
    Signature,
    #[error("the VAPID token has expired: sign a new one, and check the clock of the sender")]
    Expired,
    #[error("the VAPID token lives too long: exp must be at most 24 hours ahead")]
    TooLong,
    #[error("the VAPID token is for {found}: aud must be the origin of the endpoint, {expected}")]
    Audience { found: String, expected: String },
    #[error("the VAPID token has no usable sub: it must be a mailto: or https: URL where the sender can be reached")]
    Subject,
}

impl From<VapidError> for Refusal {
    fn from(error: VapidError) -> Self {
        let status = match error {
            VapidError::Missing | VapidError::Scheme | VapidError::Key | VapidError::Token(_) => {
                StatusCode::UNAUTHORIZED
            }
            _ => StatusCode::FORBIDDEN,
        };
        Self::new(status, 109, error.to_string())
    }
}

/// A token and the key it claims to be signed with.
struct Credentials<'a> {
    token: &'a str,
    key: &'a str,
}

#[derive(Deserialize)]
struct JwtHeader {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    aud: Option<String>,
    exp: Option<f64>,
    sub: Option<String>,
}

/// Checks a sender. A channel without a key takes unsigned messages, but no badly signed ones.
pub(crate) fn check(headers: &HeaderMap, channel: &Channel, now: SystemTime) -> Result<(), VapidError> {
    let Some(credentials) = credentials(headers)? else {
        return match channel.key {
            Some(_) => Err(VapidError::Missing),
            None => Ok(()),
        };
    };
    let key = ApplicationServerKey::parse(credentials.key).ok_or(VapidError::Key)?;
    let (signed, signature) = credentials.token.rsplit_once('.').ok_or(VapidError::Token("not three parts"))?;
    let (header, claims) = signed.split_once('.').ok_or(VapidError::Token("not three parts"))?;
    let header: JwtHeader = json(header).ok_or(VapidError::Token("header"))?;
    let claims: Claims = json(claims).ok_or(VapidError::Token("claims"))?;
    let signature =
        Base64UrlUnpadded::decode_vec(signature).map_err(|_| VapidError::Token("signature is not base64url"))?;
    if header.alg != "ES256" {
        return Err(VapidError::Token("alg is not ES256"));
    }
    if channel.key.as_ref().is_some_and(|expected| *expected != key) {
        return Err(VapidError::OtherKey);
    }
    if !key.signed(signed.as_bytes(), &signature) {
        return Err(VapidError::Signature);
    }
    claims.check(channel, now)
}

impl Claims {
    fn check(self, channel: &Channel, now: SystemTime) -> Result<(), VapidError> {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let exp = self.exp.ok_or(VapidError::Token("no exp"))?;
        if exp <= now {
            return Err(VapidError::Expired);
        }
        if exp > now + LONGEST_LIFE + SLACK {
            return Err(VapidError::TooLong);
        }
        let found = self.aud.ok_or(VapidError::Token("no aud"))?;
        if !channel.audiences.contains(&found) {
            return Err(VapidError::Audience { found, expected: channel.audiences.join(" or ") });
        }
        let subject = self.sub.unwrap_or_default();
        if !(subject.starts_with("mailto:") || subject.starts_with("https:")) {
            return Err(VapidError::Subject);
        }
        Ok(())
    }
}

/// Reads the Authorization header: the scheme of RFC 8292, or the older one with the key in `Crypto-Key`.
fn credentials(headers: &HeaderMap) -> Result<Option<Credentials<'_>>, VapidError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let value = value.to_str().map_err(|_| VapidError::Scheme)?;
    let (scheme, rest) = value.trim().split_once(' ').ok_or(VapidError::Scheme)?;
    let (token, key) = if scheme.eq_ignore_ascii_case("vapid") {
        (parameter(rest, "t"), parameter(rest, "k"))
    } else if ["webpush", "bearer"].contains(&scheme.to_ascii_lowercase().as_str()) {
        let key = headers
            .get("crypto-key")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| parameter(value, "p256ecdsa"));
        (Some(rest.trim()), key)
    } else {
        return Err(VapidError::Scheme);
    };
    match (token, key) {
        (Some(token), Some(key)) => Ok(Some(Credentials { token, key })),
        _ => Err(VapidError::Scheme),
    }
}

/// One of `name=value` pairs between commas or semicolons, without quotes.
fn parameter<'a>(list: &'a str, name: &str) -> Option<&'a str> {
    list.split([',', ';']).find_map(|pair| {
        let (found, value) = pair.split_once('=')?;
        (found.trim() == name).then(|| value.trim().trim_matches('"'))
    })
}

fn json<T: DeserializeOwned>(part: &str) -> Option<T> {
    let bytes = Base64UrlUnpadded::decode_vec(part).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests;
