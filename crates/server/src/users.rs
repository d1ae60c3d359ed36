//! Who is asking: how the server learns the user of a request.

use std::{fmt, sync::Arc};

use axum::http::HeaderMap;

/// Says from a request's headers which user sends it.
///
/// The server binds a device to a user only if this says so. Behind a gateway that has checked a token, it may read the
/// gateway's header; on its own it verifies a JWT or a session cookie.
///
/// # Example
///
/// ```
/// use tidings_server::{Config, users::Authenticate};
///
/// let mut config = Config::new("./data");
/// config.authenticate = Some(Authenticate::new(|headers| {
///     let token = headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")?;
///     verify(token) // the `sub` of a valid JWT
/// }));
/// # fn verify(token: &str) -> Option<String> { (token == "good").then(|| "ada".into()) }
/// ```
#[derive(Clone)]
pub struct Authenticate(Arc<Check>);

type Check = dyn Fn(&HeaderMap) -> Option<String> + Send + Sync;

impl Authenticate {
    /// From a function that must answer at once.
    pub fn new(check: impl Fn(&HeaderMap) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(check))
    }

    /// The user of a request with these headers.
    ///
    /// # Example
    ///
    /// ```
    /// use axum::http::HeaderMap;
    /// use tidings_server::users::Authenticate;
    ///
    /// let gateway = Authenticate::new(|headers| Some(headers.get("x-user")?.to_str().ok()?.to_owned()));
    /// let mut headers = HeaderMap::new();
    /// assert_eq!(gateway.user(&headers), None);
    /// headers.insert("x-user", "ada".parse().unwrap());
    /// assert_eq!(gateway.user(&headers).as_deref(), Some("ada"));
    /// ```
    pub fn user(&self, headers: &HeaderMap) -> Option<String> {
        (self.0)(headers)
    }
}

impl fmt::Debug for Authenticate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authenticate(…)")
    }
}
