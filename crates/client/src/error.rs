//! The one error of the client: a stable code and the original cause.

use ::core::fmt;

use js_sys::Error;
use tidings_core::error::Code;
use wasm_bindgen::{JsCast, JsValue};

use crate::sys::Member;

/// What went wrong, with the browser's own error as its cause.
///
/// # Example
///
/// ```
/// use tidings::{Code, PushError};
///
/// fn advice(error: &PushError) -> &'static str {
///     match error.code() {
///         Code::PermissionDenied => "Allow notifications in the site settings.",
///         Code::Unknown if !error.cause().is_undefined() => "The console says more.",
///         _ => error.code().message(),
///     }
/// }
/// ```
pub struct PushError {
    code: Code,
    cause: JsValue,
}

impl PushError {
    pub(crate) fn new(code: Code, cause: JsValue) -> Self {
        Self { code, cause }
    }

    /// The stable code; match on this.
    ///
    /// See the example of [`PushError`].
    pub fn code(&self) -> Code {
        self.code
    }

    /// The original error, `undefined` if there was none.
    ///
    /// See the example of [`PushError`].
    pub fn cause(&self) -> &JsValue {
        &self.cause
    }
}

// By hand: natively, where errors are logged too, a value of JavaScript can neither be cloned nor described.
impl Clone for PushError {
    fn clone(&self) -> Self {
        let cause = if cfg!(target_arch = "wasm32") { self.cause.clone() } else { JsValue::UNDEFINED };
        Self { code: self.code, cause }
    }
}

impl fmt::Debug for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("PushError");
        text.field("code", &self.code);
        if cfg!(target_arch = "wasm32") {
            text.field("cause", &self.cause);
        }
        text.finish()
    }
}

impl From<Code> for PushError {
    fn from(code: Code) -> Self {
        Self::new(code, JsValue::UNDEFINED)
    }
}

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.message())
    }
}

impl ::core::error::Error for PushError {}

/// A real JavaScript `Error` with `name`, `code` and `cause`, for `?` in functions that JavaScript calls.
impl From<PushError> for JsValue {
    fn from(error: PushError) -> Self {
        let value = Error::new(error.code.message());
        value.set_name("PushError");
        for (name, member) in [("code", Self::from_str(error.code.as_str())), ("cause", error.cause)] {
            value.unchecked_ref::<Member>().set(name, &member);
        }
        value.into()
    }
}
