//! The native source of values: `serde_json` for JSON, `url` for URLs. Never compiled into WASM.

use alloc::string::String;

use serde_json::{Map, Value as Inner};

use crate::value::{Value, before};

/// A JSON value, as servers, tools and tests read it.
///
/// # Example
///
/// ```
/// use tidings_core::{json::Json, value::Value};
///
/// let value = Json::parse(r#"{"title": "Hello"}"#)?;
/// assert_eq!(value.get("title").as_ref().and_then(Json::as_str), Some("Hello"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub Inner);

impl Json {
    /// Parses JSON text; one leading byte order mark is skipped, as "UTF-8 decode" (Encoding Standard) does.
    ///
    /// See the example of [`Json`].
    ///
    /// # Errors
    ///
    /// The error of `serde_json`, with line and column, if the text is not JSON.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)).map(Self)
    }

    /// The string, or `None` if this is none.
    ///
    /// See the example of [`Json`].
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_str()
    }
}

impl From<Inner> for Json {
    fn from(value: Inner) -> Self {
        Self(value)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self(Inner::from(text))
    }
}

impl From<Json> for Inner {
    fn from(value: Json) -> Self {
        value.0
    }
}

impl Value for Json {
    fn get(&self, name: &str) -> Option<Self> {
        self.0.as_object()?.get(name).cloned().map(Self)
    }

    fn named(&self, name: &Self) -> Option<Self> {
        self.get(name.as_str()?)
    }

    fn items(&self) -> Option<impl Iterator<Item = Self>> {
        Some(self.0.as_array()?.iter().cloned().map(Self))
    }

    fn is_object(&self) -> bool {
        self.0.is_object()
    }

    fn is_string(&self) -> bool {
        self.0.is_string()
    }

    fn is_text(&self, text: &str) -> bool {
        self.as_str() == Some(text)
    }

    fn is_garbled(&self) -> bool {
        self.as_str().is_some_and(|text| text.contains(char::REPLACEMENT_CHARACTER))
    }

    fn starts_with(&self, start: &Self) -> bool {
        self.as_str().zip(start.as_str()).is_some_and(|(text, start)| text.starts_with(start))
    }

    fn before(&self, mark: &str, nth: usize) -> Self {
        self.as_str().map_or_else(|| self.clone(), |text| before(text, mark, nth).into())
    }

    fn as_bool(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn as_number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn resolve(&self, base: &Self) -> Option<Self> {
        let base = url::Url::parse(base.as_str()?).ok()?;
        let url = base.join(self.as_str()?).ok()?;
        Some(Self(Inner::from(String::from(url))))
    }

    fn of_text(text: &str) -> Self {
        Self::from(text)
    }

    fn of_number(number: f64) -> Self {
        // What JSON cannot hold (NaN, infinities) is null, as in JavaScript.
        Self(Inner::from(number))
    }

    fn of_bool(flag: bool) -> Self {
        Self(Inner::from(flag))
    }

    fn assign(&mut self, source: &Self) {
        if let (Inner::Object(members), Inner::Object(more)) = (&mut self.0, &source.0) {
            members.extend(more.clone());
        }
    }

    fn object() -> Self {
        Self(Inner::Object(Map::new()))
    }

    fn list() -> Self {
        Self(Inner::Array(alloc::vec::Vec::new()))
    }

    fn set(&mut self, name: &str, value: Self) {
        if let Inner::Object(members) = &mut self.0 {
            members.insert(name.into(), value.0);
        }
    }

    fn set_named(&mut self, name: &Self, value: Self) {
        if let Some(name) = name.as_str() {
            self.set(name, value);
        }
    }

    fn remove(&mut self, name: &str) {
        if let Inner::Object(members) = &mut self.0 {
            members.remove(name);
        }
    }

    fn push(&mut self, value: Self) {
        if let Inner::Array(items) = &mut self.0 {
            items.push(value.0);
        }
    }
}
