//! Where the parser reads values from, and where it writes what it keeps.
//!
//! The rules of a message are written once, over [`Value`]. Natively a value is [`Json`](crate::json::Json); in a
//! browser it is a JavaScript value that was parsed by the browser's own `JSON.parse`. So the code that the native
//! tests cover is the code that ships, and the shipped WASM holds no JSON parser and copies no strings: all that a rule
//! asks of a string is asked of the value.

/// Some of the kinds of values that there are, a bit each; see [`Value::is`].
///
/// # Example
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tidings_core::{json::Json, value::{Kinds, Value}};
///
/// let values = Json::parse(r#"["Hello", {}, [], true, false, 3, null]"#).unwrap();
/// let kinds = [Kinds::STRING, Kinds::OBJECT, Kinds::LIST, Kinds::TRUE, Kinds::FALSE, Kinds::NUMBER, Kinds::OTHER];
/// for (value, kind) in values.items().unwrap().zip(kinds) {
///     assert!(value.is(kind) && value.is(Kinds::ANY));
///     assert!(kinds.iter().all(|&other| other == kind || !value.is(other)));
///     assert_eq!(value.is(Kinds::BOOL), kind == Kinds::TRUE || kind == Kinds::FALSE);
/// }
///
/// let message = Json::parse(r#"{"title": "Hello", "unread": 3}"#).unwrap();
/// assert_eq!(message.pick("title", Kinds::STRING), Some(Json::from("Hello")));
/// assert_eq!(message.pick("unread", Kinds::STRING), None);
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(pub u8);

impl Kinds {
    /// Text.
    ///
    /// See the example of [`Kinds`].
    pub const STRING: Self = Self(1);
    /// An object: no list, not `null`.
    ///
    /// See the example of [`Kinds`].
    pub const OBJECT: Self = Self(2);
    /// A list.
    ///
    /// See the example of [`Kinds`].
    pub const LIST: Self = Self(4);
    /// `true`.
    ///
    /// See the example of [`Kinds`].
    pub const TRUE: Self = Self(8);
    /// `false`.
    ///
    /// See the example of [`Kinds`].
    pub const FALSE: Self = Self(16);
    /// `true` or `false`.
    ///
    /// See the example of [`Kinds`].
    pub const BOOL: Self = Self(8 | 16);
    /// A number.
    ///
    /// See the example of [`Kinds`].
    pub const NUMBER: Self = Self(32);
    /// `null`, or what no JSON holds.
    ///
    /// See the example of [`Kinds`].
    pub const OTHER: Self = Self(64);
    /// Whatever is there.
    ///
    /// See the example of [`Kinds`].
    pub const ANY: Self = Self(127);
}

/// A JSON value, read by type and by member, that can also hold the result.
///
/// An implementation is a handle: `clone` may share what it points to. The parser never writes to a value that it was
/// given, only to those it made with [`object`](Value::object) and [`list`](Value::list).
///
/// # Example
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tidings_core::{json::Json, value::Value};
///
/// /// Written once, for JSON on a server and for JavaScript values in a browser.
/// fn titles<V: Value>(messages: &V) -> Vec<V> {
///     messages.items().into_iter().flatten().filter_map(|message| message.get("title")).filter(V::is_string).collect()
/// }
///
/// let messages = Json::parse(r#"[{"title": "Hello"}, {"title": 7}, null]"#).unwrap();
/// assert_eq!(titles(&messages), [Json::from("Hello")]);
///
/// let mut made = Json::object();
/// made.set("title", Json::of_text("Hello"));
/// assert!(made.is_object() && made.member("title").is_some_and(|title| title.is_text("Hello")));
/// # }
/// ```
pub trait Value: Clone + PartialEq {
    /// The member `name` of an object; `None` if this is no object or has no such member.
    fn get(&self, name: &str) -> Option<Self>;

    /// The member `name` of what is known to be an object: the same as [`get`](Value::get), that need not look once more.
    fn member(&self, name: &str) -> Option<Self> {
        self.get(name)
    }

    /// The member `name` of an object, if it is one of these kinds: one question, where two would be dear.
    fn pick(&self, name: &str, kinds: Kinds) -> Option<Self> {
        self.get(name).filter(|value| value.is(kinds))
    }

