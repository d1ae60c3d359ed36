//! One POST to a push service, and what its answer means.

use std::time::{Duration, Instant, SystemTime};

use reqwest::{
    Method, Request, Response, StatusCode,
    header::{
        AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER,
    },
};

use crate::{
    config::{Config, LocalPushService},
    connections::Connections,
    encrypt::{TooLong, encrypt_padded},
    endpoint::Route,
    error::StartError,
    push::Push,
    subscription::Subscription,
    vapid::{KeyRing, Tokens, VapidKey},
};

/// How long one send may take, if nothing else is said.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// The longest wait that a push service is believed, as by the back-off: a mistake of its must not end all sending, nor
/// a wait overflow a clock.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// How much of a refusal's text is kept.
const MAX_TEXT: usize = 500;

/// Encrypts, signs and posts messages; keeps connections and tokens.
///
/// One connection for each push service that speaks HTTP/2, and as many as there are requests at once for others.
#[derive(Debug)]
pub struct Sender {
    keys: KeyRing,
    /// To the internet. The error, if this machine trusts no certificates at all, concerns only who sends there.
    public: Result<Connections, String>,
    /// To the local push service, if there is one.
    local: Option<Connections>,
    timeout: Duration,
}

/// A push service took a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its status: 201 by RFC 8030, or another that means the same.
    pub push_service: u16,
    /// The URL of the message at the push service, if it told one.
    pub location: Option<String>,
    /// How long it took to answer, from the first byte to it.
    pub took: Duration,
}

/// Why a push service did not take a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The subscription has ended, for good: 404 or 410.
    #[error("the subscription is gone ({0}): the browser must subscribe again")]
    Gone(u16),
    /// The message is too large: 413.
    #[error("the push service says that the message is too large: shorten it")]
    TooLarge,
    /// The message is too long to be encrypted.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// The key that the subscription was made with is not there any more.
    #[error("the VAPID key of the subscription was retired: the browser must subscribe again")]
    Key,
    /// The push service refuses, and would again: 400, 401, 403 and whatever else it should not answer.
    #[error("the push service refused ({status}): {text}")]
    Refused {
        /// Its status.
        status: u16,
        /// What it wrote, shortened.
        text: String,
    },
    /// The push service wants fewer messages: 429.
    #[error("the push service wants fewer messages: send again {}", match .retry_after {
        Some(wait) => format!("after {} s", wait.as_secs()),
        None => "later".into(),
    })]
    Busy {
        /// For how long it wants none.
        retry_after: Option<Duration>,
    },
    /// The push service is down, or cannot be reached: 5xx or no answer.
    #[error("the push service is not available ({reason}): send again later")]
    Unavailable {
        /// What happened.
        reason: String,
        /// When to send again, if it says so.
        retry_after: Option<Duration>,
    },
}

impl SendError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Gone(_) => "subscription-gone",
            Self::TooLarge | Self::TooLong(_) => "payload-too-large",
            Self::Key => "key-retired",
            Self::Refused { .. } => "push-service-refused",
            Self::Busy { .. } => "push-service-busy",
            Self::Unavailable { .. } => "push-service-unavailable",
        }
    }

    /// How long to wait before the next try, if the push service says so; a day at most.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after } | Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl Sender {
    /// A sender that signs with this key, in the name of this contact.
    ///
    /// TLS is done by rustls with ring, unless the process has chosen another provider.
    ///
    /// # Errors
    ///
    /// [`StartError::LocalPushService`] if its certificate is none.
    pub fn new(key: VapidKey, contact: String, local: Option<&LocalPushService>) -> Result<Self, StartError> {
        let mut config = Config::new("");
        config.local_push_service = local.cloned();
        Self::with_keys(KeyRing::of(key, contact), &config)
    }

    /// A sender that signs for each subscription with the key that it was made with. Of the settings it follows those for the
    /// local push service, the proxy, how names are looked up, and how long a send may take.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new), and [`StartError::Proxy`].
    pub fn with_keys(keys: KeyRing, config: &Config) -> Result<Self, StartError> {
        // An error says that the application has chosen already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let public = Connections::public(config.lookup.clone(), config.proxy.as_ref()).map_err(|error| {
            tracing::warn!(?error, "no TLS to real push services; install the package ca-certificates");
            "this machine trusts no TLS certificates; install the package ca-certificates".to_owned()
        });
        let local = config.local_push_service.as_ref().map(Connections::local).transpose()?;
        Ok(Self { keys, public, local, timeout: config.send_timeout })
    }

    /// The current key: new subscriptions are made with it.
    pub fn key(&self) -> VapidKey {
        self.keys.current().key().clone()
    }

    /// All keys.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Sends one message to one subscription that was made with the current key, once.
    ///
    /// Redirects are not followed: an answer that is one is a refusal.
    ///
    /// # Errors
    ///
    /// [`SendError`], by the push service's answer.
    pub async fn send(&self, subscription: &Subscription, push: &Push) -> Result<Sent, SendError> {
        self.post(subscription, push, &self.keys.current(), self.timeout).await
    }

    /// The same for a stored subscription, which was made with the key of this version; without one, with the oldest.
    ///
    /// # Errors
    ///
    /// [`SendError`], by the push service's answer, or because the key is gone, or this took too long.
    pub async fn send_with(
        &self,
        subscription: &Subscription,
        push: &Push,
        key_version: Option<&str>,
        timeout: Duration,
    ) -> Result<Sent, SendError> {
        let tokens = self.keys.get(key_version).ok_or(SendError::Key)?;
        self.post(subscription, push, &tokens, timeout).await
    }

    async fn post(
        &self,
        subscription: &Subscription,
        push: &Push,
        tokens: &Tokens,
        timeout: Duration,
    ) -> Result<Sent, SendError> {
        let endpoint = subscription.endpoint();
        let connections = match endpoint.route() {
            Route::Public => self.public.as_ref().map_err(|reason| unavailable(reason.clone()))?,
            Route::Local => {
                self.local.as_ref().ok_or_else(|| unavailable("no local push service is configured".into()))?
            }
        };
        let origin = endpoint.audience();
        let mut request = Request::new(Method::POST, endpoint.url().clone());
        let headers = request.headers_mut();
        for (name, value) in push.headers() {
            headers.insert(name, header(value)?);
        }
        headers.insert(AUTHORIZATION, header(tokens.authorization(&origin, SystemTime::now()))?);
        if let Some(payload) = push.payload() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("aes128gcm"));
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
            let body = encrypt_padded(payload, push.padded_length(), subscription.keys())?;
            *request.body_mut() = Some(body.into());
        } else {
            // hyper leaves this out for an empty body, and a server may then answer 411.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let began = Instant::now();
        let response = connections.send(&origin, request, timeout).await.map_err(unavailable)?;
        outcome(response, began.elapsed()).await
    }
}

