//! The stable codes of every error that a page can see.

use core::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $message:literal;)+) => {
        /// What went wrong, as a code that never changes and a sentence that names the remedy.
        ///
        /// # Example
        ///
        /// ```
        /// use tidings_core::error::Code;
        ///
        /// assert_eq!(Code::PermissionDenied.as_str(), "permission-denied");
        /// assert_eq!(Code::PrivateMode.message(), "private windows have no push");
        /// assert!(Code::ALL.contains(&Code::Unknown));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $name,)+ }

        impl Code {
            /// Every code, in the order of the documentation.
            ///
            /// See the example of [`Code`].
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The code as text, in kebab case.
            ///
            /// See the example of [`Code`].
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// One sentence for the developer: what it means and what to do.
            ///
            /// See the example of [`Code`].
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)+ }
            }
        }
    };
}

codes! {
    /// The page is not served over https (or from localhost).
    InsecureContext = "insecure-context", "push needs https or localhost";
    /// `navigator.serviceWorker` is missing: an old browser, a private window, or storage is blocked.
    NoServiceWorker = "no-service-worker", "this browser or window has no service workers";
    /// `PushManager` or `Notification` is missing; on iOS the app must be on the Home Screen.
    NoPush = "no-push", "this browser or window has no web push";
    /// On iOS and iPadOS push works only in apps on the Home Screen.
    NeedsInstall = "needs-install", "on iPhone and iPad, push works once the app has been added to the Home Screen";
    /// The page is a frame in a page of another origin.
    InIframe = "in-iframe", "push does not work inside another site's page; open the app in a tab of its own";
    /// A private window that has no service workers.
    PrivateMode = "private-mode", "private windows have no push";
    /// A browser inside another app, which has no push.
    Webview = "webview", "the browser inside this app has no push; open the page in the real browser";
    /// This browser asks only after a click or a key, and there was none: nothing has been asked.
    NeedsGesture = "needs-gesture", "this browser asks for permission only after a click; nothing was asked";
    /// The user, or the browser for the user, said no.
    PermissionDenied = "permission-denied", "notifications are blocked for this site; the user can allow them in the site settings";
    /// The prompt was closed without an answer, or not shown at all.
    PermissionDismissed = "permission-dismissed", "the user did not answer; ask again later, from a click";
    /// The browser answered by itself, at once, without showing a prompt.
    PermissionQuiet = "permission-quiet", "the browser did not show its prompt; the user can allow notifications in the site settings";
    /// The `applicationServerKey` is no P-256 public key.
    InvalidKey = "invalid-key", "applicationServerKey must be 65 bytes of P-256 public key as base64url without padding";
    /// The browser holds a subscription made with another key.
    KeyMismatch = "key-mismatch", "there is a subscription with another applicationServerKey; unsubscribe first";
    /// The worker's script could not be fetched, parsed or installed, or its scope is not allowed.
    WorkerFailed = "worker-failed", "the service worker could not be registered; check its URL, its type and its scope";
    /// The worker did not become active in time.
    WorkerTimeout = "worker-timeout", "the service worker did not become active in time; does its install event finish?";
    /// The browser could not reach its push service, or the push service refused.
    PushServiceUnavailable = "push-service-unavailable", "the browser's push service cannot be reached or is switched off";
    /// The application server could not be reached.
    ServerUnavailable = "server-unavailable", "the application server cannot be reached; try again later";
    /// The application server answered with an error.
    ServerRefused = "server-refused", "the application server refused; see the cause";
    /// The application server does not believe that this is the user: there is no session, or one of somebody else.
    UserRefused = "user-refused", "the application server refused the user; is the session still there?";
    /// Something that has no code of its own; see the cause.
    Unknown = "unknown", "unexpected error; see the cause";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_kebab_case() {
        for (index, code) in Code::ALL.iter().enumerate() {
            assert!(code.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
            assert!(Code::ALL[..index].iter().all(|other| other.as_str() != code.as_str()));
        }
    }
}