    /// Whether this is one of these kinds.
    fn is(&self, kinds: Kinds) -> bool {
        let kind = if self.is_string() {
            Kinds::STRING
        } else if self.is_object() {
            Kinds::OBJECT
        } else if let Some(flag) = self.as_bool() {
            if flag { Kinds::TRUE } else { Kinds::FALSE }
        } else if self.as_number().is_some() {
            Kinds::NUMBER
        } else if self.items().is_some() {
            Kinds::LIST
        } else {
            Kinds::OTHER
        };
        kinds.0 & kind.0 != 0
    }

    /// The member of an object whose name is the string `name`; `None` as for [`get`](Value::get).
    fn named(&self, name: &Self) -> Option<Self>;

    /// The items of a list; `None` if this is no list.
    fn items(&self) -> Option<impl Iterator<Item = Self>>;

    /// Whether this is an object (a list is none, nor is `null`).
    fn is_object(&self) -> bool;

    /// Whether this is a string.
    fn is_string(&self) -> bool;

    /// Whether this is exactly the string `text`.
    fn is_text(&self, text: &str) -> bool {
        *self == Self::of_text(text)
    }

    /// Whether this is a string that holds U+FFFD, which stands for bytes that are no UTF-8.
    fn is_garbled(&self) -> bool;

    /// Whether this is a string that begins with the string `start`.
    fn starts_with(&self, start: &Self) -> bool;

    /// Of a string, what stands before `mark` where it occurs for the `nth` time (from 1); all of it if
    /// it does not. Anything else as it is.
    fn before(&self, mark: &str, nth: usize) -> Self;

    /// The boolean, or `None` if this is none.
    fn as_bool(&self) -> Option<bool>;

    /// The number, or `None` if this is none.
    fn as_number(&self) -> Option<f64>;

    /// This string as a URL, resolved against `base` and serialised; `None` if it cannot be parsed (URL Standard).
    fn resolve(&self, base: &Self) -> Option<Self>;

    /// The string `text`.
    fn of_text(text: &str) -> Self;

    /// A number.
    fn of_number(number: f64) -> Self;

    /// `true` or `false`.
    fn of_bool(flag: bool) -> Self;

    /// A new empty object.
    fn object() -> Self;

    /// Sets all members of the object `source` in an object made with [`object`](Value::object).
    fn assign(&mut self, source: &Self);

    /// A new empty list.
    fn list() -> Self;

    /// Sets the member `name` of an object made with [`object`](Value::object).
    fn set(&mut self, name: &str, value: Self);

    /// Sets the member `name` in an object made with [`object`](Value::object), if there is a value for it.
    fn put(&mut self, name: &str, value: Option<Self>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// Sets the member whose name is the string `name` in an object made with [`object`](Value::object).
    fn set_named(&mut self, name: &Self, value: Self);

    /// Removes the member `name` of an object made with [`object`](Value::object).
    fn remove(&mut self, name: &str);

    /// Appends to a list made with [`list`](Value::list).
    fn push(&mut self, value: Self);
}

/// Whether the member `name` of what is known to be an object is `true`.
pub(crate) fn flag<V: Value>(object: &V, name: &str) -> bool {
    object.pick(name, Kinds::TRUE).is_some()
}

/// The value as an unsigned integer below `limit`, if it is one.
#[inline(never)] // A browser compiles the functions that it calls: this one seldom.
pub(crate) fn unsigned<V: Value>(value: &V, limit: f64) -> Option<u64> {
    let number = value.as_number()?;
    // NaN fails the first comparison; a fraction does not survive the round trip.
    (number >= 0.0 && number < limit && number as u64 as f64 == number).then_some(number as u64)
}

/// What [`Value::before`] gives, for sources that have the string.
///
/// # Example
///
/// ```
/// use tidings_core::value::before;
///
/// assert_eq!(before("https://app.example/inbox", "/", 3), "https://app.example");
/// assert_eq!(before("inbox", "/", 1), "inbox");
/// ```
pub fn before<'a>(text: &'a str, mark: &str, nth: usize) -> &'a str {
    let end = text.match_indices(mark).nth(nth.saturating_sub(1));
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}