/// The contact and the topic were checked, so that there is no error.
fn header(value: String) -> Result<HeaderValue, SendError> {
    HeaderValue::try_from(value).map_err(|error| unavailable(error.to_string()))
}

/// What an answer means (RFC 8030 sections 5, 7.3 and 8.4, and what the real services do).
async fn outcome(response: Response, took: Duration) -> Result<Sent, SendError> {
    let status = response.status();
    match status.as_u16() {
        200..=202 => {
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
            Ok(Sent { push_service: status.as_u16(), location, took })
        }
        404 | 410 => Err(SendError::Gone(status.as_u16())),
        413 => Err(SendError::TooLarge),
        429 => Err(SendError::Busy { retry_after: retry_after(response.headers()) }),
        500.. => {
            Err(SendError::Unavailable { reason: status.to_string(), retry_after: retry_after(response.headers()) })
        }
        code => Err(SendError::Refused { status: code, text: refusal(status, response).await }),
    }
}

async fn refusal(status: StatusCode, mut response: Response) -> String {
    if status.is_redirection() {
        return "it redirects, and redirects are not followed".into();
    }
    let mut bytes = Vec::new();
    // A body that breaks off is still worth showing.
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk[..chunk.len().min(4 * MAX_TEXT - bytes.len())]);
        if bytes.len() >= 4 * MAX_TEXT {
            break;
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    let text: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_TEXT).collect();
    if text.is_empty() { "without a word".into() } else { text }
}

/// `Retry-After` in seconds or as a date (RFC 9110 section 10.2.3), a [day](LONGEST_WAIT) at most.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds are a long time, not nonsense.
        value.parse().map_or(LONGEST_WAIT, Duration::from_secs)
    } else {
        let date = httpdate::parse_http_date(value).ok()?;
        date.duration_since(SystemTime::now()).unwrap_or_default()
    };
    Some(wait.min(LONGEST_WAIT))
}

fn unavailable(reason: String) -> SendError {
    SendError::Unavailable { reason, retry_after: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_a_day_at_most() {
        let wait = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().expect("a header"));
            retry_after(&headers)
        };
        for (value, expected) in [
            ("0", Some(0)),
            (" 17 ", Some(17)),
            ("86399", Some(86_399)),
            ("86401", Some(86_400)),
            ("9223372036854775807", Some(86_400)),
            ("18446744073709551615", Some(86_400)),
            ("99999999999999999999999", Some(86_400)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(86_400)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("", None),
            ("+5", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            let wait = wait(value);
            assert_eq!(wait, expected.map(Duration::from_secs), "{value}");
            // What is done with it: neither clock overflows.
            let wait = wait.unwrap_or_default();
            assert!(Instant::now().checked_add(wait).is_some() && SystemTime::now().checked_add(wait).is_some());
        }
    }
}
