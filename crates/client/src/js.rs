//! The browser's source of values: what `JSON.parse` made, read by member, never copied into WASM.

use alloc::string::String;

use js_sys::{Array, Object};
use tidings_core::value::{Value, before};
use wasm_bindgen::{JsCast, JsValue};

use crate::sys::{Member, Url};

/// A JavaScript value that the rules of [`tidings_core`] can read.
///
/// # Example
///
/// ```no_run
/// use tidings::{Js, core::declarative};
///
/// let value = Js(js_sys::JSON::parse(r#"{"web_push": 8030}"#).unwrap());
/// assert!(declarative::parse(&value, &Js("https://app.example/".into())).is_err());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Js(pub JsValue);

impl Js {
    /// The string, or `None` if this is none.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use tidings::Js;
    ///
    /// assert_eq!(Js("Hello".into()).text().as_deref(), Some("Hello"));
    /// ```
    pub fn text(&self) -> Option<String> {
        self.0.as_string()
    }
}

impl Value for Js {
    fn get(&self, name: &str) -> Option<Self> {
        if self.is_object() { self.member(name) } else { None }
    }

    fn member(&self, name: &str) -> Option<Self> {
        let value = self.0.unchecked_ref::<Member>().get(name);
        (!value.is_undefined()).then_some(Self(value))
    }

    fn items(&self) -> Option<impl Iterator<Item = Self>> {
        let list = self.0.dyn_ref::<Array>()?.clone();
        Some((0..list.length()).map(move |index| Self(list.get(index))))
    }

    fn named(&self, name: &Self) -> Option<Self> {
        self.get(&name.text()?)
    }

    fn is_object(&self) -> bool {
        self.0.is_object() && !Array::is_array(&self.0)
    }

    fn is_string(&self) -> bool {
        self.0.is_string()
    }

    fn is_garbled(&self) -> bool {
        self.text().is_some_and(|text| text.contains(char::REPLACEMENT_CHARACTER))
    }

    fn starts_with(&self, start: &Self) -> bool {
        self.text().zip(start.text()).is_some_and(|(text, start)| text.as_bytes().starts_with(start.as_bytes()))
    }

    fn before(&self, mark: &str, nth: usize) -> Self {
        self.text().map_or_else(|| self.clone(), |text| Self::of_text(before(&text, mark, nth)))
    }

    fn as_bool(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn as_number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn resolve(&self, base: &Self) -> Option<Self> {
        // `new URL` would make text of anything.
        let url = self.is_string().then(|| Url::new(&self.0, &base.0).ok()).flatten()?;
        Some(Self(url.href()))
    }

    fn of_text(text: &str) -> Self {
        Self(JsValue::from_str(text))
    }

    fn of_number(number: f64) -> Self {
        Self(number.into())
    }

    fn of_bool(flag: bool) -> Self {
        Self(flag.into())
    }

    fn assign(&mut self, source: &Self) {
        Object::assign(self.0.unchecked_ref::<Object>(), source.0.unchecked_ref::<Object>());
    }

    fn object() -> Self {
        Self(Object::new().into())
    }

    fn list() -> Self {
        Self(Array::new().into())
    }

    fn set(&mut self, name: &str, value: Self) {
        self.0.unchecked_ref::<Member>().set(name, &value.0);
    }

    fn set_named(&mut self, name: &Self, value: Self) {
        if let Some(name) = name.text() {
            self.set(&name, value);
        }
    }

    fn remove(&mut self, name: &str) {
        self.0.unchecked_ref::<Member>().remove(name);
    }

    fn push(&mut self, value: Self) {
        self.0.unchecked_ref::<Array>().push(&value.0);
    }
}
